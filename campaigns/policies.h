// What the bank allows itself, per purpose: hours, caps, lateness, control group. One JSON file
// (docs/schema/policies.schema.json) laid over built-in defaults; examples/policies/default.json
// spells them out. For debt the numbers of Federal Law 230-FZ of 3 July 2016, article 7, are a
// floor: a file may only be stricter.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/channel_kind.h"
#include "base/local_date.h"
#include "campaigns/contact_caps.h"
#include "campaigns/contact_windows.h"

namespace carillon::campaigns {

struct PurposePolicy {
    SendWindows windows{};
    CapSet caps{};
    // How late a message may be submitted, counted from the first allowed instant at or after its
    // due time.
    Minutes send_by{std::chrono::hours{24}};
    int control_parts{};  // default control group, parts of 10,000; 0 .. 5000
    bool operator==(const PurposePolicy&) const = default;
};

struct Policies {
    std::array<PurposePolicy, base::purposes.size()> purposes{};  // by base::Purpose
    std::map<std::string, CapSet> cap_classes{};  // further cap classes campaigns may name
    base::LeapDayRule leap_day{base::LeapDayRule::february_28};
    std::string bank_zone{"Europe/Moscow"};
    std::vector<std::string> unknown_zones{};  // where a client of unknown zone may be; never empty

    const PurposePolicy& of(base::Purpose purpose) const {
        return purposes[static_cast<std::size_t>(purpose)];
    }
    PurposePolicy& of(base::Purpose purpose) { return purposes[static_cast<std::size_t>(purpose)]; }
    // The caps of a class: the purpose's own when `cap_class` is empty or its name; nullptr when
    // unknown.
    const CapSet* caps_of(base::Purpose purpose, const std::string& cap_class) const;
    bool operator==(const Policies&) const = default;
};

Policies default_policies();

// Statutory limits, 230-FZ article 7 parts 3 and 5 with the voice robot of 467-FZ (in force 1
// February 2024). The law names calendar periods; rolling windows of the same size are added
// because the law does not say how a period is counted.
SendWindows debt_law_windows();
CapSet debt_law_caps();

// Lays `json` over default_policies(). All mistakes at once, each with its JSON path.
Parsed<Policies> parse_policies(const base::Json& json);
base::Json to_json(const Policies& policies);

// Zones a message must be allowed in: the client's own, or all unknown_zones.
std::vector<base::TimeZone> zones_of(const Policies& policies,
                                     const std::optional<base::TimeZone>& client_zone);
// The same by the name a client's row has; empty or unknown: all unknown_zones.
std::vector<base::TimeZone> zones_of_client(const Policies& policies, const std::string& name);

// The last instant at which a message due at `due` may still be submitted: lateness counts from the
// first allowed instant, and the window must still be open (checked separately). Nothing when no
// window opens.
std::optional<base::Instant> send_deadline(const SendWindows& windows,
                                           std::span<const base::TimeZone> zones,
                                           const WorkCalendar& calendar, base::Instant due,
                                           Minutes send_by);

}  // namespace carillon::campaigns

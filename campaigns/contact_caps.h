// How often a client may be contacted: at most N in a calendar window (local day, ISO week, month)
// and in a rolling window (any 24 hours, any 7 days). may_contact is the reference of the rule that
// SQL enforces with unique slots.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/channel_kind.h"
#include "base/local_date.h"
#include "campaigns/duration.h"

namespace carillon::campaigns {

// What is counted together. Federal Law 230-FZ article 7: talks (a voice robot counts as one) apart
// from messages over telecom networks; post has no number.
enum class ContactClass { message, call, letter };

std::string_view name_of(ContactClass contact_class);
ContactClass contact_class_of(base::ChannelKind channel);

enum class CapWindow {
    day,
    week,
    month,
    rolling
};  // local day, ISO week, calendar month; any `length`

struct Cap {
    int count{};  // at most, 0 .. 1000; 0 forbids
    CapWindow window{CapWindow::day};
    Minutes length{};  // of a rolling window; 0 otherwise
    bool operator==(const Cap&) const = default;
};

// "day", "week", "month", or the length of a rolling window: "24h" is printed as "1d".
std::string window_text(const Cap& cap);

struct CapSet {
    std::vector<Cap> messages{};
    std::vector<Cap> calls{};
    std::vector<Cap> letters{};
    const std::vector<Cap>& of(ContactClass contact_class) const;
    std::vector<Cap>& of(ContactClass contact_class);
    bool operator==(const CapSet&) const = default;
};

// The calendar windows an instant falls into on the client's wall calendar: what a cap ledger is
// keyed by.
struct ContactKeys {
    std::string day{};    // "2026-11-21"
    std::string week{};   // "2026-W47", ISO 8601: the year is that of the week's Thursday
    std::string month{};  // "2026-11"
    const std::string& of(CapWindow window) const;  // not for rolling windows
    bool operator==(const ContactKeys&) const = default;
};
ContactKeys contact_keys(base::Instant instant, const base::TimeZone& zone);
ContactKeys contact_keys(const base::LocalDate& date);

// One contact already made or reserved, under the keys it was entered with (the zone of a client
// may change later).
struct LedgerEntry {
    base::Instant at{};
    ContactKeys keys{};
};

struct CapDecision {
    std::optional<Cap> refused_by{};  // the first cap in the list that is full; nothing: allowed
    std::optional<base::Instant>
        until{};  // first instant every cap allows, if nothing is added meanwhile;
                  // nothing when allowed, or when no such instant exists
    bool allowed() const { return !refused_by; }
};

// One more contact at `now`? `ledger` holds the entries of the same client, purpose and class, in
// any order. Rolling windows are half-open: an entry exactly `length` old no longer counts. Entries
// later than `now` (reserved ahead, or after a clock was set back) count.
CapDecision may_contact(std::span<const Cap> caps, std::span<const LedgerEntry> ledger,
                        base::Instant now, const base::TimeZone& zone);

}  // namespace carillon::campaigns

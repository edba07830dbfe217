// A campaign as its author describes it: whom, what, when, through which channels. One JSON file
// (docs/schema/campaign.schema.json). A Definition that exists has passed every check that needs no
// other file; check_against() adds those that need the bank's policies.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/channel_kind.h"
#include "base/local_date.h"
#include "base/money.h"
#include "campaigns/parsed.h"
#include "campaigns/policies.h"
#include "campaigns/schedule.h"

namespace carillon::campaigns {

enum class Objective {
    cross_sell,
    up_sell,
    retention,
    acquisition,
    reactivation,
    experience,
    service,
    debt
};
std::string_view name_of(Objective objective);

// What the objective means for consent, hours and caps: debt is debt, service and experience are
// service, everything that wants to sell is marketing.
base::Purpose purpose_of(Objective objective);

// Checked when the step falls due, against the client's earlier steps of the same run.
enum class StepCondition { always, no_response, not_delivered, still_matches };
std::string_view name_of(StepCondition condition);

// One way a step may reach a client.
struct Route {
    base::ChannelKind channel{};
    std::string template_name{};
    std::string account{};  // channel settings by name; empty: those named like the channel
    bool operator==(const Route&) const = default;
};

// When a message that was accepted counts as not having worked, so that the next route is taken. A
// failure or a bounce always does.
struct Fallback {
    std::optional<Minutes> no_receipt{};   // no delivery report within this time
    std::optional<Minutes> no_response{};  // no response of the client within this time
    bool operator==(const Fallback&) const = default;
};

struct Step {
    std::string name{};           // unique; the position ("1", "2") unless given
    std::vector<Route> routes{};  // in order of preference, each channel once
    Minutes wait{};               // after the step before; 0 for the first
    StepCondition condition{StepCondition::always};
    Fallback fallback{};
    bool operator==(const Step&) const = default;

    // nullptr: the step does not use that channel.
    const Route* route(base::ChannelKind channel) const;
};

// A/B/n: a client always falls into the same variant of a campaign (campaigns/assignment.h).
struct Variant {
    struct Replacement {
        std::string step{};  // its first route; "step/sms": that route
        std::string template_name{};
        bool operator==(const Replacement&) const = default;
    };
    std::string name{};
    int weight{1};  // 1 .. 10,000
    std::vector<Replacement>
        templates{};  // sorted by step; steps not named keep their own template
    bool operator==(const Variant&) const = default;
};

// Hours narrower than the policy's. A part that is absent keeps the policy's hours.
struct QuietHours {
    std::optional<DailyWindow> working_days{};
    std::optional<DailyWindow> other_days{};
    bool operator==(const QuietHours&) const = default;
};

enum class Household { none, one_per_address };

// What the campaign is measured against; an absent figure is not compared.
struct Plan {
    std::optional<std::int64_t> reach{};  // clients
    std::optional<int> response_parts{};  // responses per 10,000 clients reached
    std::optional<base::Money> revenue{};
    std::optional<base::Money> cost{};  // also the budget
    int limit_parts{1'000};             // of 10,000: a deviation beyond it is the owner's task
    bool has_figures() const { return reach || response_parts || revenue || cost; }
    bool operator==(const Plan&) const = default;
};

// Whose success a conversion is when several messages of the campaign came before it.
enum class Attribution { last, first, linear };
std::string_view name_of(Attribution attribution);

// What counts as success, and how long after the message.
struct Conversion {
    std::string event{};  // "deposit_opened"; empty: any conversion, which preflight warns of
    Minutes window{std::chrono::days{14}};
    Attribution attribution{Attribution::last};
    bool operator==(const Conversion&) const = default;
};

struct Definition {
    std::string name{};   // [a-z0-9][a-z0-9_-]*, at most 64: in links, file names and reports
    std::string title{};  // for people, at most 200 characters
    std::string description{};
    Objective objective{Objective::cross_sell};
    base::Purpose purpose{base::Purpose::marketing};
    std::string segment{};
    std::vector<std::string> exclude{};  // segments
    std::vector<Step> steps{};           // 1 .. 20
    std::vector<Variant> variants{};     // none, or 2 .. 20
    std::optional<int>
        control_parts{};  // of 10,000; nothing: the policy's default, see control_parts_of
    Schedule schedule{};
    std::optional<Minutes> send_by{};  // nothing: the policy's
    std::optional<QuietHours> quiet_hours{};
    std::string cap_class{};  // empty: the purpose's own
    Household household{Household::none};
    int priority{50};      // 0 .. 100, higher goes first
    bool recheck{true};    // still in the segment at the moment of sending?
    bool tracking{false};  // opens and clicks of e-mails are counted (docs/tracking.md)
    Plan plan{};
    Conversion conversion{};
    std::optional<base::LocalDate> starts{};  // first and last day on which the campaign may fire
    std::optional<base::LocalDate> ends{};
    std::string owner{};                   // the manager who answers for it
    std::vector<std::string> languages{};  // "ru", "en", "pt-BR"; empty: any
    bool operator==(const Definition&) const = default;
};

// All mistakes at once, each with its JSON path; unknown keys are mistakes and name the nearest
// known key.
Parsed<Definition> parse_definition(const base::Json& json);
// `file` names the source in messages.
Parsed<Definition> parse_definition(std::string_view text, std::string_view file);

// parse_definition(to_json(x)) == x. Members at their default are left out.
base::Json to_json(const Definition& definition);

// What an approval is bound to: SHA-256 in hex of the canonical JSON. Templates and segments have
// hashes of their own; the caller adds them.
std::string content_hash(const Definition& definition);

// Mistakes that only show beside the policies: hours wider than allowed, an unknown cap class.
base::Problems check_against(const Definition& definition, const Policies& policies);

// The hours a campaign really has: policy and override intersected.
SendWindows windows_of(const Definition& definition, const Policies& policies);
int control_parts_of(const Definition& definition, const Policies& policies);
Minutes send_by_of(const Definition& definition, const Policies& policies);

}  // namespace carillon::campaigns

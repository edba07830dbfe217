#include "campaigns/definition.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "campaigns/definition_words.h"

namespace carillon::campaigns {

namespace {

using base::Purpose;

void check_window(const std::optional<DailyWindow>& given, const DailyWindow& allowed,
                  std::string_view key, base::Problems& problems) {
    if (!given || lies_within(*given, allowed)) return;
    problems.push_back(
        {"campaign.quiet_hours",
         to_text(*given) + " is wider than the policy allows (" + to_text(allowed) + ")",
         "$.quiet_hours." + std::string{key}});
}

}  // namespace

std::string_view name_of(Objective objective) {
    return objective_names[static_cast<std::size_t>(objective)];
}

std::string_view name_of(Attribution attribution) {
    return attribution_names[static_cast<std::size_t>(attribution)];
}

std::string_view name_of(StepCondition condition) {
    return condition_names[static_cast<std::size_t>(condition)];
}

Purpose purpose_of(Objective objective) {
    switch (objective) {
        case Objective::cross_sell:
        case Objective::up_sell:
        case Objective::retention:
        case Objective::acquisition:
        case Objective::reactivation: return Purpose::marketing;
        case Objective::experience:
        case Objective::service: return Purpose::service;
        case Objective::debt: return Purpose::debt;
    }
    std::abort();
}

const Route* Step::route(base::ChannelKind channel) const {
    const auto found = std::ranges::find(routes, channel, &Route::channel);
    return found == routes.end() ? nullptr : &*found;
}

std::string content_hash(const Definition& definition) {
    return base::sha256_hex(to_json(definition).canonical());
}

base::Problems check_against(const Definition& definition, const Policies& policies) {
    base::Problems problems;
    const auto& policy = policies.of(definition.purpose);
    if (definition.quiet_hours) {
        const auto& given = *definition.quiet_hours;
        check_window(given.working_days, policy.windows.working_days, "working_days", problems);
        check_window(given.other_days, policy.windows.other_days, "other_days", problems);
    }
    if (policies.caps_of(definition.purpose, definition.cap_class) == nullptr)
        problems.push_back({"campaign.cap_class",
                            "'" + definition.cap_class + "' is not a cap class a " +
                                std::string{base::name_of(definition.purpose)} +
                                " campaign may use",
                            "$.caps"});
    return problems;
}

SendWindows windows_of(const Definition& definition, const Policies& policies) {
    const auto& policy = policies.of(definition.purpose).windows;
    const auto given = definition.quiet_hours.value_or(QuietHours{});
    return intersection(policy, {.working_days = given.working_days.value_or(whole_day),
                                 .other_days = given.other_days.value_or(whole_day),
                                 .safety_margin = policy.safety_margin});
}

int control_parts_of(const Definition& definition, const Policies& policies) {
    return definition.control_parts.value_or(policies.of(definition.purpose).control_parts);
}

Minutes send_by_of(const Definition& definition, const Policies& policies) {
    return definition.send_by.value_or(policies.of(definition.purpose).send_by);
}

Parsed<Definition> parse_definition(std::string_view text, std::string_view file) {
    const auto json = base::Json::parse(text, file);
    if (!json) return tl::unexpected{base::Problems{json.error()}};
    return parse_definition(*json);
}

}  // namespace carillon::campaigns

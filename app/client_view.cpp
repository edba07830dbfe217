#include "app/client_view.h"

#include "audience/store.h"
#include "campaigns/bundle.h"

namespace carillon::app {

std::vector<std::string> lines_of(const std::vector<audience::Explanation>& explanations) {
    std::vector<std::string> lines;
    for (const auto& one : explanations)
        lines.push_back(std::string(static_cast<std::size_t>(one.depth) * 2, ' ') +
                        (one.holds ? "+ " : "- ") + one.rule +
                        (one.found.empty() ? "" : " (" + one.found + ")"));
    return lines;
}

std::vector<std::string> why_not_chosen(db::Connection& connection, std::int64_t client,
                                        std::string_view campaign, base::Instant now) {
    const auto stored = campaigns::find_campaign(connection, campaign);
    const auto profile = audience::load_client(connection, base::ClientId{client});
    if (!stored || !profile) return {};
    base::Problems problems;
    const auto bundle = campaigns::may_edit(stored->state)
                            ? campaigns::current_bundle(connection, *stored, problems)
                            : campaigns::bound_bundle(connection, *stored, problems);
    const auto segment = bundle.parsed_segments.find(bundle.definition.segment);
    if (segment == bundle.parsed_segments.end()) return {"the campaign's segment cannot be read"};
    const auto zone =
        base::TimeZone::find(bundle.parsed_policies.bank_zone).value_or(base::TimeZone::utc());
    audience::EvaluationContext context;
    context.segment.as_of = zone.date_at(now);
    context.segment.leap_days = bundle.parsed_policies.leap_day;
    context.segment.find_segment = [&](std::string_view name) -> const audience::Segment* {
        const auto found = bundle.parsed_segments.find(std::string{name});
        return found == bundle.parsed_segments.end() ? nullptr : &found->second;
    };
    context.segment.find_campaign = campaigns::campaign_finder(connection);
    const auto explained = audience::explain(segment->second, *profile, context);
    if (!explained) return {explained.error().text()};
    std::vector<std::string> lines{"the campaign has no row for this client; segment " +
                                   segment->first + " as of " +
                                   base::to_text(context.segment.as_of) + ":"};
    for (auto& line : lines_of(*explained)) lines.push_back(std::move(line));
    if (const auto* on = std::get_if<campaigns::OnDateField>(&bundle.definition.schedule.when))
        lines.push_back("its schedule takes those whose " +
                        std::string{campaigns::name_of(on->field)} + " falls " +
                        std::to_string(-on->offset_days) + " days after the day of sending" +
                        (on->field == campaigns::ClientDate::birth_date
                             ? "; the client's is " + profile->birth_date.value_or("unknown")
                             : ""));
    return lines;
}

}  // namespace carillon::app

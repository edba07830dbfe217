// simulate: what a campaign would do.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/commands.h"
#include "base/local_date.h"
#include "campaigns/audience_sql.h"
#include "campaigns/calendar.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

// One group of the forecast of one slot.
struct Expected {
    std::string state{};
    std::string reason{};
    std::string zone{};
    std::int64_t count{};
    std::string channel{};
};

struct DayForecast {
    campaigns::Slot slot{};
    std::int64_t matched{};
    std::int64_t sent{};
    std::int64_t control{};
    std::map<std::string, std::int64_t> left_out{};
    std::map<std::string, std::int64_t> by_channel{};  // messages
};

std::vector<Expected> forecast(db::Connection& connection, const campaigns::RunQuestion& question) {
    const auto fragments = campaigns::run_fragments(question);
    if (!fragments) throw std::runtime_error{fragments.error().text()};
    const auto composed = db::compose(db::queries::forecast, connection.engine(), {}, *fragments);
    return connection.list<Expected>(composed.query, composed.params, [](const db::Row& row) {
        return Expected{row.get<std::string>(0),
                        row.get<std::optional<std::string>>(1).value_or(""),
                        row.get<std::string>(2), row.get<std::int64_t>(4), row.get<std::string>(5)};
    });
}

std::vector<campaigns::Slot> slots_of(const campaigns::Bundle& bundle, const base::LocalDate& from,
                                      int days) {
    const auto zone =
        base::TimeZone::find(bundle.parsed_policies.bank_zone).value_or(base::TimeZone::utc());
    return campaigns::slots_between(
        bundle.definition.schedule, zone, zone.instant_of(from, base::TimeOfDay{0}),
        zone.instant_of(base::add_days(from, days), base::TimeOfDay{0}),
        {bundle.definition.starts, bundle.definition.ends, bundle.parsed_policies.leap_day});
}

DayForecast forecast_of(db::Connection& connection, const campaigns::Bundle& bundle,
                        base::CampaignId campaign, const campaigns::Slot& slot) {
    DayForecast day{.slot = slot};
    const campaigns::RunQuestion question{
        bundle,
        campaign,
        slot.as_of,
        {},
        [&](std::string_view name) -> std::optional<std::int64_t> {
            if (const auto found = campaigns::find_campaign(connection, name))
                return found->id.value;
            return std::nullopt;
        }};
    for (const auto& group : forecast(connection, question)) {
        day.matched += group.count;
        if (group.state == "queued") {
            day.sent += group.count;
            day.by_channel[group.channel] += group.count;
        }
        if (group.state == "control") day.control += group.count;
        if (group.state == "skipped") day.left_out[group.reason] += group.count;
    }
    return day;
}

// By kind of channel: what the first step's routes cost and how fast they may go.
using FactsByChannel = std::map<std::string, channels::ChannelFacts>;

FactsByChannel channel_facts(Program& program, const campaigns::Bundle& bundle) {
    FactsByChannel facts;
    for (const auto& route : bundle.definition.steps[0].routes) {
        const auto& document = bundle.channels.at(campaigns::account_of(route));
        const auto json = base::Json::parse(document.content);
        const auto config = json ? channels::parse_channel(*json, program.data_folder())
                                 : tl::unexpected<base::Problems>{base::Problems{json.error()}};
        if (config) facts[std::string{name_of(route.channel)}] = config->facts;
    }
    return facts;
}

base::Json json_of(const DayForecast& day) {
    base::Json json{base::Json::Object{}};
    json.set("slot", day.slot.key);
    json.set("matched", day.matched);
    json.set("messages", day.sent);
    json.set("control", day.control);
    base::Json left_out{base::Json::Object{}};
    for (const auto& [reason, count] : day.left_out) left_out.set(reason, count);
    json.set("left_out", std::move(left_out));
    return json;
}

void print_forecast(const Output& output, const std::vector<DayForecast>& days,
                    const FactsByChannel& facts, const std::string& currency) {
    DayForecast total;
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& day : days) {
        total.matched += day.matched;
        total.sent += day.sent;
        total.control += day.control;
        for (const auto& [channel, count] : day.by_channel) total.by_channel[channel] += count;
        std::int64_t left = 0;
        for (const auto& [reason, count] : day.left_out) {
            total.left_out[reason] += count;
            left += count;
        }
        rows.push_back({day.slot.key, grouped(day.matched), grouped(left), grouped(day.control),
                        grouped(day.sent)});
        list.push_back(json_of(day));
    }
    output.table({"slot (local time)", "matched", "left out", "control", "messages"}, rows);
    output.line("");
    output.line(fmt::format("in all: {} matched, {} messages, {} in the control group",
                            grouped(total.matched), grouped(total.sent), grouped(total.control)));
    for (const auto& [reason, count] : total.left_out)
        output.line(fmt::format("  left out, {}: {} ({})", reason, grouped(count),
                                percent(count, total.matched)));
    std::int64_t cost_minor = 0;
    double seconds = 0;  // channels work side by side: the slowest decides
    base::Json::Array channels;
    for (const auto& [channel, count] : total.by_channel) {
        const auto known = facts.find(channel);
        const auto fact = known == facts.end() ? channels::ChannelFacts{} : known->second;
        const auto channel_cost = count * fact.cost_per_unit_minor;
        cost_minor += channel_cost;
        if (fact.rate_per_second > 0)
            seconds = std::max(seconds, static_cast<double>(count) / fact.rate_per_second);
        output.line(fmt::format("  by {}: {} messages, {} {}", channel, grouped(count),
                                base::plain_text({channel_cost, currency}), currency));
        base::Json one{base::Json::Object{}};
        one.set("channel", channel);
        one.set("messages", count);
        one.set("cost", base::plain_text({channel_cost, currency}) + " " + currency);
        channels.push_back(std::move(one));
    }
    const auto cost = base::plain_text({cost_minor, currency});
    output.line("cost: " + cost + " " + currency +
                " (one unit a message: parts and pages may add)");
    output.line(seconds > 0 ? fmt::format("time at the channels' own rates: {:.0f} s", seconds)
                            : "time: as fast as the server takes them (no channel sets a rate)");
    auto json = json_of(total);
    json.set("days", std::move(list));
    json.set("channels", std::move(channels));
    json.set("cost", cost + " " + currency);
    if (seconds > 0) json.set("seconds", seconds);
    output.result(json);
}

}  // namespace

ExitCode simulate(Program& program, const Output& output, const SimulateArgs& args) {
    auto lease = program.migrated_database().read();
    const auto campaign = campaigns::find_campaign(*lease, args.name);
    if (!campaign)
        return output.refuse({"campaign.unknown", "there is no campaign '" + args.name + "'"});
    base::Problems problems;
    const auto bundle = campaigns::may_edit(campaign->state)
                            ? campaigns::current_bundle(*lease, *campaign, problems)
                            : campaigns::bound_bundle(*lease, *campaign, problems);
    if (problems.empty()) campaigns::preflight(*lease, bundle, problems);
    if (!problems.empty()) return output.refuse(problems);
    const auto zone =
        base::TimeZone::find(bundle.parsed_policies.bank_zone).value_or(base::TimeZone::utc());
    auto from = zone.date_at(program.clock().now());
    if (!args.from.empty()) {
        const auto given = base::parse_date(args.from);
        if (!given) return output.refuse({given.error().code, given.error().detail, "--from"});
        from = *given;
    } else if (const auto* once = std::get_if<campaigns::Once>(&bundle.definition.schedule.when)) {
        from = once->date;
    }
    if (std::holds_alternative<campaigns::OnEvent>(bundle.definition.schedule.when)) {
        output.line("this campaign answers events; how many will come cannot be told");
        output.result(base::Json{base::Json::Object{}});
        return ExitCode::done;
    }
    std::vector<DayForecast> days;
    const auto slots = slots_of(bundle, from, args.days);
    Progress progress{"simulating", static_cast<std::int64_t>(slots.size())};
    for (const auto& slot : slots) {
        days.push_back(forecast_of(*lease, bundle, campaign->id, slot));
        progress.show(static_cast<std::int64_t>(days.size()));
    }
    print_forecast(output, days, channel_facts(program, bundle),
                   program.config().text("bank.currency"));
    return ExitCode::done;
}

}  // namespace carillon::app

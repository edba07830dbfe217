// simulate: what a campaign would do, to whom, when and at what cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "app/commands.h"
#include "app/rehearsal.h"
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

DayForecast forecast_of(db::Connection& connection, const campaigns::Bundle& bundle,
                        base::CampaignId campaign, const campaigns::Slot& slot) {
    DayForecast day{.slot = slot};
    const campaigns::RunQuestion question{
        bundle, campaign, slot.as_of, {}, campaigns::campaign_finder(connection)};
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

// The price of a group is the mean of its providers' by weight; its rate is all of theirs together,
// none when one has no limit.
std::optional<channels::ChannelFacts> facts_of_group(Program& program,
                                                     const campaigns::Bundle& bundle,
                                                     const channels::ProviderGroup& group) {
    channels::ChannelFacts facts{.name = group.name, .kind = group.kind};
    std::int64_t weights = 0;
    std::int64_t cost = 0;
    bool limited = true;
    for (const auto& provider : group.providers) {
        const auto one =
            facts_of(bundle.channels.at(provider.account).content, program.data_folder());
        if (!one) return std::nullopt;
        weights += provider.weight;
        cost += provider.weight * one->cost_per_unit_minor;
        facts.rate_per_second += one->rate_per_second;
        limited = limited && one->rate_per_second > 0;
    }
    facts.cost_per_unit_minor = (cost + weights / 2) / weights;
    if (!limited) facts.rate_per_second = 0;
    return facts;
}

FactsByChannel channel_facts(Program& program, const campaigns::Bundle& bundle) {
    FactsByChannel facts;
    for (const auto& route : bundle.definition.steps[0].routes) {
        const auto& document = bundle.channels.at(campaigns::account_of(route));
        const auto group = provider_group(document);
        const auto found = group ? facts_of_group(program, bundle, *group)
                                 : facts_of(document.content, program.data_folder());
        if (found) facts[std::string{name_of(route.channel)}] = *found;
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

DayForecast sum_of(const std::vector<DayForecast>& days) {
    DayForecast total;
    for (const auto& day : days) {
        total.matched += day.matched;
        total.sent += day.sent;
        total.control += day.control;
        for (const auto& [channel, count] : day.by_channel) total.by_channel[channel] += count;
        for (const auto& [reason, count] : day.left_out) total.left_out[reason] += count;
    }
    return total;
}

void print_days(const Output& output, const std::vector<DayForecast>& days,
                const DayForecast& total) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& day : days)
        rows.push_back({day.slot.key, grouped(day.matched),
                        grouped(day.matched - day.sent - day.control), grouped(day.control),
                        grouped(day.sent)});
    output.table({"slot (local time)", "matched", "left out", "control", "messages"}, rows);
    output.line("");
    output.line(fmt::format("in all: {} matched, {} messages, {} in the control group",
                            grouped(total.matched), grouped(total.sent), grouped(total.control)));
    for (const auto& [reason, count] : total.left_out)
        output.line(fmt::format("  left out, {}: {} ({})", reason, grouped(count),
                                percent(count, total.matched)));
}

// What one channel of the first step will take.
struct ChannelForecast {
    std::string channel{};
    std::int64_t messages{};
    std::int64_t units{};  // parts, pages: by the messages tried
    std::int64_t cost_minor{};
    double seconds{};  // at the channel's own rate
};

std::vector<ChannelForecast> by_channel(const DayForecast& total, const FactsByChannel& facts,
                                        const std::vector<scheduler::Rehearsed>& rehearsed) {
    std::vector<ChannelForecast> all;
    for (const auto& [channel, count] : total.by_channel) {
        ChannelForecast one{.channel = channel, .messages = count, .units = count};
        for (const auto& tried : rehearsed)
            if (tried.step == 1 && name_of(tried.channel) == channel)
                one.units = std::llround(static_cast<double>(count) * tried.units_each());
        if (const auto known = facts.find(channel); known != facts.end()) {
            one.cost_minor = one.units * known->second.cost_per_unit_minor;
            if (known->second.rate_per_second > 0)
                one.seconds = static_cast<double>(count) / known->second.rate_per_second;
        }
        all.push_back(std::move(one));
    }
    return all;
}

base::Json print_channels(const Output& output, const std::vector<ChannelForecast>& channels,
                          const std::string& currency) {
    base::Json::Array list;
    for (const auto& one : channels) {
        const auto cost = base::plain_text({one.cost_minor, currency}) + " " + currency;
        output.line(fmt::format("  by {}: {} messages{}, {}", one.channel, grouped(one.messages),
                                one.units == one.messages
                                    ? std::string{}
                                    : " of " + grouped(one.units) + " parts or pages",
                                cost));
        base::Json json{base::Json::Object{}};
        json.set("channel", one.channel);
        json.set("messages", one.messages);
        json.set("units", one.units);
        json.set("cost", cost);
        list.push_back(std::move(json));
    }
    return base::Json{std::move(list)};
}

void print_forecast(const Output& output, const std::vector<DayForecast>& days,
                    const FactsByChannel& facts, const std::vector<scheduler::Rehearsed>& rehearsed,
                    const std::string& currency) {
    const auto total = sum_of(days);
    print_days(output, days, total);
    const auto channels = by_channel(total, facts, rehearsed);
    auto json = json_of(total);
    base::Json::Array list;
    for (const auto& day : days) list.push_back(json_of(day));
    json.set("days", std::move(list));
    json.set("channels", print_channels(output, channels, currency));
    std::int64_t cost_minor = 0;
    double seconds = 0;  // channels work side by side: the slowest decides
    for (const auto& one : channels) {
        cost_minor += one.cost_minor;
        seconds = std::max(seconds, one.seconds);
    }
    const auto cost = base::plain_text({cost_minor, currency}) + " " + currency;
    output.line("cost of the first step: " + cost +
                " (parts and pages as in the messages tried below)");
    output.line(seconds > 0 ? fmt::format("time at the channels' own rates: {:.0f} s", seconds)
                            : "time: as fast as the server takes them (no channel sets a rate)");
    print_rehearsal(output, rehearsed);
    base::Json::Array tried;
    for (const auto& one : rehearsed) tried.push_back(rehearsal_json(one));
    json.set("tried", std::move(tried));
    json.set("cost", cost);
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
    auto from = first_day_of(bundle, program.clock().now());
    if (!args.from.empty()) {
        const auto given = base::parse_date(args.from);
        if (!given) return output.refuse({given.error().code, given.error().detail, "--from"});
        from = *given;
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
    const auto rehearsed = rehearse(program, *lease, bundle, campaign->id, slots, args.sample);
    if (!rehearsed) return output.refuse(rehearsed.error());
    print_forecast(output, days, channel_facts(program, bundle), *rehearsed,
                   program.config().text("bank.currency"));
    return ExitCode::done;
}

}  // namespace carillon::app

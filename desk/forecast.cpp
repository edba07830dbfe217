#include "desk/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/money.h"
#include "campaigns/audience_sql.h"
#include "db/compose.h"
#include "db/queries.h"
#include "desk/checklist.h"

namespace carillon::desk {

namespace {

// Days of a schedule whose clients are tried before it is submitted.
constexpr int days_tried = 31;

// One group of the forecast of one slot.
struct Expected {
    std::string state{};
    std::string reason{};
    std::int64_t count{};
    std::string channel{};
};

std::vector<Expected> expected_of(db::Connection& connection,
                                  const campaigns::RunQuestion& question) {
    const auto fragments = campaigns::run_fragments(question);
    if (!fragments) throw std::runtime_error{fragments.error().text()};
    const auto composed = db::compose(db::queries::forecast, connection.engine(), {}, *fragments);
    return connection.list<Expected>(composed.query, composed.params, [](const db::Row& row) {
        return Expected{row.get<std::string>(0),
                        row.get<std::optional<std::string>>(1).value_or(""),
                        row.get<std::int64_t>(4), row.get<std::string>(5)};
    });
}

DayForecast forecast_of(db::Connection& connection, const campaigns::Bundle& bundle,
                        base::CampaignId campaign, const campaigns::Slot& slot) {
    DayForecast day{.slot = slot};
    const campaigns::RunQuestion question{
        bundle, campaign, slot.as_of, {}, campaigns::campaign_finder(connection)};
    for (const auto& group : expected_of(connection, question)) {
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

std::string money_text(std::int64_t minor, const std::string& currency) {
    return base::plain_text({minor, currency}) + " " + currency;
}

void check_caps(const campaigns::Bundle& bundle, Checklist& list) {
    const auto* caps =
        bundle.parsed_policies.caps_of(bundle.definition.purpose, bundle.definition.cap_class);
    std::set<campaigns::ContactClass> classes;
    for (const auto& step : bundle.definition.steps)
        for (const auto& route : step.routes)
            classes.insert(campaigns::contact_class_of(route.channel));
    bool is_limited = false;
    for (const auto one : classes)
        for (const auto& cap : caps == nullptr ? std::vector<campaigns::Cap>{} : caps->of(one)) {
            is_limited = true;
            list.add("limits", cap.count > 0 ? "ok" : "warning",
                     fmt::format("a client gets at most {} in one {}, then the rest waits",
                                 cap.count, campaigns::window_text(cap)),
                     std::string{name_of(one)});
        }
    if (!is_limited) list.add("limits", "ok", "no limit of contacts applies");
}

void check_cost(const campaigns::Bundle& bundle, const Forecast& made, const std::string& currency,
                Checklist& list) {
    const auto expected = money_text(made.cost_minor, currency);
    const auto& budget = bundle.definition.plan.cost;
    if (!budget || budget->currency != currency)
        list.add("cost", "ok", "it will cost about " + expected);
    else if (made.cost_minor > budget->minor)
        list.add("cost", "warning",
                 fmt::format("it will cost about {}, more than the plan's {}", expected,
                             money_text(budget->minor, currency)));
    else
        list.add("cost", "ok",
                 fmt::format("it will cost about {}, within the plan's {}", expected,
                             money_text(budget->minor, currency)));
}

// What is still unsent when it has become too late is never sent.
void check_duration(const campaigns::Bundle& bundle, const Forecast& made, Checklist& list) {
    const auto late_max = campaigns::send_by_of(bundle.definition, bundle.parsed_policies);
    const auto needed = campaigns::Minutes{std::llround(std::ceil(made.seconds / 60))};
    if (made.seconds <= 0)
        list.add("duration", "ok", "no channel has a rate that would hold it up");
    else if (needed > late_max)
        list.add("duration", "warning",
                 fmt::format("at the channels' own rates it takes {}, but a message may be at most "
                             "{} late: the rest is not sent",
                             campaigns::duration_text(needed), campaigns::duration_text(late_max)));
    else
        list.add("duration", "ok",
                 fmt::format("at the channels' own rates it takes {}",
                             campaigns::duration_text(std::max(needed, campaigns::Minutes{1}))));
}

base::Json::Array checks_of(const campaigns::Bundle& bundle, const Forecast& made,
                            const std::string& currency) {
    Checklist list;
    if (made.total.sent == 0) list.add("reach", "warning", "nobody would get it");
    check_caps(bundle, list);
    check_cost(bundle, made, currency, list);
    check_duration(bundle, made, list);
    return std::move(list).items();
}

base::Json to_json(const DayForecast& day) {
    base::Json left_out{base::Json::Object{}};
    for (const auto& [reason, count] : day.left_out) left_out.set(reason, count);
    return base::Json::Object{{"slot", day.slot.key},
                              {"matched", day.matched},
                              {"messages", day.sent},
                              {"control", day.control},
                              {"left_out", std::move(left_out)}};
}

base::Result<campaigns::Bundle> good_bundle(db::Connection& connection,
                                            const campaigns::StoredCampaign& campaign,
                                            base::Problems& problems) {
    auto bundle = campaigns::may_edit(campaign.state)
                      ? campaigns::current_bundle(connection, campaign, problems)
                      : campaigns::bound_bundle(connection, campaign, problems);
    if (problems.empty()) campaigns::preflight(connection, bundle, problems);
    if (!problems.empty()) return base::fail(problems.front());
    return bundle;
}

base::Problems read_question(const base::Json& json, ForecastQuestion& question) {
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    if (const auto from = reader.text("from"); !from.empty()) {
        const auto day = base::parse_date(from);
        if (day)
            question.from = *day;
        else
            reader.problem("from", day.error().code, day.error().detail);
    }
    question.days = static_cast<int>(reader.integer("days", 30, 1, 366));
    question.sample = reader.integer("sample", 200, 0, 5'000);
    reader.finish();
    return problems;
}

}  // namespace

std::vector<campaigns::Slot> slots_of(const campaigns::Bundle& bundle, const base::LocalDate& from,
                                      int days) {
    const auto zone =
        base::TimeZone::find(bundle.parsed_policies.bank_zone).value_or(base::TimeZone::utc());
    return campaigns::slots_between(
        bundle.definition.schedule, zone, zone.instant_of(from, base::TimeOfDay{0}),
        zone.instant_of(base::add_days(from, days), base::TimeOfDay{0}),
        {bundle.definition.starts, bundle.definition.ends, bundle.parsed_policies.leap_day});
}

base::LocalDate first_day_of(const campaigns::Bundle& bundle, base::Instant now) {
    if (const auto* once = std::get_if<campaigns::Once>(&bundle.definition.schedule.when))
        return once->date;
    return base::TimeZone::find(bundle.parsed_policies.bank_zone)
        .value_or(base::TimeZone::utc())
        .date_at(now);
}

base::Result<std::vector<scheduler::Rehearsed>> rehearse(const Workshop& workshop,
                                                         db::Connection& connection,
                                                         const campaigns::Bundle& bundle,
                                                         base::CampaignId campaign,
                                                         const std::vector<campaigns::Slot>& slots,
                                                         std::int64_t sample, base::Instant now) {
    scheduler::RehearsalSettings settings{
        .bank = workshop.bank, .campaign = campaign, .now = now, .sample = sample};
    for (const auto& slot : slots) settings.days.push_back(slot.as_of);
    return scheduler::rehearse(connection, bundle, workshop.composer, workshop.composer_of,
                               settings);
}

base::Problems too_many_unmakeable(const std::vector<scheduler::Rehearsed>& rehearsed,
                                   int percent_max) {
    base::Problems problems;
    for (const auto& one : rehearsed) {
        if (one.unmakeable() * 100 <= one.tried * percent_max) continue;
        for (const auto& [what, found] : one.problems)
            problems.push_back(
                {"campaign.unmakeable",
                 fmt::format("{} of {} messages tried cannot be made, for example that to {}: {}",
                             found.count, one.tried, found.client, what),
                 fmt::format("{} (step {})", name_of(one.channel), one.step)});
    }
    return problems;
}

TriedOut try_out(const Workshop& workshop, db::Connection& connection, std::string_view name,
                 const OfficeSettings& settings, base::Instant now) {
    const auto campaign = campaigns::find_campaign(connection, name);
    if (!campaign || campaign->state != campaigns::CampaignState::draft) return {};
    base::Problems mistakes;
    const auto bundle = good_bundle(connection, *campaign, mistakes);
    if (!bundle) return {};
    const auto slots = slots_of(*bundle, first_day_of(*bundle, now), days_tried);
    auto rehearsed =
        rehearse(workshop, connection, *bundle, campaign->id, slots, settings.launch_sample, now);
    if (!rehearsed) return {{}, {rehearsed.error()}};
    auto problems = too_many_unmakeable(*rehearsed, settings.unmakeable_percent);
    return {std::move(*rehearsed), std::move(problems)};
}

tl::expected<std::optional<Forecast>, base::Problems> forecast(const Workshop& workshop,
                                                               db::Connection& connection,
                                                               const std::string& name,
                                                               const ForecastQuestion& question,
                                                               base::Instant now) {
    const auto campaign = campaigns::find_campaign(connection, name);
    if (!campaign) return refuse("campaign.unknown", "there is no campaign '" + name + "'");
    base::Problems problems;
    const auto bundle = good_bundle(connection, *campaign, problems);
    if (!bundle) return refuse(std::move(problems));
    if (std::holds_alternative<campaigns::OnEvent>(bundle->definition.schedule.when))
        return std::optional<Forecast>{};
    const auto slots =
        slots_of(*bundle, question.from.value_or(first_day_of(*bundle, now)), question.days);
    Forecast made;
    for (const auto& slot : slots) {
        made.days.push_back(forecast_of(connection, *bundle, campaign->id, slot));
        if (question.on_progress) question.on_progress(made.days.size(), slots.size());
    }
    if (question.sample > 0) {
        auto rehearsed =
            rehearse(workshop, connection, *bundle, campaign->id, slots, question.sample, now);
        if (!rehearsed) return refuse(rehearsed.error());
        made.tried = std::move(*rehearsed);
    }
    made.total = sum_of(made.days);
    made.channels =
        by_channel(made.total, channel_facts(*bundle, workshop.data_folder), made.tried);
    for (const auto& one : made.channels) {
        made.cost_minor += one.cost_minor;
        made.seconds = std::max(made.seconds, one.seconds);
    }
    made.checks = checks_of(*bundle, made, workshop.bank.currency);
    return std::optional{std::move(made)};
}

base::Json to_json(const scheduler::Rehearsed& one) {
    base::Json::Array problems;
    for (const auto& [what, found] : one.problems)
        problems.push_back(base::Json::Object{
            {"problem", what}, {"count", found.count}, {"client", found.client}});
    return base::Json::Object{{"step", one.step},
                              {"channel", name_of(one.channel)},
                              {"account", one.account},
                              {"tried", one.tried},
                              {"made", one.made},
                              {"units", one.units},
                              {"units_max", one.units_max},
                              {"pages", one.pages},
                              {"problems", std::move(problems)}};
}

base::Json to_json(const Forecast& made, const std::string& currency) {
    const auto money = [&](std::int64_t minor) { return money_text(minor, currency); };
    auto json = to_json(made.total);
    base::Json::Array days;
    for (const auto& day : made.days) days.push_back(to_json(day));
    json.set("days", std::move(days));
    base::Json::Array channels;
    for (const auto& one : made.channels)
        channels.push_back(base::Json::Object{{"channel", one.channel},
                                              {"messages", one.messages},
                                              {"units", one.units},
                                              {"cost", money(one.cost_minor)}});
    json.set("channels", std::move(channels));
    base::Json::Array tried;
    for (const auto& one : made.tried) tried.push_back(to_json(one));
    json.set("tried", std::move(tried));
    json.set("checks", made.checks);
    json.set("cost", money(made.cost_minor));
    if (made.seconds > 0) json.set("seconds", made.seconds);
    return json;
}

Answer simulate(Office& office, const Caller& caller, const std::string& campaign,
                const base::Json& question) {
    auto lease = office.read(caller, Right::campaigns_see);
    ForecastQuestion asked;
    if (auto problems = read_question(question, asked); !problems.empty())
        return refuse(std::move(problems));
    const auto made = forecast(office.workshop(), *lease, campaign, asked, office.now());
    if (!made) return refuse(made.error());
    if (!*made) return base::Json{base::Json::Object{{"predictable", false}}};
    auto json = to_json(**made, office.workshop().bank.currency);
    json.set("predictable", true);
    return json;
}

}  // namespace carillon::desk

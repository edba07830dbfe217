#include "app/rehearsal.h"

#include <fmt/format.h>

namespace carillon::app {

namespace {

std::string per_message(const scheduler::Rehearsed& one) {
    using base::ChannelKind;
    if (one.channel == ChannelKind::sms)
        return fmt::format("{:.2f} parts each, at most {}", one.units_each(), one.units_max);
    if (one.channel == ChannelKind::fax || one.channel == ChannelKind::letter)
        return fmt::format("{:.2f} pages each", one.pages_each());
    return "all can be made";
}

std::string place_of(const scheduler::Rehearsed& one) {
    return fmt::format("{} (step {})", name_of(one.channel), one.step);
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

base::Result<std::vector<scheduler::Rehearsed>> rehearse(
    Program& program, db::Connection& connection, const campaigns::Bundle& bundle,
    base::CampaignId campaign, const std::vector<campaigns::Slot>& slots, std::int64_t sample) {
    scheduler::RehearsalSettings settings{.bank = program.bank(),
                                          .campaign = campaign,
                                          .now = program.clock().now(),
                                          .sample = sample};
    for (const auto& slot : slots) settings.days.push_back(slot.as_of);
    return scheduler::rehearse(
        connection, bundle,
        scheduler::Composer{program.instance_secret(), program.config().text("public.url")},
        [&](const db::Document& channel) { return program.composer(channel); }, settings);
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
                 place_of(one)});
    }
    return problems;
}

void print_rehearsal(const Output& output, const std::vector<scheduler::Rehearsed>& rehearsed) {
    for (const auto& one : rehearsed) {
        if (one.tried == 0) continue;
        output.line(fmt::format("tried {}: {} messages, {}", place_of(one), grouped(one.tried),
                                one.made == 0 ? "none can be made" : per_message(one)));
        for (const auto& [what, found] : one.problems)
            output.line(fmt::format("  {} cannot be made, for example that to {}: {}",
                                    grouped(found.count), found.client, what));
    }
}

base::Json rehearsal_json(const scheduler::Rehearsed& one) {
    base::Json json{base::Json::Object{}};
    json.set("step", one.step);
    json.set("channel", name_of(one.channel));
    json.set("account", one.account);
    json.set("tried", one.tried);
    json.set("made", one.made);
    json.set("units", one.units);
    json.set("units_max", one.units_max);
    json.set("pages", one.pages);
    base::Json::Array problems;
    for (const auto& [what, found] : one.problems) {
        base::Json problem{base::Json::Object{}};
        problem.set("problem", what);
        problem.set("count", found.count);
        problem.set("client", found.client);
        problems.push_back(std::move(problem));
    }
    json.set("problems", std::move(problems));
    return json;
}

}  // namespace carillon::app

// What has to be right before a campaign does anything: one line a check. The forecast's lines
// (limits, cost, duration) are in forecast.cpp.
#include <fmt/format.h>

#include <algorithm>

#include "base/local_date.h"
#include "campaigns/link_check.h"
#include "channels/open.h"
#include "desk/campaign_desk.h"
#include "desk/checklist.h"
#include "desk/forecast.h"

namespace carillon::desk {

namespace {

constexpr int days_looked_at = 31;
constexpr std::size_t links_named_max = 10;

// Marketing by mail without a way out is refused by the law of most countries.
void check_unsubscribe(const campaigns::Bundle& bundle, const campaigns::AttributeKinds& attributes,
                       Checklist& list) {
    if (bundle.definition.purpose != base::Purpose::marketing) return;
    bool all_good = true;
    for (const auto& [name, document] : bundle.templates) {
        base::Problems ignored;
        const auto compiled = campaigns::compile_template(document, attributes, ignored);
        if (!compiled || compiled->channel() != base::ChannelKind::email) continue;
        const auto fields = compiled->field_names();
        if (std::ranges::find(fields, "unsubscribe_url") != fields.end()) continue;
        all_good = false;
        list.add("unsubscribe", "warning",
                 "the text shows no link to unsubscribe (the mail's header has one)",
                 "template " + name);
    }
    if (all_good) list.add("unsubscribe", "ok", "every mail shows how to unsubscribe");
}

// Nothing is asked for: what is said is known from the address alone.
void check_links(const campaigns::Bundle& bundle, Checklist& list) {
    std::size_t found = 0;
    for (const auto& [name, stored] : bundle.templates) {
        base::Problems ignored;
        const auto json = base::Json::parse(stored.content, name);
        if (!json) continue;
        const auto document = templates::read_document(*json, templates::no_files(), ignored);
        for (const auto& [locale, parts] : document.locales)
            for (const auto& [link, fault] : campaigns::faulty_links(parts))
                if (++found <= links_named_max)
                    list.add("links", "warning", fmt::format("the link '{}' {}", link, fault),
                             fmt::format("template {} ({})", name, locale));
    }
    if (found > links_named_max)
        list.add("links", "warning",
                 fmt::format("{} more links cannot work", found - links_named_max));
    if (found == 0) list.add("links", "ok", "no link is known to be dead");
}

bool share_a_template(const campaigns::Definition& one, const campaigns::Definition& other) {
    const auto uses = [](const campaigns::Definition& definition, const std::string& name) {
        return std::ranges::any_of(definition.steps, [&](const campaigns::Step& step) {
            return std::ranges::any_of(step.routes, [&](const campaigns::Route& route) {
                return route.template_name == name;
            });
        });
    };
    return std::ranges::any_of(one.steps, [&](const campaigns::Step& step) {
        return std::ranges::any_of(step.routes, [&](const campaigns::Route& route) {
            return uses(other, route.template_name);
        });
    });
}

// The same words to the same people: mostly somebody pressed twice.
void check_sent_before(db::Connection& connection, const campaigns::Bundle& bundle,
                       const base::TimeZone& zone, Checklist& list) {
    bool all_new = true;
    for (const auto& other : campaigns::list_campaigns(connection)) {
        if (other.name == bundle.definition.name || !other.started_at) continue;
        const auto document = db::find_document(connection, other.document);
        const auto definition = campaigns::parse_definition(document->content, other.name);
        if (!definition || definition->segment != bundle.definition.segment ||
            !share_a_template(bundle.definition, *definition))
            continue;
        all_new = false;
        list.add("sent_before", "warning",
                 fmt::format("campaign {} has sent the same text to the same segment since {}",
                             other.name, base::to_text(zone.date_at(*other.started_at))));
    }
    if (all_new)
        list.add("sent_before", "ok",
                 "no other campaign has sent one of these texts to this segment");
}

// By the clock on the wall of the bank, which is the client's where the schedule follows it.
void check_hours(const campaigns::Bundle& bundle, const std::vector<campaigns::Slot>& slots,
                 const base::TimeZone& zone, Checklist& list) {
    if (slots.empty()) {
        list.add("hours", "warning", "nothing falls due within 31 days of the first day");
        return;
    }
    const auto windows = campaigns::windows_of(bundle.definition, bundle.parsed_policies);
    std::size_t quiet = 0;
    for (const auto& slot : slots) {
        if (campaigns::is_allowed(windows, zone, bundle.calendar, slot.at)) continue;
        if (quiet++ > 0) continue;
        const auto next = campaigns::next_allowed(windows, zone, bundle.calendar, slot.at,
                                                  slot.at + campaigns::window_horizon);
        const auto due = fmt::format("{} {}", base::to_text(slot.as_of), base::to_text(slot.time));
        if (next)
            list.add("hours", "warning",
                     fmt::format("{} lies in the quiet hours: messages wait until {} {}", due,
                                 base::to_text(zone.date_at(*next)),
                                 base::to_text(zone.time_at(*next))));
        else
            list.add("hours", "mistake",
                     fmt::format("{} lies in the quiet hours, and none follow", due));
    }
    if (quiet > 1)
        list.add("hours", "warning",
                 fmt::format("{} of {} times of the next month lie in the quiet hours", quiet,
                             slots.size()));
    if (quiet == 0)
        list.add("hours", "ok", "it falls due in hours in which clients may be written to");
}

// Until when a letter can be called back.
void tell_of_recall(const Office& office, const campaigns::Bundle& bundle, Checklist& list) {
    for (const auto& step : bundle.definition.steps) {
        const auto* route = step.route(base::ChannelKind::letter);
        if (route == nullptr) continue;
        const auto& document = bundle.channels.at(campaigns::account_of(*route));
        const auto json = base::Json::parse(document.content, document.name);
        if (!json) continue;
        const auto config = channels::parse_channel(*json, office.workshop().data_folder);
        if (!config) continue;
        const auto* letter = std::get_if<channels::LetterChannelSettings>(&config->settings);
        if (letter == nullptr || letter->transport != channels::LetterTransport::print_house)
            continue;
        list.add("recall", "ok",
                 fmt::format("letters can be called back until they go to the print house: at {} "
                             "on working days, a full batch at once",
                             base::to_text(letter->print_house.cut_off.time)),
                 "channel " + document.name);
    }
}

void check_makeable(const Office& office, db::Connection& connection,
                    const campaigns::Bundle& bundle, base::CampaignId campaign,
                    const std::vector<campaigns::Slot>& slots, Checklist& list) {
    const auto tried = rehearse(office.workshop(), connection, bundle, campaign, slots,
                                office.settings().launch_sample, office.now());
    if (!tried) {
        list.add("makeable", "mistake", tried.error().detail, tried.error().place);
        return;
    }
    list.add("makeable", too_many_unmakeable(*tried, office.settings().unmakeable_percent),
             "messages of real clients can be made");
}

}  // namespace

Answer preflight_campaign(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::campaigns_see);
    const auto campaign = campaigns::find_campaign(*lease, name);
    if (!campaign) return refuse("campaign.unknown", "there is no campaign '" + name + "'");
    base::Problems problems;
    const auto bundle = campaigns::may_edit(campaign->state)
                            ? campaigns::current_bundle(*lease, *campaign, problems)
                            : campaigns::bound_bundle(*lease, *campaign, problems);
    Checklist list;
    list.add("parts", problems, "segment, templates, channels and policies are there");
    if (!problems.empty()) return std::move(list).json();
    campaigns::preflight(*lease, bundle, problems);
    list.add("fields", problems, "segments and templates fit the clients");
    check_unsubscribe(bundle, campaigns::load_attribute_kinds(*lease), list);
    check_links(bundle, list);
    const auto zone =
        base::TimeZone::find(bundle.parsed_policies.bank_zone).value_or(base::TimeZone::utc());
    check_sent_before(*lease, bundle, zone, list);
    tell_of_recall(office, bundle, list);
    const bool foreseeable =
        !std::holds_alternative<campaigns::OnEvent>(bundle.definition.schedule.when);
    if (!problems.empty() || !foreseeable) return std::move(list).json();
    const auto slots = slots_of(bundle, first_day_of(bundle, office.now()), days_looked_at);
    check_hours(bundle, slots, zone, list);
    check_makeable(office, *lease, bundle, campaign->id, slots, list);
    return std::move(list).json();
}

}  // namespace carillon::desk

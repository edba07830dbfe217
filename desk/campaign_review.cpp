// What changes a campaign without its whole definition, and what an approver compares.
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "desk/campaign_desk.h"
#include "desk/campaign_file.h"

namespace carillon::desk {

namespace {

// Settings of channels name files and secrets of the server: their hash says that they changed.
bool is_shown(const db::Document& document) {
    return document.kind != campaigns::channel_kind;
}

base::Json content_of(const db::Document& document) {
    return base::Json::parse(document.content).value();
}

base::Json bundle_json(const campaigns::Bundle& bundle, std::string hash) {
    base::Json::Array parts;
    for (const auto* document : bundle.documents())
        parts.push_back(base::Json::Object{
            {"kind", document->kind},
            {"name", document->name},
            {"version", document->version},
            {"hash", document->hash},
            {"content", is_shown(*document) ? content_of(*document) : base::Json{}}});
    return base::Json::Object{{"hash", std::move(hash)},
                              {"campaign", content_of(bundle.campaign)},
                              {"parts", std::move(parts)}};
}

// What a schedule is at its first day; nothing for those that follow clients' own dates.
base::Problems move_schedule(campaigns::Schedule& schedule, base::ObjectReader& reader,
                             base::Problems& problems) {
    const auto date = base::parse_date(reader.required_text("date"));
    if (!date) reader.problem("date", date.error().code, date.error().detail);
    std::optional<base::TimeOfDay> time;
    if (const auto text = reader.text("time"); !text.empty()) {
        const auto given = base::parse_time_of_day(text);
        if (given)
            time = *given;
        else
            reader.problem("time", given.error().code, given.error().detail);
    }
    reader.finish();
    if (!problems.empty()) return problems;
    if (auto* once = std::get_if<campaigns::Once>(&schedule.when)) {
        once->date = *date;
        once->time = time.value_or(once->time);
    } else if (auto* recurring = std::get_if<campaigns::Recurring>(&schedule.when)) {
        recurring->start = *date;
        recurring->time = time.value_or(recurring->time);
    } else {
        problems.push_back({"schedule.fixed",
                            "its days follow from the clients' own dates or from events; edit the "
                            "schedule instead"});
    }
    return problems;
}

}  // namespace

Answer approved_content(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::campaigns_see);
    const auto stored = campaigns::find_campaign(*lease, name);
    if (!stored) return no_campaign(name);
    base::Json json{base::Json::Object{}};
    base::Problems ignored;  // a part that is missing shows by its absence
    json.set("approved", nullptr);
    const auto last = campaigns::last_approval(*lease, stored->id);
    if (last) {
        auto then = *stored;
        then.document = last->document;
        auto approved = bundle_json(campaigns::bound_bundle(*lease, then, ignored), last->hash);
        approved.set("by", last->by);
        approved.set("at", base::to_text(last->at));
        json.set("approved", std::move(approved));
    }
    // A draft that was cancelled has never been bound to anything.
    const auto bundle = campaigns::may_edit(stored->state) || !last
                            ? campaigns::current_bundle(*lease, *stored, ignored)
                            : campaigns::bound_bundle(*lease, *stored, ignored);
    json.set("asked", bundle_json(bundle, bundle.hash()));
    return json;
}

Answer move_campaign(Office& office, const Caller& caller, const std::string& name,
                     const base::Json& to) {
    return office.act(caller, Right::campaigns_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto row = find_campaign_row(desk.connection, name);
        if (!row) return no_campaign(name);
        if (row->state != campaigns::CampaignState::draft)
            return refuse("campaign.wrong_state",
                          "campaign '" + name + "' is " + std::string{name_of(row->state)} +
                              "; only a draft is moved: edit it, which makes it a draft again, or "
                              "copy it");
        auto definition = campaigns::parse_definition(row->content);
        if (!definition) return refuse(definition.error());
        base::Problems problems;
        base::ObjectReader reader{to, "$", problems};
        if (auto found = move_schedule(definition->schedule, reader, problems); !found.empty())
            return refuse(std::move(found));
        const auto checked = campaigns::parse_definition(campaigns::to_json(*definition));
        if (!checked) return refuse(checked.error());
        const auto applied =
            campaigns::apply(desk, campaigns::campaign_kind, name, campaigns::to_json(*checked));
        if (!applied) return refuse(applied.error());
        return summary_in(desk.connection, name);
    });
}

}  // namespace carillon::desk

#include "desk/campaign_desk.h"

#include <algorithm>

#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/bundle.h"
#include "campaigns/launch.h"
#include "db/queries.h"
#include "desk/campaign_file.h"
#include "desk/documents.h"
#include "desk/forecast.h"

namespace carillon::desk {

namespace {

using campaigns::CampaignState;

constexpr std::int64_t undo_seconds_max = 3600;

std::string etag_of(const CampaignRow& row) {
    return "\"" + row.hash.substr(0, 32) + "\"";
}

// What the caller could do with it at this moment.
base::Json::Array actions_of(const CampaignRow& row, const Caller& caller) {
    base::Json::Array actions;
    const auto offer = [&](Right right, bool fits, const char* action) {
        if (fits && caller.may(right)) actions.emplace_back(action);
    };
    using enum CampaignState;
    offer(Right::campaigns_edit, campaigns::may_edit(row.state), "edit");
    offer(Right::campaigns_edit, row.state == draft, "submit");
    offer(Right::campaigns_approve, row.state == submitted && row.edited_by != caller.user,
          "approve");
    offer(Right::campaigns_approve, row.state == submitted, "reject");
    offer(Right::campaigns_launch, row.state == approved && !row.takes_effect_at, "start");
    offer(Right::campaigns_launch, row.takes_effect_at.has_value(), "undo_start");
    offer(Right::campaigns_pause, row.state == running, "pause");
    offer(Right::campaigns_launch, row.state == paused, "resume");
    offer(Right::campaigns_launch, campaigns::may_become(row.state, cancelled), "cancel");
    return actions;
}

base::Json json_of(const base::Problems& problems) {
    base::Json::Array list;
    for (const auto& one : problems)
        list.push_back(
            base::Json::Object{{"code", one.code}, {"detail", one.detail}, {"place", one.place}});
    return list;
}

base::Json detail_of(db::Connection& connection, const CampaignRow& row, const Caller& caller) {
    auto json = summary_of(row);
    const auto stored = campaigns::find_campaign(connection, row.name).value();
    base::Problems problems;
    const auto bundle = campaigns::may_edit(row.state)
                            ? campaigns::current_bundle(connection, stored, problems)
                            : campaigns::bound_bundle(connection, stored, problems);
    json.set("definition", row.content);
    json.set("version", row.version);
    json.set("hash", bundle.hash());
    json.set("approved_hash", stored.approved_hash);
    base::Json::Array parts;
    for (const auto* document : bundle.documents())
        parts.push_back(base::Json::Object{{"kind", document->kind},
                                           {"name", document->name},
                                           {"version", document->version},
                                           {"hash", document->hash}});
    json.set("parts", std::move(parts));
    json.set("mistakes", json_of(problems));
    json.set("actions", actions_of(row, caller));
    json.set("etag", etag_of(row));
    return json;
}

using Move = std::function<base::Result<campaigns::StoredCampaign>(const campaigns::Desk&)>;

Answer move(Office& office, const Caller& caller, Right right, const std::string& name,
            const Move& work) {
    return office.act(caller, right, [&](const campaigns::Desk& desk) -> Answer {
        const auto moved = work(desk);
        if (!moved) return refuse(moved.error());
        return summary_in(desk.connection, name);
    });
}

}  // namespace

Answer list_campaigns(Office& office, const Caller& caller, const PageQuery& query,
                      const CampaignFilter& filter) {
    auto lease = office.read(caller, Right::campaigns_see);
    const auto part = base::fold_case(filter.part);
    const auto wanted = static_cast<std::size_t>(query.limit) + 1;
    const auto fits = [&](const CampaignRow& row) {
        const std::string state{name_of(row.state)};
        if (!filter.states.empty() &&
            std::ranges::find(filter.states, state) == filter.states.end())
            return false;
        const auto* title = row.content.find("title");
        return part.empty() || row.name.find(part) != std::string::npos ||
               (title != nullptr && title->text() != nullptr &&
                base::fold_case(*title->text()).find(part) != std::string::npos);
    };
    base::Json::Array items;
    for (auto after = query.after; items.size() < wanted;) {
        constexpr int slice = 200;
        const auto rows = lease->list<CampaignRow>(db::queries::desk_campaigns_after,
                                                   {after, slice}, campaign_row);
        for (const auto& row : rows)
            if (items.size() < wanted && fits(row)) items.push_back(summary_of(row));
        if (rows.size() < slice) break;
        after = rows.back().name;
    }
    return page_of(std::move(items), query,
                   [](const base::Json& one) { return *one.find("name")->text(); });
}

Answer get_campaign(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::campaigns_see);
    const auto row = find_campaign_row(*lease, name);
    if (!row) return no_campaign(name);
    return detail_of(*lease, *row, caller);
}

Answer put_campaign(Office& office, const Caller& caller, const std::string& name,
                    const base::Json& definition, const Edit& edit) {
    access::require(caller, Right::campaigns_edit);
    const auto parsed = campaigns::parse_definition(definition);
    if (!parsed) return refuse(parsed.error());
    if (parsed->name != name)
        return refuse("document.name",
                      "is '" + parsed->name + "' and not '" + name + "' as in the path", "$.name");
    return office.act(caller, Right::campaigns_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto row = find_campaign_row(desk.connection, name);
        if (const auto fits = check_edit(edit, row ? etag_of(*row) : std::string{}); !fits)
            return refuse(fits.error());
        const auto applied =
            campaigns::apply(desk, campaigns::campaign_kind, name, campaigns::to_json(*parsed));
        if (!applied) return refuse(applied.error());
        return detail_of(desk.connection, find_campaign_row(desk.connection, name).value(), caller);
    });
}

Answer duplicate_campaign(Office& office, const Caller& caller, const std::string& name,
                          const base::Json& copy) {
    access::require(caller, Right::campaigns_edit);
    base::Problems problems;
    base::ObjectReader reader{copy, "$", problems};
    const auto fresh = reader.required_text("name");
    const auto title = reader.text("title");
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    return office.act(caller, Right::campaigns_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto row = find_campaign_row(desk.connection, name);
        if (!row) return no_campaign(name);
        if (find_campaign_row(desk.connection, fresh))
            return refuse("campaign.exists", "there is a campaign '" + fresh + "' already",
                          "$.name");
        auto content = row->content;
        content.set("name", fresh);
        if (!title.empty()) content.set("title", title);
        const auto parsed = campaigns::parse_definition(content);
        if (!parsed) return refuse(parsed.error());
        const auto applied =
            campaigns::apply(desk, campaigns::campaign_kind, fresh, campaigns::to_json(*parsed));
        if (!applied) return refuse(applied.error());
        return summary_in(desk.connection, fresh);
    });
}

Answer submit_campaign(Office& office, const Caller& caller, const std::string& name) {
    {
        auto lease = office.read(caller, Right::campaigns_edit);
        auto tried = try_out(office.workshop(), *lease, name, office.settings(), office.now());
        if (!tried.problems.empty()) return refuse(std::move(tried.problems));
    }
    return office.act(caller, Right::campaigns_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto submitted = campaigns::submit(desk, name);
        if (!submitted) return refuse(submitted.error());
        return summary_in(desk.connection, name);
    });
}

Answer approve_campaign(Office& office, const Caller& caller, const std::string& name,
                        const std::string& hash) {
    access::require(caller, Right::campaigns_approve);
    // The person behind a token is not asked; a program is not a second pair of eyes.
    if (!caller.token.empty())
        throw access::Denied{{"access.forbidden", "approving takes a person, not a token"}};
    if (hash.empty())
        return refuse("approval.hash", "give the hash of what you looked at", "$.hash");
    return move(office, caller, Right::campaigns_approve, name,
                [&](const campaigns::Desk& desk) { return campaigns::approve(desk, name, hash); });
}

Answer reject_campaign(Office& office, const Caller& caller, const std::string& name,
                       const std::string& comment) {
    access::require(caller, Right::campaigns_approve);
    if (comment.empty() || comment.size() > 300)
        return refuse("approval.comment", "say in 1 to 300 bytes what has to change", "$.comment");
    return office.act(caller, Right::campaigns_approve, [&](const campaigns::Desk& desk) -> Answer {
        const auto row = find_campaign_row(desk.connection, name);
        if (!row) return no_campaign(name);
        if (row->state != CampaignState::submitted)
            return refuse("campaign.wrong_state", "campaign '" + name + "' is " +
                                                      std::string{name_of(row->state)} +
                                                      " and waits for no approval");
        desk.connection.execute(db::queries::desk_reject_campaign, {comment, desk.now, row->id});
        note(desk, "campaign.reject", "campaign " + name, base::Json::Object{{"comment", comment}});
        return summary_in(desk.connection, name);
    });
}

Answer start_campaign(Office& office, const Caller& caller, const std::string& name,
                      const base::Json& how) {
    access::require(caller, Right::campaigns_launch);
    base::Problems problems;
    base::ObjectReader reader{how, "$", problems};
    const std::chrono::seconds undo_time{
        reader.integer("undo_seconds", office.settings().undo_time.count(), 0, undo_seconds_max)};
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    return move(office, caller, Right::campaigns_launch, name, [&](const campaigns::Desk& desk) {
        return undo_time.count() == 0
                   ? campaigns::start(desk, name)
                   : campaigns::launch(desk, name, office.real_now() + undo_time);
    });
}

Answer undo_start(Office& office, const Caller& caller, const std::string& name) {
    return move(office, caller, Right::campaigns_launch, name, [&](const campaigns::Desk& desk) {
        return campaigns::take_back_launch(desk, name);
    });
}

Answer pause_campaign(Office& office, const Caller& caller, const std::string& name,
                      const std::string& reason) {
    return move(office, caller, Right::campaigns_pause, name,
                [&](const campaigns::Desk& desk) { return campaigns::pause(desk, name, reason); });
}

Answer resume_campaign(Office& office, const Caller& caller, const std::string& name) {
    return move(office, caller, Right::campaigns_launch, name,
                [&](const campaigns::Desk& desk) { return campaigns::resume(desk, name); });
}

Answer cancel_campaign(Office& office, const Caller& caller, const std::string& name,
                       const std::string& reason) {
    return move(office, caller, Right::campaigns_launch, name,
                [&](const campaigns::Desk& desk) { return campaigns::cancel(desk, name, reason); });
}

}  // namespace carillon::desk

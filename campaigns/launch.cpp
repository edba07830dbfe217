#include "campaigns/launch.h"

#include "base/local_date.h"
#include "db/api_queries.h"

namespace carillon::campaigns {

namespace {

struct Due {
    base::CampaignId campaign{};
    std::string actor{};
    std::string name{};
};

void note(const Desk& desk, std::string_view action, std::string_view name, base::Json detail) {
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = std::string{action},
                      .object = "campaign " + std::string{name},
                      .detail = std::move(detail)},
                     desk.now);
}

// False: another process did it, or it was taken back meanwhile.
bool start_one(db::Connection& connection, std::string_view audit_key, const Due& due,
               base::Instant now) {
    if (connection.execute(db::queries::delete_launch, {due.campaign}) == 0) return false;
    const Desk desk{connection, audit_key, due.actor, now};
    const auto started = start(desk, due.name);
    if (!started)
        note(desk, "campaign.not_started", due.name,
             base::Json::Object{{"reason", started.error().text()}});
    return started.has_value();
}

}  // namespace

base::Result<StoredCampaign> launch(const Desk& desk, std::string_view name, base::Instant at) {
    const auto campaign = may_start_now(desk, name);
    if (!campaign) return campaign;
    if (launch_of(desk.connection, campaign->id))
        return base::fail("launch.waiting",
                          "campaign '" + campaign->name + "' is about to start already");
    desk.connection.execute(db::queries::insert_launch, {campaign->id, desk.actor, desk.now, at});
    note(desk, "campaign.launch", name, base::Json::Object{{"takes_effect_at", base::to_text(at)}});
    return campaign;
}

base::Result<StoredCampaign> take_back_launch(const Desk& desk, std::string_view name) {
    const auto campaign = find_campaign(desk.connection, name);
    if (!campaign)
        return base::fail("campaign.unknown", "there is no campaign '" + std::string{name} + "'");
    if (desk.connection.execute(db::queries::delete_launch, {campaign->id}) == 0)
        return base::fail("launch.none", "no launch of campaign '" + campaign->name +
                                             "' is waiting; it can be paused or cancelled");
    note(desk, "campaign.launch_undone", name, base::Json{base::Json::Object{}});
    return *campaign;
}

std::optional<base::Instant> launch_of(db::Connection& connection, base::CampaignId campaign) {
    return connection.one<base::Instant>(
        db::queries::launch_of, {campaign},
        [](const db::Row& row) { return row.get<base::Instant>(0); });
}

void forget_launch(const Desk& desk, base::CampaignId campaign) {
    desk.connection.execute(db::queries::delete_launch, {campaign});
}

int start_due_launches(db::Database& database, std::string_view audit_key,
                       const LaunchMoment& moment) {
    const auto due = database.read()->list<Due>(
        db::queries::due_launches, {moment.real_now}, [](const db::Row& row) {
            return Due{row.get<base::CampaignId>(0), row.get<std::string>(1),
                       row.get<std::string>(2)};
        });
    int started = 0;
    for (const auto& one : due)
        started += db::in_transaction(database, [&](db::Connection& connection) {
            return start_one(connection, audit_key, one, moment.now) ? 1 : 0;
        });
    return started;
}

}  // namespace carillon::campaigns

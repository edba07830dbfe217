#include "desk/house_desk.h"

#include <limits>

#include "base/digest.h"
#include "base/local_date.h"
#include "db/api_queries.h"
#include "db/queries.h"
#include "desk/reconcile.h"
#include "desk/visible.h"
#include "responses/tracking.h"

namespace carillon::desk {

namespace {

// Does it, alone, and writes down that it was done.
Answer done_alone(Office& office, const Caller& caller, std::string_view action,
                  const std::string& object, const std::function<Answer()>& work) {
    access::require(caller, Right::operation_run);
    const std::unique_lock turn{office.house_turn(), std::try_to_lock};
    if (!turn) return refuse("house.busy", "something of this kind is at work; wait for its end");
    auto answer = work();
    if (!answer) return answer;
    return office.act(caller, Right::operation_run, [&](const campaigns::Desk& desk) -> Answer {
        note(desk, std::string{action}, object);
        return *answer;
    });
}

std::int64_t before(std::int64_t cursor) {
    return cursor == 0 ? std::numeric_limits<std::int64_t>::max() : cursor;
}

std::string id_of(const base::Json& line) {
    return std::to_string(*line.find("id")->integer());
}

// What was received, as it came.
FileAnswer looked_at(Office& office, const Caller& caller, const std::string& object,
                     const std::optional<std::string>& kept, File file) {
    const auto bytes = kept ? base::from_base64(*kept) : base::Result<std::string>{};
    if (!kept || !bytes) return refuse("inbound.unknown", "there is no " + object);
    file.bytes = *bytes;
    const auto noted =
        office.act(caller, Right::inbound_see, [&](const campaigns::Desk& desk) -> Answer {
            note(desk, "inbound.look", object);
            return base::Json{base::Json::Object{}};
        });
    if (!noted) return refuse(noted.error());
    return file;
}

}  // namespace

Answer show_settings_in_force(Office& office, const Caller& caller) {
    return office.errands(caller, Right::operation_check).settings();
}

Answer doctor(Office& office, const Caller& caller) {
    return office.errands(caller, Right::operation_check).doctor();
}

Answer reconcile(Office& office, const Caller& caller, const std::string& campaign) {
    const auto& errands = office.errands(caller, Right::operation_check);
    auto lease = office.read(caller, Right::operation_check);
    base::CampaignId only;
    if (!campaign.empty()) {
        const auto found = campaigns::find_campaign(*lease, campaign);
        if (!found) return refuse("campaign.unknown", "there is no campaign '" + campaign + "'");
        only = found->id;
    }
    return reconciled(*lease, only,
                      {office.audit_key(caller, Right::operation_check), errands.checkpoint()});
}

Answer probe_channel(Office& office, const Caller& caller, const std::string& name) {
    const auto& errands = office.errands(caller, Right::operation_check);
    const auto document = db::find_document(*office.read(caller, Right::operation_check),
                                            campaigns::channel_kind, name);
    if (!document) return refuse("channel.unknown", "there is no channel '" + name + "'");
    const auto probed = errands.probe(*document);
    return base::Json::Object{{"ok", probed.has_value()},
                              {"found", probed ? *probed : probed.error().text()}};
}

Answer take_snapshot(Office& office, const Caller& caller, const std::string& day) {
    const auto& errands = office.errands(caller, Right::operation_run);
    std::optional<base::LocalDate> date;
    if (!day.empty()) {
        const auto given = base::parse_date(day);
        if (!given) return refuse(given.error().code, given.error().detail, "$.day");
        date = *given;
    }
    return done_alone(office, caller, "snapshot.take", "bank",
                      [&] { return errands.snapshot(date); });
}

Answer check_plans(Office& office, const Caller& caller, const std::string& campaign) {
    const auto& errands = office.errands(caller, Right::operation_run);
    return done_alone(office, caller, "plan.check",
                      campaign.empty() ? "bank" : "campaign " + campaign,
                      [&] { return errands.check_plans(campaign); });
}

Answer retain_now(Office& office, const Caller& caller) {
    const auto& errands = office.errands(caller, Right::operation_run);
    return done_alone(office, caller, "retention.run", "bank",
                      [&]() -> Answer { return errands.retain(); });
}

Answer poll_mail(Office& office, const Caller& caller, const std::string& account) {
    const auto& errands = office.errands(caller, Right::operation_run);
    return done_alone(office, caller, "inbound.poll",
                      account.empty() ? "bank" : "channel " + account,
                      [&] { return errands.poll_mail(account); });
}

Answer show_tracking(Office& office, const Caller& caller) {
    base::Json::Array items;
    for (const auto& [kind, verdict, count] :
         responses::tracking_counts(*office.read(caller, Right::operation_check)))
        items.push_back(base::Json::Object{{"kind", kind}, {"verdict", verdict}, {"count", count}});
    return base::Json::Object{{"items", std::move(items)}};
}

Answer judge_tracking(Office& office, const Caller& caller, bool again) {
    auto& database = office.database(caller, Right::operation_run);
    return done_alone(
        office, caller, again ? "tracking.judge_again" : "tracking.judge", "bank", [&]() -> Answer {
            return base::Json::Object{
                {"judged", responses::judge_tracking(database, {}, base::Instant::max(), again)}};
        });
}

Answer list_inbound(Office& office, const Caller& caller, const PageQuery& query, bool unmatched) {
    auto lease = office.read(caller, Right::inbound_see);
    const auto cursor = number_in_cursor(query.after);
    if (!cursor) return refuse(cursor.error());
    base::Json::Array items;
    lease->select(
        db::queries::house_mails_before, {before(*cursor), unmatched ? 1 : 0, query.limit + 1},
        [&](const db::Row& row) {
            const auto text = [&](int column) {
                return row.get<std::optional<std::string>>(column).value_or("");
            };
            items.push_back(base::Json::Object{{"id", row.integer(0)},
                                               {"at", base::to_text(row.get<base::Instant>(7))},
                                               {"account", text(1)},
                                               {"kind", text(2)},
                                               {"matched_by", text(3)},
                                               {"from", shown_text(caller, text(4))},
                                               {"subject", shown_text(caller, text(5))},
                                               {"reason", shown_text(caller, text(6))}});
        });
    return page_of(std::move(items), query, id_of);
}

Answer list_faxes(Office& office, const Caller& caller, const PageQuery& query) {
    auto lease = office.read(caller, Right::inbound_see);
    const auto cursor = number_in_cursor(query.after);
    if (!cursor) return refuse(cursor.error());
    base::Json::Array items;
    lease->select(db::queries::house_faxes_before, {before(*cursor), query.limit + 1},
                  [&](const db::Row& row) {
                      items.push_back(base::Json::Object{
                          {"id", row.integer(0)},
                          {"at", base::to_text(row.get<base::Instant>(4))},
                          {"account", row.get<std::string>(1)},
                          {"from", shown_text(caller, row.text(2))},
                          {"to", row.get<std::string>(3)},
                          {"client", row.get<std::optional<std::string>>(5).value_or("")},
                          {"bytes", row.integer(6)},
                          {"sha256", row.get<std::string>(7)}});
                  });
    return page_of(std::move(items), query, id_of);
}

FileAnswer inbound_mail(Office& office, const Caller& caller, std::int64_t id) {
    const auto name = std::to_string(id);
    const auto kept = office.read(caller, Right::inbound_see)
                          ->value<std::string>(db::queries::inbound_mail_raw, {id});
    return looked_at(office, caller, "mail " + name, kept,
                     {"message/rfc822", {}, "mail-" + name + ".eml", 0});
}

FileAnswer inbound_fax(Office& office, const Caller& caller, std::int64_t id) {
    const auto name = std::to_string(id);
    const auto kept = office.read(caller, Right::inbound_see)
                          ->value<std::string>(db::queries::inbound_document, {id});
    // TIFF or PDF, as the fax server had it: to be kept, not to be shown.
    return looked_at(office, caller, "fax " + name, kept,
                     {"application/octet-stream", {}, "fax-" + name, 0});
}

}  // namespace carillon::desk

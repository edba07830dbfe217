#include "campaigns/message_cancel.h"

#include "campaigns/message_state.h"
#include "campaigns/notices.h"
#include "db/queries.h"

namespace carillon::campaigns {

namespace {

struct Row {
    std::string state{};
    std::string channel{};
    std::string campaign{};
};

void audit(const Desk& desk, base::MessageId id, const Row& row, std::string_view what,
           std::string_view reason) {
    base::Json detail{base::Json::Object{}};
    detail.set("from", row.state);
    detail.set("campaign", row.campaign);
    detail.set("result", what);
    if (!reason.empty()) detail.set("reason", reason);
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = "message.cancel",
                      .object = "message " + std::to_string(id.value),
                      .before_hash = {},
                      .after_hash = {},
                      .detail = std::move(detail)},
                     desk.now);
}

}  // namespace

base::Result<Cancelled> cancel_message(const Desk& desk, base::MessageId id,
                                       std::string_view reason) {
    const auto row = desk.connection.one<
        Row>(db::queries::message_to_cancel, {id}, [](const db::Row& found) {
        return Row{found.get<std::string>(0), found.get<std::string>(1), found.get<std::string>(2)};
    });
    if (!row)
        return base::fail("message.unknown", "there is no message " + std::to_string(id.value));
    if (desk.connection.execute(db::queries::cancel_one_message, {desk.now, id}) == 1) {
        const auto now = desk.connection.one<Row>(db::queries::message_to_cancel, {id},
                                                  [](const db::Row& found) {
                                                      return Row{found.get<std::string>(0), {}, {}};
                                                  });
        desk.connection.execute_batch(
            db::queries::insert_message_event,
            {{id, desk.now, row->state, now->state, std::string{"cancelled by hand"}}});
        if (const auto state = message_state_from(now->state))
            tell_of_messages(desk.connection, {{id, *state, {}}}, desk.now);
        audit(desk, id, *row, now->state, reason);
        return Cancelled::closed;
    }
    const bool may_be_there = row->channel == "letter" || row->channel == "fax";
    if (may_be_there && desk.connection.execute(db::queries::ask_recall, {desk.now, id}) == 1) {
        audit(desk, id, *row, "wanted back", reason);
        return Cancelled::wanted_back;
    }
    return base::fail("message.cancel_too_late",
                      "message " + std::to_string(id.value) + " is " + row->state +
                          "; only what was not submitted, and letters and faxes that were "
                          "accepted, can be cancelled, once");
}

}  // namespace carillon::campaigns

#include "responses/receipts.h"

#include "audience/store.h"
#include "base/text.h"
#include "campaigns/message_state.h"
#include "db/queries.h"

namespace carillon::responses {

namespace {

using campaigns::MessageState;
using State = channels::Receipt::State;

std::string_view name_of(State state) {
    switch (state) {
        case State::in_progress: return "in_progress";
        case State::delivered: return "delivered";
        case State::failed: return "failed";
        case State::expired: return "expired";
        case State::bad_address: return "bad_address";
    }
    std::abort();
}

State state_from(std::string_view name) {
    for (const auto state : {State::delivered, State::failed, State::expired, State::bad_address})
        if (name_of(state) == name) return state;
    return State::in_progress;
}

// What the message becomes; nothing when the receipt tells nothing new.
std::optional<MessageState> next_state(MessageState current, State state, bool all_delivered) {
    const auto wanted = state == State::in_progress ? MessageState::accepted
                        : state == State::delivered
                            ? (all_delivered ? MessageState::delivered : MessageState::accepted)
                            : MessageState::bounced;
    if (wanted == current || !campaigns::may_become(current, wanted)) return std::nullopt;
    return wanted;
}

}  // namespace

bool Receipts::take(const std::string& source, const std::vector<channels::Receipt>& receipts) {
    try {
        db::in_transaction(database_, [&](db::Connection& connection) {
            for (const auto& receipt : receipts)
                take_one(connection, source, receipt, clock_.now());
        });
        return true;
    } catch (const db::DbError&) {
        return false;
    }
}

void Receipts::take_one(db::Connection& connection, const std::string& source,
                        const channels::Receipt& receipt, base::Instant now) {
    // A key of ours is as good as an id of theirs, and is kept as one.
    const auto ref = receipt.receipt_ref.empty() ? receipt.key : receipt.receipt_ref;
    auto id = connection.value<base::MessageId>(db::queries::message_of_ref, {source, ref});
    if (!id) {
        id = keys_.message_of_key(receipt.key);
        if (id) connection.execute_batch(db::queries::insert_message_refs, {{source, ref, *id}});
    }
    const Known known{source, ref, receipt.state, base::cut_utf8(receipt.reason, 200),
                      receipt.at.value_or(now)};
    const auto inserted = connection.execute(
        db::queries::insert_receipt,
        {source, receipt.external_id, ref, std::optional<base::MessageId>{}, name_of(receipt.state),
         known.reason, receipt.units, known.at, now, receipt.raw});
    if (inserted == 0 || !id) return;
    if (!apply(connection, *id, known)) return;
    connection.execute(db::queries::receipt_belongs_to_key, {*id, source, receipt.external_id});
}

bool Receipts::apply_waiting() {
    struct Waiting {
        std::int64_t id{};
        base::MessageId message{};
        Known receipt{};
    };
    return db::in_transaction(database_, [&](db::Connection& connection) {
        const auto waiting =
            connection.list<Waiting>(db::queries::receipts_waiting, {}, [](const db::Row& row) {
                return Waiting{
                    row.get<std::int64_t>(0),
                    row.get<base::MessageId>(7),
                    {row.get<std::string>(1), row.get<std::string>(2), state_from(row.text(3)),
                     row.get<std::optional<std::string>>(4).value_or(""),
                     row.get<base::Instant>(6)}};
            });
        bool applied = false;
        for (const auto& one : waiting) {
            if (!apply(connection, one.message, one.receipt)) continue;
            connection.execute(db::queries::receipt_belongs_to, {one.message, one.id});
            applied = true;
        }
        return applied;
    });
}

bool Receipts::apply(db::Connection& connection, base::MessageId id, const Known& receipt) {
    struct Row {
        MessageState state{};
        base::ClientId client{};
        std::optional<int> contact{};
        base::RunId run{};
    };
    const auto message =
        connection.one<Row>(db::queries::message_for_receipt, {id}, [](const db::Row& row) {
            return Row{campaigns::message_state_from(row.text(0)).value(),
                       row.get<base::ClientId>(1), row.get<std::optional<int>>(2),
                       row.get<base::RunId>(3)};
        });
    if (!message) return true;  // erased meanwhile
    if (message->state == MessageState::submitting) return false;
    connection.execute(db::queries::set_ref_state,
                       {name_of(receipt.state), receipt.source, receipt.ref});
    // Our own key speaks of the whole message, also when the provider had given ids of its own.
    const bool all_delivered =
        keys_.message_of_key(receipt.ref) ||
        connection.value<std::int64_t>(db::queries::refs_not_delivered, {id}).value_or(0) == 0;
    const auto next = next_state(message->state, receipt.state, all_delivered);
    if (!next) return true;
    db::Value reason;
    if (*next == MessageState::bounced)
        reason = receipt.reason.empty() ? std::string{name_of(receipt.state)} : receipt.reason;
    connection.execute(
        db::queries::settle_by_receipt,
        {campaigns::name_of(*next), reason, receipt.at, id, campaigns::name_of(message->state)});
    const db::Params event{id, clock_.now(), campaigns::name_of(message->state),
                           campaigns::name_of(*next), reason};
    connection.execute_batch(db::queries::insert_message_event, {event});
    if (receipt.state == State::bad_address && message->contact)
        audience::mark_contact_invalid(connection, message->client, *message->contact,
                                       clock_.now());
    if (*next == MessageState::bounced) connection.execute(db::queries::reopen_run, {message->run});
    return true;
}

}  // namespace carillon::responses

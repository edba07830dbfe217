#include "responses/receipts.h"

#include <algorithm>

#include "audience/store.h"
#include "base/text.h"
#include "campaigns/message_state.h"
#include "campaigns/notices.h"
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

bool is_failure(State state) {
    return state == State::failed || state == State::expired || state == State::bad_address;
}

// One word of a provider on one part of a message.
struct Word {
    State state{};
    base::Instant at{};

    // Of two final words the earlier counts, by the provider's own clock; at one moment, the worse.
    bool is_before(const Word& other) const {
        return at != other.at ? at < other.at : badness() > other.badness();
    }
    int badness() const {
        if (state == State::bad_address) return 3;
        if (state == State::failed) return 2;
        return state == State::expired ? 1 : 0;
    }
};

// What the parts of a message come to, in whatever order their receipts arrived.
MessageState state_of(const std::vector<Receipts::Part>& parts,
                      const campaigns::MessageKeys& keys) {
    bool all_delivered = true;
    bool whole_delivered = false;
    for (const auto& part : parts) {
        if (is_failure(part.state)) return MessageState::bounced;
        const bool delivered = part.state == State::delivered;
        all_delivered = all_delivered && delivered;
        // Our own key speaks of the whole message, also when the provider had given ids of its own.
        whole_delivered = whole_delivered || (delivered && keys.message_of_key(part.ref));
    }
    return all_delivered || whole_delivered ? MessageState::delivered : MessageState::accepted;
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

Receipts::Correction Receipts::note_word(db::Connection& connection, base::MessageId id,
                                         const Known& receipt) {
    const auto first = connection.execute(db::queries::set_ref_state,
                                          {name_of(receipt.state), receipt.source, receipt.ref});
    if (first > 0 || receipt.state == State::in_progress) return Correction::none;
    // A second final word on the same part: what counts may not depend on which arrived first.
    Word counted{receipt.state, receipt.at};
    std::optional<Word> before;
    connection.select(db::queries::words_on_ref, {id, receipt.source, receipt.ref},
                      [&](const db::Row& row) {
                          const Word word{state_from(row.text(0)), row.get<base::Instant>(1)};
                          if (!before || word.is_before(*before)) before = word;
                          if (word.is_before(counted)) counted = word;
                      });
    if (!before || counted.state == before->state) return Correction::none;
    connection.execute(db::queries::correct_ref_state,
                       {name_of(counted.state), receipt.source, receipt.ref});
    return before->state == State::bad_address ? Correction::address_was_bad
                                               : Correction::word_changed;
}

// The address is bad when a part says so; good again when that word was corrected.
void Receipts::judge_contact(db::Connection& connection, const std::vector<Part>& parts,
                             Correction correction, const Contact& contact) {
    const bool is_bad = std::ranges::any_of(
        parts, [](const Part& part) { return part.state == State::bad_address; });
    if (is_bad)
        audience::mark_contact_invalid(connection, contact.client, contact.number, clock_.now());
    else if (correction == Correction::address_was_bad)
        audience::mark_contact_valid(connection, contact.client, contact.number, clock_.now());
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
    const auto correction = note_word(connection, id, receipt);
    const auto parts =
        connection.list<Part>(db::queries::refs_of_message, {id}, [](const auto& row) {
            return Part{row.template get<std::string>(0), state_from(row.text(1))};
        });
    const auto wanted = state_of(parts, keys_);
    if (message->contact)
        judge_contact(connection, parts, correction, {message->client, *message->contact});
    const bool corrects = correction != Correction::none && message->state == MessageState::bounced;
    if (wanted == message->state || (!corrects && !campaigns::may_become(message->state, wanted)))
        return true;
    const std::optional next{wanted};
    db::Value reason;
    if (*next == MessageState::bounced)
        reason = receipt.reason.empty() ? std::string{name_of(receipt.state)} : receipt.reason;
    connection.execute(
        db::queries::settle_by_receipt,
        {campaigns::name_of(*next), reason, receipt.at, id, campaigns::name_of(message->state)});
    const db::Params event{id, clock_.now(), campaigns::name_of(message->state),
                           campaigns::name_of(*next), reason};
    connection.execute_batch(db::queries::insert_message_event, {event});
    campaigns::tell_of_messages(connection, {{id, *next, receipt.reason}}, clock_.now());
    if (*next == MessageState::bounced) connection.execute(db::queries::reopen_run, {message->run});
    return true;
}

}  // namespace carillon::responses

#include "scheduler/message_queue.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <unordered_map>

#include "audience/store.h"
#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/notices.h"
#include "db/queries.h"
#include "db/webhook_queries.h"

namespace carillon::scheduler {

namespace {

using campaigns::MessageState;

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};
template <class... F>
overloaded(F...) -> overloaded<F...>;

constexpr std::size_t reason_max = 190;

std::string cut(std::string_view reason) {
    return base::cut_utf8(reason, reason_max);
}

Claimed claimed_from(const db::Row& row, std::int64_t fence) {
    return {.id = row.get<base::MessageId>(0),
            .run = row.get<base::RunId>(1),
            .client = row.get<base::ClientId>(2),
            .step = row.get<int>(3),
            .channel = base::channel_kind_from(row.text(11)).value(),
            .variant = row.get<int>(4),
            .attempt = row.get<int>(5),
            .resends = row.get<int>(12),
            .contact = row.get<std::optional<int>>(6),
            .contract = row.get<std::optional<base::ContractId>>(7),
            .event = row.get<std::optional<std::int64_t>>(8),
            .due_at = row.get<base::Instant>(9),
            .send_by = row.get<std::optional<base::Instant>>(10),
            .address = row.get<std::optional<std::string>>(13).value_or(""),
            .time_zone = row.get<std::optional<std::string>>(14).value_or(""),
            .fence = fence,
            .left_provider = row.get<std::optional<std::string>>(15).value_or("")};
}

// What one settled attempt makes of its row.
struct Verdict {
    MessageState state{};
    std::string reason{};
    std::optional<base::Instant> due_at{};
    int attempts_back{};  // 1 when the attempt does not count
    bool slot_returned{};
    bool contact_invalid{};
    std::optional<std::string> left_provider{};
};

Verdict verdict_of(const Settled& settled, const channels::Deferred& deferred,
                   const RetryPolicy& policy, base::Instant now) {
    if (!deferred.consumed_attempt) {
        const auto wait = deferred.retry_after.value_or(std::chrono::seconds{30});
        return {MessageState::deferred, deferred.reason, now + wait, 1, true, false};
    }
    const auto next = next_attempt_at(policy, settled.attempt, settled.id, now);
    if (!next)
        return {MessageState::failed, "retries exhausted: " + deferred.reason, {}, 0, true, false};
    const auto earliest = deferred.retry_after ? now + *deferred.retry_after : now;
    return {MessageState::deferred, deferred.reason, std::max(*next, earliest), 0, true, false};
}

Verdict verdict_of(const Settled& settled, const RetryPolicy& policy, base::Instant now) {
    auto verdict = std::visit(
        overloaded{
            [](const channels::Accepted&) { return Verdict{.state = MessageState::accepted}; },
            [&](const channels::Deferred& deferred) {
                return verdict_of(settled, deferred, policy, now);
            },
            [](const channels::Rejected& rejected) {
                return Verdict{MessageState::failed,   rejected.reason, {}, 0, true,
                               rejected.address_is_bad};
            },
            [](const channels::Uncertain& uncertain) {
                return Verdict{MessageState::uncertain, uncertain.reason, {}, 0, false, false};
            }},
        settled.outcome);
    if (settled.grouped) verdict.reason = settled.source + ": " + verdict.reason;
    if (settled.elsewhere && verdict.state == MessageState::deferred) {
        verdict.due_at = now;
        verdict.left_provider = settled.source;
    }
    return verdict;
}

// (run, now, fewest and most crashes) of a claim.
db::Params claim_params(base::RunId run, base::Instant now, Suspects suspects) {
    switch (suspects) {
        case Suspects::no: return {run, now, 0, 0};
        case Suspects::some: return {run, now, 1, 1};
        case Suspects::alone: return {run, now, 2, crashes_max};
    }
    std::abort();
}

db::IdList take(db::Connection& connection, const db::Query& query, const db::Params& params,
                std::int64_t fence) {
    auto ids = connection.list<std::int64_t>(
        query, params, [](const db::Row& row) { return row.get<std::int64_t>(0); });
    if (!ids.empty()) connection.execute(db::queries::claim_messages, {fence, ids});
    return ids;
}

// `all`: none of them was settled before or rescued by another process.
void tell_of_accepted(db::Connection& connection, const std::vector<Settled>& settled, bool all,
                      base::Instant now) {
    db::IdList ids;
    for (const auto& one : settled)
        if (std::holds_alternative<channels::Accepted>(one.outcome)) ids.push_back(one.id.value);
    if (!all)
        ids = connection.list<std::int64_t>(
            db::queries::accepted_of, {ids},
            [](const db::Row& row) { return row.get<std::int64_t>(0); });
    std::vector<campaigns::MessageNews> news;
    news.reserve(ids.size());
    for (const auto id : ids) news.push_back({{id}, MessageState::accepted, {}});
    campaigns::tell_of_messages(connection, news, now);
}

void record_accepted(db::Connection& connection, const std::vector<Settled>& settled,
                     base::Instant now) {
    std::vector<db::Params> rows;
    std::vector<db::Params> refs;
    for (const auto& one : settled)
        if (const auto* accepted = std::get_if<channels::Accepted>(&one.outcome)) {
            rows.push_back({cut(accepted->provider_ref), now, accepted->units, one.id, one.fence});
            for (const auto& ref : accepted->receipt_refs)
                refs.push_back({one.source, ref, one.id});
        }
    if (!rows.empty()) {
        const auto matched = connection.execute_batch(db::queries::record_accepted, rows);
        tell_of_accepted(connection, settled, matched == static_cast<std::int64_t>(rows.size()),
                         now);
    }
    if (!refs.empty()) connection.execute_batch(db::queries::insert_message_refs, refs);
}

}  // namespace

std::vector<DueRun> runs_with_due(db::Connection& connection, base::Instant now) {
    return connection.list<DueRun>(db::queries::runs_with_due, {now}, [](const db::Row& row) {
        return DueRun{row.get<base::RunId>(0), row.get<base::CampaignId>(1), row.get<int>(2),
                      row.get<int>(3)};
    });
}

std::optional<base::Instant> next_due(db::Connection& connection) {
    return connection.value<std::optional<base::Instant>>(db::queries::next_due)
        .value_or(std::nullopt);
}

db::IdList claim(db::Connection& connection, base::RunId run, base::Instant now, int limit,
                 std::int64_t fence, Suspects suspects) {
    auto params = claim_params(run, now, suspects);
    params.emplace_back(limit);
    return take(connection, db::queries::due_messages, params, fence);
}

db::IdList claim(db::Connection& connection, base::RunId run, base::Instant now, int limit,
                 std::int64_t fence, Suspects suspects, base::ChannelKind channel) {
    auto params = claim_params(run, now, suspects);
    params.emplace_back(name_of(channel));
    params.emplace_back(limit);
    return take(connection, db::queries::due_messages_of_channel, params, fence);
}

std::vector<Claimed> load_claimed(db::Connection& connection, const db::IdList& ids,
                                  std::int64_t fence) {
    auto claimed =
        connection.list<Claimed>(db::queries::claimed_messages, {ids, fence},
                                 [&](const db::Row& row) { return claimed_from(row, fence); });
    // Only who may have it already may be given it again: it knows the key.
    std::unordered_map<std::int64_t, Claimed*> resends;
    db::IdList again;
    for (auto& one : claimed)
        if (one.resends > 0) {
            resends[one.id.value] = &one;
            again.push_back(one.id.value);
        }
    if (!again.empty())
        connection.select(db::queries::providers_of_messages, {again}, [&](const db::Row& row) {
            resends.at(row.get<std::int64_t>(0))->sent_by = row.get<std::string>(1);
        });
    return claimed;
}

void log_changes(db::Connection& connection, const std::vector<Change>& changes,
                 base::Instant now) {
    if (changes.empty()) return;
    std::vector<db::Params> rows;
    rows.reserve(changes.size());
    for (const auto& change : changes)
        rows.push_back(
            {change.id, now, name_of(change.from), name_of(change.to), cut(change.reason)});
    connection.execute_batch(db::queries::insert_message_event, rows);
    std::vector<campaigns::MessageNews> news;
    news.reserve(changes.size());
    for (const auto& change : changes) news.push_back({change.id, change.to, change.reason});
    campaigns::tell_of_messages(connection, news, now);
}

void release(db::Connection& connection, const db::IdList& ids, std::int64_t fence) {
    if (!ids.empty()) connection.execute(db::queries::release_messages, {ids, fence});
}

void put_off(db::Connection& connection, const db::IdList& ids, std::int64_t fence,
             base::Instant due) {
    if (!ids.empty()) connection.execute(db::queries::put_off_messages, {due, ids, fence});
}

void hold(db::Connection& connection, const db::IdList& ids, std::int64_t fence,
          std::string_view reason, base::Instant until, base::Instant now) {
    if (ids.empty()) return;
    connection.execute(db::queries::hold_messages, {cut(reason), until, ids, fence});
    std::vector<Change> changes;
    for (const auto id : ids)
        changes.push_back({{id},
                           MessageState::leased,
                           MessageState::held,
                           std::string{reason} + " until " + base::to_text(until)});
    log_changes(connection, changes, now);
}

void close(db::Connection& connection, const db::IdList& ids, std::int64_t fence,
           MessageState state, std::string_view reason, base::Instant now) {
    if (ids.empty()) return;
    connection.execute(db::queries::close_messages, {name_of(state), cut(reason), now, ids, fence});
    std::vector<Change> changes;
    for (const auto id : ids)
        changes.push_back({{id}, MessageState::leased, state, std::string{reason}});
    log_changes(connection, changes, now);
}

void record(db::Connection& connection, const std::vector<Settled>& settled,
            const RetryPolicy& policy, base::Instant now) {
    record_accepted(connection, settled, now);
    std::vector<Change> changes;
    db::IdList returned;
    for (const auto& one : settled) {
        const auto verdict = verdict_of(one, policy, now);
        if (verdict.state == MessageState::accepted) continue;
        db::Value finished;
        if (campaigns::is_settled(verdict.state)) finished = now;
        const auto matched = connection.execute(
            db::queries::record_outcome,
            {name_of(verdict.state), cut(verdict.reason), verdict.due_at, verdict.attempts_back,
             finished, verdict.left_provider, one.id, one.fence});
        if (matched == 0) continue;  // settled before, or rescued by another process
        changes.push_back({one.id, MessageState::submitting, verdict.state, verdict.reason});
        if (verdict.slot_returned) returned.push_back(one.id.value);
        if (verdict.contact_invalid && one.contact)
            audience::mark_contact_invalid(connection, one.client, *one.contact, now);
    }
    if (!returned.empty()) connection.execute(db::queries::return_ledger, {returned, returned});
    log_changes(connection, changes, now);
}

namespace {

constexpr std::string_view died = "the sending process died";
constexpr std::string_view died_before = "the sending process died before it was handed over";

// The rows of one dead dispatcher, by what they become.
struct Wreck {
    db::IdList leased{};
    db::IdList unbegun{};
    db::IdList submitting{};
    std::vector<Change> changes{};
    std::int64_t quarantined{};

    void add(const db::Row& row, const std::unordered_set<std::int64_t>* begun) {
        const auto id = row.get<base::MessageId>(0);
        const bool poison = row.get<int>(2) + 1 >= crashes_max;
        if (row.get<std::string_view>(1) != "submitting") {
            leased.push_back(id.value);
            quarantined += poison ? 1 : 0;
            changes.push_back({id, MessageState::leased,
                               poison ? MessageState::quarantined : MessageState::queued,
                               std::string{died}});
        } else if (begun != nullptr && !begun->contains(id.value)) {
            unbegun.push_back(id.value);
            changes.push_back({id, MessageState::submitting,
                               poison ? MessageState::failed : MessageState::deferred,
                               std::string{died_before}});
        } else {
            submitting.push_back(id.value);
            changes.push_back(
                {id, MessageState::submitting, MessageState::uncertain, std::string{died}});
        }
    }

    void clear_up(db::Connection& connection, base::Instant now) const {
        if (!leased.empty())
            connection.execute(db::queries::rescue_leased,
                               {crashes_max, crashes_max, crashes_max, now, leased});
        if (!unbegun.empty()) {
            connection.execute(db::queries::rescue_unbegun,
                               {crashes_max, died_before, crashes_max, now, now, unbegun});
            connection.execute(db::queries::return_ledger, {unbegun, unbegun});
        }
        if (!submitting.empty())
            connection.execute(db::queries::rescue_submitting, {died, submitting});
        log_changes(connection, changes, now);
    }
};

}  // namespace

Rescued rescue(db::Connection& connection, base::Instant now_real, base::Instant now,
               const FlightsOf& flights_of) {
    Rescued rescued;
    for (const auto& dead : dead_dispatchers(connection, now_real)) {
        // First: from here on it claims nothing that the list below would miss.
        end_dispatcher(connection, dead.id, now_real);
        // A silent process may wake up and begin with something.
        std::optional<std::unordered_set<std::int64_t>> begun;
        if (dead.gone && flights_of) begun = flights_of(dead.process);
        if (dead.gone) rescued.gone.push_back(dead.process);
        const auto range = fences_of(dead.id);
        Wreck wreck;
        connection.select(db::queries::in_flight_of_dispatcher, {range.first, range.last},
                          [&](const db::Row& row) { wreck.add(row, begun ? &*begun : nullptr); });
        wreck.clear_up(connection, now);
        rescued.requeued += static_cast<std::int64_t>(wreck.leased.size() + wreck.unbegun.size());
        rescued.uncertain += static_cast<std::int64_t>(wreck.submitting.size());
        rescued.quarantined += wreck.quarantined;
    }
    return rescued;
}

namespace {

struct Doubt {
    base::MessageId id{};
    base::Purpose purpose{};
    int resends{};
    base::ChannelKind channel{};
    std::optional<base::DocumentId> settings{};  // of the account it was given to
};

std::vector<Doubt> doubts_since(db::Connection& connection, base::RunId run, base::Instant since) {
    return connection.list<Doubt>(
        db::queries::uncertain_since, {run, since}, [](const db::Row& row) {
            Doubt doubt{row.get<base::MessageId>(0),
                        base::purposes[static_cast<std::size_t>(row.get<int>(2))],
                        row.get<int>(3),
                        base::channel_kind_from(row.get<std::string>(4)).value(),
                        {}};
            if (const auto settings = row.get<std::optional<std::int64_t>>(5))
                doubt.settings = base::DocumentId{*settings};
            return doubt;
        });
}

// Asking a provider that remembers can do no harm, and it may not remember for long: nobody waits
// for its late answer.
constexpr std::chrono::seconds lookup_patience{20};
constexpr std::string_view looked_up = "asked again: the provider knows what it has under this key";

bool may_look_up(const Doubt& doubt, base::RunId run, const RemembersKeys& remembers) {
    return doubt.settings && doubt.resends < lookups_max && remembers(run, *doubt.settings);
}

// Why it gets another attempt, in words for its log; empty: it is closed.
std::string_view next_chance(const Doubt& doubt, base::RunId run, const RemembersKeys& remembers) {
    if (may_look_up(doubt, run, remembers)) return looked_up;
    if (doubt.resends == 0 && campaigns::may_resend_uncertain(doubt.purpose, doubt.channel))
        return "one more attempt under the same key";
    return {};
}

}  // namespace

void settle_uncertain(db::Connection& connection, std::chrono::milliseconds patience,
                      base::Instant now, const RemembersKeys& remembers) {
    const auto runs =
        connection.list<std::int64_t>(db::queries::runs_with_uncertain, {},
                                      [](const db::Row& row) { return row.get<std::int64_t>(0); });
    for (const auto run : runs) {
        db::IdList closed;
        db::IdList again;
        std::vector<Change> changes;
        const auto settle = [&](const Doubt& doubt, std::string_view chance) {
            (chance.empty() ? closed : again).push_back(doubt.id.value);
            changes.push_back(
                {doubt.id, MessageState::uncertain,
                 chance.empty() ? MessageState::closed_unknown : MessageState::deferred,
                 chance.empty() ? "never resent by policy" : std::string{chance}});
        };
        const base::RunId id{run};
        std::set<std::int64_t> old;
        for (const auto& doubt : doubts_since(connection, id, now - patience)) {
            old.insert(doubt.id.value);
            settle(doubt, next_chance(doubt, id, remembers));
        }
        if (lookup_patience < patience)
            for (const auto& doubt : doubts_since(connection, id, now - lookup_patience))
                if (!old.contains(doubt.id.value) && may_look_up(doubt, id, remembers))
                    settle(doubt, looked_up);
        if (!closed.empty()) connection.execute(db::queries::close_uncertain, {now, closed});
        if (!again.empty()) connection.execute(db::queries::resend_uncertain, {now, again});
        log_changes(connection, changes, now);
    }
}

}  // namespace carillon::scheduler

#include "scheduler/call_desk.h"

#include <algorithm>

#include "audience/eligibility_sql.h"
#include "audience/store.h"
#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/notices.h"
#include "db/queries.h"

namespace carillon::scheduler {

namespace {

using base::ChannelKind;
using campaigns::MessageState;

std::string text_or_empty(const db::Row& row, int column) {
    return row.get<std::optional<std::string>>(column).value_or("");
}

// Who decides the message's state, and what it becomes.
struct Ending {
    campaigns::MessageState state{};
    std::string_view reason{};
    bool is_response{};
};

std::optional<Ending> ending_of(Disposition disposition) {
    switch (disposition) {
        case Disposition::interested: return Ending{MessageState::delivered, {}, true};
        case Disposition::refused: return Ending{MessageState::delivered, {}, true};
        case Disposition::informed: return Ending{MessageState::delivered, {}, false};
        case Disposition::do_not_call: return Ending{MessageState::delivered, {}, true};
        case Disposition::wrong_number: return Ending{MessageState::bounced, "wrong_number", false};
        case Disposition::call_back:
        case Disposition::no_answer: return std::nullopt;
    }
    std::abort();
}

// When a call must be over: a task may wait for days, but nobody is called after his hours of
// today.
std::optional<base::Instant> hours_end(const RunContext& run, const std::string& time_zone,
                                       base::Instant now) {
    const auto zones = campaigns::zones_of_client(run.policies, time_zone);
    return campaigns::allowed_until(run.windows, zones, run.calendar, now, std::nullopt);
}

}  // namespace

std::string_view name_of(Disposition disposition) {
    switch (disposition) {
        case Disposition::interested: return "interested";
        case Disposition::refused: return "refused";
        case Disposition::informed: return "informed";
        case Disposition::call_back: return "call_back";
        case Disposition::no_answer: return "no_answer";
        case Disposition::wrong_number: return "wrong_number";
        case Disposition::do_not_call: return "do_not_call";
    }
    std::abort();
}

std::optional<Disposition> disposition_from(std::string_view name) {
    const auto found = std::ranges::find_if(
        dispositions, [&](Disposition disposition) { return name_of(disposition) == name; });
    if (found == dispositions.end()) return std::nullopt;
    return *found;
}

base::Result<CallResult> read_call_result(base::MessageId message, const std::string& agent,
                                          std::string_view disposition, std::string_view note,
                                          std::string_view call_back_at) {
    const auto known = disposition_from(disposition);
    if (!known)
        return base::fail("call.disposition",
                          "'" + std::string{disposition} +
                              "' is not a disposition; expected interested, refused, informed, "
                              "call_back, no_answer, wrong_number or do_not_call",
                          "disposition");
    CallResult result{message, agent, *known, base::cut_utf8(note, 500), std::nullopt};
    if (!call_back_at.empty()) {
        const auto at = base::parse_instant(std::string{call_back_at});
        if (!at) return base::fail("call.time", at.error().detail, "call_back_at");
        result.call_back_at = *at;
    }
    return result;
}

std::vector<CallDesk::Candidate> CallDesk::candidates(db::Connection& connection,
                                                      const std::string& manager) const {
    const auto now = clock_.now();
    return connection.list<Candidate>(db::queries::call_tasks_due, {now, now, manager, manager},
                                      [](const db::Row& row) {
                                          return Candidate{row.get<base::MessageId>(0),
                                                           row.get<base::RunId>(1),
                                                           row.get<base::ClientId>(2),
                                                           row.get<int>(3),
                                                           row.get<int>(4),
                                                           row.get<int>(5),
                                                           text_or_empty(row, 6)};
                                      });
}

std::optional<CallTask> CallDesk::claim(const std::string& agent, const std::string& manager) {
    return db::in_transaction(
        database_, [&](db::Connection& connection) -> std::optional<CallTask> {
            for (const auto& candidate : candidates(connection, manager)) {
                const auto run = find_run_(connection, candidate.run);
                if (!run || !may_call(connection, *run, candidate)) continue;
                const auto now = clock_.now();
                if (connection.execute(db::queries::claim_call_task,
                                       {agent, now + settings_.lock, candidate.message, now}) == 1)
                    return load(connection, candidate.message);
            }
            return std::nullopt;
        });
}

// The last look, at the moment somebody picks up the telephone.
bool CallDesk::may_call(db::Connection& connection, const RunContext& run,
                        const Candidate& candidate) {
    if (connection.value<std::string>(db::queries::campaign_state, {run.campaign}) != "running")
        return false;
    const db::IdList ids{candidate.message.value};
    const auto eligibility = db::compose(
        db::queries::ineligible_messages, connection.engine(), {ids},
        {{"eligibility", audience::eligibility_reason_sql(ChannelKind::call, run.purpose()), {}}});
    std::string reason;
    connection.select(eligibility.query, eligibility.params,
                      [&](const db::Row& row) { reason = row.get<std::string>(1); });
    if (reason.empty() && run.still_matches) {
        const auto segment = db::compose(db::queries::messages_still_in_segment,
                                         connection.engine(), {ids}, {*run.still_matches});
        reason = "no_longer_in_segment";
        connection.select(segment.query, segment.params, [&](const db::Row&) { reason.clear(); });
        if (!reason.empty()) {
            // He has paid: a success, not a failure that another channel should make good.
            give_up(connection, candidate.message, MessageState::cancelled, reason);
            return false;
        }
    }
    if (!reason.empty()) {
        give_up(connection, candidate.message, MessageState::bounced, reason);
        return false;
    }
    const auto now = clock_.now();
    const auto zones = campaigns::zones_of_client(run.policies, candidate.time_zone);
    if (campaigns::is_allowed(run.windows, zones, run.calendar, now)) return true;
    const auto next = campaigns::next_allowed(run.windows, zones, run.calendar, now,
                                              now + campaigns::window_horizon);
    if (next)
        connection.execute(db::queries::postpone_call_task, {*next, candidate.message});
    else
        give_up(connection, candidate.message, MessageState::bounced, "quiet_hours");
    return false;
}

void CallDesk::give_up(db::Connection& connection, base::MessageId message, MessageState state,
                       const std::string& reason) {
    const auto now = clock_.now();
    connection.execute(db::queries::close_call_task, {reason, std::optional<std::string>{}, 0, now,
                                                      std::optional<std::string>{}, message});
    // What was in doubt is never cancelled: the books must not say that nobody was called.
    const auto settled =
        state == MessageState::cancelled
            ? connection.execute(db::queries::cancel_call_message, {reason, now, message})
            : connection.execute(db::queries::settle_call_message,
                                 {campaigns::name_of(state), reason, now, message});
    if (settled == 1)
        log_changes(connection, {{message, MessageState::accepted, state, reason}}, now);
}

std::optional<CallTask> CallDesk::load(db::Connection& connection, base::MessageId message) {
    base::RunId run_id;
    int step = 0;
    int variant = 0;
    auto task =
        connection.one<CallTask>(db::queries::call_task, {message}, [&](const db::Row& row) {
            run_id = row.get<base::RunId>(11);
            step = row.get<int>(13);
            variant = row.get<int>(14);
            CallTask one;
            one.message = message;
            one.state = row.get<std::string>(1);
            one.due_at = row.get<base::Instant>(2);
            one.calls = row.get<int>(3);
            one.claimed_by = text_or_empty(row, 4);
            one.disposition = text_or_empty(row, 6);
            one.note = text_or_empty(row, 7);
            one.client = row.get<std::string>(8);
            one.campaign = row.get<std::string>(9);
            one.number = text_or_empty(row, 10);
            one.time_zone = text_or_empty(row, 17);
            one.manager = text_or_empty(row, 18);
            return one;
        });
    if (!task) return task;
    const auto content =
        connection.one<Content>(db::queries::content_of_message, {message}, [](const db::Row& row) {
            return Content{row.get<base::DocumentId>(0), row.get<base::DocumentId>(1),
                           row.get<std::string>(2),      row.get<std::string>(3),
                           row.get<base::Instant>(4),    row.get<std::string>(5)};
        });
    const auto run = find_run_(connection, run_id);
    if (!run || !content) return task;
    const auto composed = composer_.recompose(run->content(step, ChannelKind::call, variant),
                                              run->definition, message, *content);
    if (!composed) return task;
    if (const auto* call = std::get_if<channels::CallPayload>(&composed->payload)) {
        task->script = call->script;
        task->name = call->client_name;
        task->not_after = hours_end(*run, task->time_zone, clock_.now());
    }
    return task;
}

std::vector<CallTask> CallDesk::list(const std::string& state, const std::string& manager,
                                     int limit) {
    auto lease = database_.read();
    std::vector<CallTask> tasks;
    for (const auto& id : lease->list<base::MessageId>(
             db::queries::call_task_ids, {state, state, manager, manager, limit},
             [](const db::Row& row) { return row.get<base::MessageId>(0); }))
        if (auto task = load(*lease, id)) tasks.push_back(std::move(*task));
    return tasks;
}

base::Result<void> CallDesk::finish(const CallResult& result,
                                    const std::optional<CallReport>& report,
                                    const std::function<void(db::Connection&)>& beside) {
    if (result.disposition == Disposition::call_back && !result.call_back_at)
        return base::fail("call.time_missing", "a call back needs the time to call at");
    return db::in_transaction(database_, [&](db::Connection& connection) -> base::Result<void> {
        struct Owner {
            base::ClientId client{};
            std::optional<int> contact{};
            base::CampaignId campaign{};
        };
        const bool repeated =
            report && connection.value<base::MessageId>(db::queries::call_result_of,
                                                        {report->source, report->external_id});
        if (repeated) return {};
        const auto task = load(connection, result.message);
        if (!task)
            return base::fail("call.unknown",
                              "there is no call task " + std::to_string(result.message.value));
        if (task->state == "closed")
            return base::fail("call.closed", "the task was closed before: " + task->disposition);
        if (task->state == "claimed" && task->claimed_by != result.agent)
            return base::fail("call.claimed_by_other",
                              "the task is in the hands of " + task->claimed_by);
        const auto owner =
            connection.one<Owner>(db::queries::call_task, {result.message}, [](const db::Row& row) {
                return Owner{row.get<base::ClientId>(12), row.get<std::optional<int>>(15),
                             row.get<base::CampaignId>(16)};
            });
        const bool is_first =
            !report ||
            connection.execute(db::queries::insert_call_result,
                               {report->source, report->external_id, result.message,
                                name_of(result.disposition), clock_.now(), report->raw}) == 1;
        if (is_first)
            apply(connection, *task, result, owner->client, owner->contact, owner->campaign);
        if (beside) beside(connection);
        return {};
    });
}

void CallDesk::apply(db::Connection& connection, const CallTask& task, const CallResult& result,
                     base::ClientId client, std::optional<int> contact, base::CampaignId campaign) {
    const auto now = clock_.now();
    auto ending = ending_of(result.disposition);
    const bool tried_enough =
        result.disposition == Disposition::no_answer && task.calls + 1 >= settings_.calls_max;
    if (tried_enough) ending = Ending{campaigns::MessageState::bounced, "no_answer", false};
    if (!ending) {
        const auto again = result.disposition == Disposition::call_back ? *result.call_back_at
                                                                        : now + settings_.retry;
        connection.execute(db::queries::reopen_call_task,
                           {name_of(result.disposition), result.note, again, result.message});
        return;
    }
    connection.execute(db::queries::close_call_task, {name_of(result.disposition), result.note, 1,
                                                      now, result.agent, result.message});
    db::Value reason;
    if (!ending->reason.empty()) reason = std::string{ending->reason};
    connection.execute(db::queries::settle_call_message,
                       {campaigns::name_of(ending->state), reason, now, result.message});
    log_changes(connection,
                {{result.message, campaigns::MessageState::accepted, ending->state,
                  std::string{name_of(result.disposition)}}},
                now);
    if (ending->is_response) {
        const auto key = std::to_string(result.message.value);
        const auto kind = name_of(result.disposition);
        if (connection.execute(
                db::queries::insert_response,
                {"call", key, client, campaign, result.message, kind, now, result.note}) == 1)
            campaigns::tell_of_response(connection, "call", key, kind, now);
    }
    if (result.disposition == Disposition::wrong_number && contact)
        audience::mark_contact_invalid(connection, client, *contact, now);
    if (result.disposition == Disposition::do_not_call)
        connection.execute_batch(db::queries::insert_suppressions,
                                 {{"client", task.client, base::name_of(ChannelKind::call), "*",
                                   "do not call", "call desk: " + result.agent, now}});
}

}  // namespace carillon::scheduler

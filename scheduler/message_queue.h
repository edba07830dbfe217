// The durable queue of messages: claim, give back, hold, close, record, rescue. Stateless wrappers
// over db/queries/queue.sql; the caller owns the transaction. A row whose state or fence is no
// longer the expected one is left alone and missing from the count: somebody else owns it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/channel_kind.h"
#include "campaigns/message_state.h"
#include "channels/channel.h"
#include "db/database.h"
#include "scheduler/dispatcher_identity.h"
#include "scheduler/retry.h"

namespace carillon::scheduler {

struct DueRun {
    base::RunId id{};
    base::CampaignId campaign{};
    int lane{};
    int priority{};
};

struct Claimed {
    base::MessageId id{};
    base::RunId run{};
    base::ClientId client{};
    int step{1};
    base::ChannelKind channel{};
    int variant{};
    int attempt{};  // finished attempts so far
    int resends{};
    std::optional<int> contact{};  // contacts.number
    std::optional<base::ContractId> contract{};
    std::optional<std::int64_t> event{};
    base::Instant due_at{};
    std::optional<base::Instant> send_by{};
    std::string address{};    // of the contact; empty when it is gone
    std::string time_zone{};  // empty: unknown
    std::int64_t fence{};
    std::string left_provider{};  // the account that deferred it just now; empty: none
    std::string sent_by{};        // of resends only: the account that may have it already
};

// Which rows a claim takes: those that were in hand at no death of a process, at one (few at a
// time), or at more (one, and no other of them in hand: the next death tells which it was).
enum class Suspects { no, some, alone };

std::vector<DueRun> runs_with_due(db::Connection& connection, base::Instant now);
std::optional<base::Instant> next_due(db::Connection& connection);

// Marks up to `limit` due rows of the run as leased under `fence` and returns their ids.
db::IdList claim(db::Connection& connection, base::RunId run, base::Instant now, int limit,
                 std::int64_t fence, Suspects suspects);
// The same of one channel only.
db::IdList claim(db::Connection& connection, base::RunId run, base::Instant now, int limit,
                 std::int64_t fence, Suspects suspects, base::ChannelKind channel);
std::vector<Claimed> load_claimed(db::Connection& connection, const db::IdList& ids,
                                  std::int64_t fence);

struct Change {
    base::MessageId id{};
    campaigns::MessageState from{};
    campaigns::MessageState to{};
    std::string reason{};
};
void log_changes(db::Connection& connection, const std::vector<Change>& changes, base::Instant now);

void release(db::Connection& connection, const db::IdList& ids, std::int64_t fence);
// Back to the queue, not before `due`.
void put_off(db::Connection& connection, const db::IdList& ids, std::int64_t fence,
             base::Instant due);
void hold(db::Connection& connection, const db::IdList& ids, std::int64_t fence,
          std::string_view reason, base::Instant until, base::Instant now);
// To a final state without having been submitted.
void close(db::Connection& connection, const db::IdList& ids, std::int64_t fence,
           campaigns::MessageState state, std::string_view reason, base::Instant now);

// What came back for a message that was submitted.
struct Settled {
    base::MessageId id{};
    std::int64_t fence{};
    int attempt{};  // the one that is settled, from 1
    base::ClientId client{};
    std::optional<int> contact{};  // of the client
    channels::Outcome outcome{};
    std::string source{};   // name of the channel settings; needed for Accepted::receipt_refs
    bool grouped{false};    // several providers: reasons name theirs
    bool elsewhere{false};  // when deferred: another provider may have it at once
};
void record(db::Connection& connection, const std::vector<Settled>& settled,
            const RetryPolicy& policy, base::Instant now);

struct Rescued {
    std::int64_t requeued{};          // leased, or not begun: nothing had been sent
    std::int64_t uncertain{};         // submitting and begun, or not told: nobody knows
    std::int64_t quarantined{};       // in hand alone at too many deaths
    std::vector<std::string> gone{};  // processes that are no more: their flights may be forgotten
};
// What a process that is gone had begun to hand over (FlightLog::read).
using FlightsOf =
    std::function<std::optional<std::unordered_set<std::int64_t>>(const std::string& process)>;
// Takes over the rows of dead dispatchers and marks these as ended.
Rescued rescue(db::Connection& connection, base::Instant now_real, base::Instant now,
               const FlightsOf& flights_of = {});

// Whether the account of a run, by its settings, answers the same key with what it has
// (channels::Channel::remembers_keys).
using RemembersKeys = std::function<bool(base::RunId run, base::DocumentId settings)>;

// Decides what becomes of rows uncertain for longer than `patience`: those of providers that
// remember are asked for again, others go by class and channel (campaigns::may_resend_uncertain).
void settle_uncertain(db::Connection& connection, std::chrono::milliseconds patience,
                      base::Instant now, const RemembersKeys& remembers);
// How often a provider that remembers is asked before its message counts as unknown for good.
inline constexpr int lookups_max = 20;

// Deaths while a row was in hand until it is set apart for a person; from the second on it is in
// hand alone.
inline constexpr int crashes_max = 4;

}  // namespace carillon::scheduler

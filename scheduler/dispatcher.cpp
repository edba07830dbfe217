#include "scheduler/dispatcher.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "db/queries.h"
#include "scheduler/submission.h"

namespace carillon::scheduler {

namespace {

constexpr int suspects_batch = 20;
// More claims than one turn can make, all its repetitions included.
constexpr std::int64_t claims_of_a_turn = 1024;

// Rows that a composer could not look at because the database was away.
bool is_composable(const Composed& composed) {
    return !composed.problem.starts_with("database: ");
}

// Which messages of the batch are `submitting` under their own claim.
std::vector<std::size_t> submitting_positions(db::Connection& connection,
                                              const ComposedBatch& batch) {
    std::map<std::int64_t, db::IdList> by_fence;
    for (const auto& composed : batch.messages)
        by_fence[composed.claimed.fence].push_back(composed.claimed.id.value);
    std::unordered_set<std::int64_t> submitting;
    for (const auto& [fence, ids] : by_fence)
        connection.select(db::queries::submitting_of_fence, {ids, fence},
                          [&](const db::Row& row) { submitting.insert(row.get<std::int64_t>(0)); });
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < batch.messages.size(); ++i)
        if (submitting.contains(batch.messages[i].claimed.id.value)) positions.push_back(i);
    return positions;
}

}  // namespace

Dispatcher::Dispatcher(db::Database& database, const base::Clock& clock,
                       const base::Clock& real_clock, const Composer& composer, ReportInbox& inbox,
                       FindRun find_run, DispatcherSettings settings)
    : database_(database),
      clock_(clock),
      real_clock_(real_clock),
      inbox_(inbox),
      find_run_(std::move(find_run)),
      settings_(settings),
      pool_(std::make_unique<ComposePool>(database, composer, inbox, settings.compose_threads)) {}

Dispatcher::~Dispatcher() = default;

bool Dispatcher::turn() {
    keep_alive();
    resolve_lost_commit();
    take_in();
    const auto now = clock_.now();
    Begun begun;
    Claims claims;
    const auto going = arrange_composed();
    const bool pending = !settled_.empty() || going > 0;
    const auto work = [&](db::Connection& connection) {
        unsure_.first = fence_ + 1;
        const bool alive = is_registered(connection, id_);
        record(connection, settled_, settings_.retry, now);
        begun = begin_composed(connection, going, now);
        claims = stopping_ || !alive ? Claims{} : claim_due(connection, now);
        if (!alive) alive_at_ = {};
    };
    try {
        db::in_transaction(database_, work);
    } catch (const db::DbError& error) {
        if (error.fault() == db::DbFault::connection_lost) {
            commit_unknown_ = true;
            unsure_.last = fence_ + 1;
        }
        throw;
    }
    finish_settled();
    const auto rest = composed_.begin() + static_cast<std::ptrdiff_t>(going);
    std::vector<ComposedBatch> gone{std::make_move_iterator(composed_.begin()),
                                    std::make_move_iterator(rest)};
    composed_.erase(composed_.begin(), rest);
    send(std::move(gone), begun);
    for (auto& job : claims.jobs) pool_->add(std::move(job));
    in_hand_ += claims.count;
    return pending || claims.count > 0;
}

// A new number whenever others took us for dead: what was claimed before is theirs.
void Dispatcher::keep_alive() {
    // Numbers run out after sixteen million claims. Here and not at the claim: that one stands in a
    // transaction, and SQLite has one writer.
    if (id_ && fence_ + claims_of_a_turn >= fences_of(id_).first + settings_.claims_max) id_ = {};
    const auto now = base::steady_now();
    if (id_ && now - alive_at_ < beat()) return;
    const bool alive =
        id_ && db::in_transaction(database_, [&](db::Connection& connection) {
            return renew_dispatcher(connection, id_, real_clock_.now(), settings_.heartbeat);
        });
    if (!alive) {
        id_ = db::in_transaction(database_, [&](db::Connection& connection) {
            return register_dispatcher(connection, real_clock_.now(), settings_.heartbeat);
        });
        fence_ = fences_of(id_).first;
    }
    alive_at_ = now;
    housekeeping();
}

Rescued Dispatcher::housekeeping() {
    return db::in_transaction(database_, [&](db::Connection& connection) {
        const auto rescued = rescue(connection, real_clock_.now(), clock_.now());
        connection.execute(db::queries::settle_call_tasks, {clock_.now()});
        settle_uncertain(connection, settings_.uncertain_patience, clock_.now());
        return rescued;
    });
}

// Answers of channels and finished compositions, moved to where a failed transaction leaves them
// for the next turn.
void Dispatcher::take_in() {
    for (auto& report : inbox_.take_reports()) {
        const auto flight = flights_.find(report.id.value);
        if (flight == flights_.end()) continue;  // answered twice
        count(report.outcome);
        settled_.push_back({report.id, flight->second.fence, flight->second.attempt,
                            flight->second.client, flight->second.contact,
                            std::move(report.outcome), flight->second.outlet->facts.name});
        flights_.erase(flight);
    }
    for (auto& batch : inbox_.take_batches()) composed_.push_back(std::move(batch));
}

int Dispatcher::room(int lane) const {
    const int window = settings_.in_flight_max + (lane == 0 ? settings_.batch : 0);
    return std::clamp(window - static_cast<int>(in_hand_), 0, settings_.batch);
}

Dispatcher::Claims Dispatcher::claim_due(db::Connection& connection, base::Instant now) {
    Claims claims;
    if (room(0) == 0) return claims;
    const auto runs = runs_with_due(connection, now);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        // Runs of the same lane and priority share a turn, so that none waits for another to end.
        const auto peers = std::ranges::count_if(runs, [&](const DueRun& other) {
            return other.lane == runs[i].lane && other.priority == runs[i].priority;
        });
        const int left = room(runs[i].lane) - static_cast<int>(claims.count);
        if (left <= 0) break;
        const int share = std::min(left, std::max(50, settings_.batch / static_cast<int>(peers)));
        const auto run = find_run_(connection, runs[i].id);
        if (!run) continue;
        const auto fence = ++fence_;
        auto ids = claim(connection, runs[i].id, now, share, fence, Suspects::no);
        if (ids.empty())
            ids = claim(connection, runs[i].id, now, suspects_batch, fence, Suspects::yes);
        if (ids.empty()) continue;
        auto claimed = load_claimed(connection, ids, fence);
        claims.count += static_cast<std::int64_t>(claimed.size());
        add_jobs(claims, run, std::move(claimed), now);
    }
    return claims;
}

void Dispatcher::add_jobs(Claims& claims, const std::shared_ptr<const RunContext>& run,
                          std::vector<Claimed> claimed, base::Instant now) {
    std::map<std::tuple<int, base::ChannelKind, int>, std::vector<Claimed>> groups;
    for (auto& one : claimed)
        groups[{one.step, one.channel, one.variant}].push_back(std::move(one));
    for (auto& [key, group] : groups) claims.jobs.push_back({run, std::move(group), now});
}

// Puts the urgent batches in front; answers how many may go now. Those that were answered make room
// before they are recorded: a crash finds them `submitting` too, but there is at most a batch of
// them.
std::size_t Dispatcher::arrange_composed() {
    if (stopping_) return composed_.size();
    std::ranges::stable_sort(composed_, {},
                             [](const ComposedBatch& batch) { return batch.run->purpose(); });
    auto submitting = flights_.size();
    std::size_t count = 0;
    for (const auto& batch : composed_) {
        const bool urgent = batch.run->purpose() == base::Purpose::transactional;
        if (!urgent && submitting >= static_cast<std::size_t>(settings_.submitting_max)) break;
        submitting += batch.messages.size();
        ++count;
    }
    return count;
}

Dispatcher::Begun Dispatcher::begin_composed(db::Connection& connection, std::size_t count,
                                             base::Instant now) {
    Begun begun;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<const Composed*> messages;
        std::vector<std::size_t> positions;
        std::map<std::int64_t, db::IdList> returned;
        const auto& batch = composed_[i].messages;
        for (std::size_t j = 0; j < batch.size(); ++j) {
            if (!is_composable(batch[j]) || stopping_) {
                returned[batch[j].claimed.fence].push_back(batch[j].claimed.id.value);
                continue;
            }
            messages.push_back(&batch[j]);
            positions.push_back(j);
        }
        for (const auto& [fence, ids] : returned) release(connection, ids, fence);
        if (messages.empty()) continue;
        auto going = begin_submission(connection, *composed_[i].run, messages, now);
        for (auto& position : going) position = positions[position];
        begun.emplace_back(i, std::move(going));
    }
    return begun;
}

// The connection broke while COMMIT was on its way: the rows tell whether it happened.
void Dispatcher::resolve_lost_commit() {
    if (!commit_unknown_) return;
    auto lease = database_.write();
    std::vector<ComposedBatch> decided;
    std::vector<ComposedBatch> undecided;
    Begun begun;
    for (auto& batch : composed_) {
        auto positions = submitting_positions(*lease, batch);
        if (positions.empty()) {
            undecided.push_back(std::move(batch));
            continue;
        }
        begun.emplace_back(decided.size(), std::move(positions));
        decided.push_back(std::move(batch));
    }
    // Claims of that transaction were never handed to a composer. Not up to the present fence: we
    // may have been taken for dead and have other numbers by now.
    for (auto fence = unsure_.first; fence < unsure_.last; ++fence)
        lease->execute(db::queries::release_fence, {fence});
    composed_ = std::move(undecided);
    commit_unknown_ = false;
    send(std::move(decided), begun);
}

// After the commit: what is `submitting` goes to its channel, everything else of the batches has
// left our hands.
void Dispatcher::send(std::vector<ComposedBatch> batches, const Begun& begun) {
    std::map<Outlet*, std::vector<channels::Message>> by_outlet;
    for (const auto& [index, positions] : begun) {
        auto& batch = batches[index];
        for (const auto position : positions) {
            auto& composed = batch.messages[position];
            const auto& claimed = composed.claimed;
            // Others take us for dead when the heartbeat stops: nothing may be begun after that.
            composed.message->deadline = alive_at_ + settings_.heartbeat - beat();
            auto* outlet =
                batch.run->content(claimed.step, claimed.channel, claimed.variant).outlet;
            flights_[claimed.id.value] = {claimed.fence, claimed.attempt + 1, claimed.client,
                                          claimed.contact, outlet};
            by_outlet[outlet].push_back(std::move(*composed.message));
        }
        counts_.submitted += static_cast<std::int64_t>(positions.size());
        in_hand_ += static_cast<std::int64_t>(positions.size());
    }
    for (const auto& batch : batches) in_hand_ -= static_cast<std::int64_t>(batch.messages.size());
    for (auto& [outlet, messages] : by_outlet) outlet->channel->send(std::move(messages));
}

void Dispatcher::finish_settled() {
    in_hand_ -= static_cast<std::int64_t>(settled_.size());
    settled_.clear();
}

void Dispatcher::count(const channels::Outcome& outcome) {
    if (std::holds_alternative<channels::Accepted>(outcome)) ++counts_.accepted;
    if (std::holds_alternative<channels::Deferred>(outcome)) ++counts_.deferred;
    if (std::holds_alternative<channels::Rejected>(outcome)) ++counts_.failed;
    if (std::holds_alternative<channels::Uncertain>(outcome)) ++counts_.uncertain;
}

void Dispatcher::stop(const std::vector<Outlet*>& outlets) {
    stopping_ = true;
    for (auto* outlet : outlets) outlet->channel->stop(settings_.stop_patience);
    const auto deadline = base::steady_now() + settings_.stop_patience;
    while (!is_idle() && base::steady_now() < deadline) {
        if (!turn()) wait(std::chrono::milliseconds{20});
    }
    // Rows still in hand are left to the rescue: it tells what was sent from what was not.
    if (!id_ || !is_idle()) return;
    db::in_transaction(database_, [&](db::Connection& connection) {
        end_dispatcher(connection, id_, real_clock_.now());
    });
}

}  // namespace carillon::scheduler

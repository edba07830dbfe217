#include "scheduler/dispatcher.h"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/text.h"
#include "db/queries.h"
#include "scheduler/submission.h"

namespace carillon::scheduler {

namespace {

constexpr int suspects_batch = 20;
// More claims than one turn can make, all its repetitions included.
constexpr std::int64_t claims_of_a_turn = 1024;
// Until what could not be given to anybody is looked at again.
constexpr std::chrono::seconds put_off_for{1};

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

HealthLine health_line(const ProviderPool& pool, const ProviderPool::Provider& provider,
                       base::Steady now) {
    return {pool.name(),
            provider.outlet->facts.name,
            pool.is_group() ? provider.health.state(now) : channels::Breaker::closed,
            provider.health.figures(now),
            provider.in_hand,
            pool.is_group() ? provider.health.reason() : std::string{}};
}

db::Params params_of(const HealthLine& line, DispatcherId dispatcher, base::Instant now) {
    constexpr std::size_t reason_max = 190;
    const auto millis = [](const std::optional<std::chrono::milliseconds>& time) {
        return time ? db::Value{std::int64_t{time->count()}} : db::Value{};
    };
    return {line.channel,
            line.provider,
            dispatcher,
            name_of(line.state),
            line.figures.answers,
            line.figures.errors,
            millis(line.figures.p50),
            millis(line.figures.p95),
            line.in_hand,
            base::cut_utf8(line.reason, reason_max),
            now};
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
      recalls_(database, find_run_, composer.keys()),
      settings_(settings),
      pool_(std::make_unique<ComposePool>(database, composer, inbox, settings.compose_threads)) {}

Dispatcher::~Dispatcher() = default;

bool Dispatcher::turn() {
    keep_alive();
    resolve_lost_commit();
    take_in();
    look_after_loner();
    look_after_slow();
    const auto now = clock_.now();
    recalls_.turn(now);
    Begun begun;
    Claims claims;
    const auto going = arrange_composed();
    const bool pending = !settled_.empty() || going > 0;
    const auto work = [&](db::Connection& connection) {
        give_back(claims);  // of a try that was rolled back
        unsure_.first = fence_ + 1;
        const bool alive = is_registered(connection, id_);
        record(connection, settled_, settings_.retry, now);
        begun = begin_composed(connection, going, now);
        if (!stopping_ && alive) claim_due(connection, now, claims);
        if (!alive) alive_at_ = {};
        keep_health(connection, now);
    };
    try {
        db::in_transaction(database_, work);
    } catch (const db::DbError& error) {
        give_back(claims);
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
            connection.execute(db::queries::forget_provider_health, {});
            return register_dispatcher(connection, real_clock_.now(), settings_.heartbeat);
        });
        health_kept_.clear();
        fence_ = fences_of(id_).first;
    }
    alive_at_ = now;
    housekeeping();
}

Rescued Dispatcher::housekeeping() {
    const auto flights_of = [&](const std::string& process) {
        return settings_.flights != nullptr ? FlightLog::read(settings_.flights->folder(), process)
                                            : std::nullopt;
    };
    const auto done = db::in_transaction(database_, [&](db::Connection& connection) {
        auto rescued = rescue(connection, real_clock_.now(), clock_.now(), flights_of);
        connection.execute(db::queries::settle_call_tasks, {clock_.now()});
        settle_uncertain(connection, settings_.uncertain_patience, clock_.now(),
                         [&](base::RunId run, base::DocumentId settings) {
                             const auto context = find_run_(connection, run);
                             return context && context->remembers_keys(settings);
                         });
        return rescued;
    });
    // Only now: a transaction that failed is done again.
    if (settings_.flights != nullptr)
        for (const auto& process : done.gone)
            FlightLog::forget(settings_.flights->folder(), process);
    return done;
}

// Answers of channels and finished compositions, moved to where a failed transaction leaves them
// for the next turn.
void Dispatcher::take_in() {
    const auto now = base::steady_now();
    for (auto& report : inbox_.take_reports()) {
        const auto flight = flights_.find(report.id.value);
        if (flight == flights_.end()) continue;  // answered twice
        count(report.outcome);
        const auto& sent = flight->second;
        sent.pool->answered(
            sent.choice, report.outcome,
            std::chrono::duration_cast<std::chrono::milliseconds>(now - sent.handed_over), now);
        settled_.push_back({report.id, sent.fence, sent.attempt, sent.client, sent.contact,
                            std::move(report.outcome),
                            sent.pool->outlet(sent.choice.provider)->facts.name,
                            sent.pool->is_group(),
                            sent.may_move && sent.pool->has_other(sent.choice.provider, now)});
        flights_.erase(flight);
        release_loner(report.id);
    }
    for (auto& batch : inbox_.take_batches()) composed_.push_back(std::move(batch));
}

Windows Dispatcher::windows(int lane) const {
    return {settings_.in_flight_max + (lane == 0 ? settings_.batch : 0), settings_.submitting_max};
}

Dispatcher::Opening Dispatcher::opening_of(const RunContext& run, int lane) {
    const auto now = base::steady_now();
    Opening opening;
    for (auto* pool : run.pools) {
        pools_.insert(pool);
        const int room = std::min(settings_.batch, pool->room(windows(lane), now));
        opening.plenty = opening.plenty && room == settings_.batch;
        if (room > 0) opening.room[pool->kind()] = std::max(opening.room[pool->kind()], room);
    }
    return opening;
}

void Dispatcher::claim_due(db::Connection& connection, base::Instant now, Claims& claims) {
    const auto runs = runs_with_due(connection, now);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        // Runs of the same lane and priority share a turn, so that none waits for another to end.
        const auto peers = std::ranges::count_if(runs, [&](const DueRun& other) {
            return other.lane == runs[i].lane && other.priority == runs[i].priority;
        });
        const int left = settings_.batch - static_cast<int>(claims.count);
        if (left <= 0) break;
        const auto run = find_run_(connection, runs[i].id);
        if (!run) continue;
        const auto opening = opening_of(*run, runs[i].lane);
        const int share = std::max(50, settings_.batch / static_cast<int>(peers));
        claim_run(connection, run, opening, std::min(left, share), claims, now);
    }
}

// All channels together while there is room for whatever comes; otherwise one by one, so that what
// is due for a provider that is full or gone keeps nothing else from being found.
void Dispatcher::claim_run(db::Connection& connection, const std::shared_ptr<const RunContext>& run,
                           const Opening& opening, int limit, Claims& claims, base::Instant now) {
    if (opening.plenty) {
        claim_some(connection, run, std::nullopt, limit, claims, now);
        return;
    }
    for (const auto& [channel, room] : opening.room) {
        // Nothing was there a moment ago: finding that out reads what is due for the others.
        auto& rests_until = barren_[{run->id.value, channel}];
        const auto steady = base::steady_now();
        if (steady < rests_until) continue;
        const int share = std::min(room, limit);
        if (!claim_some(connection, run, channel, share, claims, now) && run->pools.size() > 1)
            rests_until = steady + put_off_for;
    }
}

bool Dispatcher::claim_some(db::Connection& connection,
                            const std::shared_ptr<const RunContext>& run,
                            std::optional<base::ChannelKind> channel, int limit, Claims& claims,
                            base::Instant now) {
    const auto fence = ++fence_;
    const auto take = [&](int most, Suspects suspects) {
        return channel ? claim(connection, run->id, now, most, fence, suspects, *channel)
                       : claim(connection, run->id, now, most, fence, suspects);
    };
    auto ids = take(limit, Suspects::no);
    if (ids.empty()) ids = take(std::min(limit, suspects_batch), Suspects::some);
    if (ids.empty()) {
        if (loner_) return true;  // more of its kind may wait
        ids = take(1, Suspects::alone);
        if (ids.empty()) return false;
        loner_ = base::MessageId{ids.front()};
    }
    const auto homeless = add_jobs(claims, run, load_claimed(connection, ids, fence), now);
    put_off(connection, homeless, fence, now + put_off_for);
    for (const auto id : homeless) release_loner(base::MessageId{id});
    return true;
}

db::IdList Dispatcher::add_jobs(Claims& claims, const std::shared_ptr<const RunContext>& run,
                                std::vector<Claimed> claimed, base::Instant now) {
    using Key = std::tuple<int, base::ChannelKind, int, ProviderPool::Choice>;
    std::map<Key, ComposeJob> jobs;
    db::IdList homeless;
    const auto steady = base::steady_now();
    const auto lane = static_cast<int>(run->purpose());
    for (auto& one : claimed) {
        auto* pool = run->content(one.step, one.channel, one.variant).providers;
        const auto choice = pool->choose({one.sent_by, one.left_provider}, windows(lane), steady);
        if (!choice) {
            homeless.push_back(one.id.value);
            continue;
        }
        auto& job = jobs[{one.step, one.channel, one.variant, *choice}];
        if (job.claimed.empty())
            job = {run,
                   {},
                   {pool, *choice, pool->outlet(choice->provider), pool->left_out(steady)},
                   now};
        job.claimed.push_back(std::move(one));
        ++claims.count;
    }
    for (auto& [key, job] : jobs) claims.jobs.push_back(std::move(job));
    return homeless;
}

void Dispatcher::give_back(Claims& claims) {
    for (const auto& job : claims.jobs)
        for (const auto& claimed : job.claimed) {
            job.carrier.pool->give_back(job.carrier.choice);
            release_loner(claimed.id);
        }
    claims = {};
}

void Dispatcher::release_loner(base::MessageId id) {
    if (loner_ == id) loner_.reset();
}

// With its provider it can do us no more harm: a death from now on leaves it in doubt.
void Dispatcher::look_after_loner() {
    if (loner_ && settings_.flights != nullptr && settings_.flights->has_begun(*loner_))
        loner_.reset();
}

// Nobody answers for a provider that hangs: those who wait do. Four times a second, for it reads
// all that is out.
void Dispatcher::look_after_slow() {
    constexpr std::chrono::milliseconds pause{250};
    const auto now = base::steady_now();
    if (now - slow_looked_at_ < pause) return;
    slow_looked_at_ = now;
    std::map<std::pair<ProviderPool*, std::size_t>, std::int64_t> waiting;
    for (const auto& [id, flight] : flights_) {
        const auto patience = flight.pool->patience(flight.choice.provider);
        if (patience && now - flight.handed_over > *patience)
            ++waiting[{flight.pool, flight.choice.provider}];
    }
    for (const auto& [place, messages] : waiting) place.first->overdue(place.second, messages, now);
    for (auto* pool : pools_)
        for (const auto provider : pool->to_recall(now)) pool->outlet(provider)->channel->recall();
}

// Puts what may go now in front, urgent batches first; answers how many these are. Those that were
// answered make room before they are recorded: a crash finds them `submitting` too, but there is at
// most a batch of them. A provider that is full holds up its own batches only.
std::size_t Dispatcher::arrange_composed() {
    if (stopping_) return composed_.size();
    std::ranges::stable_sort(composed_, {},
                             [](const ComposedBatch& batch) { return batch.run->purpose(); });
    std::map<std::pair<ProviderPool*, std::size_t>, std::size_t> begun;
    std::vector<ComposedBatch> going;
    std::vector<ComposedBatch> staying;
    for (auto& batch : composed_) {
        const auto& [pool, choice, outlet, passed_over] = batch.carrier;
        auto& count = begun[{pool, choice.provider}];
        const bool urgent = batch.run->purpose() == base::Purpose::transactional;
        const bool goes = urgent || !pool->is_full(choice.provider, windows(1), count);
        if (goes) count += batch.messages.size();
        (goes ? going : staying).push_back(std::move(batch));
    }
    const auto count = going.size();
    std::ranges::move(staying, std::back_inserter(going));
    composed_ = std::move(going);
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
        const auto& carrier = composed_[i].carrier;
        const bool is_left = carrier.pool->is_left(carrier.choice, base::steady_now());
        for (std::size_t j = 0; j < batch.size(); ++j) {
            if (!is_composable(batch[j]) || stopping_ || is_left) {
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
    std::vector<std::vector<std::size_t>> positions(batches.size());
    for (const auto& [index, going] : begun) positions[index] = going;
    if (loner_) {
        // It stays the loner only when it goes to a channel that has yet to begin with it.
        for (std::size_t i = 0; i < batches.size(); ++i)
            for (std::size_t j = 0; j < batches[i].messages.size(); ++j)
                if (std::ranges::find(positions[i], j) == positions[i].end())
                    release_loner(batches[i].messages[j].claimed.id);
    }
    for (std::size_t i = 0; i < batches.size(); ++i) {
        const auto& carrier = batches[i].carrier;
        const auto stayed = batches[i].messages.size() - positions[i].size();
        for (std::size_t k = 0; k < stayed; ++k) carrier.pool->give_back(carrier.choice);
        in_hand_ -= static_cast<std::int64_t>(stayed);
        auto messages = take_off(batches[i], positions[i]);
        std::ranges::move(messages, std::back_inserter(by_outlet[carrier.outlet]));
    }
    for (auto& [outlet, messages] : by_outlet) {
        if (messages.empty()) continue;
        if (settings_.flights == nullptr || !outlet->channel->tells_beginnings())
            for (const auto& message : messages) {
                if (settings_.flights != nullptr) settings_.flights->begin(message.id);
                release_loner(message.id);
            }
        outlet->channel->send(std::move(messages));
    }
}

std::vector<channels::Message> Dispatcher::take_off(ComposedBatch& batch,
                                                    const std::vector<std::size_t>& positions) {
    std::vector<channels::Message> messages;
    const auto now = base::steady_now();
    const auto& carrier = batch.carrier;
    for (const auto position : positions) {
        auto& composed = batch.messages[position];
        const auto& claimed = composed.claimed;
        // Others take us for dead when the heartbeat stops: nothing may be begun after that.
        composed.message->deadline = alive_at_ + settings_.heartbeat - beat();
        flights_[claimed.id.value] = {claimed.fence,
                                      claimed.attempt + 1,
                                      claimed.client,
                                      claimed.contact,
                                      carrier.pool,
                                      carrier.choice,
                                      now,
                                      claimed.left_provider.empty() && claimed.resends == 0};
        carrier.pool->submitted(carrier.choice);
        messages.push_back(std::move(*composed.message));
    }
    counts_.submitted += static_cast<std::int64_t>(positions.size());
    return messages;
}

void Dispatcher::finish_settled() {
    if (settings_.flights != nullptr)
        for (const auto& settled : settled_) settings_.flights->end(settled.id);
    in_hand_ -= static_cast<std::int64_t>(settled_.size());
    settled_.clear();
}

// For people and other processes, once a second, and only while it changes.
void Dispatcher::keep_health(db::Connection& connection, base::Instant now) {
    const auto steady = base::steady_now();
    if (steady - health_kept_at_ < std::chrono::seconds{1}) return;
    health_kept_at_ = steady;
    std::vector<db::Params> rows;
    // Settings that were changed meanwhile have a pool of their own: the busier one is told of.
    std::map<std::pair<std::string, std::string>, HealthLine> busiest;
    for (const auto* pool : pools_)
        for (const auto& provider : pool->providers()) {
            auto line = health_line(*pool, provider, steady);
            auto& known = busiest[{line.channel, line.provider}];
            if (known.provider.empty() || line.figures.answers > known.figures.answers)
                known = std::move(line);
        }
    std::vector<HealthLine> lines;
    for (auto& [key, line] : busiest) lines.push_back(std::move(line));
    if (lines == health_kept_) return;
    for (const auto& line : lines) rows.push_back(params_of(line, id_, now));
    connection.execute_batch(db::queries::keep_provider_health, rows);
    health_kept_ = std::move(lines);
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
        health_kept_at_ = {};
        keep_health(connection, clock_.now());  // as it stands at the end
        end_dispatcher(connection, id_, real_clock_.now());
    });
}

}  // namespace carillon::scheduler

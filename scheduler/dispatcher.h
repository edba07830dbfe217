// The loop that sends: claim, compose, submit, hand to the channel, record. One thread owns it;
// composing and sending run beside it. Several dispatchers may work on one database.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <unordered_map>

#include "db/database.h"
#include "scheduler/compose_pool.h"
#include "scheduler/flight_log.h"
#include "scheduler/message_queue.h"
#include "scheduler/recalls.h"
#include "scheduler/report_inbox.h"

namespace carillon::scheduler {

struct DispatcherSettings {
    int batch{500};  // messages of one claim and one commit
    int compose_threads{1};
    // Of each provider: claimed, composed or with it; urgent ones get a batch more. A slow one
    // fills its own part and nobody else's.
    int in_flight_max{3000};
    // Of those, `submitting`: what a power cut leaves uncertain is never more than this and a
    // batch, for each provider. Enough to keep it busy while the next transaction runs.
    int submitting_max{1000};
    RetryPolicy retry{};
    std::chrono::milliseconds uncertain_patience{std::chrono::minutes{15}};
    std::chrono::milliseconds stop_patience{std::chrono::seconds{30}};
    std::int64_t claims_max{fences_per_dispatcher};  // then a new number; fewer in tests only
    std::chrono::seconds heartbeat{
        heartbeat_lease};  // silent for longer: the others take over our messages
    FlightLog* flights{};  // borrowed; nullptr: after a kill all that was submitting is in doubt
};

struct DispatchCounts {
    std::int64_t submitted{};
    std::int64_t accepted{};
    std::int64_t deferred{};
    std::int64_t failed{};
    std::int64_t uncertain{};
};

// What is told of one provider.
struct HealthLine {
    std::string channel{};   // the settings a campaign names
    std::string provider{};  // the account behind them
    channels::Breaker state{};
    channels::HealthFigures figures{};
    int in_hand{};
    std::string reason{};
    bool operator==(const HealthLine&) const = default;
};

// Loads what a run's messages share; nullptr with the reason logged when it cannot be loaded.
using FindRun = std::function<std::shared_ptr<const RunContext>(db::Connection&, base::RunId)>;

class Dispatcher {
public:
    // `clock` decides (it may be simulated); `real_clock` keeps heartbeats. Everything given must
    // outlive us.
    Dispatcher(db::Database& database, const base::Clock& clock, const base::Clock& real_clock,
               const Composer& composer, ReportInbox& inbox, FindRun find_run,
               DispatcherSettings settings);
    ~Dispatcher();
    Dispatcher(const Dispatcher&) = delete;
    Dispatcher& operator=(const Dispatcher&) = delete;

    // Everything that can be done now; false when nothing was. Throws DbError when the database is
    // away: call again later, nothing is lost.
    bool turn();
    // Nothing claimed, composing or in flight.
    bool is_idle() const { return in_hand_ == 0 && !recalls_.busy(); }
    void wait(std::chrono::milliseconds patience) { inbox_.wait(patience); }
    // Stops claiming, waits for what is in flight, gives back the rest, ends the heartbeat.
    void stop(const std::vector<Outlet*>& outlets);
    // Takes over the rows of dead processes and closes what has been uncertain for too long.
    Rescued housekeeping();

    const DispatchCounts& counts() const { return counts_; }

private:
    struct Flight {
        std::int64_t fence{};
        int attempt{};
        base::ClientId client{};
        std::optional<int> contact{};
        ProviderPool* pool{};
        ProviderPool::Choice choice{};
        base::Steady handed_over{};
        bool may_move{};  // to another provider at once, should this one defer it
    };
    struct Claims {
        std::vector<ComposeJob> jobs{};
        std::int64_t count{};
    };
    // How much may be claimed of a run.
    struct Opening {
        std::map<base::ChannelKind, int> room{};  // by channel; no entry: none
        bool plenty{true};                        // as much as anybody asks for, of all of them
    };
    using Begun =
        std::vector<std::pair<std::size_t, std::vector<std::size_t>>>;  // batch, positions

    void keep_alive();
    void take_in();
    void claim_due(db::Connection& connection, base::Instant now, Claims& claims);
    Opening opening_of(const RunContext& run, int lane);
    void claim_run(db::Connection& connection, const std::shared_ptr<const RunContext>& run,
                   const Opening& opening, int limit, Claims& claims, base::Instant now);
    // One claim, of all channels or of one. False: nothing was there.
    bool claim_some(db::Connection& connection, const std::shared_ptr<const RunContext>& run,
                    std::optional<base::ChannelKind> channel, int limit, Claims& claims,
                    base::Instant now);
    // Gives each message a provider; answers those that nobody may have now.
    db::IdList add_jobs(Claims& claims, const std::shared_ptr<const RunContext>& run,
                        std::vector<Claimed> claimed, base::Instant now);
    void give_back(Claims& claims);
    std::size_t arrange_composed();
    Begun begin_composed(db::Connection& connection, std::size_t count, base::Instant now);
    void resolve_lost_commit();
    void send(std::vector<ComposedBatch> batches, const Begun& begun);
    std::vector<channels::Message> take_off(ComposedBatch& batch,
                                            const std::vector<std::size_t>& positions);
    // Nobody of several deaths may be claimed while another one is in hand.
    void release_loner(base::MessageId id);
    void look_after_loner();
    // Messages that wait for a provider that is slow or gone.
    void look_after_slow();
    void finish_settled();
    void keep_health(db::Connection& connection, base::Instant now);
    Windows windows(int lane) const;
    base::Steady::duration beat() const { return settings_.heartbeat / 6; }
    void count(const channels::Outcome& outcome);

    db::Database& database_;
    const base::Clock& clock_;
    const base::Clock& real_clock_;
    ReportInbox& inbox_;
    FindRun find_run_;
    Recalls recalls_;
    DispatcherSettings settings_;
    DispatcherId id_{};
    std::int64_t fence_{};
    FenceRange unsure_{};  // claims of the transaction whose commit is unknown
    bool commit_unknown_{false};
    bool stopping_{false};
    std::int64_t in_hand_{0};
    base::Steady alive_at_{};
    std::optional<base::MessageId> loner_{};            // in hand; see Suspects::alone
    std::unordered_map<std::int64_t, Flight> flights_;  // with a channel, by message id
    std::vector<Settled> settled_;                      // answered, not yet recorded
    std::vector<ComposedBatch> composed_;               // not yet submitted
    std::set<ProviderPool*> pools_;                     // all that messages have gone through
    std::map<std::pair<std::int64_t, base::ChannelKind>, base::Steady> barren_;  // see claim_run
    base::Steady health_kept_at_{};
    base::Steady slow_looked_at_{};
    std::vector<HealthLine> health_kept_;  // as last written
    DispatchCounts counts_{};
    std::unique_ptr<ComposePool> pool_;
};

}  // namespace carillon::scheduler

// The object graph: opens what a command needs, in one place, and owns it until the command is
// over.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "app/config.h"
#include "base/doorbell.h"
#include "campaigns/campaign_store.h"
#include "channels/open.h"
#include "db/database.h"
#include "desk/channel_facts.h"
#include "desk/office.h"
#include "responses/receipts.h"
#include "scheduler/flight_log.h"
#include "scheduler/outlet.h"
#include "scheduler/report_inbox.h"
#include "scheduler/run_contexts.h"

namespace carillon::app {

using desk::facts_of;
using desk::provider_group;

// Who acts on the command line when nobody is named.
std::string user_of_the_system();

// Not thread-safe, but what database(), clock(), inbox() and events() answer is.
class Program {
public:
    Program(Config config, std::string actor);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    const Config& config() const { return config_; }
    const std::string& actor() const { return actor_; }
    const base::Clock& clock() const { return *clock_; }
    const base::Clock& real_clock() const { return real_clock_; }
    // From here on time is what the caller says.
    base::ManualClock& simulate_time(base::Instant start);

    db::Database& database();           // connects at the first call; throws DbError
    db::Database& migrated_database();  // also throws when `carillon migrate` is due
    const std::string& audit_key();     // made at the first call
    std::string instance_secret();

    scheduler::ReportInbox& inbox() { return inbox_; }
    base::Doorbell& events() { return events_; }  // rung when somebody may have told of one
    // Keeps what channels begin with; before any is opened. Sending goes on without it.
    base::Result<void> keep_flights();
    scheduler::FlightLog* flights() { return flights_.get(); }  // nullptr: not kept
    // Opened with the first channel; nullptr before.
    responses::Receipts* receipts() { return receipts_.get(); }
    // Opens the channel of these settings once; nullptr when it cannot be opened, see problem().
    scheduler::Outlet* outlet(const db::Document& channel);
    // Opens it to hear what comes, unless some version of it is open already; it gives way to the
    // version that a campaign asks for. False: see problem().
    bool listen_to(const db::Document& channel);
    std::vector<scheduler::Outlet*> outlets() const;
    // What composes for these settings, without opening the channel.
    base::Result<channels::ContentComposer> composer(const db::Document& channel);
    const std::string& problem() const { return problem_; }
    scheduler::BankIdentity bank() const;
    // A channel of its own for a few messages, beside the one that sends.
    base::Result<channels::OpenedChannel> open_apart(const db::Document& channel,
                                                     channels::OutcomeSink outcomes);
    // What messages are tried out with; `composer` outlives the answer.
    desk::Workshop workshop(const scheduler::Composer& composer);

    // A human action in one transaction with its audit entry; afterwards the checkpoint outside the
    // database moves on.
    template <class Action>
    auto act(Action&& action) {
        const auto key = audit_key();
        auto result = db::in_transaction(migrated_database(), [&](db::Connection& connection) {
            return action(campaigns::Desk{connection, key, actor_, clock_->now()});
        });
        keep_checkpoint();
        return result;
    }

    std::string state_folder() const;
    std::string data_folder() const;  // what relative paths of channels are relative to
    std::optional<db::AuditHead> checkpoint() const;
    void keep_checkpoint();  // safe from several threads

private:
    db::DatabaseSettings database_settings() const;
    base::Result<std::unique_ptr<scheduler::Outlet>> open_outlet(const db::Document& channel);
    base::Result<void> check_memory(const channels::ChannelConfig& config) const;

    Config config_;
    std::string actor_;
    base::SystemClock real_clock_;
    std::unique_ptr<base::ManualClock> simulated_;
    const base::Clock* clock_;
    std::unique_ptr<db::Database> database_;
    std::string audit_key_;
    std::mutex checkpoint_mutex_;
    scheduler::ReportInbox inbox_;
    base::Doorbell events_;
    std::unique_ptr<scheduler::FlightLog> flights_;
    std::unique_ptr<campaigns::MessageKeys> keys_;
    std::unique_ptr<responses::Receipts> receipts_;
    std::map<std::int64_t, std::unique_ptr<scheduler::Outlet>>
        outlets_;                            // by document id; die before what their sinks use
    std::set<std::int64_t> only_listening_;  // documents of outlets_ that no campaign asked for
    std::string problem_;
};

}  // namespace carillon::app

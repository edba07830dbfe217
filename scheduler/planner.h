// From schedules to message rows: fires the slots that have come, freezes their audiences chunk by
// chunk, adds the next steps after their wait. Every action is idempotent; several planners may
// work side by side.
#pragma once

#include "campaigns/campaign_store.h"
#include "db/database.h"

namespace carillon::scheduler {

struct PlannerSettings {
    std::int64_t chunk{50'000};  // client ids of one transaction
    // Real time passes: a look through a large run is not repeated before twenty times as long has
    // passed. Simulated time stands still meanwhile, so every look counts.
    bool paced{false};
};

struct PlanCounts {
    std::int64_t runs{};
    std::int64_t messages{};  // rows written, left out and control included
};

class Planner {
public:
    Planner(db::Database& database, const base::Clock& clock, PlannerSettings settings = {})
        : database_(database), clock_(clock), settings_(settings) {}

    // One round over all running campaigns; false when there was nothing to do.
    bool turn();
    // Only what has happened to clients since the last call: cheap enough for a hundred calls a
    // second. What it cannot see (an event committed out of turn, one with a delay) is found by
    // turn().
    bool answer_events();
    // Called after each chunk with rows written so far; for progress bars.
    void on_progress(std::function<void(const PlanCounts&)> callback) {
        on_progress_ = std::move(callback);
    }
    const PlanCounts& counts() const { return counts_; }
    // The next moment at which a schedule or a waiting step may have something to do; nothing when
    // all is quiet.
    std::optional<base::Instant> next_moment();

private:
    struct OpenRun {
        base::RunId id{};
        base::CampaignId campaign{};
        std::string slot{};
        base::LocalDate as_of{};
        std::int64_t planned_through{};
    };

    // One client and moment of those a campaign has not answered.
    struct Event {
        std::int64_t id{};
        std::int64_t client{};
        base::Instant at{};
    };
    struct Ended {
        base::RunId run{};
        base::CampaignId campaign{};
    };
    // A run to be made.
    struct NewRun {
        std::string slot{};
        base::LocalDate as_of{};
        base::TimeOfDay time{};
        std::optional<base::Instant> at{};  // the moment itself, where the schedule has one
        db::IdList clients{};               // the only ones it can be for; empty: all
    };

    bool listens(db::Connection& connection, const campaigns::StoredCampaign& campaign);
    bool look_for_events(const campaigns::StoredCampaign& campaign);
    bool fire_slots(const campaigns::StoredCampaign& campaign);
    std::vector<Event> waiting_events(db::Connection& connection,
                                      const campaigns::StoredCampaign& campaign,
                                      const campaigns::OnEvent& on, std::int64_t after);
    bool fire_events(const campaigns::StoredCampaign& campaign, std::int64_t after);
    bool answer_waiting(db::Connection& connection, const campaigns::StoredCampaign& campaign,
                        const campaigns::Bundle& bundle, const std::vector<Event>& waiting);
    bool create_run(db::Connection& connection, const campaigns::StoredCampaign& campaign,
                    const campaigns::Bundle& bundle, const NewRun& wanted);
    bool plan_open_runs();
    bool plan_chunk(const OpenRun& run);
    bool plan_chunk(db::Connection& connection, const OpenRun& run);
    void finish_run(db::Connection& connection, const OpenRun& run,
                    const campaigns::Bundle& bundle);
    bool plan_steps();
    bool plans_later(db::Connection& connection, base::CampaignId id);
    bool plan_step(db::Connection& connection, base::RunId run,
                   const campaigns::Definition& definition, int step);
    bool plan_steps_of(db::Connection& connection, base::RunId run, base::CampaignId campaign);
    // The next channel of the same step, for those whom the last one did not reach.
    bool plan_fallback(db::Connection& connection, base::RunId run,
                       const campaigns::Definition& definition, int step);
    void settle_runs();
    std::vector<Ended> ended_runs(db::Connection& connection);
    bool may_settle(db::Connection& connection, base::RunId run, base::CampaignId id);
    const campaigns::Bundle* bundle_of(db::Connection& connection,
                                       const campaigns::StoredCampaign& campaign);

    db::Database& database_;
    const base::Clock& clock_;
    PlannerSettings settings_;
    PlanCounts counts_{};
    std::function<void(const PlanCounts&)> on_progress_{};
    std::map<std::string, campaigns::Bundle> bundles_;  // by approved hash
    std::map<std::int64_t, base::Steady> next_look_;    // by run
    std::map<std::int64_t, base::Steady> next_settling_;
    std::map<std::int64_t, base::Steady> next_event_look_;  // by campaign
    std::int64_t newest_event_{-1};                         // seen by answer_events
};

}  // namespace carillon::scheduler

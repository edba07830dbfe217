// What is done once a day, without anybody asking: plans are held against facts, clients' figures
// are judged, the bank's picture is taken. Each part can also be asked for by a command.
#pragma once

#include <string>
#include <vector>

#include "app/program.h"
#include "audience/snapshot.h"
#include "reports/plan_check.h"

namespace carillon::app {

// The bank's calendar: its zone is the one of the newest policies.
struct BankDay {
    base::TimeZone zone{base::TimeZone::utc()};
    base::LocalDate today{};
    base::TimeOfDay time{};
    base::LeapDayRule leap_days{base::LeapDayRule::february_28};
};
BankDay bank_day(Program& program);

struct CheckedPlan {
    std::string campaign{};
    std::string manager{};
    reports::PlanComparison comparison{};
    std::string task{};  // what the manager is told now; "": nothing new
};
base::Json json_of(const CheckedPlan& plan);

// A campaign's whole report, its plan held against what happened included.
reports::Document campaign_document(Program& program, db::Connection& connection,
                                    const campaigns::StoredCampaign& campaign,
                                    const std::vector<std::string>& breakdowns,
                                    const reports::Words& words);

// The moment a plan is held against what happened, now.
reports::PlanMoment plan_moment(Program& program, const campaigns::Definition& definition);
// One campaign compared, the comparison kept for today, its owner told of what departs from the
// plan for the first time.
std::optional<CheckedPlan> check_plan(Program& program, const campaigns::StoredCampaign& campaign);

// Clients whose facts depart from their plans: a task each for their managers, once for a client,
// month and figure. Answers how many tasks there are now that were not before.
std::int64_t judge_client_figures(Program& program);

base::Result<audience::SnapshotSummary> snapshot_of(Program& program, const base::LocalDate& day);

reports::Words words_of(Program& program);  // reports.language

// Removes what [retention] says is kept no longer; answers how much of what.
base::Json retain_now(Program& program);

// Launches that nobody took back in time.
void start_due_launches(Program& program);

// Not thread-safe. Uses of the program only what may be used beside its other threads.
class DailyDuties {
public:
    DailyDuties(Program& program, bool takes_snapshots)
        : program_(program), takes_snapshots_(takes_snapshots) {}

    // Does what is due and was not done today; throws db::DbError.
    void turn();

private:
    void check_plans();

    Program& program_;
    bool takes_snapshots_;
    std::string done_on_;
};

}  // namespace carillon::app

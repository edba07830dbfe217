// A campaign's plan against what happened so far, and what its owner is told when they part. Pure.
//
// Figures that grow (reach, revenue, cost) are held against the part of the plan that is due by
// now. A campaign that fires several times by its calendar is due in as many parts, one with each
// slot; revenue and response of a slot ripen evenly over the response window. Others are due evenly
// from the first message to the campaign's last day, for revenue and response to the end of the
// response window. A figure is short when it lacks more than the limit of what is due,
// once an eighth of the time is over; it is over when it exceeds the whole plan by more than the
// limit.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "reports/campaign_report.h"
#include "reports/document.h"
#include "reports/words.h"

namespace carillon::reports {

struct PlanFigure {
    std::string figure{};  // "reach", "response", "revenue", "cost"
    double planned{};      // clients; parts of 1 for response; minor units of money
    double expected{};     // of it by now
    double fact{};
    double deviation{};  // -0.25: a quarter less than expected; 0: on its way
    bool is_beyond{};    // more than the plan allows
    std::string currency{};
};

struct PlanComparison {
    std::vector<PlanFigure> figures{};   // only what was planned
    double limit{};                      // 0.1: ten per cent
    std::vector<std::string> unknown{};  // planned, but measured in another currency

    bool is_beyond() const;
};

struct PlanMoment {
    base::Instant now{};
    std::optional<base::Instant> ends{};  // after the campaign's last day
    // All slots of the campaign's calendar from its first to its last day; empty where it has none
    // or no last day.
    std::vector<base::Instant> slots{};
};

PlanComparison compare_plan(const Facts& facts, const CampaignReport& report,
                            const PlanMoment& moment);

// "reach: 500 of 1,000 clients expected by now, 50 % less"
std::string deviation_words(const PlanFigure& figure, const Words& words);
// What the owner is told: the campaign and the figures named in `figures` with their deviation.
std::string plan_task_words(const Design& design, const PlanComparison& comparison,
                            const std::set<std::string>& figures, const Words& words);

Section plan_section(const PlanComparison& comparison, const Words& words);
base::Json to_json(const PlanComparison& comparison);

}  // namespace carillon::reports

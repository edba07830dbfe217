// A campaign as an experiment: was the split as planned, what did it add, what did that cost, and
// one score to rank campaigns by. Pure functions; formulas and sources in docs/scoring.md.
#pragma once

#include <optional>
#include <vector>

#include "reports/means.h"
#include "reports/proportions.h"

namespace carillon::reports {

// One group of a split: how many clients it has and its planned weight.
struct Arm {
    std::int64_t clients{};
    double weight{};
};

// Below this, the split is broken: chance alone does it once in a thousand campaigns.
inline constexpr double sample_ratio_limit = 0.001;

struct SampleRatio {
    double chi_squared{};
    double p_value{};
    bool broken() const { return p_value < sample_ratio_limit; }
};

// Chi-squared test of the groups' sizes against their weights (Fabijan et al. 2019).
// Lacks: nobody; no_control for fewer than two groups of positive weight.
Measured<SampleRatio> sample_ratio(const std::vector<Arm>& arms);

// Holm's step-down adjustment: in the order given, monotone, at most 1 (Holm 1979).
std::vector<double> holm(const std::vector<double>& p_values);

// Intention to treat: what all clients assigned to treatment did more than they would have done,
// reached or not. The share's (or mean's) difference and its interval times the clients.
Measured<Estimate> incremental_conversions(Count treated, Count control,
                                           double confidence = usual_confidence);
Measured<Estimate> incremental_money(const Moments& treated, const Moments& control,
                                     double confidence = usual_confidence);

// (money gained - cost) / cost. Lacks: no_cost.
Measured<Estimate> return_on_cost(const Estimate& money, double cost);

// What the score is made of; an absent part leaves its weight to the others.
struct ScoreParts {
    std::optional<Estimate> delivery{};   // share of the sent that arrived, 0 .. 1
    std::optional<Estimate> response{};   // share of the reached that responded, 0 .. 1
    std::optional<Estimate> lift{};       // difference of conversion shares, -1 .. 1
    std::optional<Estimate> return_on{};  // return on cost, -1 ..
};

struct Score {
    Estimate points{};      // 0 .. 100
    double weight_known{};  // of 1: how much of the full score was there to measure
};

// Monotone in each part; the interval by MOVER (Zou, Donner 2008). Lacks: no_control when the lift
// is not known: what a campaign changed is the greater part of its worth.
Measured<Score> effectiveness(const ScoreParts& parts);

}  // namespace carillon::reports

// Money per client and its difference between two groups. Pure functions of moments.
#pragma once

#include <cstdint>

#include "reports/measured.h"

namespace carillon::reports {

// Count, sum and sum of squares of a value over all clients of a group, those with zero included.
// Add the values in any order; groups add up. The sums are kept in twice the digits of a double:
// where values are large and lie close together, their variance would drown in rounding (the
// certified data sets NumAcc of NIST StRD).
struct Moments {
    std::int64_t count{};
    double sum{};
    double squares{};
    double sum_rest{};  // what rounding took from `sum` and `squares`
    double squares_rest{};

    double mean() const { return count == 0 ? 0.0 : (sum + sum_rest) / static_cast<double>(count); }
    double variance() const;  // with count - 1; 0 for fewer than two
    void add(double value);
    // Clients whose value is zero.
    void add_zeros(std::int64_t clients) { count += clients; }
};

struct MeanDifference {
    Estimate difference{};  // a - b, in the unit of the values
    double t{};
    double degrees{};
    double p_value{};  // two-sided
};

// Welch's t with the degrees of freedom of Satterthwaite (Welch 1947). Lacks: nobody, one_client,
// no_spread.
Measured<MeanDifference> welch(const Moments& a, const Moments& b,
                               double confidence = usual_confidence);

// One mean with Student's interval. Lacks: nobody, one_client.
Measured<Estimate> mean_of(const Moments& values, double confidence = usual_confidence);

}  // namespace carillon::reports

// Shares and their differences: intervals, tests, the sample that is needed. Pure functions of
// counts; formulas and sources in docs/scoring.md. Confidence is within (0, 1).
#pragma once

#include "reports/measured.h"

namespace carillon::reports {

// Wilson's score interval (Wilson 1927). Lacks: nobody.
Measured<Estimate> wilson(Count count, double confidence = usual_confidence);

// a - b by Newcombe's hybrid score interval (Newcombe 1998, method 10). Lacks: nobody.
Measured<Estimate> difference(Count a, Count b, double confidence = usual_confidence);

enum class TestName { z_pooled, fisher };
struct Test {
    TestName name{};
    double z{};        // of the pooled test, also beside Fisher's p
    double p_value{};  // two-sided
};

// Pooled two-proportion z test; where a cell would hold fewer than 5, p is Fisher's exact one.
// Lacks: nobody; no_spread when everybody or nobody succeeded.
Measured<Test> compare(Count a, Count b);

// a / b - 1 by the logarithm of the risk ratio (Katz et al. 1978).
// Lacks: nobody, no_successes (in either group: the logarithm has no end).
Measured<Estimate> relative_lift(Count a, Count b, double confidence = usual_confidence);

// Clients of group a that show the difference between the shares with this power (two-sided;
// Fleiss 1981, without continuity correction); group b has `ratio` times as many.
// Lacks: no_spread when the shares are equal or not within (0, 1).
Measured<double> sample_needed(double share_a, double share_b, double ratio = 1.0,
                               double power = 0.8, double confidence = usual_confidence);

// a - b, valid however often and whenever one looks: mixture sequential probability ratio test
// with a normal mixture of standard deviation `scale` (Johari, Pekelis, Walsh 2022). `scale` is
// the size of difference one plans to see and must not follow the data. Lacks: nobody.
Measured<Estimate> always_valid_difference(Count a, Count b, double scale = 0.02,
                                           double confidence = usual_confidence);

}  // namespace carillon::reports

// The distributions that the measures of this module are read from. The only door to Boost.Math.
// Pure, safe from several threads. Arguments outside the stated ranges are clamped to them.
#pragma once

#include <cstdint>

namespace carillon::reports {

double normal_below(double z);         // P(Z <= z)
double normal_quantile(double share);  // share within (0, 1)
double normal_two_sided(double z);     // P(|Z| >= |z|), exact far into the tail
double student_two_sided(double t, double degrees);
double student_quantile(double share, double degrees);
double chi_squared_above(double value, double degrees);

// Fisher's exact test of a table with fixed margins: the probability of all tables that are at
// most as likely as this one (two-sided, as in Agresti, Categorical Data Analysis, 3.5.1).
// Counts are not negative.
double fisher_two_sided(std::int64_t hits_a, std::int64_t of_a, std::int64_t hits_b,
                        std::int64_t of_b);

}  // namespace carillon::reports

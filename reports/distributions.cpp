#include "reports/distributions.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace carillon::reports {

namespace {

constexpr double share_min = 1e-300;

double clamped(double share) {
    return std::clamp(share, share_min, 1.0 - 1e-16);
}

double log_choose(std::int64_t of, std::int64_t hits) {
    const auto n = static_cast<double>(of);
    const auto k = static_cast<double>(hits);
    return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

}  // namespace

double normal_below(double z) {
    return boost::math::cdf(boost::math::normal{}, z);
}

double normal_quantile(double share) {
    return boost::math::quantile(boost::math::normal{}, clamped(share));
}

double normal_two_sided(double z) {
    return std::erfc(std::abs(z) / std::sqrt(2.0));
}

double student_two_sided(double t, double degrees) {
    const boost::math::students_t distribution{std::max(degrees, 1e-6)};
    return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)));
}

double student_quantile(double share, double degrees) {
    return boost::math::quantile(boost::math::students_t{std::max(degrees, 1e-6)}, clamped(share));
}

double chi_squared_above(double value, double degrees) {
    const boost::math::chi_squared distribution{std::max(degrees, 1e-6)};
    return boost::math::cdf(boost::math::complement(distribution, std::max(value, 0.0)));
}

double fisher_two_sided(std::int64_t hits_a, std::int64_t of_a, std::int64_t hits_b,
                        std::int64_t of_b) {
    const auto hits = hits_a + hits_b;
    const auto from = std::max<std::int64_t>(0, hits - of_b);
    const auto to = std::min(hits, of_a);
    const auto log_all = log_choose(of_a + of_b, hits);
    const auto likelihood = [&](std::int64_t x) {
        return std::exp(log_choose(of_a, x) + log_choose(of_b, hits - x) - log_all);
    };
    // Tables as likely as this one count too; the margin is for the last digits of lgamma.
    const auto limit = likelihood(hits_a) * (1 + 1e-7);
    double sum = 0;
    for (auto x = from; x <= to; ++x)
        if (const auto p = likelihood(x); p <= limit) sum += p;
    return std::min(sum, 1.0);
}

}  // namespace carillon::reports

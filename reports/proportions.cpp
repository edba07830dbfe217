#include "reports/proportions.h"

#include <algorithm>
#include <cmath>

#include "reports/distributions.h"

namespace carillon::reports {

namespace {

constexpr double cell_min = 5;  // expected count below which the normal curve is too rough

double z_of(double confidence) {
    return normal_quantile(1 - (1 - confidence) / 2);
}

double as_real(std::int64_t count) {
    return static_cast<double>(count);
}

double square(double x) {
    return x * x;
}

// The smallest expected cell of the 2 x 2 table.
double smallest_cell(Count a, Count b) {
    const auto hits = as_real(a.hits + b.hits);
    const auto all = as_real(a.of + b.of);
    return std::min(hits, all - hits) * as_real(std::min(a.of, b.of)) / all;
}

}  // namespace

Measured<Estimate> wilson(Count count, double confidence) {
    if (count.of <= 0) return lacking(Lack::nobody);
    const auto n = as_real(count.of);
    const auto p = count.share();
    const auto z = z_of(confidence);
    const auto centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    const auto half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
    // At the ends the interval touches 0 or 1 exactly; rounding must not cross it.
    return Estimate{p,
                    {count.hits == 0 ? 0.0 : std::max(0.0, centre - half),
                     count.hits == count.of ? 1.0 : std::min(1.0, centre + half)}};
}

Measured<Estimate> difference(Count a, Count b, double confidence) {
    const auto in_a = wilson(a, confidence);
    const auto in_b = wilson(b, confidence);
    if (!in_a || !in_b) return lacking(Lack::nobody);
    const auto d = in_a->value - in_b->value;
    return Estimate{d,
                    {d - std::sqrt(square(in_a->value - in_a->within.low) +
                                   square(in_b->within.high - in_b->value)),
                     d + std::sqrt(square(in_a->within.high - in_a->value) +
                                   square(in_b->value - in_b->within.low))}};
}

Measured<Test> compare(Count a, Count b) {
    if (a.of <= 0 || b.of <= 0) return lacking(Lack::nobody);
    const auto pooled = as_real(a.hits + b.hits) / as_real(a.of + b.of);
    if (a.hits + b.hits == 0 || a.hits + b.hits == a.of + b.of) return lacking(Lack::no_spread);
    const auto error = std::sqrt(pooled * (1 - pooled) * (1 / as_real(a.of) + 1 / as_real(b.of)));
    Test test{TestName::z_pooled, (a.share() - b.share()) / error, 0};
    if (smallest_cell(a, b) < cell_min) {
        test.name = TestName::fisher;
        test.p_value = fisher_two_sided(a.hits, a.of, b.hits, b.of);
    } else {
        test.p_value = normal_two_sided(test.z);
    }
    return test;
}

Measured<Estimate> relative_lift(Count a, Count b, double confidence) {
    if (a.of <= 0 || b.of <= 0) return lacking(Lack::nobody);
    if (a.hits == 0 || b.hits == 0) return lacking(Lack::no_successes);
    const auto ratio = a.share() / b.share();
    const auto error = std::sqrt(1 / as_real(a.hits) - 1 / as_real(a.of) + 1 / as_real(b.hits) -
                                 1 / as_real(b.of));
    const auto z = z_of(confidence);
    return Estimate{ratio - 1, {ratio * std::exp(-z * error) - 1, ratio * std::exp(z * error) - 1}};
}

Measured<double> sample_needed(double share_a, double share_b, double ratio, double power,
                               double confidence) {
    const auto inside = [](double share) { return share > 0 && share < 1; };
    const bool apart = std::abs(share_a - share_b) > 1e-12;
    if (!apart || ratio <= 0 || !inside(share_a) || !inside(share_b))
        return lacking(Lack::no_spread);
    const auto mean = (share_a + ratio * share_b) / (1 + ratio);
    const auto under_null = std::sqrt(mean * (1 - mean) * (1 + 1 / ratio));
    const auto under_effect = std::sqrt(share_a * (1 - share_a) + share_b * (1 - share_b) / ratio);
    const auto reach = z_of(confidence) * under_null + normal_quantile(power) * under_effect;
    return square(reach / (share_a - share_b));
}

Measured<Estimate> always_valid_difference(Count a, Count b, double scale, double confidence) {
    if (a.of <= 0 || b.of <= 0) return lacking(Lack::nobody);
    // One success and one failure more in each group: a variance of zero after the first few
    // clients would claim certainty.
    const auto variance = [](Count count) {
        const auto p = (as_real(count.hits) + 1) / (as_real(count.of) + 2);
        return p * (1 - p) / as_real(count.of);
    };
    const auto v = variance(a) + variance(b);
    const auto t = square(scale);
    const auto half =
        std::sqrt(v * (v + t) / t * (2 * std::log(1 / (1 - confidence)) + std::log((v + t) / v)));
    const auto d = a.share() - b.share();
    return Estimate{d, {std::max(-1.0, d - half), std::min(1.0, d + half)}};
}

}  // namespace carillon::reports

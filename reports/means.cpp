#include "reports/means.h"

#include <cmath>

#include "reports/distributions.h"

namespace carillon::reports {

namespace {

// Adds so that nothing is lost: what does not fit `sum` goes to `rest` (Knuth, TAOCP 2, 4.2.2).
void add_exactly(double& sum, double& rest, double value) {
    const auto total = sum + value;
    const auto part = total - sum;
    rest += (sum - (total - part)) + (value - part);
    sum = total;
}

// Below that share of the squares, a variance is what is left of rounding.
constexpr double noise = 1e-28;

}  // namespace

void Moments::add(double value) {
    ++count;
    add_exactly(sum, sum_rest, value);
    const auto square = value * value;
    add_exactly(squares, squares_rest, square);
    squares_rest += std::fma(value, value, -square);
}

double Moments::variance() const {
    if (count < 2) return 0;
    const auto n = static_cast<double>(count);
    const auto product = sum * sum;
    const auto quotient = product / n;
    const auto product_rest =
        std::fma(sum, sum, -product) + 2 * sum * sum_rest + sum_rest * sum_rest;
    const auto quotient_rest = (std::fma(-quotient, n, product) + product_rest) / n;
    const auto spread = (squares - quotient) + (squares_rest - quotient_rest);
    return spread <= squares * noise ? 0.0 : spread / (n - 1);
}

Measured<MeanDifference> welch(const Moments& a, const Moments& b, double confidence) {
    if (a.count == 0 || b.count == 0) return lacking(Lack::nobody);
    if (a.count < 2 || b.count < 2) return lacking(Lack::one_client);
    const auto n_a = static_cast<double>(a.count);
    const auto n_b = static_cast<double>(b.count);
    const auto v_a = a.variance() / n_a;
    const auto v_b = b.variance() / n_b;
    if (v_a + v_b <= 0) return lacking(Lack::no_spread);
    const auto error = std::sqrt(v_a + v_b);
    MeanDifference result;
    result.degrees = (v_a + v_b) * (v_a + v_b) / (v_a * v_a / (n_a - 1) + v_b * v_b / (n_b - 1));
    const auto d = a.mean() - b.mean();
    const auto half = student_quantile(1 - (1 - confidence) / 2, result.degrees) * error;
    result.difference = {d, {d - half, d + half}};
    result.t = d / error;
    result.p_value = student_two_sided(result.t, result.degrees);
    return result;
}

Measured<Estimate> mean_of(const Moments& values, double confidence) {
    if (values.count == 0) return lacking(Lack::nobody);
    if (values.count < 2) return lacking(Lack::one_client);
    const auto n = static_cast<double>(values.count);
    const auto half =
        student_quantile(1 - (1 - confidence) / 2, n - 1) * std::sqrt(values.variance() / n);
    return Estimate{values.mean(), {values.mean() - half, values.mean() + half}};
}

}  // namespace carillon::reports

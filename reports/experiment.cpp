#include "reports/experiment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "reports/distributions.h"

namespace carillon::reports {

namespace {

Estimate times(const Estimate& estimate, double factor) {
    return {estimate.value * factor, {estimate.within.low * factor, estimate.within.high * factor}};
}

// Half of the way to the best at `half`; 0.5 stands for "no effect".
double saturated(double value, double half) {
    return 0.5 + 0.5 * value / (std::abs(value) + half);
}

// The parts of the score: weight and how a measure becomes 0 .. 1. Steeper where a bank's usual
// campaigns differ: 5 % responses, 2 points of lift, its cost earned back once.
constexpr double response_half = 0.05;
constexpr double lift_half = 0.02;
constexpr double return_half = 1.0;

double of_delivery(double share) {
    return std::clamp(share, 0.0, 1.0);
}
double of_response(double share) {
    const auto value = std::clamp(share, 0.0, 1.0);
    return value / (value + response_half);
}
double of_lift(double points) {
    return saturated(points, lift_half);
}
double of_return(double ratio) {
    return saturated(ratio, return_half);
}

struct Part {
    const std::optional<Estimate>* measure{};
    double weight{};
    double (*worth)(double){};
};

}  // namespace

Measured<SampleRatio> sample_ratio(const std::vector<Arm>& arms) {
    double weights = 0;
    std::int64_t clients = 0;
    int groups = 0;
    for (const auto& arm : arms) {
        if (arm.weight <= 0) continue;
        weights += arm.weight;
        clients += arm.clients;
        ++groups;
    }
    if (groups < 2) return lacking(Lack::no_control);
    if (clients == 0) return lacking(Lack::nobody);
    SampleRatio ratio;
    for (const auto& arm : arms) {
        if (arm.weight <= 0) continue;
        const auto expected = static_cast<double>(clients) * arm.weight / weights;
        const auto off = static_cast<double>(arm.clients) - expected;
        ratio.chi_squared += off * off / expected;
    }
    ratio.p_value = chi_squared_above(ratio.chi_squared, groups - 1);
    return ratio;
}

std::vector<double> holm(const std::vector<double>& p_values) {
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t at) { return p_values[at]; });
    std::vector<double> adjusted(p_values.size());
    double largest = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto factor = static_cast<double>(order.size() - i);
        largest = std::max(largest, std::min(1.0, factor * p_values[order[i]]));
        adjusted[order[i]] = largest;
    }
    return adjusted;
}

Measured<Estimate> incremental_conversions(Count treated, Count control, double confidence) {
    if (control.of <= 0) return lacking(Lack::no_control);
    const auto found = difference(treated, control, confidence);
    if (!found) return lacking(found.error());
    return times(*found, static_cast<double>(treated.of));
}

Measured<Estimate> incremental_money(const Moments& treated, const Moments& control,
                                     double confidence) {
    if (control.count == 0) return lacking(Lack::no_control);
    const auto found = welch(treated, control, confidence);
    if (!found) return lacking(found.error());
    return times(found->difference, static_cast<double>(treated.count));
}

Measured<Estimate> return_on_cost(const Estimate& money, double cost) {
    if (!(cost > 0)) return lacking(Lack::no_cost);
    return Estimate{money.value / cost - 1,
                    {money.within.low / cost - 1, money.within.high / cost - 1}};
}

Measured<Score> effectiveness(const ScoreParts& parts) {
    const std::array<Part, 4> all{{{&parts.delivery, 0.2, of_delivery},
                                   {&parts.response, 0.2, of_response},
                                   {&parts.lift, 0.4, of_lift},
                                   {&parts.return_on, 0.2, of_return}}};
    if (!parts.lift) return lacking(Lack::no_control);
    Score score;
    for (const auto& part : all)
        if (*part.measure) score.weight_known += part.weight;
    double below = 0;
    double above = 0;
    for (const auto& part : all) {
        if (!*part.measure) continue;
        const auto& measure = **part.measure;
        const auto weight = 100 * part.weight / score.weight_known;
        const auto points = weight * part.worth(measure.value);
        const auto down = points - weight * part.worth(measure.within.low);
        const auto up = weight * part.worth(measure.within.high) - points;
        score.points.value += points;
        below += down * down;
        above += up * up;
    }
    score.points.within = {std::max(0.0, score.points.value - std::sqrt(below)),
                           std::min(100.0, score.points.value + std::sqrt(above))};
    return score;
}

}  // namespace carillon::reports

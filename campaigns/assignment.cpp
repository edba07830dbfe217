#include "campaigns/assignment.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace carillon::campaigns {

namespace {

// Weights 1, 1, 1 -> 3333, 6667, 10000: each border rounded by itself, so that errors do not add
// up.
std::vector<std::int64_t> borders(const std::vector<int>& weights) {
    const auto sum = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    if (sum <= 0) return {base::Draw::parts};
    std::vector<std::int64_t> below;
    std::int64_t running = 0;
    for (const int weight : weights) {
        running += weight;
        below.push_back((2 * base::Draw::parts * running + sum) / (2 * sum));
    }
    return below;
}

}  // namespace

Assignment assignment_of(std::string_view salt, int control_parts,
                         const std::vector<int>& weights) {
    const std::string prefix{salt};
    return {.control = base::draw_of(prefix + ":control"),
            .control_below = std::clamp<std::int64_t>(control_parts, 0, base::Draw::parts),
            .variant = base::draw_of(prefix + ":variant"),
            .variant_below = borders(weights)};
}

bool is_control(const Assignment& assignment, std::int64_t mix) {
    return assignment.control(mix) < assignment.control_below;
}

std::size_t variant_of(const Assignment& assignment, std::int64_t mix) {
    const auto found = std::ranges::upper_bound(assignment.variant_below, assignment.variant(mix));
    return static_cast<std::size_t>(found - assignment.variant_below.begin());
}

}  // namespace carillon::campaigns

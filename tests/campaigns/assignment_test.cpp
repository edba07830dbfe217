#include "campaigns/assignment.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

using namespace carillon;
using namespace carillon::campaigns;

namespace {

constexpr int clients = 1'000'000;

const std::vector<std::int64_t>& mixes() {
    static const auto all = [] {
        std::vector<std::int64_t> made;
        for (int i = 0; i < clients; ++i)
            made.push_back(base::mix_of("client-" + std::to_string(i)));
        return made;
    }();
    return all;
}

// Five standard deviations of a share of `n` independent draws.
double tolerance(double share, double n) {
    return 5 * std::sqrt(share * (1 - share) / n);
}

// Pearson's chi square of a two by two table, one degree of freedom; 28.4 is passed by chance once
// in ten million.
double chi_square(const std::array<double, 4>& n) {
    const double all = n[0] + n[1] + n[2] + n[3];
    const double cross = n[0] * n[3] - n[1] * n[2];
    return all * cross * cross / ((n[0] + n[1]) * (n[2] + n[3]) * (n[0] + n[2]) * (n[1] + n[3]));
}

template <class One, class Other>
double dependence(One one, Other other) {
    std::array<double, 4> table{};
    for (const auto mix : mixes()) table[(one(mix) ? 2u : 0u) + (other(mix) ? 1u : 0u)] += 1;
    return chi_square(table);
}

}  // namespace

TEST_CASE("the control group has the share it was given", "[campaigns][assignment]") {
    const auto parts = GENERATE(1, 100, 500, 1234, 5000);
    const auto assignment = assignment_of("campaign-17", parts, {});
    double in_control = 0;
    for (const auto mix : mixes()) in_control += is_control(assignment, mix) ? 1 : 0;
    const double share = parts / 10'000.0;
    CHECK(std::abs(in_control / clients - share) < tolerance(share, clients));
}

TEST_CASE("no control group and nothing but control are exact", "[campaigns][assignment]") {
    const auto none = assignment_of("c", 0, {});
    const auto all = assignment_of("c", 10'000, {});
    for (int i = 0; i < 100'000; ++i) {
        REQUIRE_FALSE(is_control(none, mixes()[static_cast<std::size_t>(i)]));
        REQUIRE(is_control(all, mixes()[static_cast<std::size_t>(i)]));
    }
}

TEST_CASE("variants are shared out by weight", "[campaigns][assignment]") {
    const auto weights = GENERATE(std::vector{1, 1}, std::vector{1, 1, 1}, std::vector{7, 2, 1},
                                  std::vector{1, 99}, std::vector{1, 1, 1, 1, 1, 1, 1});
    const auto assignment = assignment_of("campaign-18", 500, weights);
    REQUIRE(assignment.variant_below.size() == weights.size());
    CHECK(assignment.variant_below.back() == 10'000);
    std::vector<double> counts(weights.size());
    double sum = 0;
    for (const int weight : weights) sum += weight;
    for (const auto mix : mixes()) counts.at(variant_of(assignment, mix)) += 1;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double share = weights[i] / sum;
        INFO("variant " << i << " of " << weights.size());
        CHECK(std::abs(counts[i] / clients - share) < tolerance(share, clients) + 0.0001);
    }
}

TEST_CASE("borders lie where the weights say, rounded once", "[campaigns][assignment]") {
    using Borders = std::vector<std::int64_t>;
    CHECK(assignment_of("x", 0, {}).variant_below == Borders{10'000});
    CHECK(assignment_of("x", 0, {5}).variant_below == Borders{10'000});
    CHECK(assignment_of("x", 0, {1, 1}).variant_below == Borders{5'000, 10'000});
    CHECK(assignment_of("x", 0, {1, 1, 1}).variant_below == Borders{3'333, 6'667, 10'000});
    CHECK(assignment_of("x", -5, {}).control_below == 0);
    CHECK(assignment_of("x", 20'000, {}).control_below == 10'000);
}

TEST_CASE("a border belongs to the variant after it", "[campaigns][assignment]") {
    const Assignment assignment{.control = {1, 0},
                                .control_below = 500,
                                .variant = {1, 0},
                                .variant_below = {3'333, 6'667, 10'000}};
    const auto [mix, control, variant] =
        GENERATE(table<int, bool, std::size_t>({{0, true, 0u},
                                                {499, true, 0u},
                                                {500, false, 0u},
                                                {3'332, false, 0u},
                                                {3'333, false, 1u},
                                                {6'666, false, 1u},
                                                {6'667, false, 2u},
                                                {9'999, false, 2u},
                                                {10'000, true, 0u}}));
    CHECK(is_control(assignment, mix) == control);
    CHECK(variant_of(assignment, mix) == variant);
}

TEST_CASE("control and variant are drawn independently, within and between campaigns",
          "[campaigns][assignment]") {
    const auto one = assignment_of("campaign-1", 1000, {1, 1});
    const auto two = assignment_of("campaign-2", 1000, {1, 1});
    const auto control = [](const Assignment& a) {
        return [&a](std::int64_t mix) { return is_control(a, mix); };
    };
    const auto second = [](const Assignment& a) {
        return [&a](std::int64_t mix) { return variant_of(a, mix) == 1; };
    };
    CHECK(dependence(control(one), second(one)) < 28.4);
    CHECK(dependence(control(one), control(two)) < 28.4);
    CHECK(dependence(second(one), second(two)) < 28.4);
    CHECK(dependence(control(one), second(two)) < 28.4);
    CHECK(dependence(control(one), control(one)) > 1e5);  // the measure does notice dependence
}

TEST_CASE("the numbers for SQL decide as the function does", "[campaigns][assignment]") {
    const auto assignment = assignment_of("campaign-3", 777, {3, 2, 5});
    for (int i = 0; i < 100'000; ++i) {
        const auto mix = mixes()[static_cast<std::size_t>(i)];
        const auto share =
            (assignment.control.a * mix + assignment.control.b) % 2'147'483'647 % 10'000;
        REQUIRE(is_control(assignment, mix) == (share < assignment.control_below));
    }
}

TEST_CASE("an assignment is the same for the same salt and another for another",
          "[campaigns][assignment]") {
    CHECK(assignment_of("a", 500, {1, 1}) == assignment_of("a", 500, {1, 1}));
    CHECK_FALSE(assignment_of("a", 500, {1, 1}) == assignment_of("b", 500, {1, 1}));
}

// Properties and ends of the measures: no NaN for any counts, words where there is no number.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "reports/distributions.h"
#include "reports/experiment.h"

using namespace carillon::reports;

namespace {

bool is_sound(const Estimate& estimate) {
    return std::isfinite(estimate.value) && std::isfinite(estimate.within.low) &&
           std::isfinite(estimate.within.high) && estimate.within.low <= estimate.value + 1e-12 &&
           estimate.value <= estimate.within.high + 1e-12;
}

}  // namespace

TEST_CASE("no counts lead to a NaN", "[statistics]") {
    for (std::int64_t of_a = 0; of_a <= 6; ++of_a)
        for (std::int64_t of_b = 0; of_b <= 6; ++of_b)
            for (std::int64_t a = 0; a <= of_a; ++a)
                for (std::int64_t b = 0; b <= of_b; ++b) {
                    const Count left{a, of_a};
                    const Count right{b, of_b};
                    CAPTURE(a, of_a, b, of_b);
                    const auto d = difference(left, right);
                    REQUIRE(d.has_value() == (of_a > 0 && of_b > 0));
                    if (d) REQUIRE(is_sound(*d));
                    if (const auto always = always_valid_difference(left, right))
                        REQUIRE(is_sound(*always));
                    if (const auto test = compare(left, right)) {
                        REQUIRE(std::isfinite(test->z));
                        REQUIRE(test->p_value >= 0);
                        REQUIRE(test->p_value <= 1);
                    }
                    if (const auto lift = relative_lift(left, right)) REQUIRE(is_sound(*lift));
                    if (const auto needed = sample_needed(left.share(), right.share()))
                        REQUIRE(std::isfinite(*needed));
                }
}

TEST_CASE("what cannot be computed says why", "[statistics]") {
    CHECK(wilson({0, 0}).error() == Lack::nobody);
    CHECK(difference({1, 2}, {0, 0}).error() == Lack::nobody);
    CHECK(compare({5, 5}, {7, 7}).error() == Lack::no_spread);
    CHECK(compare({0, 5}, {0, 7}).error() == Lack::no_spread);
    CHECK(relative_lift({1, 5}, {0, 7}).error() == Lack::no_successes);
    CHECK(sample_needed(0.1, 0.1).error() == Lack::no_spread);
    Moments one;
    one.add(5);
    Moments flat;
    flat.add_zeros(10);
    CHECK(welch(one, flat).error() == Lack::one_client);
    CHECK(welch(flat, flat).error() == Lack::no_spread);
    CHECK(welch({}, flat).error() == Lack::nobody);
    CHECK(incremental_conversions({1, 5}, {0, 0}).error() == Lack::no_control);
    CHECK(sample_ratio({{10, 1}}).error() == Lack::no_control);
    CHECK(sample_ratio({{0, 1}, {0, 1}}).error() == Lack::nobody);
    CHECK(return_on_cost({}, 0).error() == Lack::no_cost);
    CHECK(effectiveness({}).error() == Lack::no_control);
    // However many messages arrived: without a control group nobody knows what they did.
    CHECK(effectiveness({.delivery = Estimate{1, {0.97, 1}}}).error() == Lack::no_control);
}

TEST_CASE("intervals narrow with more clients and widen with more confidence", "[statistics]") {
    double width = 2;
    for (const std::int64_t n : {10, 100, 1'000, 10'000}) {
        const auto within = difference({n / 2, n}, {n / 5, n}).value().within;
        CHECK(within.high - within.low < width);
        width = within.high - within.low;
        const auto wider = difference({n / 2, n}, {n / 5, n}, 0.99).value().within;
        CHECK(wider.high - wider.low > width);
    }
}

TEST_CASE("Holm's adjustment", "[statistics]") {
    const auto adjusted = holm({0.03, 0.01, 0.02});
    CHECK(adjusted[1] == Approx(0.03));
    CHECK(adjusted[2] == Approx(0.04));
    CHECK(adjusted[0] == Approx(0.04));  // never less than that of a smaller p
    CHECK(holm({0.6, 0.9}) == std::vector<double>{1.0, 1.0});
    CHECK(holm({}).empty());
}

TEST_CASE("looking often does not inflate the error", "[statistics][sequential]") {
    // No difference exists. Twenty looks at 250 more clients a group: the always-valid interval
    // excludes zero in at most 5 % of the campaigns; the ordinary one does in far more.
    std::mt19937_64 random{20'261'121};
    constexpr int campaigns = 2'000;
    int false_alarms = 0;
    int naive_alarms = 0;
    std::binomial_distribution<int> draw{250, 0.15};
    for (int i = 0; i < campaigns; ++i) {
        Count a;
        Count b;
        bool alarm = false;
        bool naive = false;
        for (int look = 0; look < 20; ++look) {
            a = {a.hits + draw(random), a.of + 250};
            b = {b.hits + draw(random), b.of + 250};
            const auto always = always_valid_difference(a, b).value().within;
            alarm = alarm || always.low > 0 || always.high < 0;
            naive = naive || std::abs(compare(a, b).value().z) > 1.96;
        }
        false_alarms += alarm ? 1 : 0;
        naive_alarms += naive ? 1 : 0;
    }
    CHECK(false_alarms <= campaigns * 5 / 100);
    CHECK(naive_alarms > campaigns * 15 / 100);
}

TEST_CASE("the always-valid interval still finds what is there", "[statistics][sequential]") {
    CHECK(always_valid_difference({3'894, 21'307}, {2'262, 21'306}).value().within.low > 0.06);
}

TEST_CASE("the score is monotone in each part, deterministic and within 0 to 100", "[score]") {
    std::mt19937_64 random{7};
    std::uniform_real_distribution<double> share{0, 1};
    const auto estimate = [&](double low, double high) {
        const auto value = low + (high - low) * share(random);
        const auto down = value - (value - low) * share(random);
        const auto up = value + (high - value) * share(random);
        return Estimate{value, {down, up}};
    };
    const auto raised = [](Estimate one, double by) {
        return Estimate{one.value + by, {one.within.low + by, one.within.high + by}};
    };
    for (int i = 0; i < 2'000; ++i) {
        const ScoreParts parts{estimate(0, 1), estimate(0, 1), estimate(-1, 1), estimate(-1, 9)};
        const auto score = effectiveness(parts).value();
        REQUIRE(is_sound(score.points));
        REQUIRE(score.points.within.low >= 0);
        REQUIRE(score.points.within.high <= 100);
        REQUIRE(effectiveness(parts)->points.value == score.points.value);
        for (auto member : {&ScoreParts::delivery, &ScoreParts::response, &ScoreParts::lift,
                            &ScoreParts::return_on}) {
            auto better = parts;
            better.*member = raised(*(parts.*member), 0.01);
            REQUIRE(effectiveness(better)->points.value >= score.points.value);
        }
    }
    // A part that is not known leaves its weight to the others; a wider interval widens the score.
    const ScoreParts only{{}, {}, Estimate{0.0, {-0.01, 0.01}}, {}};
    CHECK(effectiveness(only)->points.value == Approx(50));
    CHECK(effectiveness(only)->weight_known == Approx(0.4));
    const ScoreParts wide{{}, {}, Estimate{0.0, {-0.05, 0.05}}, {}};
    CHECK(effectiveness(wide)->points.within.low < effectiveness(only)->points.within.low);
}

TEST_CASE("large values that lie close together keep their variance", "[statistics]") {
    // NIST StRD, univariate summary statistics: NumAcc2, NumAcc3, NumAcc4. Certified: 0.1 each.
    const auto centre = GENERATE(1.2, 1'000'000.2, 10'000'000.2);
    Moments moments;
    moments.add(centre);
    for (int i = 0; i < 500; ++i) {
        moments.add(centre - 0.1);
        moments.add(centre + 0.1);
    }
    CHECK(moments.mean() == Approx(centre).epsilon(1e-15));
    // The values as doubles: 10000000.1 is off by up to 1e-9.
    CHECK(std::sqrt(moments.variance()) == Approx(0.1).epsilon(2e-8));
    Moments flat;
    for (int i = 0; i < 1'000; ++i) flat.add(0.1);
    CHECK(flat.variance() == 0);
    CHECK(welch(flat, flat).error() == Lack::no_spread);
}

TEST_CASE("counts of any size give sound numbers", "[statistics]") {
    constexpr std::int64_t huge = 1'000'000'000'000;
    for (const auto& [a, b] :
         {std::pair{Count{huge / 2, huge}, Count{huge / 2 - 1'000'000, huge}},
          std::pair{Count{huge, huge}, Count{huge - 1, huge}},
          std::pair{Count{0, huge}, Count{3, huge}}, std::pair{Count{1, 1}, Count{0, huge}},
          std::pair{Count{1, 1}, Count{0, 1}}}) {
        CAPTURE(a.hits, a.of, b.hits, b.of);
        CHECK(is_sound(*difference(a, b)));
        CHECK(is_sound(*always_valid_difference(a, b)));
        const auto test = compare(a, b);
        REQUIRE(test);
        CHECK(test->p_value >= 0);
        CHECK(test->p_value <= 1);
    }
}

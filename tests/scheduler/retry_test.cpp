#include "scheduler/retry.h"

#include <catch2/catch.hpp>
#include <set>

using namespace carillon::scheduler;
using namespace std::chrono_literals;
using carillon::base::Instant;

TEST_CASE("retry delays double, are capped and end", "[scheduler]") {
    const RetryPolicy policy{.attempts_max = 5, .first_delay = 60s, .delay_max = 300s};
    const auto [attempt, delay] =
        GENERATE(table<int, std::chrono::seconds>({{1, 60s}, {2, 120s}, {3, 240s}, {4, 300s}}));
    const auto next = next_attempt_at(policy, attempt, {7}, Instant{});
    REQUIRE(next);
    CHECK(*next - Instant{} >= delay * 8 / 10);
    CHECK(*next - Instant{} <= delay * 12 / 10);
    CHECK_FALSE(next_attempt_at(policy, 5, {7}, Instant{}));
}

TEST_CASE("retries of many messages are spread, and each is the same when asked again",
          "[scheduler]") {
    std::set<Instant> instants;
    for (int id = 1; id <= 1000; ++id) {
        const auto next = next_attempt_at({}, 1, {id}, Instant{});
        CHECK(next == next_attempt_at({}, 1, {id}, Instant{}));
        instants.insert(*next);
    }
    CHECK(instants.size() > 300);
}

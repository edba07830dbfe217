// How long a receiver that failed is left alone.
#include <catch2/catch.hpp>

#include "scheduler/webhook_sender.h"

using namespace carillon::scheduler;
using namespace std::chrono_literals;

TEST_CASE("pauses double from half to whole, up to the longest", "[webhook]") {
    const WebhookPolicy policy{.first_delay = 4s, .delay_max = 60s};
    CHECK(webhook_delay(policy, 1, 0.0) == 2s);
    CHECK(webhook_delay(policy, 1, 1.0) == 4s);
    CHECK(webhook_delay(policy, 2, 0.5) == 6s);
    CHECK(webhook_delay(policy, 4, 1.0) == 32s);
    CHECK(webhook_delay(policy, 5, 1.0) == 60s);
    CHECK(webhook_delay(policy, 1'000'000, 0.0) == 30s);
}

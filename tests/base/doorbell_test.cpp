#include "base/doorbell.h"

#include <catch2/catch.hpp>
#include <thread>

#include "base/clock.h"

using namespace carillon;
using namespace std::chrono_literals;

TEST_CASE("a ring while nobody waits is kept for the next wait, once") {
    base::Doorbell bell;
    bell.ring();
    bell.ring();
    CHECK(bell.wait(1min));  // would hold up the test
    CHECK_FALSE(bell.wait(1ms));
}

TEST_CASE("whoever waits is woken by a ring") {
    base::Doorbell bell;
    std::jthread ringer{[&] {
        std::this_thread::sleep_for(20ms);
        bell.ring();
    }};
    const auto begun = base::steady_now();
    CHECK(bell.wait(1min));
    CHECK(base::steady_now() - begun < 30s);
}

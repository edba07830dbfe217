#include "channels/channel_requests.h"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

Message message_of(std::int64_t id) {
    Message message;
    message.id.value = id;
    return message;
}

struct Asked {
    int wakes{0};
    std::vector<Report> reports{};
    ChannelRequests requests{[this] { ++wakes; },
                             [this](std::vector<Report> batch) {
                                 for (auto& report : batch) reports.push_back(std::move(report));
                             }};
};

}  // namespace

TEST_CASE("what is asked is taken once, and wakes the channel", "[channels][requests]") {
    Asked asked;
    asked.requests.send({message_of(1)});
    asked.requests.send({message_of(2), message_of(3)});
    asked.requests.recall();
    CHECK(asked.wakes == 3);

    const auto taken = asked.requests.take();
    REQUIRE(taken.messages.size() == 3);
    CHECK(taken.messages[0].id.value == 1);
    CHECK(taken.messages[2].id.value == 3);
    CHECK(taken.recalled);
    CHECK_FALSE(taken.stop_by);

    const auto again = asked.requests.take();
    CHECK(again.messages.empty());
    CHECK_FALSE(again.recalled);
    CHECK(asked.reports.empty());
}

TEST_CASE("of several ends the earliest counts, and it stays", "[channels][requests]") {
    Asked asked;
    const auto before = base::steady_now();
    asked.requests.stop(1h);
    asked.requests.stop(10ms);
    asked.requests.stop(2h);
    for (int turn = 0; turn < 2; ++turn) {
        const auto by = asked.requests.take().stop_by;
        REQUIRE(by);
        CHECK(*by < before + 1h);
    }
}

TEST_CASE("a channel ends only with nothing to take, and then gives all back",
          "[channels][requests]") {
    Asked asked;
    asked.requests.send({message_of(1)});
    CHECK_FALSE(asked.requests.end());
    asked.requests.send({message_of(2)});
    CHECK(asked.requests.take().messages.size() == 2);
    CHECK(asked.requests.end());

    asked.requests.send({message_of(3)});
    CHECK(asked.requests.take().messages.empty());
    REQUIRE(asked.reports.size() == 1);
    CHECK(asked.reports[0].id.value == 3);
    const auto* deferred = std::get_if<Deferred>(&asked.reports[0].outcome);
    REQUIRE(deferred != nullptr);
    CHECK_FALSE(deferred->consumed_attempt);
}

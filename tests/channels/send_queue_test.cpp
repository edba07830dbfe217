#include "channels/send_queue.h"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

const base::Steady start{1h};

Message message_of(std::int64_t id, base::Purpose purpose,
                   const std::string& to = "a@client.test") {
    Message message;
    message.id.value = id;
    message.to = to;
    message.purpose = purpose;
    return message;
}

std::int64_t taken(SendQueue& queue, Lane lane, base::Steady now) {
    const auto message = queue.take(lane, now);
    return message ? message->id.value : 0;
}

}  // namespace

TEST_CASE("messages leave by urgency, and in order within it", "[channels][queue]") {
    SendQueue queue{{}};
    std::vector<Report> reports;
    std::int64_t id = 0;
    for (const auto purpose :
         {base::Purpose::marketing, base::Purpose::debt, base::Purpose::service,
          base::Purpose::transactional, base::Purpose::marketing})
        queue.add(message_of(++id, purpose), start, reports);
    for (const std::int64_t expected : {4, 3, 2, 1, 5, 0})
        CHECK(taken(queue, Lane::any, start) == expected);
    CHECK(reports.empty());
}

TEST_CASE("what is taken is told as begun, what is called back is not", "[channels][queue]") {
    std::vector<std::int64_t> begun;
    SendQueue queue{{}, [&](base::MessageId id) { begun.push_back(id.value); }};
    std::vector<Report> reports;
    for (const std::int64_t id : {1, 2, 3, 4})
        queue.add(message_of(id, base::Purpose::debt), start, reports);
    CHECK(taken(queue, Lane::any, start) == 1);
    CHECK(taken(queue, Lane::any, start) == 2);
    queue.defer_all(given_away(), reports);
    CHECK(begun == std::vector<std::int64_t>{1, 2});
    REQUIRE(reports.size() == 2);
    const auto& given = std::get<Deferred>(reports.front().outcome);
    CHECK_FALSE(given.consumed_attempt);
    CHECK(given.provider_is_well);
    CHECK(taken(queue, Lane::any, start) == 0);
}

TEST_CASE("the urgent lane never carries bulk", "[channels][queue]") {
    SendQueue queue{{}};
    std::vector<Report> reports;
    queue.add(message_of(1, base::Purpose::marketing), start, reports);
    queue.add(message_of(2, base::Purpose::debt), start, reports);
    queue.add(message_of(3, base::Purpose::service), start, reports);
    CHECK(queue.ready(Lane::urgent, start) == 1);
    CHECK(taken(queue, Lane::urgent, start) == 3);
    CHECK(taken(queue, Lane::urgent, start) == 0);
    CHECK(queue.ready(Lane::any, start) == 2);
}

TEST_CASE("the rate of the channel holds over ten seconds", "[channels][queue]") {
    const double rate = GENERATE(1.0, 20.0, 300.0);
    SendQueue queue{{.rate_per_second = rate}};
    std::vector<Report> reports;
    std::size_t sent = 0;
    std::int64_t id = 0;
    for (auto now = start; now < start + 10s; now += 1ms) {
        if (queue.size() < 2) queue.add(message_of(++id, base::Purpose::marketing), now, reports);
        while (queue.take(Lane::any, now)) ++sent;
    }
    CHECK(static_cast<double>(sent) <= rate * 10 + rate * 0.1 + 1);
    CHECK(static_cast<double>(sent) >= rate * 10 - 1);
}

TEST_CASE("what the rate would hold too long is given back with a time", "[channels][queue]") {
    SendQueue queue{{.rate_per_second = 10, .patience = 3s}};
    std::vector<Report> reports;
    for (std::int64_t id = 1; id <= 100; ++id)
        queue.add(message_of(id, base::Purpose::marketing), start, reports);
    CHECK(queue.size() == 31);
    REQUIRE(reports.size() == 69);
    const auto& deferred = std::get<Deferred>(reports[0].outcome);
    CHECK_FALSE(deferred.consumed_attempt);
    CHECK(deferred.retry_after > 3s);
    queue.add(message_of(1000, base::Purpose::transactional), start, reports);
    CHECK(reports.size() == 69);
    CHECK(taken(queue, Lane::any, start) == 1000);
}

TEST_CASE("a slow domain holds up nobody else", "[channels][queue]") {
    SendQueue queue{
        {.domain_rates = {.per_second = {{"slow.test", 1}}, .otherwise = 0}, .patience = 3s}};
    std::vector<Report> reports;
    for (std::int64_t id = 1; id <= 10; ++id)
        queue.add(message_of(id, base::Purpose::marketing, "x@slow.test"), start, reports);
    queue.add(message_of(11, base::Purpose::marketing), start, reports);
    CHECK(reports.size() == 6);  // one at once, three within the patience
    CHECK(taken(queue, Lane::any, start) == 1);
    CHECK(taken(queue, Lane::any, start) == 11);
    CHECK(taken(queue, Lane::any, start) == 0);
    CHECK(queue.wakes_at(start) == start + 1s);
    CHECK(taken(queue, Lane::any, start + 1s) == 2);
    CHECK(taken(queue, Lane::any, start + 1s) == 0);
    CHECK(taken(queue, Lane::any, start + 2s) == 3);
    CHECK(taken(queue, Lane::any, start + 3s) == 4);
    CHECK(queue.wakes_at(start + 3s) == base::Steady::max());
}

TEST_CASE("limits of ten thousand domains do not pile up", "[channels][queue]") {
    DomainLimits limits{{.per_second = {}, .otherwise = 100}};
    auto now = start;
    for (int i = 0; i < 100'000; ++i) {
        now += 1ms;
        auto* limit = limits.of("d" + std::to_string(i) + ".test", now);
        REQUIRE(limit != nullptr);
        limit->take(now);
    }
    CHECK(limits.size() < 3000);
}

TEST_CASE("giving everything back leaves nothing behind", "[channels][queue]") {
    SendQueue queue{{.domain_rates = {.per_second = {{"slow.test", 1}}, .otherwise = 0}}};
    std::vector<Report> reports;
    for (std::int64_t id = 1; id <= 3; ++id)
        queue.add(message_of(id, base::Purpose::debt, "x@slow.test"), start, reports);
    queue.defer_all({.reason = "stop"}, reports);
    CHECK(reports.size() == 3);
    CHECK(queue.size() == 0);
    CHECK(queue.wakes_at(start) == base::Steady::max());
}

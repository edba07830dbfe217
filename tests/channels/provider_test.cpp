// Which provider takes the next message, and when one is left: tables and properties.
#include <catch2/catch.hpp>
#include <random>

#include "channels/provider_choice.h"
#include "channels/provider_group.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::chrono_literals;

namespace {

const base::Steady start{1'000'000s};

std::vector<std::string> problems_of(const char* json) {
    const auto group = parse_provider_group(base::Json::parse(json).value());
    std::vector<std::string> texts;
    if (!group)
        for (const auto& problem : group.error())
            texts.push_back(problem.place + " " + problem.code);
    return texts;
}

// Health with `good` and `bad` answers that have just come.
ProviderHealth after(int good, int bad, HealthRules rules = {}) {
    ProviderHealth health{rules};
    for (int i = 0; i < good + bad; ++i)
        health.answered(i >= good, 10ms, health.take(start), start);
    return health;
}

}  // namespace

TEST_CASE("a provider is left when more answers were errors than allowed", "[providers]") {
    struct Row {
        int good;
        int bad;
        double share_max;
        Breaker expected;
    };
    const auto row = GENERATE(values<Row>({{20, 0, 0.5, Breaker::closed},
                                           {0, 19, 0.5, Breaker::closed},  // too few to judge
                                           {0, 20, 0.5, Breaker::open},
                                           {10, 10, 0.5, Breaker::closed},
                                           {10, 11, 0.5, Breaker::open},
                                           {99, 1, 0.0, Breaker::open},
                                           {0, 500, 1.0, Breaker::closed}}));
    CAPTURE(row.good, row.bad, row.share_max);
    const auto health = after(row.good, row.bad, {.error_share_max = row.share_max});
    CHECK(health.state(start) == row.expected);
    CHECK(health.may_take(start) == (row.expected == Breaker::closed));
    CHECK(health.reason().empty() == (row.expected == Breaker::closed));
}

TEST_CASE("the breaker: open, half-open with its probes, closed or open again", "[providers]") {
    auto health = after(0, 20, {.open_for = 30s, .probes = 2});
    CHECK(health.reason() == "20 of 20 answers in 60 s were errors");
    CHECK(health.state(start + 29s) == Breaker::open);
    const auto later = start + 30s;
    CHECK(health.state(later) == Breaker::half_open);
    CHECK(health.takes(later) == 2);
    CHECK(health.take(later));
    CHECK(health.take(later));
    CHECK_FALSE(health.may_take(later));

    SECTION("all probes pass: closed, and the errors before are forgotten") {
        health.answered(false, 10ms, true, later);
        CHECK(health.state(later) == Breaker::half_open);
        health.answered(false, 10ms, true, later);
        CHECK(health.state(later) == Breaker::closed);
        CHECK(health.figures(later).answers == 0);
        CHECK(health.reason().empty());
    }
    SECTION("one fails: open for the whole time again") {
        health.answered(false, 10ms, true, later);
        health.answered(true, 10ms, true, later + 1s);
        CHECK(health.reason() == "the probe failed");
        CHECK(health.state(later + 30s) == Breaker::open);
        CHECK(health.state(later + 31s) == Breaker::half_open);
        CHECK(health.takes(later + 31s) == 2);
    }
    SECTION("a probe that never went makes room for another") {
        health.give_back(true);
        CHECK(health.takes(later) == 1);
    }
    SECTION("late answers to messages of before decide nothing") {
        for (int i = 0; i < 50; ++i) health.answered(i % 2 == 0, 10ms, false, later);
        CHECK(health.state(later) == Breaker::half_open);
    }
}

TEST_CASE("what has left the window does not count", "[providers]") {
    auto health = after(0, 19);
    CHECK(health.figures(start).answers == 19);
    CHECK(health.figures(start + 54s).answers == 19);
    CHECK(health.figures(start + 61s).answers == 0);
    health.answered(true, 10ms, false, start + 61s);
    CHECK(health.state(start + 61s) == Breaker::closed);
}

TEST_CASE("a provider is left when it is slow, where a limit is set", "[providers]") {
    for (const bool limited : {false, true}) {
        ProviderHealth health{{.latency_max = limited ? std::optional{2000ms} : std::nullopt}};
        for (int i = 0; i < 100; ++i) health.answered(false, i < 90 ? 20ms : 5000ms, false, start);
        CHECK(health.state(start) == (limited ? Breaker::open : Breaker::closed));
        const auto figures = health.figures(start);
        CHECK(figures.p50 >= 20ms);
        CHECK(figures.p50 < 25ms);
        CHECK(figures.p95 >= 5000ms);
        CHECK(figures.p95 < 6000ms);
    }
}

TEST_CASE("a provider that hangs is left by those who wait", "[providers]") {
    ProviderHealth health{{.answers_min = 10, .latency_max = 1s, .open_for = 30s}};
    health.overdue(9, start);
    CHECK(health.state(start) == Breaker::closed);  // too few to judge
    health.overdue(10, start);
    CHECK(health.state(start) == Breaker::open);
    CHECK(health.reason() == "10 messages wait longer than 1 s for an answer");
    // They still wait when it is half-open: only probes decide then.
    health.overdue(10, start + 30s);
    CHECK(health.state(start + 30s) == Breaker::half_open);
    ProviderHealth patient{{.answers_min = 10}};
    patient.overdue(1000, start);
    CHECK(patient.state(start) == Breaker::closed);
}

TEST_CASE("what counts against a provider, and what is the message's own", "[providers]") {
    struct Row {
        Outcome outcome;
        bool ill;
    };
    const std::vector<Row> rows{
        {Accepted{"250 ok"}, false},
        {Rejected{"550 5.1.1 unknown", true}, false},
        {Uncertain{"no answer"}, true},
        {Deferred{"connection refused", false, 1s}, true},
        {Deferred{"throttled", false, 1s}, true},
        {Deferred{.reason = "greylisted", .provider_is_well = true}, false}};
    for (const auto& row : rows) CHECK(is_ill(row.outcome) == row.ill);
}

TEST_CASE("shares are the weights, exactly, and nobody waits long", "[providers]") {
    std::mt19937 random{20261122};
    for (int round = 0; round < 200; ++round) {
        std::vector<int> weights(1 + random() % 6);
        for (auto& weight : weights) weight = static_cast<int>(1 + random() % 9);
        std::vector<bool> candidates(weights.size());
        int sum = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            candidates[i] = random() % 4 != 0;
            if (candidates[i]) sum += weights[i];
        }
        ProviderChoice choice{weights};
        if (sum == 0) {
            CHECK_FALSE(choice.next(candidates));
            continue;
        }
        std::vector<int> taken(weights.size());
        for (int n = 1; n <= 5 * sum; ++n) {
            const auto next = choice.next(candidates);
            REQUIRE(next);
            REQUIRE(candidates[*next]);
            ++taken[*next];
            for (std::size_t i = 0; i < weights.size(); ++i) {
                if (!candidates[i]) continue;
                // Never more than its share of one round away from what is due.
                const double due = static_cast<double>(n) * weights[i] / sum;
                REQUIRE(std::abs(taken[i] - due) <= static_cast<double>(weights[i]));
                if (n % sum == 0) REQUIRE(taken[i] == n / sum * weights[i]);
            }
        }
    }
}

TEST_CASE("shares return after any absence", "[providers]") {
    std::mt19937 random{7};
    ProviderChoice choice{{5, 3, 1}};
    for (int round = 0; round < 50; ++round) {
        for (std::size_t n = random() % 40; n > 0; --n)
            choice.next({random() % 2 == 0, random() % 2 == 0, true});
        std::vector<int> taken(3);
        for (int n = 0; n < 900; ++n) ++taken[*choice.next({true, true, true})];
        CHECK(std::abs(taken[0] - 500) <= 9);
        CHECK(std::abs(taken[1] - 300) <= 9);
        CHECK(std::abs(taken[2] - 100) <= 9);
    }
}

TEST_CASE("a group of providers from JSON", "[providers]") {
    const auto group =
        parse_provider_group(base::Json::parse(R"({"name":"sms","kind":"sms","providers":[
            {"account":"sms-a","weight":3},{"account":"sms-b"}],
            "health":{"window_seconds":10,"error_share_max":0.2,"answers_min":5,
                      "latency_max_seconds":1.5,"open_seconds":0.5,"probes":3}})")
                                 .value());
    REQUIRE(group);
    CHECK(group->kind == base::ChannelKind::sms);
    CHECK(group->providers == std::vector<WeightedAccount>{{"sms-a", 3}, {"sms-b", 1}});
    CHECK(group->health == HealthRules{10s, 0.2, 5, 1500ms, 500ms, 3});

    using Texts = std::vector<std::string>;
    CHECK(problems_of(R"({"name":"x","kind":"pigeon","providers":[]})") ==
          Texts{"$.kind channel.kind_unknown", "$.providers channel.providers_count"});
    CHECK(problems_of(R"({"name":"x","kind":"sms","providers":[{"account":"x"}]})") ==
          Texts{"$.providers[0].account channel.provider_is_group"});
    CHECK(
        problems_of(R"({"name":"x","kind":"sms","providers":[{"account":"a"},{"account":"a"}]})") ==
        Texts{"$.providers[1].account channel.provider_twice"});
    CHECK(problems_of(
              R"({"name":"x","kind":"sms","providers":[{"account":"a","weight":0,"wieght":1}]})")
              .size() == 2);
    CHECK(problems_of(
              R"({"name":"x","kind":"sms","providers":[{"account":"a"}],"health":{"probes":0}})")
              .size() == 1);
}

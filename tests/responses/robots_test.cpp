// Rules over facts: each alone, and that the order of arrival of others does not matter.
#include <catch2/catch.hpp>

#include "responses/robots.h"
#include "responses/tracking.h"

using namespace carillon;
using namespace carillon::responses;
using namespace std::chrono_literals;

namespace {

const base::Instant noon = base::from_millis(1'800'000'000'000);

TrackingFact click(std::int64_t message, int link, std::chrono::milliseconds after) {
    return {.id = message * 100 + link,
            .message = {message},
            .link_template = {7},
            .link = link,
            .at = noon + after,
            .method = "GET",
            .network = "203.0.113.0/24",
            .agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",
            .submitted_at = noon - 1h,
            .message_template = base::DocumentId{7}};
}

}  // namespace

TEST_CASE("a person is a person") {
    auto open = click(1, 0, 0ms);
    open.link_template = {};
    CHECK(judge({open, click(1, 1, 10s), click(1, 2, 20s)}, {}) ==
          std::vector<std::string_view>{"person", "person", "person"});
}

TEST_CASE("each rule finds its robot") {
    auto head = click(1, 1, 0ms);
    head.method = "HEAD";
    auto scanner = click(2, 1, 0ms);
    scanner.agent = "Barracuda Sentinel (EE)";
    auto nameless = click(3, 1, 0ms);
    nameless.agent = "";
    auto soon = click(4, 1, 0ms);
    soon.submitted_at = noon - 1s;
    auto other = click(5, 1, 0ms);
    other.message_template = base::DocumentId{8};
    CHECK(judge({head, scanner, nameless, soon, other}, {}) ==
          std::vector<std::string_view>{"head", "agent", "agent", "soon", "mismatch"});
}

TEST_CASE("several links of one message at once are a scanner's, the first one too") {
    CHECK(judge({click(1, 1, 0ms), click(1, 2, 900ms), click(1, 3, 1900ms), click(1, 1, 1h)}, {}) ==
          std::vector<std::string_view>{"burst", "burst", "burst", "person"});
    CHECK(judge({click(1, 1, 0ms), click(1, 2, 1s), click(1, 3, 2100ms)}, {})[0] == "person");
    CHECK(judge({click(1, 1, 0ms), click(1, 1, 100ms), click(1, 1, 200ms)}, {})[2] == "person");
}

TEST_CASE("clicks on many messages from one network at once are a gateway's") {
    std::vector<TrackingFact> facts;
    for (int i = 0; i < 20; ++i) facts.push_back(click(i + 1, 1, i * 2s));
    CHECK(judge(facts, {}) == std::vector<std::string_view>(20, "network"));
    facts[3].network = "198.51.100.0/24";
    CHECK(judge(facts, {}) == std::vector<std::string_view>(20, "person"));
    for (auto& fact : facts) fact.link = 0;  // proxies show pictures to many people
    facts[3].network = facts[4].network;
    CHECK(judge(facts, {}) == std::vector<std::string_view>(20, "person"));
}

TEST_CASE("agents") {
    CHECK(is_robot_agent("curl/7.88.1"));
    CHECK(is_robot_agent("Mozilla/5.0 (compatible; Googlebot/2.1)"));
    CHECK_FALSE(is_robot_agent("Mozilla/5.0 (via ggpht.com GoogleImageProxy)"));
    CHECK_FALSE(is_robot_agent("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"));
}

TEST_CASE("addresses are cut to their networks") {
    CHECK(network_of("203.0.113.9") == "203.0.113.0/24");
    CHECK(network_of("2001:db8:1:2::3") == "2001:db8:1::/48");
    CHECK(network_of("not an address").empty());
}

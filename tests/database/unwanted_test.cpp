// A question nobody waits for any more is stopped where it runs.
#include <catch2/catch.hpp>

#include <thread>

#include "db/time_limit.h"
#include "tests/support/test_database.h"

using namespace carillon;
using namespace std::chrono_literals;

namespace {

constexpr auto stopped_within = 60s;  // generous: the other way would be stopped_never
constexpr auto stopped_never = 600s;

const db::DynamicQuery endless{
    "endless",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000000) "
    "SELECT COUNT(*) FROM n a"};

void let_it_be_endless(db::Connection& connection) {
    if (connection.engine() == db::Engine::mariadb)
        connection.run_script("test", "SET SESSION max_recursive_iterations = 4294967295;");
}

}  // namespace

TEST_CASE("a question is stopped once nobody waits for it, and the connection stays good", "[db]") {
    tests::TestDatabase database{GENERATE(from_range(tests::engines_under_test()))};
    auto lease = database->read();
    let_it_be_endless(*lease);
    std::atomic<bool> gone{false};
    std::atomic<bool> asked{false};
    const auto started = base::steady_now();
    {
        const db::TimeLimit limit{*lease, stopped_never, [&] {
                                      asked = true;
                                      return gone.load();
                                  }};
        CHECK(lease->value<std::int64_t>(db::DynamicQuery{"one", "SELECT 1"}) == 1);
        // It goes on as long as somebody waits: `asked` came before it was stopped.
        std::jthread leaves{[&] {
            while (!asked) std::this_thread::sleep_for(10ms);
            gone = true;
        }};
        CHECK_THROWS_AS(lease->value<std::int64_t>(endless), db::TooSlow);
        // What else would be asked for him is not done either.
        CHECK_THROWS_AS(lease->value<std::int64_t>(endless), db::TooSlow);
    }
    CHECK(base::steady_now() - started < stopped_within);
    for (int i = 0; i < 20; ++i)
        CHECK(lease->value<std::int64_t>(db::DynamicQuery{"two", "SELECT 2"}) == 2);
}

TEST_CASE("control: as long as somebody waits, only the limit stops a question", "[db]") {
    tests::TestDatabase database{GENERATE(from_range(tests::engines_under_test()))};
    auto lease = database->read();
    let_it_be_endless(*lease);
    const auto started = base::steady_now();
    {
        const db::TimeLimit limit{*lease, 1500ms, [] { return false; }};
        CHECK_THROWS_AS(lease->value<std::int64_t>(endless), db::TooSlow);
    }
    CHECK(base::steady_now() - started >= 1500ms);
    CHECK(lease->value<std::int64_t>(db::DynamicQuery{"two", "SELECT 2"}) == 2);
}

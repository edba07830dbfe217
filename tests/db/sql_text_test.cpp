#include "db/sql_text.h"

#include <catch2/catch.hpp>

#include "db/error.h"

using namespace carillon::db;

TEST_CASE("a list becomes as many marks as the next power of two", "[db]") {
    const Params params{IdList{7, 8, 9}, "x"};
    const auto flat = flatten("q", "SELECT 1 WHERE id IN (?*) AND name = ?", params);
    CHECK(flat.sql == "SELECT 1 WHERE id IN (?,?,?,?) AND name = ?");
    REQUIRE(flat.values.size() == 5);
    CHECK(std::get<std::int64_t>(flat.values[3]->data()) == 9);
}

TEST_CASE("a question mark inside quotes is text", "[db]") {
    const auto flat = flatten("q", "SELECT '?', \"?\" WHERE a = ?", {1});
    CHECK(flat.values.size() == 1);
}

TEST_CASE("a group is repeated for each row", "[db]") {
    const std::vector<Params> rows{{1, "a"}, {2, "b"}};
    const auto flat =
        flatten_rows("q", "INSERT INTO t VALUES [[(?, ?)]] ON CONFLICT DO NOTHING", rows);
    CHECK(flat.sql == "INSERT INTO t VALUES (?, ?),(?, ?) ON CONFLICT DO NOTHING");
    CHECK(flat.values.size() == 4);
}

TEST_CASE("too few, too many or wrongly shaped parameters name the query", "[db]") {
    CHECK_THROWS_AS(flatten("q", "SELECT ?", {}), DbError);
    CHECK_THROWS_AS(flatten("q", "SELECT ?", {1, 2}), DbError);
    CHECK_THROWS_AS(flatten("q", "SELECT ?", {IdList{1}}), DbError);
    CHECK_THROWS_WITH(flatten("named", "SELECT (?*)", {1}), Catch::Contains("named"));
}

TEST_CASE("chunks are powers of two below the limits", "[db]") {
    CHECK(chunk_size(1337, 3, 512) == 512);
    CHECK(chunk_size(313, 3, 512) == 256);
    CHECK(chunk_size(1, 3, 512) == 1);
    CHECK(chunk_size(512, 1000, 512) == 32);
}

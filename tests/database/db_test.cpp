// Both engines behind the same interface: values, lists, batches, transactions, documents,
// migrations.
#include <catch2/catch.hpp>
#include <thread>

#include "db/api_queries.h"
#include "db/documents.h"
#include "db/event_queries.h"
#include "db/picture_queries.h"
#include "db/progress_queries.h"
#include "db/queries.h"
#include "db/webhook_queries.h"
#include "tests/support/test_database.h"

using namespace carillon;
using carillon::tests::TestDatabase;

namespace {

constexpr db::Query insert_thing{"insert_thing",
                                 "INSERT INTO things (id, note, weight) VALUES [[(?, ?, ?)]]",
                                 "INSERT INTO things (id, note, weight) VALUES [[(?, ?, ?)]]"};
constexpr db::Query count_things{"count_things", "SELECT COUNT(*) FROM things",
                                 "SELECT COUNT(*) FROM things"};
constexpr db::Query things_in{"things_in",
                              "SELECT id, note, weight FROM things WHERE id IN (?*) ORDER BY id",
                              "SELECT id, note, weight FROM things WHERE id IN (?*) ORDER BY id"};

void create_things(db::Database& database) {
    database.write()->run_script(
        "things", "CREATE TABLE things (id BIGINT PRIMARY KEY, note VARCHAR(100), weight DOUBLE);");
}

}  // namespace

TEST_CASE("values go in and come back as they were", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    create_things(*database);
    const std::string odd{"Ёлка 🌲 'quoted' \\ a\0b", 27};
    auto lease = database->write();
    lease->execute_batch(insert_thing,
                         {{std::int64_t{1} << 40, odd, 1.5}, {2, std::nullopt, std::nullopt}});

    std::vector<std::string> notes;
    lease->select(things_in, {db::IdList{2, std::int64_t{1} << 40}}, [&](const db::Row& row) {
        notes.push_back(row.get<std::optional<std::string>>("note").value_or("NULL"));
        if (row.get<std::int64_t>("id") != 2) CHECK(row.get<double>("weight") == 1.5);
    });
    CHECK(notes == std::vector<std::string>{"NULL", odd});
}

TEST_CASE("asking a NULL for a plain value names query and column", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    create_things(*database);
    auto lease = database->write();
    lease->execute_batch(insert_thing, {{1, std::nullopt, 2.0}});
    const auto read = [&] {
        lease->select(things_in, {db::IdList{1}},
                      [](const db::Row& row) { row.get<std::string>("note"); });
    };
    CHECK_THROWS_WITH(read(), Catch::Contains("things_in") && Catch::Contains("note"));
}

TEST_CASE("an empty list matches nothing and a long one matches all", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    create_things(*database);
    auto lease = database->write();
    std::vector<db::Params> rows;
    db::IdList ids;
    for (int i = 0; i < 1337; ++i) {
        rows.push_back({i, "n", 0.5});
        ids.push_back(i);
    }
    CHECK(lease->execute_batch(insert_thing, rows) == 1337);
    const auto count = [&](const db::IdList& list) {
        return lease
            ->list<int>(things_in, {list}, [](const db::Row& row) { return row.get<int>(0); })
            .size();
    };
    CHECK(count({}) == 0);
    CHECK(count(ids) == 1337);
}

TEST_CASE("a transaction that is not committed leaves nothing", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    create_things(*database);
    {
        auto lease = database->write();
        db::Transaction transaction{*lease};
        lease->execute_batch(insert_thing, {{1, "a", 1.0}});
    }
    CHECK(database->read()->value<int>(count_things) == 0);
    {
        auto lease = database->write();
        db::Transaction transaction{*lease};
        lease->execute_batch(insert_thing, {{1, "a", 1.0}});
        transaction.commit();
    }
    CHECK(database->read()->value<int>(count_things) == 1);
}

TEST_CASE("a second row with the same key is told apart from other faults", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    create_things(*database);
    auto lease = database->write();
    lease->execute_batch(insert_thing, {{1, "a", 1.0}});
    try {
        lease->execute_batch(insert_thing, {{1, "b", 1.0}});
        FAIL("the duplicate was taken");
    } catch (const db::DbError& error) {
        CHECK(error.fault() == db::DbFault::duplicate);
    }
}

TEST_CASE("writers on several threads take turns and lose nothing", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    create_things(*database);
    std::vector<std::thread> threads;
    for (int worker = 0; worker < 4; ++worker)
        threads.emplace_back([&, worker] {
            for (int i = 0; i < 50; ++i)
                db::in_transaction(*database, [&](db::Connection& connection) {
                    connection.execute_batch(insert_thing, {{worker * 1000 + i, "w", 0.0}});
                });
        });
    for (auto& thread : threads) thread.join();
    CHECK(database->read()->value<int>(count_things) == 200);
}

TEST_CASE("every named query can be prepared on the migrated schema", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    auto lease = database->write();
    std::vector<const db::Query*> all{std::begin(db::queries::all), std::end(db::queries::all) - 1};
    all.insert(all.end(), std::begin(db::queries::all_of_api_queries),
               std::end(db::queries::all_of_api_queries) - 1);
    all.insert(all.end(), std::begin(db::queries::all_of_webhook_queries),
               std::end(db::queries::all_of_webhook_queries) - 1);
    all.insert(all.end(), std::begin(db::queries::all_of_event_queries),
               std::end(db::queries::all_of_event_queries) - 1);
    all.insert(all.end(), std::begin(db::queries::all_of_picture_queries),
               std::end(db::queries::all_of_picture_queries) - 1);
    all.insert(all.end(), std::begin(db::queries::all_of_progress_queries),
               std::end(db::queries::all_of_progress_queries) - 1);
    for (const auto* query : all) {
        INFO(query->name);
        std::string sql{query->text(engine)};
        for (const std::string_view mark : {"[[", "]]"})
            if (const auto at = sql.find(mark); at != std::string::npos) sql.erase(at, 2);
        // What is filled in at run time: joins, columns, and expressions.
        const bool is_waterfall = std::string_view{query->name} == "segment_waterfall";
        for (auto open = sql.find('{'); open != std::string::npos; open = sql.find('{')) {
            const auto size = sql.find('}', open) - open + 1;
            const auto mark = sql.substr(open, size);
            const bool is_join = mark == "{contacts}" || (mark == "{contact}" && is_waterfall);
            sql.replace(open, size,
                        is_join               ? "LEFT JOIN contacts k ON k.client_id = c.id"
                        : mark == "{columns}" ? "NULL AS reason_1"
                                              : "NULL");
        }
        while (sql.find("?*") != std::string::npos) sql.erase(sql.find("?*") + 1, 1);
        if (engine == db::Engine::sqlite) {
            // EXPLAIN compiles without running; parameters stay NULL.
            const auto marks = std::count(sql.begin(), sql.end(), '?');
            CHECK_NOTHROW(lease->select(db::DynamicQuery{"explain", "EXPLAIN " + sql},
                                        db::Params(static_cast<std::size_t>(marks)),
                                        [](const db::Row&) {}));
        } else {
            std::string quoted = "PREPARE checked FROM '";
            for (const char c : sql) quoted += c == '\'' ? std::string{"''"} : std::string{c};
            CHECK_NOTHROW(lease->run_script("prepare", quoted + "';"));
        }
    }
}

TEST_CASE("migrating twice changes nothing", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    CHECK(database->is_migrated());
    CHECK(database->migrate().empty());
}

TEST_CASE("the same document applied twice stays one version", "[db]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    const auto apply = [&](const char* text) {
        return db::in_transaction(*database, [&](db::Connection& connection) {
            return db::apply_document(connection, "segment", "all", *base::Json::parse(text), "ann",
                                      {});
        });
    };
    CHECK(apply(R"({"b":1,"a":2})").changed);
    CHECK_FALSE(apply(R"({"a":2, "b":1})").changed);
    const auto second = apply(R"({"a":3})");
    CHECK(second.changed);
    CHECK(second.document.version == 2);
    CHECK(apply(R"({"a":2,"b":1})").document.version == 3);
}

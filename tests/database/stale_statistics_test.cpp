// What MariaDB believes of its tables is wrong for some seconds after rows came in by the thousand.
// The queries that go over a whole campaign must not depend on it: they drive from the campaign's
// messages, by the index of runs, and reach everything else by a key.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "db/progress_queries.h"
#include "tests/support/small_campaign.h"

using namespace carillon;
using namespace carillon::tests;

namespace {

std::vector<const db::Query*> questions() {
    return {&db::queries::report_messages,
            &db::queries::report_clients,
            &db::queries::report_client_column,
            &db::queries::report_attribute,
            &db::queries::report_products,
            &db::queries::report_segments,
            &db::queries::desk_progress,
            &db::queries::desk_next_due,
            &db::queries::desk_failures,
            &db::queries::desk_failure_samples,
            &db::queries::failed_since,
            &db::queries::sent_since,
            &db::queries::commonest_failure,
            &db::queries::progress_sent_since,
            &db::queries::carried_by_provider,
            &db::queries::runs_with_due,
            &db::queries::runs_with_uncertain,
            &db::queries::runs_not_adding_up,
            &db::queries::control_that_was_sent,
            &db::queries::sent_without_slot,
            &db::queries::accepted_without_submission,
            &db::queries::settled_runs_with_open,
            &db::queries::resent_against_policy};
}

// Any values will do: only the way is asked for.
db::Params some_values(std::string_view text) {
    return db::Params(static_cast<std::size_t>(std::ranges::count(text, '?')), db::Value{1});
}

// Each table of the database looks so large, and each value of an index so frequent.
void pretend(SmallCampaign& small, std::int64_t messages, std::int64_t others) {
    small.sql("DELETE FROM mysql.table_stats WHERE db_name = DATABASE()");
    small.sql("DELETE FROM mysql.index_stats WHERE db_name = DATABASE()");
    small.sql(
        "INSERT INTO mysql.table_stats (db_name, table_name, cardinality) SELECT table_schema,"
        " table_name, CASE table_name WHEN 'messages' THEN ? ELSE ? END"
        " FROM information_schema.tables WHERE table_schema = DATABASE()",
        {messages, others});
    small.sql(
        "INSERT INTO mysql.index_stats (db_name, table_name, index_name, prefix_arity,"
        " avg_frequency) SELECT table_schema, table_name, index_name, seq_in_index,"
        " CASE table_name WHEN 'messages' THEN ? ELSE ? END"
        " FROM information_schema.statistics WHERE table_schema = DATABASE()",
        {messages, others});
    small.sql("FLUSH TABLES");
}

// What stands in the way, empty when nothing does. Runs, campaigns and documents are few.
std::string troubles_on_mariadb(db::Connection& connection, const db::Query& query) {
    static const std::set<std::string> few{"r", "g", "d", "b", "x", "s"};
    const auto text = "EXPLAIN " + std::string{query.mariadb};
    const auto word = [](const db::Row& row, std::string_view column) {
        return row.get<std::optional<std::string>>(column).value_or("");
    };
    std::string found;
    connection.select(
        db::DynamicQuery{"explain", text}, some_values(text), [&](const db::Row& row) {
            const auto table = word(row, "table");
            const auto type = word(row, "type");
            const auto key = word(row, "key");
            if (table.empty() || table.front() == '<' || few.contains(table)) return;
            if (table == "c" && query.name == db::queries::runs_with_due.name) return;
            // Gathered once, whole: as often as not the quickest way, and never more than that.
            if (word(row, "select_type") == "MATERIALIZED") return;
            const bool is_slow = type == "ALL" || type == "index" ||
                                 word(row, "Extra").find("join buffer") != std::string::npos;
            if (is_slow || (table == "m" && key != "messages_by_run"))
                found += " " + table + ":" + type + ":" + key;
        });
    return found;
}

std::string troubles_on_sqlite(db::Connection& connection, const db::Query& query) {
    const auto text = "EXPLAIN QUERY PLAN " + std::string{query.sqlite};
    std::string found;
    connection.select(db::DynamicQuery{"explain", text}, some_values(text),
                      [&](const db::Row& row) {
                          const auto detail = row.get<std::string>("detail");
                          const bool scans = detail == "SCAN m" || detail == "SCAN c";
                          if ((scans && query.name.starts_with("report_")) ||
                              detail.find("AUTOMATIC") != detail.npos)
                              found += " " + detail;
                      });
    return found;
}

}  // namespace

TEST_CASE("what goes over a campaign goes by its messages, whatever the planner believes",
          "[reports]") {
    for (const auto engine : engines_under_test()) {
        SmallCampaign small{engine};
        for (int i = 0; i < 40; ++i) small.add_client("C" + std::to_string(i));
        small.launch(once_at_ten);
        small.plan();
        REQUIRE(small.number("SELECT COUNT(*) FROM messages") == 40);
        for (const auto& [messages, others] :
             {std::pair{0, 0}, std::pair{64'000, 64'000}, std::pair{0, 64'000},
              std::pair{1'000'000, 0}, std::pair{1, 1}}) {
            if (engine == db::Engine::mariadb) pretend(small, messages, others);
            const auto lease = small.database->read();
            for (const auto* query : questions()) {
                INFO(query->name << " with " << messages << " and " << others);
                CHECK((engine == db::Engine::mariadb ? troubles_on_mariadb(*lease, *query)
                                                     : troubles_on_sqlite(*lease, *query)) == "");
            }
        }
    }
}

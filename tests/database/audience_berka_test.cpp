// Acceptance on data nobody here made up: the Berka bank, when CARILLON_DATA names the folder it
// lies in.
#include <catch2/catch.hpp>
#include <iostream>

#include "audience/import.h"
#include "audience/store.h"
#include "tests/support/test_database.h"

using namespace carillon;
using namespace carillon::audience;

namespace {

const std::string examples = std::string{CARILLON_SOURCE_DIR} + "/examples/berka/";

std::int64_t count_of(db::Database& database, const std::string& rule) {
    const auto json = base::Json::parse(R"({"name":"s","rule":)" + rule + "}");
    const auto segment = parse_segment(json.value(), {}).value();
    const SegmentContext context{
        base::parse_date("1998-12-31").value(), base::LeapDayRule::february_28, {}, {}};
    return count(*database.read(), compile(segment, context).value());
}

std::int64_t import(db::Database& database, ImportKind kind, const std::string& file,
                    const std::string& map) {
    const base::ManualClock clock{base::parse_instant("2026-11-21T09:00:00Z").value()};
    const auto summary = run_import(database, clock, {kind, file, map, file + ".rejects"});
    if (!summary) FAIL(summary.error().text());
    CHECK(summary->rows_rejected == 0);
    return summary->rows_imported;
}

}  // namespace

TEST_CASE("the Berka bank is imported and its known facts are counted", "[audience][berka]") {
    const char* data = std::getenv("CARILLON_DATA");
    if (data == nullptr) {
        std::cout << "skipped: no CARILLON_DATA\n";
        return;
    }
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        const auto folder = std::filesystem::temp_directory_path() /
                            ("carillon-berka-" + base::to_hex(base::random_bytes(6)));
        const auto command =
            "python3 " + examples + "prepare.py " + data + "/berka " + folder.string();
        REQUIRE(std::system(command.c_str()) == 0);
        const auto file = [&](const char* name) { return (folder / name).string(); };
        CHECK(import(*database, ImportKind::clients, file("clients.csv"),
                     examples + "clients.map.json") == 5'369);
        CHECK(import(*database, ImportKind::contracts, file("contracts.csv"),
                     examples + "contracts.map.json") == 4'500 + 682 + 892);
        CHECK(import(*database, ImportKind::consents, file("consents.csv"), {}) > 4'000);

        CHECK(count_of(*database, R"({"all":[]})") == 5'369);
        CHECK(count_of(*database, R"({"contract":{"kind":"loan"}})") == 682);
        CHECK(
            count_of(
                *database,
                R"({"contract":{"kind":"loan","where":[{"field":"status","op":"is","value":"D"}]}})") ==
            45);
        CHECK(
            count_of(
                *database,
                R"({"contract":{"kind":"loan","where":[{"field":"overdue_days","op":">=","value":30}]}})") ==
            45);
        CHECK(
            count_of(
                *database,
                R"({"contract":{"kind":"card","where":[{"field":"product","op":"is","value":"gold"}]}})") ==
            88);
        const auto leap_day = base::parse_date("1996-02-29").value();
        const auto json = base::Json::parse(R"({"name":"s","rule":{"anniversary":{}}})");
        const auto birthdays = compile(parse_segment(*json, {}).value(),
                                       {leap_day, base::LeapDayRule::march_1, {}, {}});
        CHECK(count(*database->read(), *birthdays) == 3);
        std::filesystem::remove_all(folder);
    }
}

// The audit chain tells every kind of tampering.
#include <catch2/catch.hpp>

#include "db/audit.h"
#include "tests/support/test_database.h"

using namespace carillon;
using carillon::tests::TestDatabase;

namespace {

constexpr std::string_view key = "a key that the database does not know";

db::AuditHead record(db::Database& database, const char* action) {
    return db::in_transaction(database, [&](db::Connection& connection) {
        return db::append_audit(connection, key,
                                {.actor = "ann", .action = action, .object = "campaign x"},
                                base::from_millis(1000));
    });
}

void tamper(db::Database& database, const char* sql) {
    CHECK(database.write()->execute(db::DynamicQuery{"tamper", sql}) > 0);
}

}  // namespace

TEST_CASE("an untouched audit log verifies", "[audit]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    record(*database, "create");
    const auto head = record(*database, "approve");
    const auto verdict = db::verify_audit(*database->read(), key, head);
    CHECK(verdict.problems.empty());
    CHECK(verdict.rows == 2);
    CHECK(verdict.head == head);
}

TEST_CASE("every kind of tampering with the audit log is reported", "[audit]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    const auto* const sql =
        GENERATE("UPDATE audit SET actor = 'bob' WHERE seq = 2",
                 "UPDATE audit SET at = at + 1 WHERE seq = 2", "DELETE FROM audit WHERE seq = 2",
                 "DELETE FROM audit WHERE seq = 1",
                 "DELETE FROM audit WHERE seq = 3");  // the tail
    INFO(sql);
    TestDatabase database{engine};
    record(*database, "create");
    record(*database, "submit");
    const auto head = record(*database, "approve");
    tamper(*database, sql);
    CHECK_FALSE(db::verify_audit(*database->read(), key, head).problems.empty());
}

TEST_CASE("a log rebuilt with another key is reported", "[audit]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    record(*database, "create");
    CHECK_FALSE(db::verify_audit(*database->read(), "another key", std::nullopt).problems.empty());
}

TEST_CASE("an action that is rolled back leaves no audit row", "[audit]") {
    const auto engine = GENERATE(from_range(tests::engines_under_test()));
    TestDatabase database{engine};
    {
        auto lease = database->write();
        db::Transaction transaction{*lease};
        db::append_audit(*lease, key, {.actor = "ann", .action = "x", .object = "y"}, {});
    }
    CHECK(db::verify_audit(*database->read(), key, std::nullopt).rows == 0);
}

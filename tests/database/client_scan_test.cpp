// What is shown to people at screens, looked for by several connections or in an index, against the
// same asked plainly of one. Both engines.
#include <catch2/catch.hpp>

#include <algorithm>

#include "audience/client_scan.h"
#include "db/time_limit.h"
#include "desk/client_desk.h"
#include "desk/message_desk.h"
#include "tests/support/small_bank.h"
#include "tests/support/small_campaign.h"
#include "tests/support/test_database.h"

using namespace carillon;
using namespace carillon::audience;
using namespace std::chrono_literals;

namespace {

constexpr int bank_size = 250;
constexpr std::int64_t far_apart = 1601;  // ids of the copies: the clients are looked at in parts

// The bank a second time, with ids far apart, so that there is more than one part of it.
void copy_far_apart(db::Connection& connection) {
    const auto copy = [&](const std::string& table, const std::string& columns,
                          const std::string& values) {
        connection.execute(db::DynamicQuery{"copy", "INSERT INTO " + table + " (" + columns +
                                                        ") SELECT " + values + " FROM " + table},
                           {});
    };
    const std::string client =
        "kind, last_name, first_name, middle_name, company_name, gender, birth_date, birth_md, "
        "locale, time_zone, branch, manager, status, income_minor, value_class, occupation, "
        "industry, household, search_name, mix, created_at, updated_at";
    copy("clients", "id, external_id, " + client, "id * 1601, 'X' || external_id, " + client);
    const std::string contact =
        "number, channel, address, priority, verified, state, preferred, "
        "updated_at";
    copy("contacts", "client_id, " + contact, "client_id * 1601, " + contact);
    copy("consents", "client_id, channel, purpose, granted, at, source",
         "client_id * 1601, channel, purpose, granted, at, source");
    const std::string contract =
        "kind, product, status, currency, amount_minor, balance_minor, opened_on, closed_on, "
        "expires_on, next_payment_on, next_payment_minor, overdue_minor, overdue_since, updated_at";
    copy("contracts", "external_id, client_id, " + contract,
         "'X' || external_id, client_id * 1601, " + contract);
}

Segment parsed(const std::string& rule) {
    const auto json = base::Json::parse(R"({"name":"s","rule":)" + rule + "}");
    auto segment = parse_segment(json.value(), tests::small_bank_attributes);
    if (!segment) FAIL(segment.error().front().text() << " in " << rule);
    return *segment;
}

std::vector<std::string> clients_in(const desk::Answer& answer) {
    std::vector<std::string> names;
    REQUIRE(answer);
    for (const auto& one : *answer->find("items")->array())
        names.push_back(*one.find("client")->text());
    return names;
}

std::vector<std::int64_t> numbers_in(const desk::Answer& answer) {
    std::vector<std::int64_t> numbers;
    REQUIRE(answer);
    for (const auto& one : *answer->find("items")->array())
        numbers.push_back(*one.find("id")->integer());
    return numbers;
}

struct Screens {
    explicit Screens(db::Engine engine)
        : small(engine),
          office({.database = *small.database,
                  .clock = small.clock,
                  .real_clock = small.clock,
                  .audit_key = "key",
                  .workshop = {{}, small.composer, {}, {}, {}}}) {
        caller.user = "olga";
        caller.rights =
            access::rights_of(access::set_of({access::Role::manager, access::Role::operator_}));
    }
    std::vector<std::string> search(const std::string& text, int limit = 50) {
        return clients_in(desk::search_clients(office, caller, {limit, {}}, text));
    }
    tests::SmallCampaign small;
    desk::Office office;
    access::Caller caller;
};

}  // namespace

TEST_CASE("several connections count what one counts", "[audience][differential]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        tests::RandomBank random{2027};
        db::in_transaction(*database, [&](db::Connection& connection) {
            random.fill(connection, bank_size);
            copy_far_apart(connection);
        });
        auto young = parsed(R"({"field":"age","op":"<","value":30})");
        young.name = "young";
        SegmentContext context;
        context.as_of = base::parse_date("2026-11-21").value();
        context.find_segment = [&](std::string_view) { return &young; };
        context.find_campaign = [](std::string_view) { return std::optional<std::int64_t>{1}; };
        auto lease = database->read();
        int narrow = 0;
        int settled = 0;
        for (int round = 0; round < 400; ++round) {
            const auto rule = random.rule(3);
            const auto segment = compile(parsed(rule), context).value();
            INFO(name_of(engine) << " " << rule);
            const auto expected = count(*lease, segment);
            CHECK(count(*database, segment, {60s, {}}) == expected);
            narrow += segment.narrow;
            settled += expected > 0 && expected < 2 * bank_size;
            if (round % 8 != 0) continue;
            const auto one =
                waterfall(*lease, segment, base::ChannelKind::email, base::Purpose::marketing);
            const auto several = waterfall(*database, segment, base::ChannelKind::email,
                                           base::Purpose::marketing, {60s, {}});
            CHECK(several.matched == one.matched);
            CHECK(several.eligible == one.eligible);
            CHECK(several.left_out == one.left_out);
            CHECK(several.unknown_time_zone == one.unknown_time_zone);
        }
        CHECK(narrow > 0);
        CHECK(settled > 100);
    }
}

TEST_CASE("parts cover all clients once, and the limit and mistakes reach the caller",
          "[audience]") {
    for (const auto engine : tests::engines_under_test()) {
        tests::TestDatabase database{engine};
        tests::RandomBank random{3};
        db::in_transaction(*database, [&](db::Connection& connection) {
            random.fill(connection, bank_size);
            copy_far_apart(connection);
        });
        std::mutex mutex;
        std::map<std::size_t, ClientRange> parts;
        scan_clients(*database, 100, {60s, {}},
                     [&](db::Connection&, std::size_t part, ClientRange range) {
                         const std::scoped_lock lock{mutex};
                         CHECK(parts.emplace(part, range).second);
                         return true;
                     });
        REQUIRE(parts.size() > 2);
        std::int64_t until = 100;
        for (const auto& [part, range] : parts) {
            CHECK(range.after == until);
            until = range.through;
        }
        CHECK(until == bank_size * far_apart);
        const auto fails = [](db::Connection&, std::size_t part, ClientRange) {
            if (part == 1) throw std::runtime_error{"broken"};
            return true;
        };
        CHECK_THROWS_WITH(scan_clients(*database, 0, {60s, {}}, fails), "broken");
        CHECK_THROWS_AS(
            scan_clients(*database, 0, {0s, {}},
                         [](db::Connection&, std::size_t, ClientRange) { return true; }),
            db::TooSlow);
    }
}

TEST_CASE("clients are found by a part of the name, in the order they came, page by page",
          "[desk]") {
    Screens screens{GENERATE(from_range(tests::engines_under_test()))};
    for (int i = 0; i < 12; ++i) screens.small.add_client("C" + std::to_string(i));
    db::in_transaction(*screens.small.database, [](db::Connection& connection) {
        connection.execute(
            db::DynamicQuery{"names",
                             "UPDATE clients SET search_name = CASE WHEN id % 3 = 0 THEN "
                             "'petrova anna' ELSE 'orlov ivan' END"},
            {});
    });
    CHECK(screens.search("nobody").empty());
    CHECK(screens.search("C7") == std::vector<std::string>{"C7"});
    CHECK(screens.search("").size() == 12);
    const auto all = screens.search("PETRO");
    CHECK(all.size() == 4);
    CHECK(std::ranges::is_sorted(
        all, {}, [](const std::string& name) { return std::stoi(name.substr(1)); }));
    const auto first = desk::search_clients(screens.office, screens.caller, {3, {}}, "petrova");
    CHECK(clients_in(first) == std::vector<std::string>{all[0], all[1], all[2]});
    const auto rest = desk::search_clients(screens.office, screens.caller,
                                           {3, *first->find("next")->text()}, "petrova");
    CHECK(clients_in(rest) == std::vector<std::string>{all[3]});
    CHECK(rest->find("next")->is_null());
    screens.caller.branches = std::vector<std::string>{"North"};
    CHECK(screens.search("petrova").empty());
    CHECK(screens.search("C7").empty());
}

TEST_CASE("the newest messages in some states are those that a look at all of them finds",
          "[desk]") {
    Screens screens{GENERATE(from_range(tests::engines_under_test()))};
    auto& small = screens.small;
    for (int i = 0; i < 40; ++i) small.add_client("C" + std::to_string(i));
    for (const auto* name : {"spring", "summer"})
        small.launch(R"("objective":"cross_sell","segment":"everyone",)"
                     R"("schedule":{"once":{"date":"2026-11-23","time":"12:00"}},)",
                     name);
    small.plan();
    db::in_transaction(*small.database, [](db::Connection& connection) {
        connection.execute(db::DynamicQuery{"states",
                                            "UPDATE messages SET state = CASE id % 7 WHEN 0 THEN "
                                            "'failed' WHEN 1 THEN 'bounced' ELSE 'accepted' END"},
                           {});
    });
    const auto messages = [&](const desk::MessageFilter& filter, const desk::PageQuery& page) {
        return desk::list_messages(screens.office, screens.caller, access::Right::messages_see,
                                   page, filter);
    };
    const auto plainly = [&](const std::string& condition) {
        return small.database->read()->list<std::int64_t>(
            db::DynamicQuery{"plainly",
                             "SELECT m.id FROM messages m JOIN campaigns g ON g.id = "
                             "m.campaign_id WHERE " +
                                 condition + " ORDER BY m.id DESC LIMIT 200"},
            {}, [](const db::Row& row) { return row.integer(0); });
    };
    REQUIRE(plainly("1 = 1").size() == 80);
    CHECK(numbers_in(messages({.campaign = "spring"}, {200, {}})) == plainly("g.name = 'spring'"));
    CHECK(numbers_in(messages({.states = {"failed", "bounced"}}, {200, {}})) ==
          plainly("m.state IN ('failed', 'bounced')"));
    CHECK(numbers_in(messages({.campaign = "summer", .states = {"failed"}}, {200, {}})) ==
          plainly("m.state = 'failed' AND g.name = 'summer'"));
    CHECK(numbers_in(messages({.states = {"failed", "'"}, .channel = "email"}, {200, {}})) ==
          plainly("m.state = 'failed'"));
    CHECK(numbers_in(messages({.states = {"quarantined"}}, {200, {}})).empty());
    std::vector<std::int64_t> walked;
    for (std::string cursor;;) {
        const auto page = messages({.states = {"accepted", "failed"}}, {7, cursor});
        for (const auto id : numbers_in(page)) walked.push_back(id);
        if (page->find("next")->is_null()) break;
        cursor = *page->find("next")->text();
    }
    CHECK(walked == plainly("m.state IN ('accepted', 'failed')"));
}

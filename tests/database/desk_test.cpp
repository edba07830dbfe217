// The door and the office, on both engines: who gets in, what ends it, what is done once.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <set>

#include "access/sessions.h"
#include "access/tokens.h"
#include "access/totp.h"
#include "db/time_limit.h"
#include "desk/campaign_desk.h"
#include "desk/documents.h"
#include "desk/people.h"
#include "tests/support/small_campaign.h"

using namespace carillon;
using namespace carillon::access;
using namespace std::chrono_literals;
using tests::SmallCampaign;

namespace {

const std::string password = "a sentence of my own";

// Cheap hashing: these tests are not about its cost.
struct Door {
    explicit Door(db::Engine engine)
        : small(engine),
          passwords({8, 1, 2}),
          sessions(*small.database, small.clock, passwords,
                   [this](db::Connection&, const std::string& user, std::string_view action) {
                       noted.push_back(std::string{action} + " " + user);
                   }),
          office({.database = *small.database,
                  .clock = small.clock,
                  .real_clock = small.clock,
                  .audit_key = "key",
                  .workshop = {{}, small.composer, {}, {}, {}}}) {}

    User add(const std::string& name, RoleSet roles, std::vector<std::string> branches = {}) {
        return db::in_transaction(*small.database, [&](db::Connection& connection) {
            auto user = add_user(connection, {name, "", roles, branches}, passwords.hash(password),
                                 small.clock.now())
                            .value();
            set_password(connection, user, user.password, false);
            return find_user(connection, name).value();
        });
    }
    tl::expected<Admitted, Refused> enter(const std::string& name,
                                          const std::string& with = password,
                                          const std::string& code = {}) {
        return sessions.sign_in({name, with, code, "192.0.2.1"});
    }
    Caller caller(const std::string& name) {
        return caller_of(find_user(*small.database->read(), name).value());
    }
    std::int64_t number(const std::string& sql) {
        return small.database->read()
            ->value<std::int64_t>(db::DynamicQuery{"test", sql})
            .value_or(-1);
    }

    SmallCampaign small;
    std::vector<std::string> noted;
    Passwords passwords;
    Sessions sessions;
    desk::Office office;
};

std::string code_of(const desk::Answer& answer) {
    return answer ? std::string{} : answer.error().front().code;
}

}  // namespace

TEST_CASE("a session lives until it is idle, old or ended", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    CHECK(door.enter("anna", "wrong").error().failure.code == "access.refused");
    CHECK(door.enter("nobody").error().failure.code == "access.refused");
    const auto in = door.enter("anna");
    REQUIRE(in);
    CHECK(door.number("SELECT COUNT(*) FROM sessions WHERE digest = '" + in->token + "'") == 0);
    REQUIRE(door.sessions.by_cookie(in->token));
    CHECK(door.sessions.by_cookie(in->token)->csrf == in->csrf);
    CHECK_FALSE(door.sessions.by_cookie(in->token + "x"));
    CHECK_FALSE(door.sessions.by_cookie(digest_of(in->token)));
    door.small.clock.advance(29min);
    CHECK(door.sessions.by_cookie(in->token));  // used: the idle time begins anew
    door.small.clock.advance(29min);
    CHECK(door.sessions.by_cookie(in->token));
    door.small.clock.advance(30min);
    CHECK_FALSE(door.sessions.by_cookie(in->token));
    const auto long_one = door.enter("anna");
    for (int i = 0; i < 11 * 4; ++i) {
        door.small.clock.advance(15min);
        CHECK(door.sessions.by_cookie(long_one->token));
    }
    door.small.clock.advance(1h);
    CHECK_FALSE(door.sessions.by_cookie(long_one->token));
    const auto last = door.enter("anna");
    door.sessions.sign_out(last->caller, last->token);
    CHECK_FALSE(door.sessions.by_cookie(last->token));
    CHECK(door.noted.back() == "session.end anna");
}

TEST_CASE("a change of password, roles, branches or status ends all sessions", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::manager}), {"North"});
    const auto change = [&](const UserDraft& draft) {
        db::in_transaction(*door.small.database, [&](db::Connection& connection) {
            const auto revision = find_user(connection, "anna")->revision;
            REQUIRE(change_user(connection, draft, revision));
        });
    };
    const auto manager = set_of({Role::manager});
    auto in = door.enter("anna");
    change({"anna", "Anna", manager, {"North"}});
    CHECK(door.sessions.by_cookie(in->token));  // only her name
    change({"anna", "Anna", manager, {"South"}});
    CHECK_FALSE(door.sessions.by_cookie(in->token));
    in = door.enter("anna");
    change({"anna", "Anna", set_of({Role::auditor}), {"South"}});
    CHECK_FALSE(door.sessions.by_cookie(in->token));
    in = door.enter("anna");
    const auto other = door.enter("anna");
    const auto changed =
        door.sessions.change_password(in->caller, password, "another sentence", "p");
    REQUIRE(changed);
    CHECK_FALSE(door.sessions.by_cookie(in->token));
    CHECK_FALSE(door.sessions.by_cookie(other->token));
    CHECK(door.sessions.by_cookie(changed->token));
    CHECK_FALSE(door.enter("anna"));
    change({"anna", "Anna", set_of({Role::auditor}), {"South"}, false});
    CHECK_FALSE(door.sessions.by_cookie(changed->token));
    CHECK_FALSE(door.enter("anna", "another sentence"));
}

TEST_CASE("guessing gets slower with each try, for the right password too", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    for (int i = 0; i < 5; ++i) CHECK(door.enter("anna", "wrong").error().retry_after == 0s);
    const auto stopped = door.enter("anna");
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().failure.code == "access.throttled");
    CHECK(stopped.error().retry_after == 1s);
    door.small.clock.advance(1s);
    CHECK(door.enter("anna", "wrong").error().failure.code == "access.refused");
    CHECK(door.enter("anna").error().retry_after == 2s);
    door.small.clock.advance(2s);
    CHECK(door.enter("anna"));  // and the count begins anew
    CHECK(door.enter("anna", "wrong").error().retry_after == 0s);
    CHECK(door.enter("anna"));
    // Many users from one address.
    for (int i = 0; i < 40; ++i) {
        static_cast<void>(door.enter("u" + std::to_string(i), "wrong"));
        door.small.clock.advance(1ms);
    }
    CHECK(door.enter("anna").error().failure.code == "access.throttled");
}

TEST_CASE("the second factor counts once", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    const auto in = door.enter("anna");
    const auto secret = door.sessions.begin_totp(in->caller).value();
    const auto bytes = from_base32(secret).value();
    const auto code = [&] { return totp_code(bytes, totp_step(door.small.clock.now())); };
    CHECK_FALSE(door.sessions.confirm_totp(in->caller, "12345"));
    REQUIRE(door.sessions.confirm_totp(in->caller, code()));
    CHECK(door.enter("anna").error().failure.code == "access.totp_needed");
    CHECK(door.enter("anna", password, code()).error().failure.code == "access.refused");
    door.small.clock.advance(30s);
    CHECK(door.enter("anna", password, code()));
    CHECK(door.enter("anna", password, code()).error().failure.code == "access.refused");
    CHECK(door.sessions.begin_totp(in->caller).error().code == "totp.in_force");
}

namespace {

// With a second factor; the recovery codes.
std::vector<std::string> secure(Door& door, const Caller& caller) {
    const auto secret = door.sessions.begin_totp(caller).value();
    const auto now = totp_step(door.small.clock.now());
    return door.sessions.confirm_totp(caller, totp_code(from_base32(secret).value(), now)).value();
}

}  // namespace

TEST_CASE("a recovery code signs in once instead of the second factor", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    door.add("boris", set_of({Role::author}));
    const auto anna = door.enter("anna")->caller;
    CHECK(door.sessions.renew_recovery_codes(anna, password, "p").error().failure.code ==
          "totp.missing");
    const auto codes = secure(door, anna);
    REQUIRE(codes.size() == 10);
    CHECK(std::set(codes.begin(), codes.end()).size() == 10);
    CHECK(door.number("SELECT COUNT(*) FROM recovery_codes WHERE digest LIKE '%" + codes[0] +
                      "%'") == 0);
    CHECK(door.sessions.second_factor(anna).recovery_codes_left == 10);
    CHECK(door.enter("anna", "wrong", codes[0]).error().failure.code == "access.refused");
    std::string typed = " " + codes[0];
    for (auto& sign : typed) sign = static_cast<char>(std::toupper(sign));
    CHECK(door.enter("anna", password, typed));  // the wrong password did not use it up
    CHECK(door.noted[door.noted.size() - 2] == "session.recovery_code anna");
    CHECK(door.enter("anna", password, codes[0]).error().failure.code == "access.refused");
    CHECK(door.sessions.second_factor(anna).recovery_codes_left == 9);
    secure(door, door.enter("boris")->caller);
    CHECK(door.enter("boris", password, codes[1]).error().failure.code == "access.refused");
    const auto others = door.sessions.renew_recovery_codes(anna, password, "p").value();
    CHECK(door.noted.back() == "user.recovery_codes anna");
    CHECK(door.sessions.second_factor(anna).recovery_codes_left == 10);
    CHECK(door.enter("anna", password, codes[1]).error().failure.code == "access.refused");
    CHECK(door.enter("anna", password, others[1]));
    db::in_transaction(*door.small.database, [&](db::Connection& connection) {
        remove_totp(connection, find_user(connection, "anna").value());
    });
    CHECK(door.number("SELECT COUNT(*) FROM recovery_codes WHERE user_id = 1") == 0);
}

TEST_CASE("new recovery codes take the password, a person, and a password of one's own", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    auto anna = door.enter("anna")->caller;
    secure(door, anna);
    for (int i = 0; i < 5; ++i) {
        const auto refused = door.sessions.renew_recovery_codes(anna, "wrong", "p").error();
        CHECK(refused.failure.code == "password.wrong");
        CHECK(refused.failure.place == "$.password");
    }
    CHECK(door.sessions.renew_recovery_codes(anna, password, "p").error().failure.code ==
          "access.throttled");
    anna.token = "program";
    CHECK_THROWS_AS(door.sessions.renew_recovery_codes(anna, password, "p"), Denied);
    CHECK_THROWS_AS(door.sessions.change_password(anna, password, "another one of mine", "p"),
                    Denied);
    anna.token.clear();
    anna.must_change_password = true;
    CHECK_THROWS_AS(door.sessions.begin_totp(anna), Denied);
    CHECK_THROWS_AS(door.sessions.confirm_totp(anna, "123456"), Denied);
    CHECK_THROWS_AS(door.sessions.second_factor(anna), Denied);
}

// The password without the code once made all wrong codes before it good.
TEST_CASE("whoever knows the password cannot guess codes for ever", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    secure(door, door.enter("anna")->caller);
    int looked_at = 0;
    for (int i = 0; i < 20; ++i) {
        const auto guess = door.sessions.sign_in(
            {"anna", password, "00000" + std::to_string(i % 10), "10.0.0." + std::to_string(i)});
        looked_at += guess.error().failure.code == "access.refused" ? 1 : 0;
        static_cast<void>(door.sessions.sign_in({"anna", password, "", "192.0.2.7"}));
    }
    CHECK(looked_at == 5);
}

TEST_CASE("a token does what its scopes say, while its owner may", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("oleg", set_of({Role::operator_}));
    const auto scope = [](Right right) { return RightSet{}.set(static_cast<std::size_t>(right)); };
    const auto make = [&](RightSet scopes, int days) {
        return db::in_transaction(*door.small.database, [&](db::Connection& connection) {
            return add_token(connection, door.caller("oleg"), {"core", scopes, days},
                             door.small.clock.now());
        });
    };
    CHECK(make(scope(Right::campaigns_edit), 1).error().code == "token.scopes");
    CHECK(make(scope(Right::campaigns_approve), 1).error().code == "token.scopes");
    CHECK(make({}, 1).error().code == "token.scopes");
    CHECK(make(scope(Right::messages_send), 366).error().code == "token.days");
    const auto made = make(scope(Right::messages_send), 1);
    REQUIRE(made);
    const auto in = door.sessions.by_api_token(made->secret);
    REQUIRE(in);
    CHECK(in->caller.user == "oleg");
    CHECK(in->caller.may(Right::messages_send));
    CHECK_FALSE(in->caller.may(Right::messages_see));
    CHECK_FALSE(door.sessions.by_cookie(made->secret));
    db::in_transaction(*door.small.database, [&](db::Connection& connection) {
        REQUIRE(change_user(connection, {"oleg", "", set_of({Role::auditor}), {}},
                            find_user(connection, "oleg")->revision));
    });
    CHECK_FALSE(door.sessions.by_api_token(made->secret)->caller.may(Right::messages_send));
    door.small.clock.advance(24h);
    CHECK_FALSE(door.sessions.by_api_token(made->secret));
}

TEST_CASE("without the right there is no connection", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    const auto anna = door.caller("anna");
    CHECK_THROWS_AS(door.office.read(anna, Right::audit_see), Denied);
    CHECK_THROWS_AS(door.office.database(anna, Right::imports_run), Denied);
    bool ran = false;
    CHECK_THROWS_AS(door.office.act(anna, Right::users_manage,
                                    [&](const campaigns::Desk&) -> desk::Answer {
                                        ran = true;
                                        return base::Json{};
                                    }),
                    Denied);
    CHECK_FALSE(ran);
    CHECK_NOTHROW(door.office.read(anna, Right::campaigns_see));
}

TEST_CASE("a repeated request is answered again and done once", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    auto anna = door.caller("anna");
    int done = 0;
    const auto act = [&](const std::string& key, const std::string& print) {
        anna.once = Once{key, base::sha256_hex(print)};
        return door.office.act(anna, Right::campaigns_edit,
                               [&](const campaigns::Desk& desk) -> desk::Answer {
                                   ++done;
                                   desk::note(desk, "test", "thing");
                                   return base::Json{base::Json::Object{{"number", done}}};
                               });
    };
    CHECK(act("key-one-1", "a")->dump() == R"({"number":1})");
    CHECK(act("key-one-1", "a")->dump() == R"({"number":1})");
    CHECK(code_of(act("key-one-1", "b")) == "request.other");
    CHECK(act("key-two-2", "b")->dump() == R"({"number":2})");
    CHECK(door.number("SELECT COUNT(*) FROM audit WHERE action = 'test'") == 2);
    door.small.clock.advance(24h * 8);
    CHECK(act("key-one-1", "b")->dump() == R"({"number":3})");
}

TEST_CASE("what is shown once is not kept for a repeated request", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("root", set_of({Role::admin}));
    auto root = door.caller("root");
    root.once = Once{"key-token", base::sha256_hex("token")};
    const auto wish =
        base::Json::parse(R"({"name":"nightly","scopes":["users.see"],"days":1})").value();
    const auto made = desk::add_token(door.office, root, wish);
    REQUIRE(made);
    const auto secret = *made->find("secret")->text();
    CHECK(code_of(desk::add_token(door.office, root, wish)) == "request.done");
    root.once = Once{"key-user-1", base::sha256_hex("user")};
    const auto nina = base::Json::parse(R"({"name":"nina","roles":["author"]})").value();
    const auto added = desk::add_user(door.office, root, door.passwords, nina);
    REQUIRE(added);
    CHECK(code_of(desk::add_user(door.office, root, door.passwords, nina)) == "request.done");
    CHECK(door.number("SELECT COUNT(*) FROM api_tokens") == 1);
    for (const auto& shown : {secret, *added->find("password")->text()})
        CHECK(door.number("SELECT COUNT(*) FROM request_keys WHERE answer LIKE '%" + shown +
                          "%'") == 0);
}

TEST_CASE("nothing stands of what was refused", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    auto anna = door.caller("anna");
    anna.once = Once{"key-three", base::sha256_hex("x")};
    const auto refused = door.office.act(anna, Right::campaigns_edit,
                                         [&](const campaigns::Desk& desk) -> desk::Answer {
                                             desk::note(desk, "test", "thing");
                                             return desk::refuse("test.refused", "no");
                                         });
    CHECK(code_of(refused) == "test.refused");
    CHECK(door.number("SELECT COUNT(*) FROM audit WHERE action = 'test'") == 0);
    CHECK(door.number("SELECT COUNT(*) FROM request_keys") == 0);
}

TEST_CASE("whoever was slower overwrites nothing", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    const auto anna = door.caller("anna");
    const auto segment = [](const char* title) {
        return base::Json::parse(std::string{R"({"name":"some","title":")"} + title +
                                 R"(","rule":{"all":[]}})")
            .value();
    };
    const auto put = [&](const char* title, const desk::Edit& edit) {
        return desk::put_document(door.office, anna, Right::segments_edit, "segment", "some",
                                  segment(title), edit);
    };
    CHECK(code_of(put("a", {})) == "etag.missing");
    CHECK(code_of(put("a", {.if_match = "\"x\""})) == "etag.mismatch");
    const auto first = put("a", {.is_new = true});
    REQUIRE(first);
    CHECK(code_of(put("b", {.is_new = true})) == "etag.exists");
    const auto etag = *first->find("etag")->text();
    CHECK(code_of(put("b", {.if_match = "*"})) == "etag.missing");
    CHECK(code_of(put("b", {.if_match = "W/" + etag})) == "etag.mismatch");
    const auto second = put("b", {.if_match = "\"x\", " + etag});
    REQUIRE(second);
    CHECK(code_of(put("c", {.if_match = etag})) == "etag.mismatch");
    CHECK(*second->find("version")->integer() == 2);
}

TEST_CASE("who would be written to twice on one day is counted", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    door.add("anna", set_of({Role::author}));
    door.add("maria", set_of({Role::manager}));
    door.small.add_client("A", "Europe/Moscow", "1980-11-25");
    door.small.add_overdue_loan(door.small.add_client("B"));
    door.small.add_overdue_loan(door.small.add_client("C", "Europe/Moscow", "1980-11-25"));
    const auto add = [&](const std::string& name, const std::string& more) {
        const auto json = R"({"name":")" + name + R"(","title":"A","objective":"service",)" + more +
                          R"(,"steps":[{"channel":"email","template":"note"}]})";
        door.small.apply("campaign", name.c_str(), json.c_str());
    };
    const auto once = [](const std::string& day) {
        return R"("schedule":{"once":{"date":")" + day + R"(","time":"10:00"}})";
    };
    add("debt", R"("segment":"overdue",)" + once("2026-11-24"));
    add("debt-again", R"("segment":"overdue",)" + once("2026-11-24"));
    add("over", R"("segment":"overdue",)" + once("2026-11-22"));
    add("over-news", R"("segment":"everyone",)" + once("2026-11-22"));
    add("news", R"("segment":"everyone",)" + once("2026-11-24"));
    add("others", R"("segment":"everyone","exclude":["overdue"],)" + once("2026-11-24"));
    add("late", R"("segment":"overdue",)" + once("2026-11-25"));
    add("wishes",
        R"("segment":"everyone","schedule":{"date_field":{"field":"birth_date","time":"10:00"}})");
    const auto told = [](const desk::Answer& answer) {
        REQUIRE(answer);
        std::vector<std::string> lines;
        for (const auto& one : *answer->find("items")->array()) {
            const auto& names = *one.find("campaigns")->array();
            lines.push_back(*one.find("day")->text() + " " + *names[0].text() + " " +
                            *names[1].text() + " " + one.find("clients")->dump() + " " +
                            one.find("whole")->dump());
        }
        return lines;
    };
    const auto anna = door.caller("anna");
    const std::vector<std::string> expected{"2026-11-24 debt news 2 true",
                                            "2026-11-24 debt-again news 2 true",
                                            "2026-11-25 late wishes 1 true"};
    CHECK(told(calendar_overlaps(door.office, anna, "2026-11-20", "2026-11-30")) == expected);
    CHECK(code_of(calendar_overlaps(door.office, anna, "2026-01-01", "2026-12-01")) ==
          "calendar.range");
    CHECK_THROWS_AS(calendar_overlaps(door.office, door.caller("maria"), "", ""), Denied);

    desk::Office hasty{{.database = *door.small.database,
                        .clock = door.small.clock,
                        .real_clock = door.small.clock,
                        .audit_key = "key",
                        .workshop = {{}, door.small.composer, {}, {}, {}},
                        .settings = {.count_limit = 0s}}};
    const auto uncounted = told(calendar_overlaps(hasty, anna, "2026-11-24", "2026-11-24"));
    CHECK(std::ranges::find(uncounted, "2026-11-24 debt news null false") != uncounted.end());
}

TEST_CASE("a question that takes too long is stopped, and the connection stays good", "[desk]") {
    Door door{GENERATE(from_range(tests::engines_under_test()))};
    auto lease = door.small.database->read();
    const db::DynamicQuery endless{
        "endless",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900000000) "
        "SELECT COUNT(*) FROM n a"};
    if (lease->engine() == db::Engine::mariadb)
        lease->run_script("test", "SET SESSION max_recursive_iterations = 4294967295;");
    {
        const db::TimeLimit limit{*lease, 200ms};
        CHECK_THROWS_AS(lease->value<std::int64_t>(endless), db::TooSlow);
        CHECK(lease->value<std::int64_t>(db::DynamicQuery{"one", "SELECT 1"}) == 1);
    }
    CHECK(lease->value<std::int64_t>(db::DynamicQuery{"two", "SELECT 2"}) == 2);
}

// Rights, passwords and codes of the second factor, without a database.
#include <catch2/catch.hpp>

#include "access/caller.h"
#include "access/passwords.h"
#include "access/recovery_codes.h"
#include "access/rights.h"
#include "access/totp.h"
#include "base/local_date.h"

using namespace carillon;
using namespace carillon::access;

TEST_CASE("codes of the second factor are those of RFC 6238, appendix B", "[access]") {
    const std::string secret = "12345678901234567890";
    const auto code_at = [&](std::int64_t seconds) { return totp_code(secret, seconds / 30); };
    CHECK(code_at(59) == "287082");
    CHECK(code_at(1'111'111'109) == "081804");
    CHECK(code_at(1'111'111'111) == "050471");
    CHECK(code_at(1'234'567'890) == "005924");
    CHECK(code_at(2'000'000'000) == "279037");
    CHECK(code_at(20'000'000'000) == "353130");
}

TEST_CASE("a code counts once, and only around its time", "[access]") {
    const auto secret = to_base32("12345678901234567890");
    const auto now = base::parse_instant("2026-11-22T09:00:00Z").value();
    const auto step = totp_step(now);
    const auto code = totp_code("12345678901234567890", step);
    CHECK(fitting_step(secret, code, now, 0) == step);
    CHECK(fitting_step(secret, code, now + std::chrono::seconds{30}, 0) == step);
    CHECK(fitting_step(secret, code, now - std::chrono::seconds{30}, 0) == step);
    CHECK_FALSE(fitting_step(secret, code, now + std::chrono::seconds{60}, 0));
    CHECK_FALSE(fitting_step(secret, code, now, step));  // used before
    CHECK_FALSE(fitting_step(secret, "", now, 0));
    CHECK_FALSE(fitting_step("", code, now, 0));
}

TEST_CASE("base32 is that of RFC 4648, section 10, without padding", "[access]") {
    CHECK(to_base32("").empty());
    CHECK(to_base32("f") == "MY");
    CHECK(to_base32("fo") == "MZXQ");
    CHECK(to_base32("foo") == "MZXW6");
    CHECK(to_base32("foob") == "MZXW6YQ");
    CHECK(to_base32("fooba") == "MZXW6YTB");
    CHECK(to_base32("foobar") == "MZXW6YTBOI");
    CHECK(from_base32("MZXW6YTBOI") == "foobar");
    CHECK_FALSE(from_base32("mzxw"));
    CHECK_FALSE(from_base32("M1"));
}

TEST_CASE("a password fits its own hash and no other", "[access]") {
    const Passwords passwords{{8, 1, 2}};  // as cheap as it gets: the test is not about the cost
    const auto hash = passwords.hash("correct horse battery");
    CHECK(hash.starts_with("$argon2id$v=19$m=8192,t=1,p=1$"));
    CHECK(passwords.fits("correct horse battery", hash));
    CHECK_FALSE(passwords.fits("correct horse batterz", hash));
    CHECK_FALSE(passwords.fits("correct horse battery", ""));
    CHECK(passwords.hash("correct horse battery") != hash);
    CHECK_FALSE(passwords.is_outdated(hash));
    CHECK(Passwords{{8, 2, 1}}.is_outdated(hash));
}

TEST_CASE("passwords that are tried first are refused", "[access]") {
    const auto code = [](std::string_view password) {
        const auto good = check_new_password(password, "boris.ivanov");
        return good ? std::string{} : good.error().code;
    };
    CHECK(code("a long sentence of mine").empty());
    CHECK(code("short") == "password.short");
    CHECK(code("elevenchars") == "password.short");
    CHECK(code(std::string(257, 'x')) == "password.long");
    CHECK(code("aaaaaaaaaaaaaa") == "password.plain");
    CHECK(code("Password1234") == "password.plain");
    CHECK(code("Boris.Ivanov1") == "password.plain");
    CHECK(code("\xff\xfe\xfd\xff\xfe\xfd\xff\xfe\xfd\xff\xfe\xfd") == "password.short");
    CHECK(check_new_password(random_password(), "").has_value());
}

TEST_CASE("a recovery code is read however it is typed", "[access]") {
    const auto code = new_recovery_code();
    CHECK(code.size() == 19);
    CHECK(new_recovery_code() != code);
    CHECK(recovery_code_in("k7mq-x2pd-9fwn-c4ta") == "k7mqx2pd9fwnc4ta");
    CHECK(recovery_code_in(" K7MQ X2PD 9FWN C4TA ") == "k7mqx2pd9fwnc4ta");
    CHECK(recovery_code_in(code).has_value());
    for (const auto* other : {"", "123456", "k7mq-x2pd-9fwn-c4t", "k7mq-x2pd-9fwn-c4ta2",
                              "k7mq-x2pd-9fwn-c4t0", "k7mq_x2pd_9fwn_c4ta"})
        CHECK_FALSE(recovery_code_in(other));
}

TEST_CASE("who administers users neither approves nor sends", "[access]") {
    const auto admin = rights_of(set_of({Role::admin}));
    for (const auto right : {Right::campaigns_approve, Right::campaigns_launch,
                             Right::campaigns_edit, Right::messages_send, Right::messages_retry,
                             Right::events_send, Right::clients_see, Right::messages_content})
        CHECK_FALSE(has(admin, right));
    CHECK_FALSE(conflict_in(set_of({Role::admin, Role::approver})).empty());
    CHECK_FALSE(conflict_in(set_of({Role::admin, Role::operator_})).empty());
    CHECK_FALSE(conflict_in(set_of({Role::admin, Role::author})).empty());
    CHECK(conflict_in(set_of({Role::admin, Role::auditor})).empty());
    CHECK(conflict_in(set_of({Role::author, Role::approver})).empty());
}

TEST_CASE("an auditor changes nothing", "[access]") {
    const auto auditor = rights_of(set_of({Role::auditor}));
    for (const auto right :
         {Right::campaigns_edit, Right::campaigns_approve, Right::campaigns_launch,
          Right::campaigns_pause, Right::segments_edit, Right::templates_edit,
          Right::messages_retry, Right::messages_send, Right::events_send, Right::imports_run,
          Right::users_manage, Right::calls_work, Right::tasks_work})
        CHECK_FALSE(has(auditor, right));
}

TEST_CASE("every right has a name, a holder, and no program approves", "[access]") {
    for (std::size_t i = 0; i < rights_count; ++i) {
        const auto right = static_cast<Right>(i);
        CHECK(right_from(name_of(right)) == right);
        CHECK(std::ranges::any_of(
            all_roles, [&](Role role) { return has(rights_of(set_of({role})), right); }));
    }
    CHECK_FALSE(may_be_scope(Right::campaigns_approve));
    CHECK_FALSE(may_be_scope(Right::users_manage));
    CHECK_FALSE(may_be_scope(Right::tokens_manage));
    CHECK(may_be_scope(Right::messages_send));
}

TEST_CASE("a first password lets do nothing but change it", "[access]") {
    Caller caller{.user = "anna", .rights = RightSet{}.set(), .must_change_password = true};
    CHECK_FALSE(caller.may(Right::campaigns_see));
    CHECK_THROWS_AS(require(caller, Right::campaigns_see), Denied);
    caller.must_change_password = false;
    CHECK_NOTHROW(require(caller, Right::campaigns_see));
    caller.rights.reset();
    CHECK_THROWS_AS(require(caller, Right::campaigns_see), Denied);
}

// The door: people sign in and get a session, programs show an API token. Who comes in is a Caller.
//
// A session's token is 256 random bits in a cookie; the database has its SHA-256. The CSRF token is
// an HMAC of the session's token, so it belongs to that session only and is not stored anywhere.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "access/passwords.h"
#include "access/users.h"
#include "base/clock.h"

namespace carillon::access {

struct SessionSettings {
    std::chrono::minutes idle{30};  // without a request
    std::chrono::hours longest{12};
    int free_tries{
        5};  // wrong passwords of one user without a pause; four times as many of an address
    std::chrono::seconds longest_pause{900};
};

struct Admitted {
    Caller caller{};
    bool has_totp{};
    base::Instant idle_until{};
    base::Instant ends_at{};
    std::string csrf{};   // of a session; "" for a token
    std::string token{};  // for the cookie; filled by sign_in and renew only
};

struct Refused {
    base::Failure failure{};
    std::chrono::seconds retry_after{};  // of access.throttled
};

struct Credentials {
    std::string user{};
    std::string password{};
    std::string totp{};  // a code of the authenticator, or one for recovery
    std::string peer{};  // address of the other end
};

struct SecondFactor {
    bool in_force{};
    std::int64_t recovery_codes_left{};
};

// Writes what somebody did at the door into the audit log, in the transaction that does it.
using OnDoor = std::function<void(db::Connection& connection, const std::string& user,
                                  std::string_view action)>;

// Safe from several threads. Uses real time: a simulated clock ends no sessions.
class Sessions {
public:
    Sessions(db::Database& database, const base::Clock& clock, const Passwords& passwords,
             OnDoor on_door, SessionSettings settings = {})
        : database_(database),
          clock_(clock),
          passwords_(passwords),
          on_door_(std::move(on_door)),
          settings_(settings) {}

    // Codes: access.refused (one for everything that is wrong), access.totp_needed,
    // access.throttled. A try is counted before it is looked at, so that many at one time do not
    // get more of them.
    tl::expected<Admitted, Refused> sign_in(const Credentials& given);
    // Nothing: unknown, ended, idle for too long, or its user is disabled.
    std::optional<Admitted> by_cookie(std::string_view token);
    std::optional<Admitted> by_api_token(std::string_view token);
    void sign_out(const Caller& caller, std::string_view token);

    // For a person only, as all below (throws Denied). Ends all sessions of the user and begins
    // one. `current` must be right (password.wrong; each
    // wrong one counts as a try to sign in). Errors: also those of check_new_password.
    tl::expected<Admitted, Refused> change_password(const Caller& caller,
                                                    const std::string& current,
                                                    const std::string& fresh,
                                                    const std::string& peer);
    // The second factor. begin_totp answers with a secret that confirm_totp puts in force; its
    // answer is the recovery codes, shown once. Errors: totp.in_force, totp.wrong.
    base::Result<std::string> begin_totp(const Caller& caller);
    base::Result<std::vector<std::string>> confirm_totp(const Caller& caller,
                                                        std::string_view code);
    SecondFactor second_factor(const Caller& caller);
    // Other recovery codes instead of those from before. Errors: totp.missing, password.wrong (each
    // wrong one counts as a try to sign in).
    tl::expected<std::vector<std::string>, Refused> renew_recovery_codes(
        const Caller& caller, const std::string& password, const std::string& peer);

    const SessionSettings& settings() const { return settings_; }

private:
    std::optional<Refused> count_try(const std::string& user, const std::string& peer);
    void take_back_try(db::Connection& connection, const std::string& subject);
    void forgive(const std::string& user, const std::string& peer);
    void forgive_this_once(const std::string& user, const std::string& peer);
    bool take_code(const User& user, const std::string& given);
    tl::expected<User, Refused> confirmed(const Caller& caller, const std::string& password,
                                          const std::string& place, const std::string& peer);
    Admitted begin(db::Connection& connection, const User& user);
    Admitted admitted(const User& user, std::string_view token, base::Instant seen,
                      base::Instant ends) const;

    db::Database& database_;
    const base::Clock& clock_;
    const Passwords& passwords_;
    OnDoor on_door_;
    SessionSettings settings_;
};

// "car_" and 256 random bits; looks like nothing else, so that scanners for leaks find it.
std::string new_api_token();
std::string digest_of(std::string_view token);

}  // namespace carillon::access

#include "access/sessions.h"

#include <algorithm>

#include "access/recovery_codes.h"
#include "access/totp.h"
#include "base/digest.h"
#include "base/text.h"
#include "db/queries.h"

namespace carillon::access {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view api_token_prefix = "car_";
constexpr std::size_t token_max = 100;
constexpr auto touch_after = 60s;
constexpr auto tries_forgotten_after = 24h;

Refused refused() {
    return {{"access.refused", "name, password or code is not right"}, {}};
}

struct Tries {
    int tries{};
    base::Instant blocked_until{};
};

Tries tries_of(db::Connection& connection, const std::string& subject, base::Instant now) {
    Tries found;
    connection.select(db::queries::tries_of, {subject}, [&](const db::Row& row) {
        found = {row.get<int>(0), row.get<base::Instant>(2)};
        if (now - row.get<base::Instant>(1) > tries_forgotten_after) found.tries = 0;
    });
    return found;
}

// The first tries are free; then the pause doubles with each.
std::chrono::seconds pause_after(int tries, int free, std::chrono::seconds longest) {
    if (tries < free) return 0s;
    return std::min<std::chrono::seconds>(
        std::chrono::seconds{1} * (1 << std::min(tries - free, 20)), longest);
}

std::string user_subject(const std::string& user) {
    return "user " + base::cut_utf8(user, 64);
}

std::string peer_subject(const std::string& peer) {
    return "peer " + base::cut_utf8(peer, 64);
}

RightSet scopes_from(std::string_view words) {
    RightSet scopes;
    for (const auto word : base::split(words, ' '))
        if (const auto right = right_from(word); right && may_be_scope(*right))
            scopes.set(static_cast<std::size_t>(*right));
    return scopes;
}

}  // namespace

std::string new_api_token() {
    return std::string{api_token_prefix} + base::to_base64url(base::random_bytes(32));
}

std::string digest_of(std::string_view token) {
    return base::sha256_hex(token);
}

std::optional<Refused> Sessions::count_try(const std::string& user, const std::string& peer) {
    const auto now = clock_.now();
    const std::vector<std::pair<std::string, int>> subjects{
        {user_subject(user), settings_.free_tries}, {peer_subject(peer), settings_.free_tries * 4}};
    return db::in_transaction(database_, [&](db::Connection& connection) -> std::optional<Refused> {
        for (const auto& [subject, free] : subjects) {
            const auto known = tries_of(connection, subject, now);
            if (known.blocked_until <= now) continue;
            const auto wait = std::chrono::ceil<std::chrono::seconds>(known.blocked_until - now);
            return Refused{{"access.throttled", "too many wrong tries; try again in " +
                                                    std::to_string(wait.count()) + " s"},
                           wait};
        }
        for (const auto& [subject, free] : subjects) {
            const auto tries = tries_of(connection, subject, now).tries + 1;
            connection.execute(
                db::queries::store_tries,
                {subject, tries, now, now + pause_after(tries, free, settings_.longest_pause)});
        }
        connection.execute(db::queries::forget_old_tries,
                           {now - tries_forgotten_after, now - tries_forgotten_after});
        return std::nullopt;
    });
}

void Sessions::take_back_try(db::Connection& connection, const std::string& subject) {
    const auto now = clock_.now();
    const auto tries = tries_of(connection, subject, now).tries - 1;
    connection.execute(db::queries::store_tries, {subject, std::max(tries, 0), now, now});
}

// The user's tries are forgotten; the address's are not: it may be trying many users.
void Sessions::forgive(const std::string& user, const std::string& peer) {
    db::in_transaction(database_, [&](db::Connection& connection) {
        connection.execute(db::queries::forget_tries, {user_subject(user)});
        take_back_try(connection, peer_subject(peer));
    });
}

// Half of what is needed was right: that is no wrong try, but it makes none of those before good.
// Else whoever knows the password could guess codes for ever.
void Sessions::forgive_this_once(const std::string& user, const std::string& peer) {
    db::in_transaction(database_, [&](db::Connection& connection) {
        take_back_try(connection, user_subject(user));
        take_back_try(connection, peer_subject(peer));
    });
}

// Of the authenticator or for recovery; either counts once.
bool Sessions::take_code(const User& user, const std::string& given) {
    const auto now = clock_.now();
    return db::in_transaction(database_, [&](db::Connection& connection) {
        if (const auto step = fitting_step(user.totp_secret, given, now, user.totp_used))
            return connection.execute(db::queries::use_totp_step, {*step, user.id, *step}) == 1;
        if (!spend_recovery_code(connection, user.id, given, now)) return false;
        on_door_(connection, user.name, "session.recovery_code");
        return true;
    });
}

Admitted Sessions::admitted(const User& user, std::string_view token, base::Instant seen,
                            base::Instant ends) const {
    return {.caller = caller_of(user),
            .has_totp = user.has_totp(),
            .idle_until = std::min(seen + settings_.idle, ends),
            .ends_at = ends,
            .csrf = base::to_base64url(base::hmac_sha256(token, "csrf"))};
}

Admitted Sessions::begin(db::Connection& connection, const User& user) {
    const auto now = clock_.now();
    const auto ends = now + settings_.longest;
    const auto token = base::to_base64url(base::random_bytes(32));
    connection.execute(db::queries::delete_stale_sessions, {now, now - settings_.idle});
    connection.execute(db::queries::insert_session, {digest_of(token), user.id, now, now, ends});
    connection.execute(db::queries::seen_user, {now, user.id});
    auto in = admitted(user, token, now, ends);
    in.token = token;
    return in;
}

tl::expected<Admitted, Refused> Sessions::sign_in(const Credentials& given) {
    if (auto blocked = count_try(given.user, given.peer)) return tl::unexpected{*blocked};
    auto user = find_user(*database_.read(), given.user);
    const auto hash = user && user->active ? user->password : std::string{};
    if (!passwords_.fits(given.password, hash)) return tl::unexpected{refused()};
    if (user->has_totp()) {
        if (given.totp.empty()) {
            forgive_this_once(given.user, given.peer);
            return tl::unexpected{
                Refused{{"access.totp_needed", "the code of the second factor is needed too"}, {}}};
        }
        if (!take_code(*user, given.totp)) return tl::unexpected{refused()};
    }
    forgive(given.user, given.peer);
    const auto renewed =
        passwords_.is_outdated(hash) ? passwords_.hash(given.password) : std::string{};
    return db::in_transaction(
        database_, [&](db::Connection& connection) -> tl::expected<Admitted, Refused> {
            // Disabled, or given another password, while this was being looked at.
            const auto again = find_user(connection, given.user);
            if (!again || !again->active || again->password != hash)
                return tl::unexpected{refused()};
            if (!renewed.empty())
                connection.execute(db::queries::rehash_password, {renewed, user->id, hash});
            on_door_(connection, again->name, "session.begin");
            return begin(connection, *again);
        });
}

std::optional<Admitted> Sessions::by_cookie(std::string_view token) {
    if (token.empty() || token.size() > token_max) return std::nullopt;
    const auto now = clock_.now();
    const auto digest = digest_of(token);
    std::optional<User> user;
    base::Instant seen;
    base::Instant ends;
    {
        auto lease = database_.read();
        std::string name;
        lease->select(db::queries::session_by_digest, {digest}, [&](const db::Row& row) {
            seen = row.get<base::Instant>(0);
            ends = row.get<base::Instant>(1);
            name = row.get<std::string>(2);
        });
        if (name.empty() || now >= ends || now >= seen + settings_.idle) return std::nullopt;
        user = find_user(*lease, name);
    }
    if (!user) return std::nullopt;
    if (now - seen >= touch_after) {
        db::in_transaction(database_, [&](db::Connection& connection) {
            connection.execute(db::queries::touch_session, {now, digest, now});
            connection.execute(db::queries::seen_user, {now, user->id});
        });
        seen = now;
    }
    return admitted(*user, token, seen, ends);
}

std::optional<Admitted> Sessions::by_api_token(std::string_view token) {
    if (!token.starts_with(api_token_prefix) || token.size() > token_max) return std::nullopt;
    const auto now = clock_.now();
    struct Known {
        std::int64_t id{};
        std::string name{};
        RightSet scopes{};
        base::Instant expires{};
        std::optional<base::Instant> used{};
        std::string owner{};
    };
    std::optional<Known> known;
    std::optional<User> owner;
    {
        auto lease = database_.read();
        known = lease->one<Known>(db::queries::token_by_digest, {digest_of(token)},
                                  [](const db::Row& row) {
                                      return Known{row.get<std::int64_t>(0),
                                                   row.get<std::string>(1),
                                                   scopes_from(row.text(2)),
                                                   row.get<base::Instant>(3),
                                                   row.get<std::optional<base::Instant>>(4),
                                                   row.get<std::string>(5)};
                                  });
        if (!known || now >= known->expires) return std::nullopt;
        owner = find_user(*lease, known->owner);
    }
    if (!owner) return std::nullopt;
    if (!known->used || now - *known->used >= touch_after)
        db::in_transaction(database_, [&](db::Connection& connection) {
            connection.execute(db::queries::touch_token, {now, known->id});
        });
    Admitted in{.caller = caller_of(*owner),
                .has_totp = owner->has_totp(),
                .idle_until = known->expires,
                .ends_at = known->expires};
    in.caller.rights &= known->scopes;
    in.caller.token = known->name;
    return in;
}

void Sessions::sign_out(const Caller& caller, std::string_view token) {
    db::in_transaction(database_, [&](db::Connection& connection) {
        connection.execute(db::queries::delete_session, {digest_of(token)});
        on_door_(connection, caller.user, "session.end");
    });
}

// By the password again, as if signing in: a browser that was left open is not enough.
tl::expected<User, Refused> Sessions::confirmed(const Caller& caller, const std::string& password,
                                                const std::string& place, const std::string& peer) {
    if (auto blocked = count_try(caller.user, peer)) return tl::unexpected{*blocked};
    const auto user = find_user(*database_.read(), caller.user);
    if (!user || !passwords_.fits(password, user->password))
        return tl::unexpected{Refused{{"password.wrong", "this is not your password", place}, {}}};
    forgive(caller.user, peer);
    return *user;
}

tl::expected<Admitted, Refused> Sessions::change_password(const Caller& caller,
                                                          const std::string& current,
                                                          const std::string& fresh,
                                                          const std::string& peer) {
    require_person(caller);
    if (const auto good = check_new_password(fresh, caller.user); !good)
        return tl::unexpected{Refused{good.error(), {}}};
    const auto user = confirmed(caller, current, "$.current", peer);
    if (!user) return tl::unexpected{user.error()};
    if (current == fresh)
        return tl::unexpected{
            Refused{{"password.same", "this is the password you have already", "$.new"}, {}}};
    const auto hash = passwords_.hash(fresh);
    return db::in_transaction(database_, [&](db::Connection& connection) {
        set_password(connection, *user, hash, false);
        on_door_(connection, caller.user, "user.password");
        return begin(connection, find_user(connection, caller.user).value());
    });
}

base::Result<std::string> Sessions::begin_totp(const Caller& caller) {
    require_settled_person(caller);
    return db::in_transaction(
        database_, [&](db::Connection& connection) -> base::Result<std::string> {
            const auto user = find_user(connection, caller.user).value();
            if (user.has_totp())
                return base::fail("totp.in_force",
                                  "there is a second factor; an administrator can take it away");
            const auto secret = new_totp_secret();
            connection.execute(db::queries::set_totp_pending, {secret, user.id});
            return secret;
        });
}

base::Result<std::vector<std::string>> Sessions::confirm_totp(const Caller& caller,
                                                              std::string_view code) {
    require_settled_person(caller);
    const auto now = clock_.now();
    return db::in_transaction(
        database_, [&](db::Connection& connection) -> base::Result<std::vector<std::string>> {
            const auto user = find_user(connection, caller.user).value();
            const auto step = fitting_step(user.totp_pending, code, now, 0);
            if (user.totp_pending.empty() || !step)
                return base::fail("totp.wrong", "this is not the code of the moment", "$.code");
            connection.execute(db::queries::set_totp, {user.totp_pending, *step, user.id});
            on_door_(connection, caller.user, "user.totp");
            return access::renew_recovery_codes(connection, user.id, now);
        });
}

SecondFactor Sessions::second_factor(const Caller& caller) {
    require_settled_person(caller);
    auto lease = database_.read();
    const auto user = find_user(*lease, caller.user).value();
    return {user.has_totp(), recovery_codes_left(*lease, user.id)};
}

tl::expected<std::vector<std::string>, Refused> Sessions::renew_recovery_codes(
    const Caller& caller, const std::string& password, const std::string& peer) {
    require_settled_person(caller);
    const auto user = confirmed(caller, password, "$.password", peer);
    if (!user) return tl::unexpected{user.error()};
    using Codes = tl::expected<std::vector<std::string>, Refused>;
    return db::in_transaction(database_, [&](db::Connection& connection) -> Codes {
        const auto again = find_user(connection, caller.user);
        if (!again || !again->has_totp())
            return tl::unexpected{
                Refused{{"totp.missing", "there is no second factor to recover"}, {}}};
        on_door_(connection, caller.user, "user.recovery_codes");
        return access::renew_recovery_codes(connection, again->id, clock_.now());
    });
}

}  // namespace carillon::access

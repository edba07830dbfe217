// Users in the database and what administrators do with them. Everything that changes a user runs
// in the caller's transaction; audit entries are the caller's too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/caller.h"
#include "db/database.h"

namespace carillon::access {

struct User {
    std::int64_t id{};
    std::string name{};
    std::string full_name{};
    RoleSet roles{};
    std::vector<std::string> branches{};
    bool active{true};
    std::string password{};  // Argon2id hash
    bool must_change{};
    std::string totp_secret{};   // "" when there is no second factor
    std::string totp_pending{};  // "" when none is being set up
    std::int64_t totp_used{};
    int revision{};
    base::Instant created_at{};
    std::optional<base::Instant> last_seen_at{};

    bool has_totp() const { return !totp_secret.empty(); }
    std::string etag() const { return "\"" + std::to_string(revision) + "\""; }
};

std::optional<User> find_user(db::Connection& connection, std::string_view name);
// By name, those behind `after`.
std::vector<User> users_after(db::Connection& connection, std::string_view after, int limit);

struct UserDraft {
    std::string name{};
    std::string full_name{};
    RoleSet roles{};
    std::vector<std::string> branches{};
    bool active{true};
};
// Errors: user.name, user.roles (none, or a pair that one person must not hold), user.branches.
base::Result<void> check_draft(const UserDraft& draft);

// `password_hash`: of a password that somebody else knows, to be changed at the first sign-in.
// Errors: those of check_draft, user.exists.
base::Result<User> add_user(db::Connection& connection, const UserDraft& draft,
                            const std::string& password_hash, base::Instant now);
// Ends the user's sessions when roles, branches or status change. Errors: those of check_draft,
// user.unknown, etag.mismatch (changed meanwhile).
base::Result<User> change_user(db::Connection& connection, const UserDraft& draft, int revision);
// Ends the user's sessions.
void set_password(db::Connection& connection, const User& user, const std::string& hash,
                  bool must_change);
void remove_totp(db::Connection& connection, const User& user);

// What the user may do, as a person.
Caller caller_of(const User& user);

std::string words_of(RoleSet roles);  // "author approver"

}  // namespace carillon::access

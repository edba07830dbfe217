#include "access/users.h"

#include <algorithm>

#include "access/recovery_codes.h"
#include "base/json.h"
#include "base/text.h"
#include "db/queries.h"

namespace carillon::access {

namespace {

constexpr std::size_t branches_max = 100;

std::vector<std::string> texts_in(const std::string& json) {
    std::vector<std::string> texts;
    const auto parsed = base::Json::parse(json);
    if (!parsed || parsed->array() == nullptr) return texts;
    for (const auto& one : *parsed->array())
        if (one.text() != nullptr) texts.push_back(*one.text());
    return texts;
}

std::string json_of(const std::vector<std::string>& texts) {
    return base::Json{base::Json::Array{texts.begin(), texts.end()}}.dump();
}

RoleSet roles_from(std::string_view words) {
    std::vector<Role> list;
    for (const auto word : base::split(words, ' '))
        if (const auto role = role_from(word)) list.push_back(*role);
    return set_of(list);
}

User user_from(const db::Row& row) {
    return {row.get<std::int64_t>(0),
            row.get<std::string>(1),
            row.get<std::string>(2),
            roles_from(row.text(3)),
            texts_in(row.get<std::string>(4)),
            row.text(5) == "active",
            row.get<std::string>(6),
            row.get<bool>(7),
            row.get<std::optional<std::string>>(8).value_or(""),
            row.get<std::optional<std::string>>(9).value_or(""),
            row.get<std::int64_t>(10),
            row.get<int>(11),
            row.get<base::Instant>(12),
            row.get<std::optional<base::Instant>>(13)};
}

bool is_name(std::string_view name) {
    constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view rest = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    return !name.empty() && name.size() <= 64 &&
           first.find(name.front()) != std::string_view::npos &&
           name.find_first_not_of(rest) == std::string_view::npos;
}

}  // namespace

std::string words_of(RoleSet roles) {
    std::string words;
    for (const auto role : roles_in(roles))
        words += (words.empty() ? "" : " ") + std::string{name_of(role)};
    return words;
}

std::optional<User> find_user(db::Connection& connection, std::string_view name) {
    return connection.one<User>(db::queries::user_by_name, {name}, user_from);
}

std::vector<User> users_after(db::Connection& connection, std::string_view after, int limit) {
    return connection.list<User>(db::queries::users_after, {after, limit}, user_from);
}

base::Result<void> check_draft(const UserDraft& draft) {
    if (!is_name(draft.name))
        return base::fail("user.name",
                          "a user's name has up to 64 of a-z, 0-9, '.', '_', '-' and begins with "
                          "a letter or a digit",
                          "$.name");
    if (draft.full_name.size() > 200 || base::has_control_characters(draft.full_name))
        return base::fail("user.full_name", "at most 200 bytes, no control characters",
                          "$.full_name");
    if (draft.roles.none()) return base::fail("user.roles", "at least one role", "$.roles");
    if (const auto conflict = conflict_in(draft.roles); !conflict.empty())
        return base::fail("user.roles", std::string{conflict}, "$.roles");
    const auto is_bad = [](const std::string& branch) {
        return branch.empty() || branch.size() > 64 || base::has_control_characters(branch);
    };
    if (draft.branches.size() > branches_max || std::ranges::any_of(draft.branches, is_bad))
        return base::fail("user.branches", "at most 100 branches of 1 to 64 bytes", "$.branches");
    return {};
}

base::Result<User> add_user(db::Connection& connection, const UserDraft& draft,
                            const std::string& password_hash, base::Instant now) {
    if (const auto checked = check_draft(draft); !checked) return base::fail(checked.error());
    if (find_user(connection, draft.name))
        return base::fail("user.exists", "there is a user '" + draft.name + "' already", "$.name");
    connection.insert(db::queries::insert_user,
                      {draft.name, draft.full_name, words_of(draft.roles), json_of(draft.branches),
                       password_hash, true, now});
    return find_user(connection, draft.name).value();
}

base::Result<User> change_user(db::Connection& connection, const UserDraft& draft, int revision) {
    if (const auto checked = check_draft(draft); !checked) return base::fail(checked.error());
    const auto known = find_user(connection, draft.name);
    if (!known) return base::fail("user.unknown", "there is no user '" + draft.name + "'");
    const auto changed = connection.execute(
        db::queries::change_user, {draft.full_name, words_of(draft.roles), json_of(draft.branches),
                                   draft.active ? "active" : "disabled", known->id, revision});
    if (changed == 0)
        return base::fail("etag.mismatch", "the user has been changed meanwhile; read it again");
    const bool same = known->roles == draft.roles && known->branches == draft.branches &&
                      known->active == draft.active;
    if (!same) connection.execute(db::queries::delete_sessions_of, {known->id});
    return find_user(connection, draft.name).value();
}

void set_password(db::Connection& connection, const User& user, const std::string& hash,
                  bool must_change) {
    connection.execute(db::queries::set_password, {hash, must_change, user.id});
    connection.execute(db::queries::delete_sessions_of, {user.id});
}

void remove_totp(db::Connection& connection, const User& user) {
    connection.execute(db::queries::set_totp, {std::nullopt, 0, user.id});
    remove_recovery_codes(connection, user.id);
    connection.execute(db::queries::delete_sessions_of, {user.id});
}

Caller caller_of(const User& user) {
    Caller caller{.user = user.name,
                  .full_name = user.full_name,
                  .roles = user.roles,
                  .rights = rights_of(user.roles),
                  .must_change_password = user.must_change};
    // A manager sees the clients of own branches; who has another role that sees clients, all.
    auto others = user.roles;
    others.reset(static_cast<std::size_t>(Role::manager));
    if (!has(rights_of(others), Right::clients_see)) caller.branches = user.branches;
    return caller;
}

}  // namespace carillon::access

#include "desk/people.h"

#include <limits>

#include "access/tokens.h"
#include "access/users.h"
#include "base/local_date.h"
#include "db/queries.h"

namespace carillon::desk {

namespace {

base::Json::Array names_of(access::RoleSet roles) {
    base::Json::Array names;
    for (const auto role : access::roles_in(roles)) names.emplace_back(name_of(role));
    return names;
}

base::Json::Array names_of(access::RightSet rights) {
    base::Json::Array names;
    for (const auto right : access::rights_in(rights)) names.emplace_back(name_of(right));
    return names;
}

base::Json to_json(const access::User& user) {
    return base::Json::Object{
        {"name", user.name},
        {"full_name", user.full_name},
        {"roles", names_of(user.roles)},
        {"branches", base::Json::Array{user.branches.begin(), user.branches.end()}},
        {"status", user.active ? "active" : "disabled"},
        {"totp", user.has_totp()},
        {"created_at", base::to_text(user.created_at)},
        {"last_seen_at", time_or_null(user.last_seen_at)}};
}

base::Json to_json(const access::ApiToken& token) {
    return base::Json::Object{{"id", token.id},
                              {"owner", token.owner},
                              {"name", token.name},
                              {"scopes", names_of(token.scopes)},
                              {"created_at", base::to_text(token.created_at)},
                              {"expires_at", base::to_text(token.expires_at)},
                              {"last_used_at", time_or_null(token.last_used_at)},
                              {"revoked_at", time_or_null(token.revoked_at)}};
}

tl::unexpected<base::Problems> unknown_user(const std::string& name) {
    return refuse("user.unknown", "there is no user '" + name + "'");
}

access::RoleSet read_roles(base::ObjectReader& reader) {
    std::vector<access::Role> roles;
    for (const auto& name : reader.texts("roles")) {
        const auto role = access::role_from(name);
        if (role)
            roles.push_back(*role);
        else
            reader.problem("roles", "user.roles", "there is no role '" + name + "'");
    }
    return access::set_of(roles);
}

access::UserDraft read_user(const base::Json& json, const std::string& name, bool is_new,
                            base::Problems& problems) {
    base::ObjectReader reader{json, "$", problems};
    access::UserDraft draft{.name = is_new ? reader.required_text("name") : name,
                            .full_name = reader.text("full_name")};
    reader.required("roles");
    draft.roles = read_roles(reader);
    draft.branches = reader.texts("branches");
    if (!is_new) draft.active = reader.choice("status", {"active", "disabled"}, -1) == 0;
    reader.finish();
    return draft;
}

base::Json detail_of(const access::UserDraft& draft) {
    return base::Json::Object{
        {"roles", access::words_of(draft.roles)},
        {"branches", base::Json::Array{draft.branches.begin(), draft.branches.end()}},
        {"status", draft.active ? "active" : "disabled"}};
}

base::Json with_etag(const access::User& user) {
    auto json = to_json(user);
    json.set("etag", user.etag());
    return json;
}

}  // namespace

base::Json session_json(const access::Admitted& in) {
    const auto& caller = in.caller;
    base::Json branches;
    if (caller.branches)
        branches = base::Json::Array{caller.branches->begin(), caller.branches->end()};
    return base::Json::Object{{"user", caller.user},
                              {"full_name", caller.full_name},
                              {"roles", names_of(caller.roles)},
                              {"rights", names_of(caller.rights)},
                              {"branches", std::move(branches)},
                              {"csrf", in.csrf.empty() ? base::Json{} : base::Json{in.csrf}},
                              {"kind", caller.token.empty() ? "session" : "token"},
                              {"must_change_password", caller.must_change_password},
                              {"totp", in.has_totp},
                              {"idle_until", base::to_text(in.idle_until)},
                              {"ends_at", base::to_text(in.ends_at)}};
}

Answer list_users(Office& office, const Caller& caller, const PageQuery& query) {
    auto lease = office.read(caller, Right::users_see);
    base::Json::Array items;
    for (const auto& user : access::users_after(*lease, query.after, query.limit + 1))
        items.push_back(to_json(user));
    return page_of(std::move(items), query,
                   [](const base::Json& one) { return *one.find("name")->text(); });
}

Answer get_user(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::users_see);
    const auto user = access::find_user(*lease, name);
    if (!user) return unknown_user(name);
    return with_etag(*user);
}

Answer add_user(Office& office, const Caller& caller, const access::Passwords& passwords,
                const base::Json& json) {
    access::require(caller, Right::users_manage);
    base::Problems problems;
    const auto draft = read_user(json, {}, true, problems);
    if (!problems.empty()) return refuse(std::move(problems));
    if (const auto good = access::check_draft(draft); !good) return refuse(good.error());
    const auto password = access::random_password();
    const auto hash = passwords.hash(password);
    return office.act_shown_once(
        caller, Right::users_manage, [&](const campaigns::Desk& desk) -> Answer {
            const auto user = access::add_user(desk.connection, draft, hash, desk.now);
            if (!user) return refuse(user.error());
            note(desk, "user.add", "user " + draft.name, detail_of(draft));
            return base::Json{base::Json::Object{{"user", to_json(*user)}, {"password", password}}};
        });
}

Answer change_user(Office& office, const Caller& caller, const std::string& name,
                   const base::Json& json, const Edit& edit) {
    access::require(caller, Right::users_manage);
    base::Problems problems;
    const auto draft = read_user(json, name, false, problems);
    if (!problems.empty()) return refuse(std::move(problems));
    if (name == caller.user) return refuse("user.self", "another administrator has to change you");
    return office.act(caller, Right::users_manage, [&](const campaigns::Desk& desk) -> Answer {
        const auto known = access::find_user(desk.connection, name);
        if (!known) return unknown_user(name);
        if (const auto fits = check_edit(edit, known->etag()); !fits) return refuse(fits.error());
        const auto changed = access::change_user(desk.connection, draft, known->revision);
        if (!changed) return refuse(changed.error());
        note(desk, "user.change", "user " + name, detail_of(draft));
        return with_etag(*changed);
    });
}

Answer reset_password(Office& office, const Caller& caller, const access::Passwords& passwords,
                      const std::string& name) {
    access::require(caller, Right::users_manage);
    if (name == caller.user)
        return refuse("user.self", "change your own password with POST /session/password");
    const auto password = access::random_password();
    const auto hash = passwords.hash(password);
    return office.act_shown_once(
        caller, Right::users_manage, [&](const campaigns::Desk& desk) -> Answer {
            const auto user = access::find_user(desk.connection, name);
            if (!user) return unknown_user(name);
            access::set_password(desk.connection, *user, hash, true);
            note(desk, "user.reset_password", "user " + name);
            return base::Json{base::Json::Object{{"user", to_json(*user)}, {"password", password}}};
        });
}

Answer reset_totp(Office& office, const Caller& caller, const std::string& name) {
    access::require(caller, Right::users_manage);
    if (name == caller.user)
        return refuse("user.self", "another administrator has to take your second factor away");
    return office.act(caller, Right::users_manage, [&](const campaigns::Desk& desk) -> Answer {
        const auto user = access::find_user(desk.connection, name);
        if (!user) return unknown_user(name);
        access::remove_totp(desk.connection, *user);
        note(desk, "user.reset_totp", "user " + name);
        return base::Json{base::Json::Object{}};
    });
}

Answer list_tokens(Office& office, const Caller& caller, const PageQuery& query) {
    auto lease = office.read(caller, Right::tokens_manage);
    const auto after = number_in_cursor(query.after);
    if (!after) return refuse(after.error());
    const auto owner = caller.may(Right::users_manage) ? std::string{} : caller.user;
    base::Json::Array items;
    for (const auto& token : access::tokens_after(*lease, *after, owner, query.limit + 1))
        items.push_back(to_json(token));
    return page_of(std::move(items), query, [](const base::Json& one) {
        return std::to_string(*one.find("id")->integer());
    });
}

Answer add_token(Office& office, const Caller& caller, const base::Json& json) {
    access::require(caller, Right::tokens_manage);
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    access::TokenDraft draft{.name = reader.required_text("name")};
    reader.required("scopes");
    for (const auto& name : reader.texts("scopes")) {
        const auto right = access::right_from(name);
        if (right)
            draft.scopes.set(static_cast<std::size_t>(*right));
        else
            reader.problem("scopes", "token.scopes", "there is no right '" + name + "'");
    }
    draft.days = static_cast<int>(reader.integer("days", 90, 1, 365));
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    return office.act_shown_once(
        caller, Right::tokens_manage, [&](const campaigns::Desk& desk) -> Answer {
            const auto made = access::add_token(desk.connection, caller, draft, desk.now);
            if (!made) return refuse(made.error());
            note(desk, "token.add", "token " + std::to_string(made->token.id),
                 base::Json::Object{{"name", draft.name}, {"scopes", names_of(draft.scopes)}});
            return base::Json{
                base::Json::Object{{"token", to_json(made->token)}, {"secret", made->secret}}};
        });
}

Answer revoke_token(Office& office, const Caller& caller, std::int64_t id) {
    return office.act(caller, Right::tokens_manage, [&](const campaigns::Desk& desk) -> Answer {
        const auto token = access::find_token(desk.connection, id);
        const bool own = token && token->owner == caller.user;
        if (!token || (!own && !caller.may(Right::users_manage)))
            return refuse("token.unknown", "there is no such token of yours");
        if (access::revoke_token(desk.connection, id, desk.now))
            note(desk, "token.revoke", "token " + std::to_string(id));
        return base::Json{base::Json::Object{}};
    });
}

Answer list_audit(Office& office, const Caller& caller, const PageQuery& query,
                  const std::string& object, const std::string& actor) {
    auto lease = office.read(caller, Right::audit_see);
    const auto cursor = number_in_cursor(query.after);
    if (!cursor) return refuse(cursor.error());
    const auto before = *cursor == 0 ? std::numeric_limits<std::int64_t>::max() : *cursor;
    base::Json::Array items;
    lease->select(db::queries::desk_audit_before,
                  {before, object, object, actor, actor, query.limit + 1}, [&](const db::Row& row) {
                      items.push_back(base::Json::Object{
                          {"seq", row.get<std::int64_t>(0)},
                          {"at", base::to_text(row.get<base::Instant>(1))},
                          {"actor", row.get<std::string>(2)},
                          {"action", row.get<std::string>(3)},
                          {"object", row.get<std::string>(4)},
                          {"before_hash", row.get<std::string>(5)},
                          {"after_hash", row.get<std::string>(6)},
                          {"detail", base::Json::parse(row.text(7)).value_or(base::Json{})}});
                  });
    return page_of(std::move(items), query, [](const base::Json& one) {
        return std::to_string(*one.find("seq")->integer());
    });
}

Answer verify_audit(Office& office, const Caller& caller,
                    const std::optional<db::AuditHead>& checkpoint) {
    auto lease = office.read(caller, Right::audit_see);
    const auto verdict =
        db::verify_audit(*lease, office.audit_key(caller, Right::audit_see), checkpoint);
    return base::Json{base::Json::Object{
        {"ok", verdict.problems.empty()},
        {"rows", verdict.rows},
        {"problems", base::Json::Array{verdict.problems.begin(), verdict.problems.end()}}}};
}

}  // namespace carillon::desk

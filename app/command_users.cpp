// user and token: who may sign in, and which programs may call.
#include <algorithm>
#include <fstream>

#include "access/passwords.h"
#include "access/tokens.h"
#include "access/users.h"
#include "app/commands.h"
#include "base/local_date.h"
#include "base/text.h"
#include "desk/office.h"

namespace carillon::app {

namespace {

access::Passwords passwords_of(const Program& program) {
    const auto& config = program.config();
    return access::Passwords{{static_cast<std::size_t>(config.integer("access.password_memory")),
                              static_cast<unsigned>(config.integer("access.password_passes"))}};
}

base::Result<access::RoleSet> roles_of(const std::vector<std::string>& names) {
    std::vector<access::Role> roles;
    for (const auto& name : names) {
        const auto role = access::role_from(name);
        if (!role) return base::fail("user.roles", "there is no role '" + name + "'", "--roles");
        roles.push_back(*role);
    }
    return access::set_of(roles);
}

struct FirstPassword {
    std::string password{};
    bool is_shown{};  // made here, so that it has to be changed
};

base::Result<FirstPassword> first_password(const UserArgs& args) {
    if (args.password_file.empty()) return FirstPassword{access::random_password(), true};
    std::ifstream file{args.password_file};
    std::string line;
    if (!std::getline(file, line))
        return base::fail("file.unreadable", "cannot be read", args.password_file);
    const std::string password{base::trim(line)};
    if (const auto good = access::check_new_password(password, args.name); !good)
        return base::fail(good.error().code, good.error().detail, args.password_file);
    return FirstPassword{password, false};
}

base::Failure unknown(const std::string& name) {
    return {"user.unknown", "there is no user '" + name + "'"};
}

ExitCode tell_password(const Output& output, const std::string& name,
                       const FirstPassword& password) {
    base::Json json{base::Json::Object{{"user", name}}};
    if (password.is_shown) {
        output.line("password of " + name +
                    ", to be changed at the first sign-in: " + password.password);
        json.set("password", password.password);
    } else {
        output.line("password of " + name + " set");
    }
    output.result(json);
    return ExitCode::done;
}

// Changes what `change` changes in a copy of the user.
template <class Change>
ExitCode edit(Program& program, const Output& output, const std::string& name,
              const Change& change) {
    std::optional<base::Failure> failure;
    program.act([&](const campaigns::Desk& desk) {
        const auto user = access::find_user(desk.connection, name);
        if (!user) {
            failure = unknown(name);
            return false;
        }
        access::UserDraft draft{user->name, user->full_name, user->roles, user->branches,
                                user->active};
        change(draft);
        const auto changed = access::change_user(desk.connection, draft, user->revision);
        if (!changed) {
            failure = changed.error();
            return false;
        }
        desk::note(desk, "user.change", "user " + name,
                   base::Json::Object{{"roles", access::words_of(draft.roles)},
                                      {"status", draft.active ? "active" : "disabled"}});
        return true;
    });
    if (failure) return output.refuse(*failure);
    output.line("user " + name + " changed; sessions that this concerns have ended");
    output.result(base::Json{base::Json::Object{{"user", name}}});
    return ExitCode::done;
}

std::string words_of(access::RightSet scopes) {
    std::vector<std::string> names;
    for (const auto right : access::rights_in(scopes)) names.emplace_back(name_of(right));
    return base::join(names, " ");
}

}  // namespace

ExitCode add_user(Program& program, const Output& output, const UserArgs& args) {
    const auto roles = roles_of(args.roles);
    if (!roles) return output.refuse(roles.error());
    const access::UserDraft draft{args.name, args.full_name, *roles, args.branches};
    if (const auto good = access::check_draft(draft); !good) return output.refuse(good.error());
    const auto password = first_password(args);
    if (!password) return output.refuse(password.error());
    const auto hash = passwords_of(program).hash(password->password);
    const auto added = program.act([&](const campaigns::Desk& desk) {
        auto user = access::add_user(desk.connection, draft, hash, desk.now);
        if (!user) return user;
        if (!password->is_shown) access::set_password(desk.connection, *user, hash, false);
        desk::note(desk, "user.add", "user " + draft.name,
                   base::Json::Object{{"roles", access::words_of(draft.roles)}});
        return user;
    });
    if (!added) return output.refuse(added.error());
    return tell_password(output, args.name, *password);
}

ExitCode list_users(Program& program, const Output& output) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    constexpr int slice = 200;
    for (std::string after;;) {
        const auto users = access::users_after(*lease, after, slice);
        for (const auto& user : users) {
            const std::string status = user.active ? "active" : "disabled";
            rows.push_back({user.name, user.full_name, access::words_of(user.roles),
                            base::join(user.branches, ", "), status,
                            user.last_seen_at ? base::to_text(*user.last_seen_at) : "never"});
            list.push_back(base::Json::Object{
                {"name", user.name}, {"roles", access::words_of(user.roles)}, {"status", status}});
        }
        if (users.size() < slice) break;
        after = users.back().name;
    }
    output.table({"name", "full name", "roles", "branches", "status", "last seen"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode set_user_password(Program& program, const Output& output, const UserArgs& args) {
    const auto password = first_password(args);
    if (!password) return output.refuse(password.error());
    const auto hash = passwords_of(program).hash(password->password);
    const bool known = program.act([&](const campaigns::Desk& desk) {
        const auto user = access::find_user(desk.connection, args.name);
        if (!user) return false;
        access::set_password(desk.connection, *user, hash, password->is_shown);
        desk::note(desk, "user.reset_password", "user " + args.name);
        return true;
    });
    if (!known) return output.refuse(unknown(args.name));
    return tell_password(output, args.name, *password);
}

ExitCode set_user_roles(Program& program, const Output& output, const UserArgs& args) {
    const auto roles = roles_of(args.roles);
    if (!roles) return output.refuse(roles.error());
    return edit(program, output, args.name, [&](access::UserDraft& draft) {
        draft.roles = *roles;
        if (!args.branches.empty()) draft.branches = args.branches;
    });
}

ExitCode set_user_status(Program& program, const Output& output, const UserArgs& args,
                         bool active) {
    return edit(program, output, args.name,
                [&](access::UserDraft& draft) { draft.active = active; });
}

ExitCode reset_user_totp(Program& program, const Output& output, const UserArgs& args) {
    const bool known = program.act([&](const campaigns::Desk& desk) {
        const auto user = access::find_user(desk.connection, args.name);
        if (!user) return false;
        access::remove_totp(desk.connection, *user);
        desk::note(desk, "user.reset_totp", "user " + args.name);
        return true;
    });
    if (!known) return output.refuse(unknown(args.name));
    output.line("user " + args.name + " signs in with the password alone; sessions have ended");
    output.result(base::Json{base::Json::Object{{"user", args.name}}});
    return ExitCode::done;
}

ExitCode create_token(Program& program, const Output& output, const TokenArgs& args) {
    access::TokenDraft draft{.name = args.name, .days = args.days};
    for (const auto& scope : args.scopes) {
        const auto right = access::right_from(scope);
        if (!right)
            return output.refuse({"token.scopes", "there is no right '" + scope + "'", "--scopes"});
        draft.scopes.set(static_cast<std::size_t>(*right));
    }
    const auto made =
        program.act([&](const campaigns::Desk& desk) -> base::Result<access::MadeToken> {
            const auto owner = access::find_user(desk.connection, args.owner);
            if (!owner) return base::fail(unknown(args.owner));
            auto caller = access::caller_of(*owner);
            caller.must_change_password = false;
            auto token = access::add_token(desk.connection, caller, draft, desk.now);
            if (token)
                desk::note(desk, "token.add", "token " + std::to_string(token->token.id),
                           base::Json::Object{{"owner", args.owner},
                                              {"name", args.name},
                                              {"scopes", words_of(draft.scopes)}});
            return token;
        });
    if (!made) return output.refuse(made.error());
    output.line("token " + std::to_string(made->token.id) + ", shown only now: " + made->secret);
    output.result(
        base::Json{base::Json::Object{{"id", made->token.id},
                                      {"secret", made->secret},
                                      {"expires_at", base::to_text(made->token.expires_at)}}});
    return ExitCode::done;
}

ExitCode list_tokens(Program& program, const Output& output, const TokenArgs& args) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    constexpr int tokens_max = 10'000;
    for (const auto& token : access::tokens_after(*lease, 0, args.owner, tokens_max)) {
        const auto used = token.last_used_at ? base::to_text(*token.last_used_at) : "never";
        rows.push_back({std::to_string(token.id), token.owner, token.name, words_of(token.scopes),
                        base::to_text(token.expires_at), used,
                        token.revoked_at ? "revoked" : "in force"});
        list.push_back(base::Json::Object{{"id", token.id},
                                          {"owner", token.owner},
                                          {"name", token.name},
                                          {"scopes", words_of(token.scopes)},
                                          {"revoked", token.revoked_at.has_value()}});
    }
    output.table({"id", "owner", "name", "scopes", "expires", "last used", "state"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode revoke_token(Program& program, const Output& output, const TokenArgs& args) {
    const bool revoked = program.act([&](const campaigns::Desk& desk) {
        if (!access::revoke_token(desk.connection, args.id, desk.now)) return false;
        desk::note(desk, "token.revoke", "token " + std::to_string(args.id));
        return true;
    });
    if (!revoked)
        return output.refuse(
            {"token.unknown", "there is no token " + std::to_string(args.id) + " in force", "ID"});
    output.line("token " + std::to_string(args.id) + " revoked");
    output.result(base::Json{base::Json::Object{{"id", args.id}}});
    return ExitCode::done;
}

}  // namespace carillon::app

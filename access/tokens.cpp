#include "access/tokens.h"

#include "access/sessions.h"
#include "access/users.h"
#include "base/text.h"
#include "db/queries.h"

namespace carillon::access {

namespace {

std::string words_of(RightSet scopes) {
    std::string words;
    for (const auto right : rights_in(scopes))
        words += (words.empty() ? "" : " ") + std::string{name_of(right)};
    return words;
}

ApiToken token_from(const db::Row& row) {
    ApiToken token{row.get<std::int64_t>(0),
                   row.get<std::string>(1),
                   row.get<std::string>(2),
                   {},
                   row.get<base::Instant>(4),
                   row.get<base::Instant>(5),
                   row.get<std::optional<base::Instant>>(6),
                   row.get<std::optional<base::Instant>>(7)};
    for (const auto word : base::split(row.text(3), ' '))
        if (const auto right = right_from(word)) token.scopes.set(static_cast<std::size_t>(*right));
    return token;
}

base::Result<void> check(const Caller& owner, const TokenDraft& draft) {
    if (draft.name.empty() || draft.name.size() > 100 || base::has_control_characters(draft.name))
        return base::fail("token.name", "a token needs a name of 1 to 100 bytes", "$.name");
    if (draft.scopes.none())
        return base::fail("token.scopes", "a token needs at least one scope", "$.scopes");
    for (const auto right : rights_in(draft.scopes)) {
        if (!may_be_scope(right))
            return base::fail("token.scopes",
                              std::string{name_of(right)} + " takes a person, not a program",
                              "$.scopes");
        if (!owner.may(right))
            return base::fail("token.scopes",
                              "you do not have the right " + std::string{name_of(right)},
                              "$.scopes");
    }
    if (draft.days < 1 || draft.days > 365)
        return base::fail("token.days", "a token lives 1 to 365 days", "$.days");
    return {};
}

}  // namespace

base::Result<MadeToken> add_token(db::Connection& connection, const Caller& owner,
                                  const TokenDraft& draft, base::Instant now) {
    if (const auto good = check(owner, draft); !good) return base::fail(good.error());
    const auto user = find_user(connection, owner.user);
    if (!user) return base::fail("user.unknown", "there is no user '" + owner.user + "'");
    const auto secret = new_api_token();
    const auto id = connection.insert(
        db::queries::insert_token, {user->id, draft.name, words_of(draft.scopes), digest_of(secret),
                                    now, now + std::chrono::days{draft.days}});
    return MadeToken{find_token(connection, id).value(), secret};
}

std::vector<ApiToken> tokens_after(db::Connection& connection, std::int64_t after,
                                   const std::string& owner, int limit) {
    return connection.list<ApiToken>(db::queries::tokens_after, {after, owner, owner, limit},
                                     token_from);
}

std::optional<ApiToken> find_token(db::Connection& connection, std::int64_t id) {
    return connection.one<ApiToken>(db::queries::token_by_id, {id}, token_from);
}

bool revoke_token(db::Connection& connection, std::int64_t id, base::Instant now) {
    return connection.execute(db::queries::revoke_token, {now, id}) == 1;
}

}  // namespace carillon::access

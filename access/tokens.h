// API tokens in the database. Shown once when made; only the digest is kept. In the caller's
// transaction; audit entries are the caller's too. Sessions::by_api_token lets them in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access/caller.h"
#include "db/database.h"

namespace carillon::access {

struct ApiToken {
    std::int64_t id{};
    std::string owner{};
    std::string name{};
    RightSet scopes{};
    base::Instant created_at{};
    base::Instant expires_at{};
    std::optional<base::Instant> last_used_at{};
    std::optional<base::Instant> revoked_at{};
};

struct TokenDraft {
    std::string name{};
    RightSet scopes{};
    int days{90};  // 1 .. 365, until it expires
};
struct MadeToken {
    ApiToken token{};
    std::string secret{};
};

// Errors: token.name, token.scopes (none, one that the owner lacks, or one no program may have).
base::Result<MadeToken> add_token(db::Connection& connection, const Caller& owner,
                                  const TokenDraft& draft, base::Instant now);
// `owner`: "" for everybody's.
std::vector<ApiToken> tokens_after(db::Connection& connection, std::int64_t after,
                                   const std::string& owner, int limit);
std::optional<ApiToken> find_token(db::Connection& connection, std::int64_t id);
// False when it was revoked before.
bool revoke_token(db::Connection& connection, std::int64_t id, base::Instant now);

}  // namespace carillon::access

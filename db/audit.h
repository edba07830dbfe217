// Append-only log of human actions, chained by HMAC-SHA256: hash(n) = HMAC(key, hash(n-1) || row
// n). Whoever lacks the key can neither change, insert nor remove a row unnoticed; a removed tail
// shows against the checkpoint that is kept outside the database.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "db/database.h"

namespace carillon::db {

struct AuditEntry {
    std::string actor{};
    std::string action{};  // "campaign.approve"
    std::string object{};  // "campaign birthday"
    std::string before_hash{};
    std::string after_hash{};
    base::Json detail{base::Json::Object{}};
};

struct AuditRow {
    std::int64_t seq{};
    base::Instant at{};
    AuditEntry entry{};
    std::string hash{};
};

struct AuditHead {
    std::int64_t seq{};
    std::string hash{};
    bool operator==(const AuditHead&) const = default;
};

struct AuditVerdict {
    std::int64_t rows{};
    std::optional<AuditHead> head{};
    std::vector<std::string> problems{};  // empty: the chain holds
};

// In the caller's transaction, so that an action and its record stand or fall together.
AuditHead append_audit(Connection& connection, std::string_view key, const AuditEntry& entry,
                       base::Instant now);
// Recomputes the chain; `checkpoint` is what was last known outside the database.
AuditVerdict verify_audit(Connection& connection, std::string_view key,
                          const std::optional<AuditHead>& checkpoint);
std::vector<AuditRow> read_audit(Connection& connection, std::string_view object, int limit);

}  // namespace carillon::db

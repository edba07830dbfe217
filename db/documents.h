// Versioned, immutable documents: the store under segments, templates, campaigns, channels and
// policies. A version never changes; applying the same content again changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "db/database.h"

namespace carillon::db {

struct Document {
    base::DocumentId id{};
    std::string kind{};
    std::string name{};
    int version{};
    std::string hash{};     // SHA-256 of the canonical JSON, hex
    std::string content{};  // canonical JSON
    std::string created_by{};
};

struct Applied {
    Document document{};
    bool changed{};             // false: the newest version has this content already
    std::string before_hash{};  // "" for the first version
};

// `connection` must be in a transaction.
Applied apply_document(Connection& connection, std::string_view kind, std::string_view name,
                       const base::Json& content, std::string_view author, base::Instant now);
std::optional<Document> find_document(Connection& connection, std::string_view kind,
                                      std::string_view name);
std::optional<Document> find_document(Connection& connection, base::DocumentId id);
std::vector<Document> newest_documents(Connection& connection, std::string_view kind);

}  // namespace carillon::db

// Segments, templates, channels, policies, calendars and campaigns as files: checked, stored,
// listed. The command line and the HTTP API store through the same function.
#pragma once

#include <functional>

#include "db/documents.h"
#include "desk/office.h"
#include "templates/document.h"

namespace carillon::desk {

struct CheckedDocument {
    std::string name{};
    base::Json content{};  // self-contained
};

// Every mistake is added with its place; the answer is to be used only when there was none.
CheckedDocument check_document(db::Connection& connection, std::string_view kind,
                               const base::Json& json, const std::string& data_folder,
                               const templates::FileReader& read_file, base::Problems& problems);

std::string etag_of(const db::Document& document);

// Which campaigns (that are not over) and segments name a document.
class Uses {
public:
    explicit Uses(db::Connection& connection);
    // "campaign birthday", "segment vip"
    std::vector<std::string> of(std::string_view kind, const std::string& name) const;

private:
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> users_;
};

// By name, those behind the cursor whose name or title has `part` in it. kind: segment or template.
Answer list_documents(Office& office, const Caller& caller, Right right, std::string_view kind,
                      const PageQuery& query, const std::string& part);

struct DocumentFacts {
    db::Document document{};
    base::Instant created_at{};
};
std::optional<DocumentFacts> find_with_facts(db::Connection& connection, std::string_view kind,
                                             const std::string& name);
std::optional<DocumentFacts> find_version(db::Connection& connection, std::string_view kind,
                                          const std::string& name, int version);
// name, version, hash, created_by, created_at
void add_facts(base::Json& json, const DocumentFacts& facts);

// Stores a new version of a segment or template. The content's name must be `name`.
Answer put_document(Office& office, const Caller& caller, Right right, std::string_view kind,
                    const std::string& name, const base::Json& content, const Edit& edit);

}  // namespace carillon::desk

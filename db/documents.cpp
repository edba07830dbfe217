#include "db/documents.h"

#include "base/digest.h"
#include "db/queries.h"

namespace carillon::db {

Applied apply_document(Connection& connection, std::string_view kind, std::string_view name,
                       const base::Json& content, std::string_view author, base::Instant now) {
    const auto head = find_document(connection, kind, name);
    Document document{.kind = std::string{kind},
                      .name = std::string{name},
                      .version = head ? head->version + 1 : 1,
                      .content = content.canonical(),
                      .created_by = std::string{author}};
    document.hash = base::sha256_hex(document.content);
    if (head && head->hash == document.hash) return {*head, false, head->hash};
    document.id.value = connection.insert(
        queries::insert_document, {document.kind, document.name, document.version, document.hash,
                                   document.content, now, document.created_by});
    return {document, true, head ? head->hash : std::string{}};
}

std::optional<Document> find_document(Connection& connection, std::string_view kind,
                                      std::string_view name) {
    return connection.one<Document>(queries::document_head, {kind, name}, [&](const Row& row) {
        return Document{row.get<base::DocumentId>(0),
                        std::string{kind},
                        std::string{name},
                        row.get<int>(1),
                        row.get<std::string>(2),
                        row.get<std::string>(3),
                        row.get<std::string>(4)};
    });
}

std::optional<Document> find_document(Connection& connection, base::DocumentId id) {
    return connection.one<Document>(queries::document_by_id, {id}, [&](const Row& row) {
        return Document{id,
                        row.get<std::string>(0),
                        row.get<std::string>(1),
                        row.get<int>(2),
                        row.get<std::string>(3),
                        row.get<std::string>(4),
                        row.get<std::string>(5)};
    });
}

std::vector<Document> newest_documents(Connection& connection, std::string_view kind) {
    return connection.list<Document>(queries::document_heads, {kind}, [&](const Row& row) {
        return Document{row.get<base::DocumentId>(0), std::string{kind},
                        row.get<std::string>(1),      row.get<int>(2),
                        row.get<std::string>(3),      row.get<std::string>(4),
                        row.get<std::string>(5)};
    });
}

}  // namespace carillon::db

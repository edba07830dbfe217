#include "audience/erased.h"

#include "base/digest.h"
#include "db/api_queries.h"
#include "db/queries.h"

namespace carillon::audience {

std::string erased_digest(std::string_view key, std::string_view value) {
    return base::to_hex(base::hmac_sha256(key, "erased:" + std::string{value}));
}

ErasedSubjects ErasedSubjects::load(db::Connection& connection) {
    ErasedSubjects erased;
    connection.select(db::queries::erased_digests, {},
                      [&](const db::Row& row) { erased.digests_.emplace(row.text(0)); });
    if (!erased.empty())
        erased.key_ = connection.value<std::string>(db::queries::instance_secret).value_or("");
    return erased;
}

bool ErasedSubjects::contains(std::string_view value) const {
    return digests_.contains(erased_digest(key_, value));
}

}  // namespace carillon::audience

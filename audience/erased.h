// Clients whose data was erased on their wish. Only keyed digests of their numbers and addresses
// are kept: enough to notice when a file brings one back, and not enough to tell who it was.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

#include "db/database.h"

namespace carillon::audience {

// What the external id of an erased client begins with; its row number follows.
inline constexpr std::string_view erased_id_prefix = "erased:";

class ErasedSubjects {
public:
    ErasedSubjects() = default;
    static ErasedSubjects load(db::Connection& connection);
    bool empty() const { return digests_.empty(); }
    // `value`: an external id or a normalised address.
    bool contains(std::string_view value) const;

private:
    std::string key_{};
    std::unordered_set<std::string> digests_{};
};

// Hex. `key`: the installation's secret.
std::string erased_digest(std::string_view key, std::string_view value);

}  // namespace carillon::audience

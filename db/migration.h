// One step of the schema, forward only; the text of each engine. Embedded from db/migrations/*.sql.
#pragma once

#include <string_view>

namespace carillon::db {

struct Migration {
    std::string_view name{};  // "0001_first"
    std::string_view sqlite{};
    std::string_view mariadb{};
};

}  // namespace carillon::db

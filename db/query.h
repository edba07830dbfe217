// A named SQL text, embedded from db/queries/*.sql at build time (see cmake/embed_sql.py), or
// compiled by the segment compiler. In the text: `?` is a parameter; `?*` inside IN (...) takes an
// IdList;
// `[[ ... ]]` is a group that execute_batch repeats, comma-separated, for several rows where the
// engine is faster that way (`VALUES [[ (?, ?) ]]`), and once a row where it is not.
#pragma once

#include <string>
#include <string_view>

namespace carillon::db {

enum class Engine { sqlite, mariadb };

std::string_view name_of(Engine engine);

struct Query {
    std::string_view name{};
    std::string_view sqlite{};
    std::string_view mariadb{};

    std::string_view text(Engine engine) const {
        return engine == Engine::sqlite ? sqlite : mariadb;
    }
};

// SQL made at run time (segments). Must outlive the call it is given to.
struct DynamicQuery {
    std::string name{};
    std::string sql{};
    operator Query() const { return {name, sql, sql}; }
};

}  // namespace carillon::db

// Between db/database.cpp and the two engines: how each opens a connection. Not for other folders.
#pragma once

#include <memory>
#include <vector>

#include "db/database.h"
#include "db/migration.h"

namespace carillon::db {

enum class Access { read, write };

// A connection the pool can ask about its health. Anything thrown is a DbError.
class EngineConnection : public Connection {
public:
    virtual bool is_usable() = 0;  // asks the server when it was idle for a while
    virtual std::vector<DatabaseCheck> check() = 0;
    virtual void apply(const Migration& migration, std::string_view checksum,
                       std::int64_t now_ms) = 0;
    // Statements that begin from now on are stopped after this time, 0: never; and once this is so.
    virtual void limit_time(std::chrono::milliseconds each, std::function<bool()> is_unwanted) = 0;
};

std::unique_ptr<EngineConnection> open_sqlite(const DatabaseSettings& settings, Access access);
std::unique_ptr<EngineConnection> open_mariadb(const DatabaseSettings& settings);

}  // namespace carillon::db

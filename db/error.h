// What a database may do to us. Thrown; caught per delivery batch, per command and in main.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace carillon::db {

enum class DbFault {
    duplicate,        // a unique key stands already
    conflict,         // deadlock, lock wait, snapshot too old: repeat the whole transaction
    busy,             // another process holds the write lock longer than the busy timeout
    connection_lost,  // also during COMMIT: then nobody knows; look up by your own key
    full,             // disk full or quota
    corrupt,          // the file is not a sound database
    constraint,       // CHECK, NOT NULL, foreign key
    other             // a mistake of ours
};

class DbError : public std::runtime_error {
public:
    DbError(DbFault fault, std::string_view query, std::string_view why)
        : std::runtime_error("query '" + std::string{query} + "': " + std::string{why}),
          fault_(fault) {}
    DbFault fault() const { return fault_; }

private:
    DbFault fault_;
};

}  // namespace carillon::db

#include "db/time_limit.h"

#include "db/engine.h"

namespace carillon::db {

TimeLimit::TimeLimit(Connection& connection, std::chrono::milliseconds each,
                     std::function<bool()> is_unwanted)
    : connection_(connection) {
    static_cast<EngineConnection&>(connection_).limit_time(each, std::move(is_unwanted));
}

TimeLimit::~TimeLimit() {
    try {
        static_cast<EngineConnection&>(connection_).limit_time(std::chrono::milliseconds{0}, {});
    } catch (const DbError&) {
        return;  // the connection is lost, and its limit with it: the pool throws it away
    }
}

}  // namespace carillon::db

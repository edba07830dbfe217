// A limit for the statements of one connection: for questions that a person at a screen waits for.
#pragma once

#include <chrono>

#include "db/database.h"

namespace carillon::db {

// What a statement throws that was stopped at its limit; the connection stays good.
class TooSlow : public DbError {
public:
    explicit TooSlow(std::string_view query)
        : DbError(DbFault::other, query, "stopped: it took longer than it may") {}
};

// While it lives, a statement of the connection is stopped after `each`. `connection` outlives it.
class TimeLimit {
public:
    TimeLimit(Connection& connection, std::chrono::milliseconds each);
    ~TimeLimit();
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

private:
    Connection& connection_;
};

}  // namespace carillon::db

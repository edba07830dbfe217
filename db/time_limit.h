// A limit for the statements of one connection: for questions that a person at a screen waits for,
// as long as he does.
#pragma once

#include <chrono>
#include <functional>

#include "db/database.h"

namespace carillon::db {

// What a statement throws that was stopped; the connection stays good.
class TooSlow : public DbError {
public:
    explicit TooSlow(std::string_view query)
        : DbError(DbFault::other, query, "stopped: it took longer than it may") {}
};

// How long somebody waits for an answer: at most so long, and no longer than he is there.
struct Patience {
    std::chrono::milliseconds limit{};
    std::function<bool()> is_gone{};  // asked from any thread; may be empty
};

// While it lives, a statement of the connection is stopped after `each`, and as soon as nobody
// waits for it any more (`is_unwanted`, asked from any thread; may be empty). `connection` outlives
// it.
class TimeLimit {
public:
    TimeLimit(Connection& connection, std::chrono::milliseconds each,
              std::function<bool()> is_unwanted = {});
    ~TimeLimit();
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;

private:
    Connection& connection_;
};

}  // namespace carillon::db

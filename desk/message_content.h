// What a client got, made again byte for byte from the stored version and values, as people at a
// screen can look at it.
#pragma once

#include <list>
#include <memory>

#include "desk/office.h"
#include "scheduler/outlet.h"

namespace carillon::desk {

// Outlets that compose and never send: for making messages again and for the scripts of calls.
// Not thread-safe; what it hands out lives as long as it does.
class ContentOutlets {
public:
    explicit ContentOutlets(const Workshop& workshop) : workshop_(workshop) {}
    // nullptr: the settings are not good.
    scheduler::Outlet* find(const db::Document& channel);

private:
    const Workshop& workshop_;
    std::list<scheduler::Outlet> outlets_;
};

// Errors: message.unknown (never composed), and those of making it again.
Answer content_of(const Workshop& workshop, db::Connection& connection, base::MessageId id);

}  // namespace carillon::desk

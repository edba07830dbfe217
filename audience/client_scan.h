// A look at all clients while somebody waits for it: over several connections at once, each with a
// part of them. A million clients take a quarter of a second and more for one connection, which is
// too long beside a rule that is being written.
//
// Each connection sees the database as it is when its part begins: what is written meanwhile is in
// some parts only. For figures and lists that are shown; what is sent is frozen in a transaction.
#pragma once

#include <functional>

#include "audience/segment_sql.h"
#include "audience/store.h"
#include "db/database.h"
#include "db/time_limit.h"

namespace carillon::audience {

// What is done with a part; parts are numbered from 0 by their ids. False: no later part is needed.
using LookAtPart =
    std::function<bool(db::Connection& connection, std::size_t part, ClientRange range)>;

// Calls `look` once for each part of the clients with ids above `after`, from several threads, in
// the order of the parts; it has to be safe from them. Throws db::TooSlow when the patience ends,
// and what `look` throws. The caller holds no connection of the database: he would wait for others
// with it in his hand.
void scan_clients(db::Database& database, std::int64_t after, const db::Patience& patience,
                  const LookAtPart& look);

// The same figures as of one connection (store.h), sooner. Errors: db::TooSlow when the patience
// ends.
std::int64_t count(db::Database& database, const CompiledSegment& segment,
                   const db::Patience& patience);
// What was found until the patience ended.
struct FoundSoFar {
    std::int64_t clients{};
    bool whole{};  // everybody was looked at
};
FoundSoFar count_so_far(db::Database& database, const CompiledSegment& segment,
                        const db::Patience& patience);
Waterfall waterfall(db::Database& database, const CompiledSegment& segment,
                    base::ChannelKind channel, base::Purpose purpose, const db::Patience& patience);

}  // namespace carillon::audience

// The last look before a message leaves: still running, still wanted, still allowed at this hour,
// still under its caps, still true. Everything is judged and `submitting` is written in the
// caller's transaction.
#pragma once

#include <vector>

#include "scheduler/composer.h"

namespace carillon::scheduler {

// Messages of one run; answers the positions that are `submitting` once the caller commits. The
// others were given back, held or closed with their reason. Throws DbError (conflict: repeat the
// transaction).
std::vector<std::size_t> begin_submission(db::Connection& connection, const RunContext& run,
                                          const std::vector<const Composed*>& batch,
                                          base::Instant now);

}  // namespace carillon::scheduler

// What the law lets a client ask for: everything that is stored about him, and that it be erased.
// And what is removed by itself when its time is over (docs/privacy.md).
#pragma once

#include "desk/office.h"

namespace carillon::desk {

// Every row about the client by subject: {"client": {...}, "contacts": [...], ...}. Instants are
// texts. Written into the audit log.
Answer export_client(Office& office, const Caller& caller, const std::string& client);

// Removes or replaces all that tells who the client is; runs, messages and responses stay as
// numbers. What waits to be sent is cancelled. `confirmation`: {"client": the same number}. Errors:
// client.unknown, erase.confirmation, erase.in_flight (something is being sent at this moment).
Answer erase_client(Office& office, const Caller& caller, const std::string& client,
                    const base::Json& confirmation);

// The same below the rights, for the command line; in the caller's transaction.
base::Result<base::Json> exported(db::Connection& connection, const std::string& client);
base::Result<void> erase(const campaigns::Desk& desk, const std::string& client);

// How long what can be done without is kept; 0: for ever.
struct Retention {
    std::chrono::months raw{};       // of what providers and clients sent, as received
    std::chrono::months clicks{};    // single opens and clicks; what was made of them stays
    std::chrono::months contents{};  // values that a message can be made again from
    std::chrono::months calls{};     // notes of closed calls
};
// Removes in small transactions; answers what it removed by subject. Throws db::DbError.
base::Json retain(db::Database& database, const Retention& retention, base::Instant now);

}  // namespace carillon::desk

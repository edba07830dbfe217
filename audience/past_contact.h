// One line of what another system did: a client, the group the client was in, and the message. The
// importer reads it; who knows campaigns writes it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/database.h"

namespace carillon::audience {

struct PastContact {
    std::int64_t client{};
    std::string client_external_id{};
    std::string group{};    // "control", "treated" or a variant's name
    std::string channel{};  // "": the first of the step
    std::int64_t step{1};
    std::string wave{};      // one mailing of a repeated campaign; "" for the only one
    std::int64_t sent_at{};  // of the whole wave, for the control group too
    std::string state{};     // "": accepted
    std::string reason{};
};

// Writes the rows in the caller's transaction; answers for each why it was refused, or "".
using StoreHistory =
    std::function<std::vector<std::string>(db::Connection&, const std::vector<PastContact>&)>;

}  // namespace carillon::audience

// Which message of a campaign a conversion is credited to.
#pragma once

#include <vector>

#include "campaigns/definition.h"
#include "reports/facts.h"

namespace carillon::reports {

struct Credit {
    std::uint32_t message{};  // in Facts::messages
    double share{};           // those of one conversion sum to 1
};

// The client's messages submitted within `window_ms` before `at`: the last or the first takes all,
// or each an equal share. Empty when there is none.
std::vector<Credit> credits_of(const Facts& facts, const ClientFact& client, std::int64_t at,
                               std::int64_t window_ms, campaigns::Attribution model);

}  // namespace carillon::reports

// The name of events that one campaign alone answers: transactional messages sent in its name over
// the HTTP API. No event of the bank's own is called so: names from outside have no spaces.
#pragma once

#include <string>

namespace carillon::campaigns {

inline std::string own_event_of(const std::string& campaign) {
    return "campaign " + campaign;
}

}  // namespace carillon::campaigns

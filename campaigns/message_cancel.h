// One message taken back by a person: closed when it has not been submitted, asked back from its
// channel when it is a letter or a fax that may still be there.
#pragma once

#include <string>
#include <string_view>

#include "campaigns/campaign_store.h"

namespace carillon::campaigns {

enum class Cancelled { closed, wanted_back };

// In the caller's transaction, with its audit entry. Errors: message.unknown,
// message.cancel_too_late.
base::Result<Cancelled> cancel_message(const Desk& desk, base::MessageId id,
                                       std::string_view reason);

}  // namespace carillon::campaigns

// What a finished message is paid by, known before it is sent.
#pragma once

#include "channels/channel.h"

namespace carillon::channels {

// Parts of a short message, pages of a fax, one of anything else; at least 1.
int units_of(const Payload& payload);
// Of a fax or a letter; 0 where there are none.
int pages_of(const Payload& payload);

}  // namespace carillon::channels

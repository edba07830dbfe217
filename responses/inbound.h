// Messages of people to us: STOP works at once, everything else is kept for a person to read.
#pragma once

#include <string>
#include <vector>

#include "base/channel_kind.h"
#include "channels/channel.h"
#include "db/database.h"

namespace carillon::responses {

// One transaction, each message once by (source, external_id). STOP suppresses the sender's address
// on this channel for everything but what the client asked for himself (transactional), withdraws
// the consents of all clients with that address, and becomes a response of the last campaign that
// wrote there; START takes the suppression back, not the consent. False: nothing was stored.
bool take_inbound(db::Database& database, const base::Clock& clock, const std::string& source,
                  base::ChannelKind channel, const std::vector<channels::Inbound>& messages);

}  // namespace carillon::responses

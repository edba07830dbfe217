// A configured channel, ready to take messages: the adapter, and what every message through it
// shares.
#pragma once

#include <memory>
#include <optional>

#include "base/id.h"
#include "channels/channel.h"
#include "channels/mime.h"
#include "channels/verp.h"

namespace carillon::scheduler {

// Immutable but for the channel, which is thread-safe. Owned by app; outlives dispatchers.
struct Outlet {
    base::DocumentId document{};  // the settings it was built from
    std::unique_ptr<channels::Channel> channel{};
    channels::EmailComposer composer;
    channels::Verp verp;
    channels::Mailbox from{};
    std::optional<channels::Mailbox> reply_to{};
    std::int64_t cost_minor{};  // per message
};

}  // namespace carillon::scheduler

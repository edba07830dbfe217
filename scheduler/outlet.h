// A configured channel, ready to take messages: the adapter, and what every message through it
// shares.
#pragma once

#include <memory>

#include "base/id.h"
#include "channels/open.h"

namespace carillon::scheduler {

// Immutable but for the channel, which is thread-safe. Owned by app; outlives dispatchers.
struct Outlet {
    base::DocumentId document{};  // the settings it was built from
    std::unique_ptr<channels::Channel> channel{};
    channels::ContentComposer compose{};
    channels::ChannelFacts facts{};
};

}  // namespace carillon::scheduler

// What providers call us back with, taken from the receiver of the tests (hook.js) and read by the
// functions under test.
#pragma once

#include <vector>

#include "channels/channel.h"

namespace carillon::testing {

class Peer;

struct Callbacks {
    std::vector<channels::Receipt> receipts{};
    std::vector<channels::Inbound> inbound{};
};
// Those that have come since the last call. Throws when one cannot be read.
Callbacks take_callbacks(const Peer& peer);

}  // namespace carillon::testing

// What every thread of a channel does first.
#pragma once

namespace carillon::channels {

// Signals belong to the main thread; a broken TLS connection must not raise SIGPIPE either.
void block_signals();

}  // namespace carillon::channels

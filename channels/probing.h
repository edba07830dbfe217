// A connection driven by hand, for probes: without a channel's thread and poller.
#pragma once

#include <poll.h>

#include <functional>
#include <optional>
#include <thread>

#include "channels/channel.h"
#include "channels/worker_thread.h"

namespace carillon::channels {

// Until `done` says so or the connection closes; its own time-outs end it.
template <class Connection, class Done>
void drive(Connection& connection, const Done& done) {
    while (!connection.closed() && !done()) {
        pollfd entry{
            .fd = connection.descriptor(),
            .events = static_cast<short>(POLLIN | (connection.wants_write() ? POLLOUT : 0)),
            .revents = 0};
        constexpr int turn_millis = 50;
        ::poll(&entry, 1, turn_millis);
        const auto now = base::steady_now();
        connection.advance(now, [] { return std::optional<Message>{}; });
        connection.tick(now);
    }
}

template <class Connection>
void drive_to_its_end(Connection& connection) {
    drive(connection, [] { return false; });
}

// In a thread of its own, because signals are blocked in it; the caller waits.
template <class Probe>
base::Result<std::string> probed(const Probe& probe) {
    base::Result<std::string> result;
    std::thread{[&] {
        block_signals();
        result = probe();
    }}.join();
    return result;
}

}  // namespace carillon::channels

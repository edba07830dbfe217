// Host names to addresses without holding up the caller: the resolver may block for many seconds.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

// Used from one thread; one lookup at a time.
class HostLookup {
public:
    using Addresses = base::Result<std::vector<std::string>>;

    // `done` is called from another thread when a result is there to be taken.
    explicit HostLookup(std::function<void()> done) : done_(std::move(done)) {}
    ~HostLookup() = default;  // waits for a lookup under way

    void start(std::string host, int port);
    bool running() const { return running_; }
    std::optional<Addresses> take();

private:
    std::function<void()> done_;
    bool running_{false};
    std::mutex mutex_;
    std::optional<Addresses> result_;  // guarded by mutex_
    std::jthread thread_;              // last: joined before the rest goes
};

}  // namespace carillon::channels

// Wakes one waiting thread. A ring while nobody waits is kept, so that none is lost between the
// last look and the wait; several rings before a wait are one.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace carillon::base {

// Safe from several threads; one of them waits.
class Doorbell {
public:
    void ring() {
        const std::scoped_lock lock{mutex_};
        rung_ = true;
        rings_.notify_one();
    }
    // Until somebody rings or the time is over; true: somebody has rung since the last call.
    bool wait(std::chrono::milliseconds patience) {
        std::unique_lock lock{mutex_};
        rings_.wait_for(lock, patience, [this] { return rung_; });
        return std::exchange(rung_, false);
    }

private:
    std::mutex mutex_;
    std::condition_variable rings_;
    bool rung_{false};
};

}  // namespace carillon::base

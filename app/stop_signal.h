// SIGINT and SIGTERM as a flag that loops look at.
#pragma once

#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <thread>

namespace carillon::app {

// Make one before any other thread: the signals are blocked for all, and one thread waits for
// nothing else. Two at a time would share the signals.
class StopSignal {
public:
    StopSignal() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        thread_ = std::jthread{[this](const std::stop_token& stop) {
            const timespec patience{0, 100'000'000};
            while (!stop.stop_requested())
                if (sigtimedwait(&signals_, nullptr, &patience) > 0) requested_ = true;
        }};
    }
    bool requested() const { return requested_; }

private:
    sigset_t signals_{};
    std::atomic<bool> requested_{false};
    std::jthread thread_;
};

}  // namespace carillon::app

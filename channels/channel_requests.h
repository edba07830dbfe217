// What others ask of a channel whose thread waits for its sockets: to send, to give back, to end.
// (Threads that wait for messages alone have a MessageInbox.)
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "channels/channel.h"

namespace carillon::channels {

// Safe from several threads; take() and end() are for the channel's own.
class ChannelRequests {
public:
    // `wake` is called after everything that is asked, by whoever asks; `outcomes` answers what
    // comes after the end.
    ChannelRequests(std::function<void()> wake, OutcomeSink outcomes)
        : wake_(std::move(wake)), outcomes_(std::move(outcomes)) {}

    void send(std::vector<Message> batch);
    void recall();
    void stop(std::chrono::milliseconds patience);  // of several the shortest counts

    struct Taken {
        std::vector<Message> messages{};
        bool recalled{false};  // all that has not begun is to be given back, `messages` as well
        std::optional<base::Steady> stop_by{};
    };
    Taken take();

    // False while there is something to take. After true whatever comes is given back at once.
    bool end();

private:
    const std::function<void()> wake_;
    const OutcomeSink outcomes_;
    std::mutex mutex_;
    Taken waiting_;      // guarded by mutex_
    bool ended_{false};  // guarded by mutex_
};

}  // namespace carillon::channels

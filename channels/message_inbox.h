// What a channel with one worker thread has been given and not yet taken up. Safe from several
// threads.
#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "channels/channel.h"

namespace carillon::channels {

class MessageInbox {
public:
    struct Batch {
        std::vector<Message> messages{};
        bool given_up{false};  // patience has ended: give them back
        bool finished{false};  // stopped, and nothing is left
    };

    // Messages that came too late, to be given back.
    std::vector<Message> put(std::vector<Message> batch);
    // Waits until there is something to do or `wait` has passed (then the batch is empty).
    Batch take(std::size_t batch_max, std::chrono::milliseconds wait);
    void stop(std::chrono::milliseconds patience);
    bool stopping() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Message> messages_;              // guarded by mutex_
    bool stopping_{false};                       // guarded by mutex_
    bool finished_{false};                       // guarded by mutex_
    base::Steady stop_by_{base::Steady::max()};  // guarded by mutex_
};

// The report of each as not tried: it counts as no attempt.
std::vector<Report> given_back(const std::vector<Message>& messages, const std::string& reason);

}  // namespace carillon::channels

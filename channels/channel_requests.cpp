#include "channels/channel_requests.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "channels/message_inbox.h"

namespace carillon::channels {

void ChannelRequests::send(std::vector<Message> batch) {
    {
        const std::scoped_lock lock{mutex_};
        if (!ended_) {
            std::ranges::move(batch, std::back_inserter(waiting_.messages));
            batch.clear();
        }
    }
    wake_();
    if (!batch.empty()) outcomes_(given_back(batch, "the channel is stopped"));
}

void ChannelRequests::recall() {
    {
        const std::scoped_lock lock{mutex_};
        waiting_.recalled = true;
    }
    wake_();
}

void ChannelRequests::stop(std::chrono::milliseconds patience) {
    {
        const std::scoped_lock lock{mutex_};
        const auto by = base::steady_now() + patience;
        waiting_.stop_by = waiting_.stop_by ? std::min(*waiting_.stop_by, by) : by;
    }
    wake_();
}

ChannelRequests::Taken ChannelRequests::take() {
    const std::scoped_lock lock{mutex_};
    return {std::exchange(waiting_.messages, {}), std::exchange(waiting_.recalled, false),
            waiting_.stop_by};
}

bool ChannelRequests::end() {
    const std::scoped_lock lock{mutex_};
    ended_ = waiting_.messages.empty();
    return ended_;
}

}  // namespace carillon::channels

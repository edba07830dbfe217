#include "channels/message_inbox.h"

#include <algorithm>
#include <iterator>

namespace carillon::channels {

std::vector<Message> MessageInbox::put(std::vector<Message> batch) {
    {
        const std::scoped_lock lock{mutex_};
        if (finished_) return batch;
        std::move(batch.begin(), batch.end(), std::back_inserter(messages_));
    }
    changed_.notify_one();
    return {};
}

MessageInbox::Batch MessageInbox::take(std::size_t batch_max, std::chrono::milliseconds wait) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, wait, [this] { return stopping_ || !messages_.empty(); });
    Batch batch;
    const auto count = static_cast<std::ptrdiff_t>(std::min(messages_.size(), batch_max));
    batch.messages.assign(std::move_iterator{messages_.begin()},
                          std::move_iterator{messages_.begin() + count});
    messages_.erase(messages_.begin(), messages_.begin() + count);
    batch.given_up = stopping_ && base::steady_now() >= stop_by_;
    batch.finished = finished_ = stopping_ && batch.messages.empty();
    return batch;
}

void MessageInbox::stop(std::chrono::milliseconds patience) {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
        stop_by_ = std::min(stop_by_, base::steady_now() + patience);
    }
    changed_.notify_one();
}

bool MessageInbox::stopping() const {
    const std::scoped_lock lock{mutex_};
    return stopping_;
}

std::vector<Report> given_back(const std::vector<Message>& messages, const std::string& reason) {
    std::vector<Report> reports;
    reports.reserve(messages.size());
    for (const auto& message : messages)
        reports.push_back({message.id, Deferred{reason, false, std::nullopt}});
    return reports;
}

}  // namespace carillon::channels

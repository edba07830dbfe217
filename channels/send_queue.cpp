#include "channels/send_queue.h"

#include <algorithm>
#include <cmath>

namespace carillon::channels {

namespace {

using std::chrono::milliseconds;

static_assert(static_cast<int>(base::Purpose::transactional) == 0 &&
              static_cast<int>(base::Purpose::marketing) == 3);  // the enum is ordered by urgency

std::size_t queues_of(Lane lane) {
    return static_cast<std::size_t>(lane == Lane::urgent ? base::Purpose::service
                                                         : base::Purpose::marketing) +
           1;
}

std::string_view domain_of(std::string_view address) {
    return address.substr(address.rfind('@') + 1);
}

Deferred throttled(std::string reason, std::chrono::nanoseconds wait) {
    return {.reason = std::move(reason),
            .consumed_attempt = false,
            .retry_after = std::chrono::ceil<milliseconds>(wait),
            .provider_is_well = true};
}

}  // namespace

Deferred given_away() {
    return {.reason = "called back before it was begun",
            .consumed_attempt = false,
            .retry_after = std::chrono::seconds{1},
            .provider_is_well = true};
}

Deferred come_back_in(std::chrono::nanoseconds wait, std::string why) {
    return {.reason = std::move(why),
            .consumed_attempt = false,
            .retry_after = std::max(std::chrono::ceil<milliseconds>(wait), milliseconds{1})};
}

Deferred turned_away() {
    return {.reason = "the channel is stopping", .consumed_attempt = false, .retry_after = {}};
}

SendQueue::SendQueue(QueueSettings settings, BeginSink begins)
    : settings_(std::move(settings)),
      begins_(std::move(begins)),
      account_(settings_.rate_per_second),
      domains_(settings_.domain_rates) {}

void SendQueue::add(Message message, base::Steady now, std::vector<Report>& reports) {
    const bool hurries = message.purpose == base::Purpose::transactional;
    if (account_.limited() && !hurries) {
        const auto seconds =
            static_cast<double>(ahead_of(message.purpose)) / settings_.rate_per_second;
        const auto wait =
            account_.wait(now) + std::chrono::nanoseconds{std::llround(seconds * 1e9)};
        if (wait > settings_.patience) {
            reports.push_back({message.id, throttled("the rate limit of the channel", wait)});
            return;
        }
    }
    const auto domain = domain_of(message.to);
    if (auto* limit = domains_.of(domain, now); limit != nullptr) {
        const auto wait = limit->wait(now);
        if (wait > settings_.patience && !hurries) {
            reports.push_back(
                {message.id, throttled("the rate limit of " + std::string{domain}, wait)});
            return;
        }
        limit->take(now);
        if (wait.count() > 0 && !hurries) {
            delayed_.emplace(now + wait, std::move(message));
            return;
        }
    }
    queue_of(message.purpose).push_back(std::move(message));
}

std::optional<Message> SendQueue::take(Lane lane, base::Steady now) {
    if (size() == 0 || account_.wait(now).count() > 0) return std::nullopt;
    wake_delayed(now);
    for (std::size_t i = 0; i < queues_of(lane); ++i) {
        if (queues_[i].empty()) continue;
        std::optional<Message> message{std::move(queues_[i].front())};
        queues_[i].pop_front();
        account_.take(now);
        if (begins_) begins_(message->id);
        return message;
    }
    return std::nullopt;
}

std::size_t SendQueue::ready(Lane lane, base::Steady now) {
    if (account_.wait(now).count() > 0) return 0;
    wake_delayed(now);
    std::size_t count = 0;
    for (std::size_t i = 0; i < queues_of(lane); ++i) count += queues_[i].size();
    return count;
}

std::size_t SendQueue::size() const {
    std::size_t count = delayed_.size();
    for (const auto& queue : queues_) count += queue.size();
    return count;
}

base::Steady SendQueue::wakes_at(base::Steady now) const {
    if (size() == 0) return base::Steady::max();
    const auto account_wait = account_.wait(now);
    if (size() > delayed_.size())
        return account_wait.count() > 0 ? now + account_wait : base::Steady::max();
    return std::max(delayed_.begin()->first, now + account_wait);
}

void SendQueue::defer_all(const Deferred& answer, std::vector<Report>& reports) {
    for (auto& queue : queues_) {
        for (const auto& message : queue) reports.push_back({message.id, answer});
        queue.clear();
    }
    for (const auto& [when, message] : delayed_) reports.push_back({message.id, answer});
    delayed_.clear();
}

void SendQueue::wake_delayed(base::Steady now) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        auto node = delayed_.extract(delayed_.begin());
        queue_of(node.mapped().purpose).push_back(std::move(node.mapped()));
    }
}

std::size_t SendQueue::ahead_of(base::Purpose purpose) const {
    std::size_t count = delayed_.size();
    for (std::size_t i = 0; i <= static_cast<std::size_t>(purpose); ++i) count += queues_[i].size();
    return count;
}

}  // namespace carillon::channels

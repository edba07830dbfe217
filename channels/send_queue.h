// What waits to be sent: one queue per purpose, rate limits, and who is told to come back later.
// Pure.
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "channels/channel.h"
#include "channels/rate_limit.h"

namespace carillon::channels {

struct QueueSettings {
    double rate_per_second{0};  // of the whole channel; 0: unlimited
    DomainRates domain_rates{};
    // A message that a limit would hold longer than this is given back, so that it holds nobody up.
    std::chrono::milliseconds patience{std::chrono::seconds{3}};
};

// What is answered for messages that are called back (Channel::recall), ...
Deferred given_away();
// ... that would wait too long here and are better kept by whoever sent them, ...
Deferred come_back_in(std::chrono::nanoseconds wait, std::string why);
// ... or have not begun when the channel ends.
Deferred turned_away();

// Which messages a connection may carry. `urgent` takes transactional and service messages only:
// bulk never fills the last connection.
enum class Lane { any, urgent };

// Not thread-safe.
class SendQueue {
public:
    // `begins` hears of every message that take() gives away.
    explicit SendQueue(QueueSettings settings, BeginSink begins = {});

    // Queued, or answered in `reports` as Deferred with the time to come back. Transactional
    // messages are never given back: they run ahead of a domain's limit, and those behind them pay
    // for it.
    void add(Message message, base::Steady now, std::vector<Report>& reports);

    // The next message that may leave now: transactional first, then service, debt, marketing;
    // first in, first out.
    std::optional<Message> take(Lane lane, base::Steady now);
    // Messages that take() could return now if there were connections enough.
    std::size_t ready(Lane lane, base::Steady now);

    std::size_t size() const;  // ready and delayed
    // When a limit lets the next message go; max() when no message waits for a limit.
    base::Steady wakes_at(base::Steady now) const;
    // Gives everything back with the same answer.
    void defer_all(const Deferred& answer, std::vector<Report>& reports);

private:
    using Queue = std::deque<Message>;
    void wake_delayed(base::Steady now);
    std::size_t ahead_of(base::Purpose purpose) const;
    Queue& queue_of(base::Purpose purpose) { return queues_[static_cast<std::size_t>(purpose)]; }

    QueueSettings settings_;
    BeginSink begins_;
    RateLimit account_;
    DomainLimits domains_;
    std::array<Queue, base::purposes.size()> queues_;  // in order of urgency
    std::multimap<base::Steady, Message> delayed_;     // by the time their domain lets them go
};

}  // namespace carillon::channels

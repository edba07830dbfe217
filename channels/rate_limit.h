// How many messages per second may leave. Pure: time is handed in.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace carillon::channels {

// A token bucket, kept as the time at which it would be empty-handed no longer (the "virtual
// scheduling" form of the generic cell rate algorithm, ITU-T I.371). The burst is a tenth of a
// second's worth, at least one.
class RateLimit {
public:
    // `per_second` <= 0: unlimited.
    explicit RateLimit(double per_second = 0);

    bool limited() const { return interval_.count() > 0; }
    // How long the next message would have to wait.
    std::chrono::nanoseconds wait(base::Steady now) const;
    // Counts one message that leaves at now + wait(now) or, when in a hurry, at once.
    void take(base::Steady now);
    bool is_idle(base::Steady now) const { return next_ <= now; }

private:
    std::chrono::nanoseconds interval_{};
    std::chrono::nanoseconds burst_{};
    base::Steady next_{};
};

struct DomainRates {
    std::map<std::string, double> per_second{};  // lower-case domain -> messages per second
    double otherwise{0};                         // for all other domains; 0: unlimited
};

// One limit per recipient domain. Memory is bounded by the domains mailed within the last seconds.
class DomainLimits {
public:
    explicit DomainLimits(DomainRates rates) : rates_(std::move(rates)) {}

    // nullptr: this domain is unlimited.
    RateLimit* of(std::string_view domain, base::Steady now);
    std::size_t size() const { return limits_.size(); }

private:
    void forget_idle(base::Steady now);

    DomainRates rates_;
    std::unordered_map<std::string, RateLimit> limits_;
    std::size_t forget_at_{1024};
};

}  // namespace carillon::channels

#include "channels/rate_limit.h"

#include <algorithm>

namespace carillon::channels {

RateLimit::RateLimit(double per_second) {
    if (per_second <= 0) return;
    constexpr double nanoseconds_per_second = 1e9;
    constexpr double burst_seconds = 0.1;
    interval_ = std::chrono::nanoseconds{
        std::max<std::int64_t>(1, static_cast<std::int64_t>(nanoseconds_per_second / per_second))};
    const auto burst_messages = std::max(1.0, per_second * burst_seconds);
    burst_ = std::chrono::nanoseconds{
        static_cast<std::int64_t>((burst_messages - 1) * static_cast<double>(interval_.count()))};
}

std::chrono::nanoseconds RateLimit::wait(base::Steady now) const {
    if (!limited() || next_ - burst_ <= now) return {};
    return next_ - burst_ - now;
}

void RateLimit::take(base::Steady now) {
    if (limited()) next_ = std::max(next_, now) + interval_;
}

RateLimit* DomainLimits::of(std::string_view domain, base::Steady now) {
    if (rates_.per_second.empty() && rates_.otherwise <= 0) return nullptr;
    std::string name{domain};
    if (const auto known = limits_.find(name); known != limits_.end()) return &known->second;
    const auto configured = rates_.per_second.find(name);
    const double rate =
        configured != rates_.per_second.end() ? configured->second : rates_.otherwise;
    if (rate <= 0) return nullptr;
    if (limits_.size() >= forget_at_) forget_idle(now);
    return &limits_.emplace(std::move(name), RateLimit{rate}).first->second;
}

void DomainLimits::forget_idle(base::Steady now) {
    std::erase_if(limits_, [&](const auto& entry) { return entry.second.is_idle(now); });
    forget_at_ = std::max<std::size_t>(1024, limits_.size() * 2);
}

}  // namespace carillon::channels

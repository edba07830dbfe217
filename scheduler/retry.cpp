#include "scheduler/retry.h"

#include <algorithm>

namespace carillon::scheduler {

std::optional<base::Instant> next_attempt_at(const RetryPolicy& policy, int attempt,
                                             base::MessageId id, base::Instant now) {
    if (attempt >= policy.attempts_max) return std::nullopt;
    const auto doubled = policy.first_delay * (std::int64_t{1} << std::clamp(attempt - 1, 0, 20));
    const std::chrono::milliseconds delay{
        std::min<std::chrono::seconds>(doubled, policy.delay_max)};
    // Knuth's multiplicative hash of (id, attempt): 0 .. 400 thousandths.
    const auto mixed = static_cast<std::uint64_t>(id.value * 31 + attempt) * 2'654'435'761U;
    const auto thousandths = static_cast<std::int64_t>(mixed >> 20 & 0xFFFFF) % 401;
    return now + delay * (800 + thousandths) / 1000;
}

}  // namespace carillon::scheduler

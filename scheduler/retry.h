// When to try again. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/id.h"

namespace carillon::scheduler {

struct RetryPolicy {
    int attempts_max{6};
    std::chrono::seconds first_delay{60};
    std::chrono::seconds delay_max{4 * 3600};
};

// The delay doubles with each attempt (counted from 1) up to delay_max, spread by +-20 % so that a
// provider that comes back is not met by everyone at once; the spread depends on message and
// attempt only. Nothing once the policy is exhausted.
std::optional<base::Instant> next_attempt_at(const RetryPolicy& policy, int attempt,
                                             base::MessageId id, base::Instant now);

}  // namespace carillon::scheduler

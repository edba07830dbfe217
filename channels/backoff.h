// When a server that failed may be tried again. Pure: time and chance are handed in.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace carillon::channels {

// Doubling, with a random half so that nodes do not march in step.
class Backoff {
public:
    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds max)
        : first_(first), max_(max) {}

    void succeeded() { failures_ = 0; }
    // `random_share`: 0 to 1.
    void failed(base::Steady now, double random_share) {
        constexpr int doublings_max = 16;
        const auto full = std::min(first_ * (1 << std::min(failures_, doublings_max)), max_);
        ++failures_;
        const auto half = static_cast<double>(full.count()) / 2;
        next_ = now + full / 2 +
                std::chrono::milliseconds{static_cast<std::int64_t>(random_share * half)};
    }
    void pause(base::Steady now) { next_ = now + first_; }
    bool allows(base::Steady now) const { return now >= next_; }
    bool failing() const { return failures_ > 0; }
    base::Steady next() const { return next_; }

private:
    std::chrono::milliseconds first_;
    std::chrono::milliseconds max_;
    int failures_{0};
    base::Steady next_{};
};

}  // namespace carillon::channels

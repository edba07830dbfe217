// Short codes can be guessed by trying: who has been wrong too often waits.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"

namespace carillon::server {

// Safe from several threads. Remembers at most 10,000 callers; when there are more, all of them
// count as one until the period is over.
class GuessLimit {
public:
    GuessLimit(int wrong_max, std::chrono::seconds period)
        : wrong_max_(wrong_max), period_(period) {}

    bool may_try(const std::string& caller, base::Steady now) {
        const std::scoped_lock lock{mutex_};
        start_over(now);
        if (crowd_ > crowd_max) return false;
        const auto found = wrong_.find(caller);
        return found == wrong_.end() || found->second < wrong_max_;
    }
    void was_wrong(const std::string& caller, base::Steady now) {
        const std::scoped_lock lock{mutex_};
        start_over(now);
        if (wrong_.size() < callers_max || wrong_.contains(caller))
            ++wrong_[caller];
        else
            ++crowd_;
    }

private:
    static constexpr std::size_t callers_max = 10'000;
    static constexpr int crowd_max = 1'000;

    void start_over(base::Steady now) {
        if (now - began_ < period_) return;
        began_ = now;
        wrong_.clear();
        crowd_ = 0;
    }

    const int wrong_max_;
    const std::chrono::seconds period_;
    std::mutex mutex_;
    base::Steady began_{};
    std::map<std::string, int> wrong_;
    int crowd_{0};
};

}  // namespace carillon::server

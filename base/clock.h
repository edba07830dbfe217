// Time is handed in. SystemClock is the only place in the program that reads the wall clock;
// ManualClock serves tests and simulation (`carillon run --now`).
#pragma once

#include <atomic>
#include <chrono>

namespace carillon::base {

// UTC, milliseconds since 1970-01-01.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

constexpr std::int64_t to_millis(Instant instant) {
    return instant.time_since_epoch().count();
}
constexpr Instant from_millis(std::int64_t millis) {
    return Instant{std::chrono::milliseconds{millis}};
}

// Safe to call from several threads.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    Instant now() const override;
};

class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start = {}) : millis_(to_millis(start)) {}
    Instant now() const override { return from_millis(millis_.load()); }
    void set(Instant instant) { millis_.store(to_millis(instant)); }
    void advance(std::chrono::milliseconds by) { millis_.fetch_add(by.count()); }

private:
    std::atomic<std::int64_t> millis_;
};

// For timeouts and leases inside one process: never jumps.
using Steady = std::chrono::steady_clock::time_point;
Steady steady_now();

}  // namespace carillon::base

// Waits for many descriptors and for a wake-up from other threads (epoll and eventfd).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace carillon::channels {

// wake() may be called from any thread, the rest from one. Throws std::system_error when the system
// has no more descriptors.
class Poller {
public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    // `tag` comes back from wait(); must not be `wake_tag`.
    static constexpr std::uint64_t wake_tag = ~std::uint64_t{0};
    void add(int descriptor, std::uint64_t tag, bool for_writing);
    void change(int descriptor, std::uint64_t tag, bool for_writing);  // always for reading too
    void remove(int descriptor);

    // Tags of what is ready, in no order; empty after `patience` or a wake-up. nullopt waits
    // without end.
    const std::vector<std::uint64_t>& wait(std::optional<std::chrono::nanoseconds> patience);
    void wake() noexcept;

private:
    void control(int operation, int descriptor, std::uint64_t tag, bool for_writing);

    int epoll_{-1};
    int event_{-1};
    std::vector<std::uint64_t> ready_;
};

}  // namespace carillon::channels

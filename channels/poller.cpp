#include "channels/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

namespace carillon::channels {

namespace {

constexpr int events_per_wait = 64;

void check(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

// Rounded up, so that a wait never ends before its time and spins.
int to_epoll(std::optional<std::chrono::nanoseconds> patience) {
    if (!patience) return -1;
    const auto millis = std::chrono::ceil<std::chrono::milliseconds>(*patience).count();
    return static_cast<int>(std::clamp<std::int64_t>(millis, 0, std::numeric_limits<int>::max()));
}

}  // namespace

Poller::Poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    check(epoll_, "epoll_create1");
    check(event_, "eventfd");
    control(EPOLL_CTL_ADD, event_, wake_tag, false);
}

Poller::~Poller() {
    ::close(event_);
    ::close(epoll_);
}

void Poller::add(int descriptor, std::uint64_t tag, bool for_writing) {
    control(EPOLL_CTL_ADD, descriptor, tag, for_writing);
}

void Poller::change(int descriptor, std::uint64_t tag, bool for_writing) {
    control(EPOLL_CTL_MOD, descriptor, tag, for_writing);
}

void Poller::remove(int descriptor) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void Poller::control(int operation, int descriptor, std::uint64_t tag, bool for_writing) {
    epoll_event event{};
    event.events = EPOLLIN | (for_writing ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.u64 = tag;
    check(epoll_ctl(epoll_, operation, descriptor, &event), "epoll_ctl");
}

const std::vector<std::uint64_t>& Poller::wait(std::optional<std::chrono::nanoseconds> patience) {
    std::array<epoll_event, events_per_wait> events{};
    const int count = epoll_wait(epoll_, events.data(), events_per_wait, to_epoll(patience));
    ready_.clear();
    for (int i = 0; i < count; ++i) {
        const auto tag = events[static_cast<std::size_t>(i)].data.u64;
        if (tag != wake_tag) {
            ready_.push_back(tag);
            continue;
        }
        std::uint64_t wakes = 0;
        [[maybe_unused]] const auto size = ::read(event_, &wakes, sizeof wakes);
    }
    return ready_;
}

void Poller::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto size = ::write(event_, &one, sizeof one);
}

}  // namespace carillon::channels

// Where a server is reached, and when it may be tried: its addresses in turn, with waits after
// those that failed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "channels/backoff.h"
#include "channels/host_lookup.h"
#include "channels/socket_link.h"

namespace carillon::channels {

// Used from one thread.
class ServerDoor {
public:
    struct Settings {
        std::string host{};
        int port{};
        std::chrono::milliseconds backoff_first{};
        std::chrono::milliseconds backoff_max{};
    };
    // `found` is called from another thread when the resolver has answered. `unknown` is the last
    // failure as long as there was none.
    ServerDoor(Settings settings, std::function<void()> found, std::string unknown);

    // Begins to connect. Nothing while the resolver is at work, or when that failed.
    std::unique_ptr<SocketLink> knock(base::Steady now);
    bool allows(base::Steady now) const { return backoff_.allows(now); }
    base::Steady next() const { return backoff_.next(); }  // when it will

    void opened() { backoff_.succeeded(); }
    void failed(std::string why, base::Steady now);
    // Whom it has let in it has thrown out: no failure, yet no reason to come back at once.
    void thrown_out(base::Steady now) { backoff_.pause(now); }

    bool failing() const { return backoff_.failing(); }
    const std::string& last_failure() const { return last_failure_; }
    bool has_address() const { return !addresses_.empty(); }
    bool is_looking() const { return addresses_.empty() && lookup_.running(); }

private:
    std::optional<std::string> next_address(base::Steady now);

    const Settings settings_;
    HostLookup lookup_;
    std::vector<std::string> addresses_;
    std::size_t address_at_{0};
    base::Steady addresses_until_{};
    Backoff backoff_;
    std::minstd_rand random_;
    std::string last_failure_;
};

}  // namespace carillon::channels

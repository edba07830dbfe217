#include "channels/host_lookup.h"

#include "channels/socket_link.h"

namespace carillon::channels {

void HostLookup::start(std::string host, int port) {
    running_ = true;
    thread_ = std::jthread{[this, host = std::move(host), port] {
        auto addresses = resolve(host, port);
        {
            const std::scoped_lock lock{mutex_};
            result_ = std::move(addresses);
        }
        done_();
    }};
}

std::optional<HostLookup::Addresses> HostLookup::take() {
    const std::scoped_lock lock{mutex_};
    std::optional<Addresses> taken;
    taken.swap(result_);
    if (taken) running_ = false;
    return taken;
}

}  // namespace carillon::channels

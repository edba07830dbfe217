#include "channels/server_door.h"

#include "base/digest.h"

namespace carillon::channels {

namespace {

constexpr auto addresses_valid = std::chrono::seconds{60};

std::minstd_rand seeded() {
    return std::minstd_rand{
        static_cast<std::minstd_rand::result_type>(base::random_id() & 0x7FFFFFFF)};
}

}  // namespace

ServerDoor::ServerDoor(Settings settings, std::function<void()> found, std::string unknown)
    : settings_(std::move(settings)),
      lookup_(std::move(found)),
      backoff_(settings_.backoff_first, settings_.backoff_max),
      random_(seeded()),
      last_failure_(std::move(unknown)) {}

std::unique_ptr<SocketLink> ServerDoor::knock(base::Steady now) {
    const auto address = next_address(now);
    if (!address) return nullptr;
    auto link = SocketLink::connect(*address);
    if (link) return std::move(*link);
    failed(link.error().text(), now);
    return nullptr;
}

std::optional<std::string> ServerDoor::next_address(base::Steady now) {
    if (auto found = lookup_.take()) {
        if (!*found) {
            failed(found->error().text(), now);
            return std::nullopt;
        }
        addresses_ = std::move(**found);
        address_at_ = 0;
        addresses_until_ = now + addresses_valid;
    }
    if (addresses_.empty() || now > addresses_until_) {
        if (!lookup_.running()) lookup_.start(settings_.host, settings_.port);
        // An old address is better than waiting for a resolver that is out of order.
        if (addresses_.empty()) return std::nullopt;
    }
    return addresses_[address_at_ % addresses_.size()];
}

void ServerDoor::failed(std::string why, base::Steady now) {
    constexpr double random_max = static_cast<double>(std::minstd_rand::max());
    last_failure_ = std::move(why);
    ++address_at_;
    backoff_.failed(now, static_cast<double>(random_()) / random_max);
}

}  // namespace carillon::channels

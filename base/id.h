// Distinct integer types for the keys of distinct things, so that a client cannot be passed for a
// message.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace carillon::base {

template <class Tag>
struct Id {
    std::int64_t value{};
    auto operator<=>(const Id&) const = default;
    explicit operator bool() const { return value != 0; }
};

using ClientId = Id<struct ClientTag>;
using ContactId = Id<struct ContactTag>;
using ContractId = Id<struct ContractTag>;
using DocumentId = Id<struct DocumentTag>;
using CampaignId = Id<struct CampaignTag>;
using RunId = Id<struct RunTag>;
using MessageId = Id<struct MessageTag>;

}  // namespace carillon::base

template <class Tag>
struct std::hash<carillon::base::Id<Tag>> {
    std::size_t operator()(const carillon::base::Id<Tag>& id) const noexcept {
        return std::hash<std::int64_t>{}(id.value);
    }
};

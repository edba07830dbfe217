// Several providers behind one name: channel settings that name other channel settings. Published
// as docs/schema/provider-group.schema.json.
#pragma once

#include <string>
#include <vector>

#include "base/channel_kind.h"
#include "base/json.h"
#include "channels/provider_health.h"

namespace carillon::channels {

struct WeightedAccount {
    std::string account{};  // name of the channel settings
    int weight{1};          // 1 .. 1,000
    bool operator==(const WeightedAccount&) const = default;
};

struct ProviderGroup {
    std::string name{};
    base::ChannelKind kind{};
    std::vector<WeightedAccount> providers{};  // 1 .. 20, each once
    HealthRules health{};
};

// Settings of a group rather than of an account?
bool is_provider_group(const base::Json& json);

// All mistakes at once, each with its JSON path.
tl::expected<ProviderGroup, base::Problems> parse_provider_group(const base::Json& json);

}  // namespace carillon::channels

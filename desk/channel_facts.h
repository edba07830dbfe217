// What settings of channels say of price and rate, also where several providers stand behind one
// account.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "campaigns/bundle.h"
#include "channels/open.h"

namespace carillon::desk {

// Nothing when the document has the settings of one account.
std::optional<channels::ProviderGroup> provider_group(const db::Document& channel);
// Nothing when the settings are not good.
std::optional<channels::ChannelFacts> facts_of(const std::string& settings,
                                               const std::string& folder);

// By kind of channel: what the first step's routes cost and how fast they may go. The price of a
// group is the mean of its providers' by weight; its rate is all of theirs together, none when one
// has no limit.
using FactsByChannel = std::map<std::string, channels::ChannelFacts>;
FactsByChannel channel_facts(const campaigns::Bundle& bundle, const std::string& folder);

}  // namespace carillon::desk

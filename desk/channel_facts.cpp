#include "desk/channel_facts.h"

#include "scheduler/run_contexts.h"

namespace carillon::desk {

namespace {

std::optional<channels::ChannelFacts> facts_of_group(const campaigns::Bundle& bundle,
                                                     const channels::ProviderGroup& group,
                                                     const std::string& folder) {
    channels::ChannelFacts facts{.name = group.name, .kind = group.kind};
    std::int64_t weights = 0;
    std::int64_t cost = 0;
    bool limited = true;
    for (const auto& provider : group.providers) {
        const auto one = facts_of(bundle.channels.at(provider.account).content, folder);
        if (!one) return std::nullopt;
        weights += provider.weight;
        cost += provider.weight * one->cost_per_unit_minor;
        facts.rate_per_second += one->rate_per_second;
        limited = limited && one->rate_per_second > 0;
    }
    facts.cost_per_unit_minor = (cost + weights / 2) / weights;
    if (!limited) facts.rate_per_second = 0;
    return facts;
}

}  // namespace

std::optional<channels::ProviderGroup> provider_group(const db::Document& channel) {
    base::Problems problems;
    return scheduler::group_in(channel, problems);
}

std::optional<channels::ChannelFacts> facts_of(const std::string& settings,
                                               const std::string& folder) {
    const auto json = base::Json::parse(settings);
    if (!json) return std::nullopt;
    const auto config = channels::parse_channel(*json, folder);
    return config ? std::optional{config->facts} : std::nullopt;
}

FactsByChannel channel_facts(const campaigns::Bundle& bundle, const std::string& folder) {
    FactsByChannel facts;
    for (const auto& route : bundle.definition.steps[0].routes) {
        const auto& document = bundle.channels.at(campaigns::account_of(route));
        const auto group = provider_group(document);
        const auto found =
            group ? facts_of_group(bundle, *group, folder) : facts_of(document.content, folder);
        if (found) facts[std::string{name_of(route.channel)}] = *found;
    }
    return facts;
}

}  // namespace carillon::desk

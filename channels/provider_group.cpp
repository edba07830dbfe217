#include "channels/provider_group.h"

#include <algorithm>

namespace carillon::channels {

namespace {

using base::ObjectReader;
using std::chrono::milliseconds;

constexpr std::size_t providers_max = 20;
constexpr double day_seconds = 86'400;

milliseconds seconds_in(ObjectReader& reader, std::string_view key, milliseconds fallback) {
    constexpr double shortest = 0.01;
    const auto seconds =
        reader.number(key, std::chrono::duration<double>(fallback).count(), shortest, day_seconds);
    return std::chrono::round<milliseconds>(std::chrono::duration<double>(seconds));
}

HealthRules read_health(ObjectReader reader) {
    HealthRules rules;
    rules.window = seconds_in(reader, "window_seconds", rules.window);
    rules.error_share_max = reader.number("error_share_max", rules.error_share_max, 0, 1);
    rules.answers_min =
        static_cast<int>(reader.integer("answers_min", rules.answers_min, 1, 1'000'000));
    if (reader.has("latency_max_seconds"))
        rules.latency_max = seconds_in(reader, "latency_max_seconds", {});
    rules.open_for = seconds_in(reader, "open_seconds", rules.open_for);
    rules.probes = static_cast<int>(reader.integer("probes", rules.probes, 1, 1'000));
    reader.finish();
    return rules;
}

void read_providers(ObjectReader& reader, ProviderGroup& group, base::Problems& problems) {
    const auto* list = reader.list("providers");
    if (list == nullptr) return;
    if (list->empty() || list->size() > providers_max)
        reader.problem("providers", "channel.providers_count",
                       "needs 1 to " + std::to_string(providers_max) + " providers");
    for (std::size_t i = 0; i < list->size(); ++i) {
        ObjectReader entry{(*list)[i], reader.path_of("providers") + "[" + std::to_string(i) + "]",
                           problems};
        WeightedAccount provider{entry.required_text("account"),
                                 static_cast<int>(entry.integer("weight", 1, 1, 1'000))};
        if (provider.account == group.name)
            entry.problem("account", "channel.provider_is_group", "names the group itself");
        if (std::ranges::find(group.providers, provider.account, &WeightedAccount::account) !=
            group.providers.end())
            entry.problem("account", "channel.provider_twice",
                          "'" + provider.account + "' stands in the list twice");
        entry.finish();
        group.providers.push_back(std::move(provider));
    }
}

}  // namespace

bool is_provider_group(const base::Json& json) {
    return json.find("providers") != nullptr;
}

tl::expected<ProviderGroup, base::Problems> parse_provider_group(const base::Json& json) {
    base::Problems problems;
    ObjectReader reader{json, "$", problems};
    ProviderGroup group;
    group.name = reader.required_text("name");
    const auto kind = reader.required_text("kind");
    if (const auto known = base::channel_kind_from(kind))
        group.kind = *known;
    else if (!kind.empty())
        reader.problem("kind", "channel.kind_unknown", "is email, sms, fax, letter or call");
    read_providers(reader, group, problems);
    if (const auto* health = reader.object("health"))
        group.health = read_health({*health, reader.path_of("health"), problems});
    reader.finish();
    if (!problems.empty()) return tl::unexpected<base::Problems>{std::move(problems)};
    return group;
}

}  // namespace carillon::channels

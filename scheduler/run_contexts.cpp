#include "scheduler/run_contexts.h"

#include <algorithm>

#include "campaigns/audience_sql.h"
#include "db/queries.h"

namespace carillon::scheduler {

namespace {

constexpr std::size_t runs_max = 256;

}  // namespace

std::optional<channels::ProviderGroup> group_in(const db::Document& channel,
                                                base::Problems& problems) {
    const auto json = base::Json::parse(channel.content, channel.name);
    if (!json || !channels::is_provider_group(*json)) return std::nullopt;
    auto group = channels::parse_provider_group(*json);
    if (group) return std::move(*group);
    problems.insert(problems.end(), group.error().begin(), group.error().end());
    return std::nullopt;
}

RunContext share_of(const campaigns::Bundle& bundle, const BankIdentity& bank,
                    const base::LocalDate& as_of) {
    RunContext context;
    const auto& definition = bundle.definition;
    context.as_of = as_of;
    context.definition = definition;
    context.policies = bundle.parsed_policies;
    context.calendar = bundle.calendar;
    context.windows = campaigns::windows_of(definition, context.policies);
    context.common = {as_of,      definition.name, definition.title, bank.name,
                      bank.phone, bank.url,        bank.currency};
    return context;
}

void add_contents(RunContext& context, const campaigns::Bundle& bundle,
                  const std::map<std::string, templates::CompiledTemplate>& compiled,
                  const std::function<ProviderPool*(const std::string& account)>& pool_of) {
    const auto& definition = bundle.definition;
    const auto variants = std::max<int>(1, static_cast<int>(definition.variants.size()));
    for (int step = 1; step <= static_cast<int>(definition.steps.size()); ++step)
        for (int variant = 0; variant < variants; ++variant) {
            const auto& part = definition.steps[static_cast<std::size_t>(step) - 1];
            for (const auto& route : part.routes) {
                const auto& name = campaigns::template_of(definition, part, route, variant);
                context.contents.insert(
                    {{step, route.channel, variant},
                     StepContent{compiled.at(name), bundle.templates.at(name).id,
                                 pool_of(campaigns::account_of(route))}});
            }
        }
    for (const auto& [key, content] : context.contents)
        if (std::ranges::find(context.pools, content.providers) == context.pools.end())
            context.pools.push_back(content.providers);
}

std::shared_ptr<const RunContext> RunContexts::find(db::Connection& connection, base::RunId run) {
    const auto known = runs_.find(run.value);
    if (known != runs_.end()) return known->second;
    auto built = build(connection, run);
    if (!built) return nullptr;
    if (runs_.size() >= runs_max) runs_.clear();  // contexts in use stay alive with their messages
    runs_[run.value] = built;
    return built;
}

std::shared_ptr<const RunContexts::Parts> RunContexts::parts_of(
    db::Connection& connection, const campaigns::StoredCampaign& campaign) {
    const auto known = parts_.find(campaign.approved_hash);
    if (known != parts_.end()) return known->second;
    base::Problems problems;
    auto parts = std::make_shared<Parts>();
    parts->bundle = campaigns::bound_bundle(connection, campaign, problems);
    const auto attributes = campaigns::load_attribute_kinds(connection);
    for (const auto& [name, document] : parts->bundle.templates)
        if (auto compiled = campaigns::compile_template(
                document, attributes, problems,
                parts->bundle.definition.tracking ? bank_.public_url : std::string{}))
            parts->compiled.emplace(name, std::move(*compiled));
    if (problems.empty())
        for (const auto& [name, document] : parts->bundle.channels)
            parts->pools[name] = pool_of(parts->bundle, document, problems);
    if (!problems.empty()) {
        problem_ = "campaign " + campaign.name + ": " + problems.front().text();
        return nullptr;
    }
    parts_[campaign.approved_hash] = parts;
    return parts;
}

ProviderPool* RunContexts::pool_of(const campaigns::Bundle& bundle, const db::Document& channel,
                                   base::Problems& problems) {
    const auto group = group_in(channel, problems);
    std::vector<const db::Document*> accounts;
    if (!group) accounts.push_back(&channel);
    if (group)
        for (const auto& provider : group->providers)
            accounts.push_back(&bundle.channels.at(provider.account));
    auto key = std::to_string(channel.id.value);
    std::vector<Outlet*> outlets;
    for (const auto* account : accounts) {
        key += " " + std::to_string(account->id.value);
        outlets.push_back(outlet_of_(*account));
        if (outlets.back() == nullptr)
            problems.push_back({"channel.closed", "cannot be opened", "channel " + account->name});
    }
    if (!problems.empty()) return nullptr;
    auto& pool = pools_[key];
    if (!pool)
        pool = group ? std::make_unique<ProviderPool>(*group, outlets)
                     : std::make_unique<ProviderPool>(channel.name, outlets.front());
    return pool.get();
}

std::shared_ptr<const RunContext> RunContexts::build(db::Connection& connection, base::RunId run) {
    base::CampaignId campaign_id;
    std::string as_of;
    connection.select(db::queries::run_by_id, {run}, [&](const db::Row& row) {
        campaign_id = row.get<base::CampaignId>(1);
        as_of = row.get<std::string>(3);
    });
    const auto campaign = campaigns::find_campaign(connection, campaign_id);
    const auto date = base::parse_date(as_of);
    const auto parts = campaign && date ? parts_of(connection, *campaign) : nullptr;
    if (!parts) return nullptr;
    auto context = std::make_shared<RunContext>(share_of(parts->bundle, bank_, *date));
    context->id = run;
    context->campaign = campaign_id;
    const auto recheck = campaigns::recheck_fragment(
        {parts->bundle, campaign_id, *date, run, campaigns::campaign_finder(connection)});
    if (!recheck) {
        problem_ = recheck.error().text();
        return nullptr;
    }
    context->still_matches = *recheck;
    add_contents(*context, parts->bundle, parts->compiled,
                 [&](const std::string& account) { return parts->pools.at(account); });
    return context;
}

}  // namespace carillon::scheduler

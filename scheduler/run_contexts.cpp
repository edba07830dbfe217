#include "scheduler/run_contexts.h"

#include "campaigns/audience_sql.h"
#include "db/queries.h"

namespace carillon::scheduler {

namespace {

constexpr std::size_t runs_max = 256;

}  // namespace

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
    for (const auto& [name, document] : parts->bundle.channels) {
        auto* outlet = outlet_of_(document);
        if (outlet == nullptr)
            problems.push_back({"channel.closed", "cannot be opened", "channel " + name});
        parts->outlets[name] = outlet;
    }
    if (!problems.empty()) {
        problem_ = "campaign " + campaign.name + ": " + problems.front().text();
        return nullptr;
    }
    parts_[campaign.approved_hash] = parts;
    return parts;
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
    const auto& definition = parts->bundle.definition;
    auto context = std::make_shared<RunContext>();
    context->id = run;
    context->campaign = campaign_id;
    context->as_of = *date;
    context->definition = definition;
    context->policies = parts->bundle.parsed_policies;
    context->calendar = parts->bundle.calendar;
    context->windows = campaigns::windows_of(definition, context->policies);
    context->common = {*date,       definition.name, definition.title, bank_.name,
                       bank_.phone, bank_.url,       bank_.currency};
    const auto recheck = campaigns::recheck_fragment(
        {parts->bundle, campaign_id, *date, run,
         [&](std::string_view name) -> std::optional<std::int64_t> {
             if (const auto found = campaigns::find_campaign(connection, name))
                 return found->id.value;
             return std::nullopt;
         }});
    if (!recheck) {
        problem_ = recheck.error().text();
        return nullptr;
    }
    context->still_matches = *recheck;
    const auto variants = std::max<int>(1, static_cast<int>(definition.variants.size()));
    for (int step = 1; step <= static_cast<int>(definition.steps.size()); ++step)
        for (int variant = 0; variant < variants; ++variant) {
            const auto& part = definition.steps[static_cast<std::size_t>(step) - 1];
            for (const auto& route : part.routes) {
                const auto& name = campaigns::template_of(definition, part, route, variant);
                context->contents.insert(
                    {{step, route.channel, variant},
                     StepContent{parts->compiled.at(name), parts->bundle.templates.at(name).id,
                                 parts->outlets.at(campaigns::account_of(route))}});
            }
        }
    return context;
}

}  // namespace carillon::scheduler

#include "app/report_design.h"

#include "campaigns/bundle.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

// The versions that were approved; of a draft or of imported history, what is written now.
std::optional<db::Document> channel_document(db::Connection& connection,
                                             const campaigns::StoredCampaign& campaign,
                                             const std::string& name) {
    if (auto found = campaigns::bound(connection, campaign.id).find(campaigns::channel_kind, name))
        return found;
    return campaigns::newest(connection).find(campaigns::channel_kind, name);
}

std::map<std::string, std::int64_t> unit_costs(Program& program, db::Connection& connection,
                                               const campaigns::StoredCampaign& campaign,
                                               const campaigns::Definition& definition) {
    std::map<std::string, std::int64_t> costs;
    for (const auto& step : definition.steps)
        for (const auto& route : step.routes) {
            const auto document =
                channel_document(connection, campaign, campaigns::account_of(route));
            if (!document) continue;
            if (const auto facts = facts_of(document->content, program.data_folder()))
                costs[std::string{name_of(route.channel)}] = facts->cost_per_unit_minor;
        }
    // Where several providers shared a channel: what a unit cost on the average.
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> totals;  // cost, units
    for (const auto& one : carried_by_providers(program, connection, campaign.id)) {
        totals[one.channel].first += one.cost_minor;
        totals[one.channel].second += one.units;
    }
    for (const auto& [channel, total] : totals)
        if (total.second > 0) costs[channel] = (total.first + total.second / 2) / total.second;
    return costs;
}

int control_parts(db::Connection& connection, const campaigns::StoredCampaign& campaign,
                  const campaigns::Definition& definition) {
    if (definition.control_parts) return *definition.control_parts;
    base::Problems problems;
    const auto bundle = campaigns::bound_bundle(connection, campaign, problems);
    return problems.empty() ? campaigns::control_parts_of(definition, bundle.parsed_policies) : 0;
}

}  // namespace

campaigns::Definition definition_of(db::Connection& connection,
                                    const campaigns::StoredCampaign& campaign) {
    const auto document = db::find_document(connection, campaign.document).value();
    return campaigns::parse_definition(document.content, document.name).value();
}

std::vector<Carried> carried_by_providers(Program& program, db::Connection& connection,
                                          base::CampaignId campaign) {
    return connection.list<Carried>(
        db::queries::carried_by_provider, {campaign}, [&](const db::Row& row) {
            Carried one{row.get<std::string>(2), row.get<std::string>(1), row.get<std::int64_t>(3),
                        row.get<std::int64_t>(4), 0};
            if (const auto facts = facts_of(row.get<std::string>(5), program.data_folder()))
                one.cost_minor = one.units * facts->cost_per_unit_minor;
            return one;
        });
}

reports::Design design_of(Program& program, db::Connection& connection,
                          const campaigns::StoredCampaign& campaign) {
    const auto definition = definition_of(connection, campaign);
    reports::Design design;
    design.name = campaign.name;
    design.title = definition.title;
    design.state = name_of(campaign.state);
    design.owner = definition.owner;
    design.control_parts = control_parts(connection, campaign, definition);
    for (const auto& variant : definition.variants) {
        design.variants.push_back(variant.name);
        design.variant_weights.push_back(variant.weight);
    }
    design.conversion = definition.conversion;
    design.plan = definition.plan;
    design.unit_cost = unit_costs(program, connection, campaign, definition);
    design.currency = program.config().text("bank.currency");
    design.is_debt = definition.purpose == base::Purpose::debt;
    return design;
}

reports::CampaignReport report_of(Program& program, const campaigns::StoredCampaign& campaign,
                                  const reports::Design& design) {
    const std::chrono::milliseconds window{design.conversion.window};
    const auto facts = reports::load_facts(program.migrated_database(),
                                           {campaign.id, design.conversion.event, window.count()});
    return reports::measure(facts, design);
}

}  // namespace carillon::app

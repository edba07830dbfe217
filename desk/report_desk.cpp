#include "desk/report_desk.h"

#include <algorithm>
#include <array>

#include "campaigns/bundle.h"
#include "db/queries.h"
#include "desk/channel_facts.h"
#include "desk/visible.h"
#include "reports/activity.h"
#include "reports/report_json.h"

namespace carillon::desk {

namespace {

constexpr std::array<std::string_view, 3> attributions{"last", "first", "linear"};

// The versions that were approved; of a draft or of imported history, what is written now.
std::optional<db::Document> channel_document(db::Connection& connection,
                                             const campaigns::StoredCampaign& campaign,
                                             const std::string& name) {
    if (auto found = campaigns::bound(connection, campaign.id).find(campaigns::channel_kind, name))
        return found;
    return campaigns::newest(connection).find(campaigns::channel_kind, name);
}

std::map<std::string, std::int64_t> unit_costs(const CostBook& book, db::Connection& connection,
                                               const campaigns::StoredCampaign& campaign,
                                               const campaigns::Definition& definition) {
    std::map<std::string, std::int64_t> costs;
    for (const auto& step : definition.steps)
        for (const auto& route : step.routes) {
            const auto document =
                channel_document(connection, campaign, campaigns::account_of(route));
            if (!document) continue;
            if (const auto facts = facts_of(document->content, book.data_folder))
                costs[std::string{name_of(route.channel)}] = facts->cost_per_unit_minor;
        }
    return costs;
}

int control_parts(db::Connection& connection, const campaigns::StoredCampaign& campaign,
                  const campaigns::Definition& definition) {
    if (definition.control_parts) return *definition.control_parts;
    base::Problems problems;
    const auto bundle = campaigns::bound_bundle(connection, campaign, problems);
    return problems.empty() ? campaigns::control_parts_of(definition, bundle.parsed_policies) : 0;
}

reports::Facts facts_for(db::Database& database, const reports::Design& design,
                         base::CampaignId campaign) {
    const std::chrono::milliseconds window{design.conversion.window};
    return reports::load_facts(database, {campaign, design.conversion.event, window.count()});
}

base::Problems problems_of(const ReportQuestion& question) {
    base::Problems problems;
    for (const auto& by : question.by)
        if (!reports::is_known_breakdown(by))
            problems.push_back({"report.breakdown",
                                "expected branch, manager, value_class, status, industry, "
                                "household, product or attributes.NAME",
                                "by"});
    if (!question.attribution.empty() &&
        std::ranges::find(attributions, question.attribution) == attributions.end())
        problems.push_back({"report.attribution", "expected last, first or linear", "attribution"});
    return problems;
}

}  // namespace

std::vector<reports::Carried> carried_by_providers(const CostBook& book, db::Connection& connection,
                                                   base::CampaignId campaign) {
    return connection.list<reports::Carried>(
        db::queries::carried_by_provider, {campaign}, [&](const db::Row& row) {
            reports::Carried one{row.get<std::string>(2), row.get<std::string>(1),
                                 row.get<std::int64_t>(3), row.get<std::int64_t>(4), 0};
            if (const auto facts = facts_of(row.get<std::string>(5), book.data_folder))
                one.cost_minor = one.units * facts->cost_per_unit_minor;
            return one;
        });
}

// A unit costs on the average what the providers that shared a channel were paid for one.
void set_carried(reports::Design& design, std::vector<reports::Carried> carried) {
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> totals;  // cost, units
    for (const auto& one : carried) {
        totals[one.channel].first += one.cost_minor;
        totals[one.channel].second += one.units;
    }
    for (const auto& [channel, total] : totals)
        if (total.second > 0)
            design.unit_cost[channel] = (total.first + total.second / 2) / total.second;
    design.carried = std::move(carried);
}

reports::Design design_of(const CostBook& book, db::Connection& connection,
                          const campaigns::StoredCampaign& campaign) {
    auto design = planned_design(book, connection, campaign);
    set_carried(design, carried_by_providers(book, connection, campaign.id));
    return design;
}

reports::Design planned_design(const CostBook& book, db::Connection& connection,
                               const campaigns::StoredCampaign& campaign) {
    const auto document = db::find_document(connection, campaign.document).value();
    const auto definition = campaigns::parse_definition(document.content, document.name).value();
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
    design.unit_cost = unit_costs(book, connection, campaign, definition);
    design.currency = book.currency;
    design.is_debt = definition.purpose == base::Purpose::debt;
    return design;
}

namespace {

// What is read before the facts are; its connection is given back, since the facts take two.
base::Result<std::pair<base::CampaignId, reports::Design>> planned(Office& office,
                                                                   const Caller& caller,
                                                                   const std::string& name) {
    auto lease = office.read(caller, Right::reports_see);
    const auto campaign = campaigns::find_campaign(*lease, name);
    if (!campaign) return base::fail("campaign.unknown", "there is no campaign '" + name + "'");
    const auto& workshop = office.workshop();
    return std::pair{campaign->id,
                     design_of({workshop.data_folder, workshop.bank.currency}, *lease, *campaign)};
}

// The moment a plan is held against what happened.
reports::PlanMoment plan_moment(Office& office, db::Connection& connection,
                                base::CampaignId campaign) {
    const auto stored = campaigns::find_campaign(connection, campaign).value();
    const auto document = db::find_document(connection, stored.document).value();
    const auto definition = campaigns::parse_definition(document.content, document.name).value();
    reports::PlanMoment moment{office.now(), {}};
    if (definition.ends)
        moment.ends = bank_zone(connection)
                          .instant_of(base::add_days(*definition.ends, 1), base::TimeOfDay{0});
    return moment;
}

}  // namespace

tl::expected<MeasuredCampaign, base::Problems> measured_campaign(Office& office,
                                                                 const Caller& caller,
                                                                 const std::string& name,
                                                                 const ReportQuestion& question) {
    auto& database = office.database(caller, Right::reports_see);
    if (auto problems = problems_of(question); !problems.empty())
        return refuse(std::move(problems));
    auto found = planned(office, caller, name);
    if (!found) return refuse(found.error());
    auto& [campaign, design] = *found;
    const auto model = std::ranges::find(attributions, question.attribution);
    if (model != attributions.end())
        design.conversion.attribution =
            static_cast<campaigns::Attribution>(model - attributions.begin());
    const auto facts = facts_for(database, design, campaign);
    MeasuredCampaign measured{.report = reports::measure(facts, design)};
    auto lease = office.read(caller, Right::reports_see);
    for (const auto& by : question.by)
        measured.breakdowns.push_back(
            reports::break_down(*lease, facts, measured.report, campaign, by));
    if (design.plan.has_figures())
        measured.plan =
            reports::compare_plan(facts, measured.report, plan_moment(office, *lease, campaign));
    return measured;
}

Answer campaign_report(Office& office, const Caller& caller, const std::string& name,
                       const ReportQuestion& question) {
    const auto measured = measured_campaign(office, caller, name, question);
    if (!measured) return refuse(measured.error());
    auto json = reports::to_json(measured->report, measured->breakdowns);
    if (measured->plan) json.set("plan", reports::to_json(*measured->plan));
    return json;
}

Answer report_activity(Office& office, const Caller& caller, const std::string& name,
                       const std::string& by) {
    const db::LongRead lease{office.database(caller, Right::reports_see)};
    const auto kind = reports::activity_by(by);
    if (!kind) return refuse("report.activity", "expected hour, day, weekday_hour or link", "by");
    const auto campaign = campaigns::find_campaign(*lease, name);
    if (!campaign) return refuse("campaign.unknown", "there is no campaign '" + name + "'");
    return reports::to_json(reports::activity_of(*lease, campaign->id, *kind, bank_zone(*lease)));
}

Answer report_clients(Office& office, const Caller& caller, const std::string& name,
                      const std::string& step, const PageQuery& query) {
    auto& database = office.database(caller, Right::reports_see);
    access::require(caller, Right::clients_see);
    const auto& steps = reports::funnel_steps();
    if (std::ranges::find(steps, step) == steps.end())
        return refuse("report.step", "there is no step '" + step + "' of the funnel", "step");
    const auto from = number_in_cursor(query.after);
    if (!from) return refuse(from.error());
    const auto found = planned(office, caller, name);
    if (!found) return refuse(found.error());
    const auto& [campaign, design] = *found;
    const auto facts = facts_for(database, design, campaign);
    auto lease = office.read(caller, Right::reports_see);
    const auto visible = [&](const std::string& branch) {
        return !caller.branches ||
               std::ranges::find(*caller.branches, branch) != caller.branches->end();
    };
    base::Json::Array items;
    std::int64_t at = 0;
    const auto wanted = static_cast<std::size_t>(query.limit) + 1;
    reports::list_clients(*lease, facts, design, campaign, step,
                          [&](const reports::ListedClient& client) {
                              if (!visible(client.branch) || at++ < *from) return;
                              if (items.size() >= wanted) return;
                              items.push_back(base::Json::Object{{"client", client.external_id},
                                                                 {"name", client.name},
                                                                 {"group", client.group},
                                                                 {"channel", client.channel},
                                                                 {"branch", client.branch},
                                                                 {"manager", client.manager}});
                          });
    return page_of(std::move(items), query,
                   [&](const base::Json&) { return std::to_string(*from + query.limit); });
}

}  // namespace carillon::desk

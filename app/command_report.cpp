// report: what a campaign did and what it was worth, in every format; the clients behind a number.
// compare: campaigns side by side, the best first.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "app/commands.h"
#include "audience/csv.h"
#include "base/text.h"
#include "campaigns/bundle.h"
#include "db/queries.h"
#include "reports/layout.h"
#include "reports/report_json.h"

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

// What the providers took and what it costs by their own settings, as it is paid: in parts, pages,
// letters.
struct Carried {
    std::string channel{};
    std::string provider{};
    std::int64_t messages{};
    std::int64_t units{};
    std::int64_t cost_minor{};
};

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

void print_carried(const Output& output, const std::vector<Carried>& carried,
                   const std::string& currency) {
    if (carried.empty()) return;
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : carried)
        rows.push_back({one.channel, one.provider, grouped(one.messages), grouped(one.units),
                        base::plain_text({one.cost_minor, currency}) + " " + currency});
    output.line("");
    output.table({"channel", "provider", "messages", "parts or pages", "cost"}, rows);
}

base::Json json_of(const std::vector<Carried>& carried, const std::string& currency) {
    base::Json::Array list;
    for (const auto& carrier : carried) {
        base::Json one{base::Json::Object{}};
        one.set("channel", carrier.channel);
        one.set("provider", carrier.provider);
        one.set("messages", carrier.messages);
        one.set("units", carrier.units);
        one.set("cost", base::plain_text({carrier.cost_minor, currency}) + " " + currency);
        list.push_back(std::move(one));
    }
    return base::Json{std::move(list)};
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

reports::Design design_of(Program& program, db::Connection& connection,
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
    design.unit_cost = unit_costs(program, connection, campaign, definition);
    design.currency = program.config().text("bank.currency");
    design.is_debt = definition.purpose == base::Purpose::debt;
    return design;
}

base::Problems problems_of(const ReportArgs& args) {
    base::Problems problems;
    for (const auto& by : args.by)
        if (!reports::is_known_breakdown(by))
            problems.push_back({"report.breakdown",
                                "expected branch, manager, value_class, status, industry, "
                                "household, product or attributes.NAME",
                                "--by " + by});
    const bool is_file = args.format == "xlsx" || args.format == "pdf";
    if (is_file && args.out.empty())
        problems.push_back({"report.out", "this format is a file: give --out FILE", "--format"});
    return problems;
}

ExitCode write_clients(db::Connection& connection, const reports::Facts& facts,
                       const reports::Design& design, base::CampaignId campaign,
                       const ReportArgs& args, std::ostream& out) {
    std::string line;
    using Texts = std::vector<std::string_view>;
    audience::append_csv_row(line,
                             Texts{"client", "name", "group", "channel", "branch", "manager"});
    out << line;
    reports::list_clients(connection, facts, design, campaign, args.clients,
                          [&](const reports::ListedClient& client) {
                              line.clear();
                              audience::append_csv_row(
                                  line, Texts{client.external_id, client.name, client.group,
                                              client.channel, client.branch, client.manager});
                              out << line;
                          });
    return ExitCode::done;
}

ExitCode write_report(const Output& output, const ReportArgs& args,
                      const reports::CampaignReport& report,
                      const std::vector<reports::Breakdown>& breakdowns,
                      const std::vector<Carried>& carried, const std::string& currency,
                      std::ostream& out) {
    if (args.format == "json" || output.is_json()) {
        auto json = reports::to_json(report, breakdowns);
        json.set("providers", json_of(carried, currency));
        out << json.dump() << '\n';
        return ExitCode::done;
    }
    const reports::Words words{reports::language_from(args.language).value()};
    const auto document = reports::lay_out(report, breakdowns, words);
    bool written = true;
    if (args.format == "csv")
        out << reports::to_csv(document);
    else if (args.format == "html")
        out << reports::to_html(document);
    else if (args.format == "xlsx")
        written = reports::write_xlsx(document, args.out);
    else if (args.format == "pdf")
        written = reports::write_pdf(document, args.out);
    else
        out << reports::to_text(document);
    return written ? ExitCode::done : output.fail("cannot write " + args.out);
}

}  // namespace

ExitCode report(Program& program, const Output& output, const ReportArgs& args) {
    if (const auto problems = problems_of(args); !problems.empty()) return output.refuse(problems);
    auto lease = program.migrated_database().read();
    const auto campaign = campaigns::find_campaign(*lease, args.name);
    if (!campaign)
        return output.refuse({"campaign.unknown", "there is no campaign '" + args.name + "'"});
    auto design = design_of(program, *lease, *campaign);
    const auto model = std::ranges::find(attribution_words, args.attribution);
    if (model != attribution_words.end())
        design.conversion.attribution =
            static_cast<campaigns::Attribution>(model - attribution_words.begin());
    const std::chrono::milliseconds window{design.conversion.window};
    const auto facts = reports::load_facts(program.migrated_database(),
                                           {campaign->id, design.conversion.event, window.count()});
    std::ofstream file;
    const bool is_text = args.format != "xlsx" && args.format != "pdf";
    if (!args.out.empty() && is_text) {
        file.open(args.out, std::ios::binary | std::ios::trunc);
        if (!file) return output.fail("cannot write " + args.out);
    }
    auto& out = file.is_open() ? static_cast<std::ostream&>(file) : std::cout;
    if (!args.clients.empty()) return write_clients(*lease, facts, design, campaign->id, args, out);
    const auto report = reports::measure(facts, design);
    std::vector<reports::Breakdown> breakdowns;
    for (const auto& by : args.by)
        breakdowns.push_back(reports::break_down(*lease, facts, report, campaign->id, by));
    const auto carried = carried_by_providers(program, *lease, campaign->id);
    const auto done = write_report(output, args, report, breakdowns, carried, design.currency, out);
    if (args.format == "text" && args.out.empty()) print_carried(output, carried, design.currency);
    if (file.is_open() && !file.flush()) return output.fail("cannot write " + args.out);
    return done;
}

// Ranked by score; whose intervals overlap cannot be told apart.
ExitCode compare(Program& program, const Output& output, const CompareArgs& args) {
    auto lease = program.migrated_database().read();
    std::vector<reports::CampaignReport> found;
    for (const auto& name : args.names) {
        const auto campaign = campaigns::find_campaign(*lease, name);
        if (!campaign)
            return output.refuse({"campaign.unknown", "there is no campaign '" + name + "'"});
        const auto design = design_of(program, *lease, *campaign);
        const std::chrono::milliseconds window{design.conversion.window};
        const auto facts = reports::load_facts(
            program.migrated_database(), {campaign->id, design.conversion.event, window.count()});
        found.push_back(reports::measure(facts, design));
    }
    const auto points = [](const reports::CampaignReport& one) {
        return one.score ? one.score->points.value : -1.0;
    };
    std::ranges::stable_sort(found, std::greater{}, points);
    const reports::Words words{reports::language_from(args.language).value()};
    const auto document = reports::lay_out_comparison(found, words);
    if (!output.is_json()) {
        std::cout << reports::to_text(document);
        return ExitCode::done;
    }
    base::Json::Array list;
    for (const auto& one : found) list.push_back(reports::to_json(one, {}));
    output.result(base::Json::Object{{"campaigns", std::move(list)}});
    return ExitCode::done;
}

}  // namespace carillon::app

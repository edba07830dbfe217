// report: what a campaign did and what it was worth, in every format; the clients behind a number.
// compare: campaigns side by side, the best first.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>

#include "app/commands.h"
#include "app/duties.h"
#include "app/report_design.h"
#include "audience/csv.h"
#include "base/text.h"
#include "campaigns/bundle.h"
#include "db/queries.h"
#include "reports/layout.h"
#include "reports/report_json.h"

namespace carillon::app {

namespace {

base::Problems problems_of(const ReportArgs& args) {
    base::Problems problems;
    for (const auto& by : args.by)
        if (!reports::is_known_breakdown(by))
            problems.push_back({"report.breakdown",
                                "expected branch, manager, value_class, status, industry, "
                                "household, product, segment or attributes.NAME",
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

// What a report shows beside the campaign's own measures.
struct Beside {
    std::vector<reports::Breakdown> breakdowns{};
    std::optional<reports::PlanComparison> plan{};
};

ExitCode write_report(const Output& output, const ReportArgs& args,
                      const reports::CampaignReport& report, const Beside& beside,
                      std::ostream& out) {
    if (args.format == "json" || output.is_json()) {
        auto json = reports::to_json(report, beside.breakdowns);
        if (beside.plan) json.set("plan", reports::to_json(*beside.plan));
        out << json.dump() << '\n';
        return ExitCode::done;
    }
    const reports::Words words{reports::language_from(args.language).value()};
    auto document = reports::lay_out(report, beside.breakdowns, words);
    if (beside.plan)
        document.sections.insert(document.sections.begin() + 1,
                                 reports::plan_section(*beside.plan, words));
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
    const db::LongRead lease{program.migrated_database()};
    const auto campaign = campaigns::find_campaign(*lease, args.name);
    if (!campaign)
        return output.refuse({"campaign.unknown", "there is no campaign '" + args.name + "'"});
    const auto book = cost_book(program);
    auto design = desk::planned_design(book, *lease, *campaign);
    const auto model = std::ranges::find(attribution_words, args.attribution);
    if (model != attribution_words.end())
        design.conversion.attribution =
            static_cast<campaigns::Attribution>(model - attribution_words.begin());
    // Reads all messages once more, on a connection of its own beside those of the facts.
    auto carried = std::async(std::launch::async, [&] {
        if (!args.clients.empty()) return std::vector<reports::Carried>{};
        return desk::carried_by_providers(book, *db::LongRead{program.migrated_database()},
                                          campaign->id);
    });
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
    desk::set_carried(design, carried.get());
    const auto report = reports::measure(facts, design);
    Beside beside;
    for (const auto& by : args.by)
        beside.breakdowns.push_back(reports::break_down(*lease, facts, report, campaign->id, by));
    if (design.plan.has_figures())
        beside.plan = reports::compare_plan(facts, report,
                                            plan_moment(program, definition_of(*lease, *campaign)));
    const auto done = write_report(output, args, report, beside, out);
    if (file.is_open() && !file.flush()) return output.fail("cannot write " + args.out);
    return done;
}

// Ranked by score; whose intervals overlap cannot be told apart.
ExitCode compare(Program& program, const Output& output, const CompareArgs& args) {
    const db::LongRead lease{program.migrated_database()};
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

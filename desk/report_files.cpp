#include "desk/report_files.h"

#include <algorithm>
#include <array>

#include "base/local_date.h"
#include "desk/visible.h"
#include "reports/bank_report.h"
#include "reports/client_page.h"
#include "reports/document_bytes.h"
#include "reports/layout.h"
#include "reports/profitability.h"
#include "reports/report_json.h"

namespace carillon::desk {

namespace {

constexpr std::size_t compared_min = 2;
constexpr std::size_t compared_max = 10;

struct Format {
    std::string_view name{};
    std::string_view type{};
};
constexpr std::array formats{
    Format{"json", "application/json"}, Format{"csv", "text/csv; charset=utf-8"},
    Format{"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    Format{"html", "text/html; charset=utf-8"}, Format{"pdf", "application/pdf"}};

base::Problems problems_of(const Look& look) {
    base::Problems problems;
    if (std::ranges::find(formats, look.format, &Format::name) == formats.end())
        problems.push_back({"report.format", "expected json, csv, xlsx, html or pdf", "format"});
    if (!reports::language_from(look.language))
        problems.push_back({"report.language", "expected en or ru", "language"});
    return problems;
}

reports::Words words_of(const Look& look) {
    return reports::Words{reports::language_from(look.language).value()};
}

// `name`: of the file, without its ending.
FileAnswer file_of(const reports::Document& document, const Look& look, const std::string& name) {
    auto bytes = reports::document_bytes(document, look.format);
    if (bytes.empty()) return refuse("report.unmade", "the file could not be made");
    const auto* format = std::ranges::find(formats, look.format, &Format::name);
    return File{std::string{format->type}, std::move(bytes), name + "." + look.format};
}

FileAnswer json_file(const base::Json& json) {
    return File{"application/json", json.dump() + "\n"};
}

bool is_month(std::string_view text) {
    return text.size() == 7 && base::parse_date(std::string{text} + "-01").has_value();
}

base::Result<base::LocalDate> day_or(const std::string& text, base::LocalDate fallback,
                                     std::string place) {
    if (text.empty()) return fallback;
    const auto day = base::parse_date(text);
    if (!day) return base::fail(day.error().code, day.error().detail, std::move(place));
    return *day;
}

}  // namespace

FileAnswer report_file(Office& office, const Caller& caller, const std::string& name,
                       const ReportQuestion& question, const Look& look) {
    access::require(caller, Right::reports_see);
    auto problems = problems_of(look);
    if (look.format == "json")
        problems.push_back({"report.format", "expected csv, xlsx, html or pdf", "format"});
    if (!problems.empty()) return refuse(std::move(problems));
    const auto measured = measured_campaign(office, caller, name, question);
    if (!measured) return refuse(measured.error());
    const auto words = words_of(look);
    auto document = reports::lay_out(measured->report, measured->breakdowns, words);
    if (measured->plan)
        document.sections.insert(document.sections.begin() + 1,
                                 reports::plan_section(*measured->plan, words));
    return file_of(document, look, name);
}

FileAnswer comparison(Office& office, const Caller& caller, const std::vector<std::string>& names,
                      const Look& look) {
    access::require(caller, Right::reports_see);
    auto problems = problems_of(look);
    if (names.size() < compared_min || names.size() > compared_max)
        problems.push_back({"report.names", "two to ten campaigns, separated by commas", "names"});
    if (!problems.empty()) return refuse(std::move(problems));
    std::vector<reports::CampaignReport> found;
    for (const auto& name : names) {
        auto measured = measured_campaign(office, caller, name, {});
        if (!measured) return refuse(measured.error());
        found.push_back(std::move(measured->report));
    }
    const auto points = [](const reports::CampaignReport& one) {
        return one.score ? one.score->points.value : -1.0;
    };
    std::ranges::stable_sort(found, std::greater{}, points);
    if (look.format != "json")
        return file_of(reports::lay_out_comparison(found, words_of(look)), look, "comparison");
    base::Json::Array list;
    for (const auto& one : found) list.push_back(reports::to_json(one, {}));
    return json_file(base::Json::Object{{"campaigns", std::move(list)}});
}

FileAnswer bank_report(Office& office, const Caller& caller, const PeriodQuestion& asked,
                       const Look& look) {
    auto& database = office.database(caller, Right::reports_see);
    auto problems = problems_of(look);
    const auto by = reports::period_from(asked.by.empty() ? "month" : asked.by);
    if (!by)
        problems.push_back({"report.period", "expected day, week, month, quarter or year", "by"});
    const auto today = bank_zone(*database.read()).date_at(office.now());
    const base::LocalDate year_ago{today.year() - std::chrono::years{1}, today.month(),
                                   std::chrono::day{1}};
    const auto from = day_or(asked.from, year_ago, "from");
    const auto to = day_or(asked.to, today, "to");
    if (!from) problems.push_back(from.error());
    if (!to) problems.push_back(to.error());
    if (from && to && *to < *from)
        problems.push_back({"report.days", "`to` lies before `from`", "to"});
    if (!problems.empty()) return refuse(std::move(problems));
    auto report =
        reports::load_bank_report(database, {*from, *to, *by, office.workshop().bank.currency});
    std::erase_if(report.value.first, [&](const reports::ValuableClient& client) {
        return !sees_branch(caller, client.branch);
    });
    if (look.format == "json") return json_file(reports::to_json(report));
    return file_of(reports::lay_out(report, words_of(look)), look, "bank");
}

FileAnswer profitability(Office& office, const Caller& caller, const PeriodQuestion& asked,
                         const Look& look) {
    auto lease = office.read(caller, Right::reports_see);
    auto problems = problems_of(look);
    const auto by = reports::profit_by_from(asked.by.empty() ? "client" : asked.by);
    if (!by)
        problems.push_back({"report.breakdown",
                            "expected client, segment, value_class, industry, branch or manager",
                            "by"});
    const auto& to = asked.to.empty() ? asked.from : asked.to;
    if (!is_month(asked.from) || !is_month(to))
        problems.push_back({"report.month", "expected months such as 2026-10", "from"});
    if (!problems.empty()) return refuse(std::move(problems));
    if (caller.branches && *by == reports::ProfitBy::client)
        throw access::Denied{
            {"access.forbidden", "single clients are shown to those who see all branches"}};
    const reports::ProfitQuestion question{asked.from, to, *by};
    const auto rows = reports::compare_profit(*lease, question);
    if (look.format == "json") return json_file(reports::to_json(question, rows));
    return file_of(reports::lay_out_profit(question, rows, words_of(look)), look, "profitability");
}

FileAnswer client_page(Office& office, const Caller& caller, const std::string& client,
                       const Look& look) {
    auto lease = office.read(caller, Right::clients_contacts);
    if (auto problems = problems_of(look); !problems.empty()) return refuse(std::move(problems));
    if (const auto visible = visible_client(*lease, caller, client); !visible)
        return refuse(visible.error());
    const auto today = bank_zone(*lease).date_at(office.now());
    const auto page = reports::client_page(*lease, {client, today, office.workshop().bank.currency},
                                           words_of(look));
    if (!page) return refuse("client.unknown", "there is no client '" + client + "'");
    if (look.format == "json") return json_file(reports::to_json(*page));
    return file_of(*page, look, "client");
}

}  // namespace carillon::desk

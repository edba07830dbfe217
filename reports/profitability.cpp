#include "reports/profitability.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "db/queries.h"
#include "reports/layout_pieces.h"

namespace carillon::reports {

namespace {

constexpr std::array<std::string_view, 6> by_names{"client",   "segment", "value_class",
                                                   "industry", "branch",  "manager"};

struct FoundFigure {
    ClientFigure figure{};
    std::string branch{};
    std::string industry{};
    std::string value_class{};
};

FoundFigure found_figure(const db::Row& row) {
    FoundFigure found;
    auto& figure = found.figure;
    figure.period = row.text(0);
    figure.metric = row.text(1);
    figure.detail = row.text(2);
    figure.currency = row.text(3);
    figure.client = row.integer(4);
    figure.external_id = row.text(5);
    figure.manager = row.text(6);
    found.branch = row.text(7);
    found.industry = row.text(8);
    found.value_class = row.text(9);
    figure.planned = row.get<std::optional<std::int64_t>>(10);
    figure.fact = row.get<std::optional<std::int64_t>>(11);
    figure.limit_parts = row.get<int>(12);
    return found;
}

using Members = std::multimap<std::int64_t, std::string>;

// The last day of a month; dates are compared as texts, so the 31st serves for all.
std::string last_day_of(const std::string& period) {
    return period + "-31";
}

Members members_at(db::Connection& connection, const std::string& period) {
    Members members;
    const auto day = connection.value<std::optional<std::string>>(db::queries::snapshot_before,
                                                                  {last_day_of(period)});
    if (!day || !*day) return members;
    connection.select(db::queries::members_on, {"segment", **day, **day}, [&](const db::Row& row) {
        members.emplace(row.integer(0), row.get<std::string>(1));
    });
    return members;
}

std::vector<std::string> groups_of(const FoundFigure& found, ProfitBy by, const Members& members) {
    switch (by) {
        case ProfitBy::client: return {found.figure.external_id};
        case ProfitBy::value_class: return {found.value_class};
        case ProfitBy::industry: return {found.industry};
        case ProfitBy::branch: return {found.branch};
        case ProfitBy::manager: return {found.figure.manager};
        case ProfitBy::segment: break;
    }
    std::vector<std::string> groups;
    const auto [first, last] = members.equal_range(found.figure.client);
    for (auto at = first; at != last; ++at) groups.push_back(at->second);
    if (groups.empty()) groups.emplace_back();
    return groups;
}

using Key = std::tuple<std::string, std::string, std::string, std::string>;

void add(std::map<Key, ProfitRow>& rows, const std::string& group, const ClientFigure& figure) {
    auto& row = rows[{group, figure.metric, figure.detail, figure.currency}];
    row.group = group;
    row.metric = figure.metric;
    row.detail = figure.detail;
    row.currency = figure.currency;
    if (!figure.planned) return;
    if (!figure.fact) {
        ++row.without_fact;
        return;
    }
    ++row.clients;
    row.beyond += figure.is_beyond() ? 1 : 0;
    row.planned += static_cast<double>(*figure.planned);
    row.fact += static_cast<double>(*figure.fact);
}

Phrase by_phrase(ProfitBy by) {
    switch (by) {
        case ProfitBy::client: return {"client", "клиент"};
        case ProfitBy::segment: return {"segment", "сегмент"};
        case ProfitBy::value_class: return {"value class", "класс ценности"};
        case ProfitBy::industry: return {"industry", "отрасль"};
        case ProfitBy::branch: return {"branch", "отделение"};
        case ProfitBy::manager: return {"manager", "менеджер"};
    }
    return {};
}

}  // namespace

double ClientFigure::deviation() const {
    if (!planned || !fact) return 0;
    const auto plan = static_cast<double>(*planned);
    const auto difference = static_cast<double>(*fact) - plan;
    if (difference == 0) return 0;
    return plan == 0 ? (difference > 0 ? 1 : -1) : difference / std::abs(plan);
}

bool ClientFigure::is_beyond() const {
    constexpr double rounding = 1e-9;  // exactly at the limit is within it
    return std::abs(deviation()) > limit_parts / 10'000.0 + rounding;
}

std::optional<ProfitBy> profit_by_from(std::string_view name) {
    const auto* found = std::ranges::find(by_names, name);
    if (found == by_names.end()) return std::nullopt;
    return static_cast<ProfitBy>(found - by_names.begin());
}

std::vector<ProfitRow> compare_profit(db::Connection& connection, const ProfitQuestion& question) {
    const auto members =
        question.by == ProfitBy::segment ? members_at(connection, question.to) : Members{};
    std::map<Key, ProfitRow> sums;
    connection.select(db::queries::figures_of_period, {question.from, question.to},
                      [&](const db::Row& row) {
                          const auto found = found_figure(row);
                          for (const auto& group : groups_of(found, question.by, members))
                              add(sums, group, found.figure);
                      });
    std::vector<ProfitRow> rows;
    for (auto& [key, row] : sums)
        if (row.clients + row.without_fact > 0) rows.push_back(std::move(row));
    std::ranges::stable_sort(rows, std::greater{},
                             [](const ProfitRow& row) { return std::abs(row.deviation()); });
    return rows;
}

std::string metric_words(std::string_view metric, std::string_view detail, const Words& words) {
    const LayoutPieces pieces{words};
    const auto name =
        metric == "loan_portfolio" ? pieces.say({"loan portfolio", "ссудный портфель"})
        : metric == "average_balance" ? pieces.say({"average balance", "средний остаток"})
        : metric == "fee_income" ? pieces.say({"fee income", "комиссионный доход"})
                                 : pieces.say({"total", "итого"});
    return detail.empty() ? name : name + " (" + std::string{detail} + ")";
}

Document lay_out_profit(const ProfitQuestion& question, const std::vector<ProfitRow>& rows,
                        const Words& words) {
    const LayoutPieces pieces{words};
    Document document;
    document.language = pieces.language();
    document.title = pieces.say({"Profitability: plan against fact", "Доходность: план и факт"});
    document.subtitle = question.from + (question.from == question.to ? "" : " … " + question.to);
    Section section{
        pieces.say({"By ", "Разрез: "}) + pieces.say(by_phrase(question.by)), {}, {}, {}};
    auto table = pieces.table({"The largest deviation first", "Сначала самые большие отклонения"},
                              {by_phrase(question.by),
                               {"figure", "показатель"},
                               {"clients", "клиентов"},
                               {"planned", "план"},
                               {"fact", "факт"},
                               {"deviation", "отклонение"},
                               {"beyond their limit", "вышли за допустимое"},
                               {"no fact yet", "факта ещё нет"}});
    Chart chart{ChartKind::bars, pieces.say({"Deviation, %", "Отклонение, %"}), {}};
    constexpr std::size_t bars_max = 15;
    for (const auto& row : rows) {
        const auto group = row.group.empty() ? pieces.say({"(none)", "(нет)"}) : row.group;
        const auto metric = metric_words(row.metric, row.detail, words);
        table.rows.push_back(
            {group, metric, pieces.count(row.clients), pieces.money(row.planned, row.currency),
             pieces.money(row.fact, row.currency), pieces.signed_percent(row.deviation()),
             pieces.count(row.beyond), pieces.count(row.without_fact)});
        if (row.clients > 0 && chart.items.size() < bars_max)
            chart.items.push_back({group + ", " + metric,
                                   100 * row.deviation(),
                                   words.signed_percent(row.deviation(), 1),
                                   {}});
    }
    if (rows.empty())
        section.sentences.push_back(
            pieces.say({"No plans for these months.", "На эти месяцы планов нет."}));
    else
        section.tables.push_back(table);
    if (!chart.items.empty()) section.charts.push_back(chart);
    document.sections.push_back(std::move(section));
    return document;
}

base::Json to_json(const ProfitQuestion& question, const std::vector<ProfitRow>& rows) {
    base::Json::Array list;
    for (const auto& row : rows)
        list.push_back(base::Json::Object{{"group", row.group},
                                          {"metric", row.metric},
                                          {"detail", row.detail},
                                          {"currency", row.currency},
                                          {"clients", row.clients},
                                          {"planned_minor", row.planned},
                                          {"fact_minor", row.fact},
                                          {"deviation", row.deviation()},
                                          {"beyond_limit", row.beyond},
                                          {"without_fact", row.without_fact}});
    return base::Json::Object{{"from", question.from},
                              {"to", question.to},
                              {"by", by_names[static_cast<std::size_t>(question.by)]},
                              {"rows", std::move(list)}};
}

std::string figure_task_words(const ClientFigure& figure, const Words& words) {
    const LayoutPieces pieces{words};
    const auto amount = [&](std::int64_t minor) {
        return words.money(static_cast<double>(minor), figure.currency);
    };
    const auto deviation = figure.deviation();
    return pieces.say({"Client ", "Клиент "}) + figure.external_id + ", " + figure.period + ": " +
           metric_words(figure.metric, figure.detail, words) + " " + amount(*figure.fact) +
           pieces.say({", planned ", ", по плану "}) + amount(*figure.planned) +
           pieces.say({": ", ": на "}) + words.percent(std::abs(deviation), 1) +
           (deviation < 0 ? pieces.say({" less", " меньше"}) : pieces.say({" more", " больше"})) +
           pieces.say({" (allowed: ", " (допустимо: "}) +
           words.percent(figure.limit_parts / 10'000.0, 1) + ").";
}

}  // namespace carillon::reports

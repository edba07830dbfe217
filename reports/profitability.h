// Clients' profitability plans against the monthly facts of the core bank: by client, by group, by
// industry; and what a manager is told of one client.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "db/database.h"
#include "reports/document.h"
#include "reports/words.h"

namespace carillon::reports {

// One client, month and metric. Amounts in minor units.
struct ClientFigure {
    std::string period{};  // "2026-10"
    std::string metric{};  // loan_portfolio, average_balance, fee_income, total
    std::string detail{};  // the kind of fee; may be empty
    std::string currency{};
    std::int64_t client{};
    std::string external_id{};
    std::string manager{};
    std::optional<std::int64_t> planned{};
    std::optional<std::int64_t> fact{};
    int limit_parts{1'000};  // of 10,000

    // Fact against plan: -0.25 is a quarter less. Only where both are known.
    double deviation() const;
    bool is_beyond() const;
};

enum class ProfitBy { client, segment, value_class, industry, branch, manager };
std::optional<ProfitBy> profit_by_from(std::string_view name);

// Sums over clients who have both a plan and a fact.
struct ProfitRow {
    std::string group{};  // "" for clients without one
    std::string metric{};
    std::string detail{};
    std::string currency{};
    std::int64_t clients{};
    std::int64_t beyond{};        // of them, beyond their own limits
    std::int64_t without_fact{};  // planned, nothing known yet
    double planned{};
    double fact{};
    double deviation() const { return planned == 0 ? (fact == 0 ? 0 : 1) : fact / planned - 1; }
};

struct ProfitQuestion {
    std::string from{};  // months, both included
    std::string to{};
    ProfitBy by{ProfitBy::client};
};

// The largest deviation first. Segments are those of the last snapshot not after the period's end.
std::vector<ProfitRow> compare_profit(db::Connection& connection, const ProfitQuestion& question);

Document lay_out_profit(const ProfitQuestion& question, const std::vector<ProfitRow>& rows,
                        const Words& words);
base::Json to_json(const ProfitQuestion& question, const std::vector<ProfitRow>& rows);
std::string metric_words(std::string_view metric, std::string_view detail, const Words& words);
std::string figure_task_words(const ClientFigure& figure, const Words& words);

}  // namespace carillon::reports

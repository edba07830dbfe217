// Profitability plans of clients and the monthly facts they are held against.
#include <array>
#include <cmath>

#include "audience/import_work.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

constexpr std::array<std::string_view, 4> metrics{"loan_portfolio", "average_balance", "fee_income",
                                                  "total"};
constexpr std::int64_t amount_max = 1'000'000'000'000'000;

// "2026-10", or the date of any of its days.
std::string month_of(std::string_view value) {
    const auto date = date_in_format(
        value.size() == 7 ? std::string{value} + "-01" : value,
        value.find('.') == std::string_view::npos ? DateFormat::iso : DateFormat::day_first);
    return date.substr(0, std::min<std::size_t>(7, date.size()));
}

void read_figure(CellReader& reader, const BoundMapping::Field& field, std::string_view value,
                 FigureRow& row) {
    if (value.empty()) return;
    const std::string_view name = field.source.field;
    if (name == "client") row.client = reader.text(field, value, 64);
    if (name == "metric") row.metric = reader.choice(field, value, metrics);
    if (name == "detail") row.detail = reader.text(field, value, 64);
    if (name == "amount") row.amount = value;
    if (name == "currency") row.currency = reader.currency(field, value);
    if (name == "period") {
        row.period = month_of(value);
        if (row.period.empty()) reader.problem(field, "expected a month such as 2026-10");
    }
    if (name == "limit_percent") {
        const auto percent = reader.number(field, value);
        if (percent >= 0 && percent <= 1'000)
            row.limit_parts = std::lround(percent * 100);
        else
            reader.problem(field, "expected a percentage from 0 to 1000");
    }
}

void check_figure(CellReader& reader, const BoundMapping& mapping, FigureRow& row) {
    if (!reader.problems().empty()) return;
    if (row.currency.empty()) row.currency = reader.defaults().currency;
    for (const auto& field : mapping.fields()) {
        const std::string_view name = field.source.field;
        if ((name == "client" && row.client.empty()) || (name == "metric" && row.metric.empty()) ||
            (name == "period" && row.period.empty()) || (name == "amount" && row.amount.empty()))
            reader.problem(field, "is empty");
        if (name != "amount" || row.amount.empty()) continue;
        row.minor = reader.money(field, row.amount, row.currency);
        if (row.minor > amount_max || row.minor < -amount_max)
            reader.problem(field, "is too large an amount");
    }
}

template <class Row, class MakeParams>
std::vector<Reject> write_figures(db::Connection& connection, const ImportBatch<Row>& batch,
                                  const db::Query& query, MakeParams&& make_params) {
    std::vector<std::string> clients;
    for (const auto& row : batch.rows) clients.push_back(row.client);
    const auto ids = client_ids(connection, clients);
    std::vector<Reject> rejects;
    std::vector<db::Params> rows;
    for (const auto& row : batch.rows) {
        const auto client = ids.find(row.client);
        if (client == ids.end())
            rejects.push_back(
                {row.line, "client", "there is no client '" + row.client + "'", row.cells});
        else
            rows.push_back(make_params(row, client->second));
    }
    connection.execute_batch(query, rows);
    return rejects;
}

}  // namespace

template <>
void PlanImport::read(const BoundMapping::Field& field, std::string_view value, PlanRow& row) {
    read_figure(reader_, field, value, row);
}
template <>
void PlanImport::check(PlanRow& row) {
    check_figure(reader_, mapping_, row);
}
template <>
std::vector<Reject> PlanImport::write(db::Connection& connection, ImportBatch<PlanRow>& batch) {
    return write_figures(connection, batch, db::queries::store_client_plans,
                         [](const PlanRow& row, std::int64_t client) {
                             return db::Params{row.period, row.metric, row.detail,     row.currency,
                                               client,     row.minor,  row.limit_parts};
                         });
}

template <>
void FactImport::read(const BoundMapping::Field& field, std::string_view value, FactRow& row) {
    read_figure(reader_, field, value, row);
}
template <>
void FactImport::check(FactRow& row) {
    check_figure(reader_, mapping_, row);
}
template <>
std::vector<Reject> FactImport::write(db::Connection& connection, ImportBatch<FactRow>& batch) {
    return write_figures(connection, batch, db::queries::store_client_facts,
                         [](const FactRow& row, std::int64_t client) {
                             return db::Params{row.period,   row.metric, row.detail,
                                               row.currency, client,     row.minor};
                         });
}

}  // namespace carillon::audience

#include <algorithm>
#include <map>

#include "audience/import_work.h"
#include "audience/names.h"
#include "audience/segment_fields.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

using base::LocalDate;

// Places in ContractRow::values.
enum Column : std::size_t {
    kind,
    product,
    status,
    currency,
    amount,
    balance,
    opened_on,
    closed_on,
    expires_on,
    next_payment_on,
    next_payment,
    overdue,
    overdue_since
};

struct MoneyColumn {
    std::string_view field{};
    Column column{};
};
constexpr MoneyColumn money_columns[] = {
    {"amount", amount}, {"balance", balance}, {"next_payment", next_payment}, {"overdue", overdue}};
constexpr MoneyColumn date_columns[] = {{"opened_on", opened_on},
                                        {"closed_on", closed_on},
                                        {"expires_on", expires_on},
                                        {"next_payment_on", next_payment_on},
                                        {"overdue_since", overdue_since}};

// Sums over a client's contracts stay far from the end of 64 bits.
constexpr std::int64_t amount_max = 1'000'000'000'000'000;

struct KnownContract {
    std::int64_t id{};
    std::int64_t client{};
    std::array<db::Value, 13> values{};
};

bool is_number(std::size_t column) {
    return column == amount || column == balance || column == next_payment || column == overdue;
}

std::unordered_map<std::string, KnownContract> known_contracts(
    db::Connection& connection, const std::vector<std::string>& keys) {
    std::unordered_map<std::string, KnownContract> known;
    select_by_keys(
        connection, db::queries::contracts_by_external_id, keys, [&](const db::Row& row) {
            KnownContract contract{row.integer(0), row.integer(2), {}};
            for (std::size_t i = 0; i < contract.values.size(); ++i) {
                const int column = static_cast<int>(i) + 3;
                if (row.is_null(column)) continue;
                contract.values[i] =
                    is_number(i) ? db::Value{row.integer(column)} : db::Value{row.text(column)};
            }
            known.emplace(row.text(1), std::move(contract));
        });
    return known;
}

db::Params contract_params(const std::string& external_id, const KnownContract& contract,
                           const WriteContext& context) {
    db::Params params{contract.id, external_id, contract.client};
    for (const auto& value : contract.values) params.push_back(value);
    params.emplace_back(context.import_id);
    params.emplace_back(context.now);
    return params;
}

bool is_missing(const db::Value& value) {
    return std::holds_alternative<std::monostate>(value.data());
}

std::int64_t minor_of(const db::Value& value) {
    const auto* minor = std::get_if<std::int64_t>(&value.data());
    return minor == nullptr ? 0 : *minor;
}

// What is less overdue than before has been paid: a conversion of reminders.
std::vector<db::Params> payments(const std::unordered_map<std::string, KnownContract>& contracts,
                                 const std::map<std::string, std::int64_t>& overdue_before,
                                 const WriteContext& context) {
    std::vector<db::Params> rows;
    for (const auto& [external_id, before] : overdue_before) {
        const auto& contract = contracts.at(external_id);
        const auto paid = before - minor_of(contract.values[overdue]);
        if (before <= 0 || paid <= 0) continue;
        rows.push_back({contract.client, "payment", "overdue_paid", context.now, paid,
                        contract.values[currency], contract.values[product], "contracts",
                        external_id + ":" + std::to_string(context.import_id), context.import_id});
    }
    return rows;
}

}  // namespace

template <>
void ContractImport::read(const BoundMapping::Field& field, std::string_view value,
                          ContractRow& row) {
    const std::string_view name = field.source.field;
    if (name == "external_id") {
        row.external_id = reader_.text(field, value, 64);
        return;
    }
    if (name == "client") {
        row.client = reader_.text(field, value, 64);
        return;
    }
    const auto set = [&](Column column, db::Value given) {
        row.values[column] = value.empty() ? db::Value{} : std::move(given);
        row.given.set(column);
    };
    const auto* money = std::ranges::find(money_columns, name, &MoneyColumn::field);
    const auto* date = std::ranges::find(date_columns, name, &MoneyColumn::field);
    if (money != std::end(money_columns)) {
        // The currency may stand in a later column: amounts are read once it is known.
        set(money->column, std::string{value});
    } else if (date != std::end(date_columns)) {
        set(date->column, value.empty() ? std::string{} : reader_.date(field, value));
    } else if (name == "kind") {
        set(kind, reader_.choice(field, value, contract_kinds()));
    } else if (name == "currency") {
        set(currency, reader_.currency(field, value));
    } else {
        set(name == "product" ? product : status,
            reader_.text(field, value, name == "product" ? 64 : 20));
    }
}

template <>
void ContractImport::check(ContractRow& row) {
    const auto* given = std::get_if<std::string>(&row.values[currency].data());
    const auto in = given != nullptr ? *given : reader_.defaults().currency;
    for (const auto& field : mapping_.fields()) {
        const auto* money =
            std::ranges::find(money_columns, field.source.field, &MoneyColumn::field);
        const bool required = field.source.field == "external_id" || field.source.field == "client";
        if (required && (field.source.field == "client" ? row.client : row.external_id).empty() &&
            reader_.problems().empty())
            reader_.problem(field, "is empty");
        if (money == std::end(money_columns)) continue;
        auto& value = row.values[money->column];
        const auto* text = std::get_if<std::string>(&value.data());
        if (text == nullptr) continue;
        const auto minor = reader_.money(field, *text, in);
        if (minor > amount_max || minor < -amount_max)
            reader_.problem(field, "is too large an amount");
        value = minor;
    }
}

template <>
std::vector<Reject> ContractImport::write(db::Connection& connection,
                                          ImportBatch<ContractRow>& batch) {
    std::vector<std::string> contracts;
    std::vector<std::string> clients;
    for (const auto& row : batch.rows) {
        contracts.push_back(row.external_id);
        clients.push_back(row.client);
    }
    auto known = known_contracts(connection, contracts);
    const auto ids = client_ids(connection, clients);
    auto next_id = connection.value<std::int64_t>(db::queries::last_contract_id).value_or(0);
    std::vector<Reject> rejects;
    std::vector<const ContractRow*> accepted;
    std::map<std::string, std::int64_t> overdue_before;
    for (const auto& row : batch.rows) {
        const auto client = ids.find(row.client);
        if (client == ids.end()) {
            rejects.push_back(
                {row.line, "client", "there is no client '" + row.client + "'", row.cells});
            continue;
        }
        const auto [place, is_new] = known.try_emplace(row.external_id);
        auto& contract = place->second;
        if (is_new) {
            contract.id = ++next_id;
            contract.values[overdue] = 0;
        }
        overdue_before.emplace(row.external_id, minor_of(contract.values[overdue]));
        contract.client = client->second;
        for (std::size_t i = 0; i < contract.values.size(); ++i)
            if (row.given[i]) contract.values[i] = row.values[i];
        if (is_missing(contract.values[product])) contract.values[product] = contract.values[kind];
        if (is_missing(contract.values[status])) contract.values[status] = "active";
        if (is_missing(contract.values[currency]))
            contract.values[currency] = reader_.defaults().currency;
        if (is_missing(contract.values[overdue])) contract.values[overdue] = 0;
        accepted.push_back(&row);
    }
    // A contract that stands twice in the batch is written once, in its last form.
    std::vector<db::Params> stored;
    std::unordered_map<std::string_view, bool> written;
    for (const auto* row : accepted)
        if (written.emplace(row->external_id, true).second)
            stored.push_back(
                contract_params(row->external_id, known.at(row->external_id), context_));
    connection.execute_batch(db::queries::store_contracts, stored);
    connection.execute_batch(db::queries::store_conversions,
                             payments(known, overdue_before, context_));
    return rejects;
}

}  // namespace carillon::audience

// Conversions, and the history of past campaigns.
#include <algorithm>
#include <array>

#include "audience/import_work.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

constexpr std::array<std::string_view, 4> conversion_kinds{"visit", "purchase", "payment",
                                                           "application"};
constexpr std::array<std::string_view, 5> channel_words{"email", "sms", "fax", "letter", "call"};
constexpr std::array<std::string_view, 9> state_words{"accepted", "delivered",  "bounced",
                                                      "failed",   "suppressed", "cancelled",
                                                      "expired",  "skipped",    "closed_unknown"};
constexpr std::int64_t amount_max = 1'000'000'000'000'000;
constexpr double steps_max = 20;

template <class Row>
Reject unknown_client(const Row& row, const std::string& client) {
    return {row.line, "client", "there is no client '" + client + "'", row.cells};
}

}  // namespace

template <>
void ConversionImport::read(const BoundMapping::Field& field, std::string_view value,
                            ConversionRow& row) {
    if (value.empty()) return;
    const std::string_view name = field.source.field;
    if (name == "client") row.client = reader_.text(field, value, 64);
    if (name == "kind") row.kind = reader_.choice(field, value, conversion_kinds);
    if (name == "name") row.name = reader_.text(field, value, 64);
    if (name == "at") row.at = reader_.moment(field, value);
    if (name == "amount") row.amount = value;
    if (name == "currency") row.currency = reader_.currency(field, value);
    if (name == "product") row.product = reader_.text(field, value, 64);
    if (name == "source") row.source = reader_.text(field, value, 64);
    if (name == "external_id") row.external_id = reader_.text(field, value, 128);
}

template <>
void ConversionImport::check(ConversionRow& row) {
    if (!reader_.problems().empty()) return;
    if (row.currency.empty()) row.currency = reader_.defaults().currency;
    if (row.name.empty()) row.name = row.kind;
    for (const auto& field : mapping_.fields()) {
        const std::string_view name = field.source.field;
        if ((name == "client" && row.client.empty()) || (name == "kind" && row.kind.empty()) ||
            (name == "at" && row.at == 0) || (name == "external_id" && row.external_id.empty()))
            reader_.problem(field, "is empty");
        if (name != "amount" || row.amount.empty()) continue;
        const auto minor = reader_.money(field, row.amount, row.currency);
        if (minor > amount_max || minor < -amount_max)
            reader_.problem(field, "is too large an amount");
        row.minor = minor;
    }
}

template <>
std::vector<Reject> ConversionImport::write(db::Connection& connection,
                                            ImportBatch<ConversionRow>& batch) {
    std::vector<std::string> clients;
    for (const auto& row : batch.rows) clients.push_back(row.client);
    const auto ids = client_ids(connection, clients);
    std::vector<Reject> rejects;
    std::vector<db::Params> rows;
    for (const auto& row : batch.rows) {
        const auto client = ids.find(row.client);
        if (client == ids.end()) {
            rejects.push_back(unknown_client(row, row.client));
            continue;
        }
        const auto currency = std::holds_alternative<std::monostate>(row.minor.data())
                                  ? db::Value{}
                                  : db::Value{row.currency};
        rows.push_back({client->second, row.kind, row.name, row.at, row.minor, currency,
                        row.product, row.source, row.external_id, context_.import_id});
    }
    connection.execute_batch(db::queries::store_conversions, rows);
    return rejects;
}

template <>
void HistoryImport::read(const BoundMapping::Field& field, std::string_view value,
                         HistoryRow& row) {
    if (value.empty()) return;
    const std::string_view name = field.source.field;
    auto& contact = row.contact;
    if (name == "client") contact.client_external_id = reader_.text(field, value, 64);
    if (name == "group") contact.group = reader_.text(field, value, 100);
    if (name == "channel") contact.channel = reader_.choice(field, value, channel_words);
    if (name == "wave") contact.wave = reader_.text(field, value, 50);
    if (name == "sent_at") contact.sent_at = reader_.moment(field, value);
    if (name == "state") contact.state = reader_.choice(field, value, state_words);
    if (name == "reason") contact.reason = reader_.text(field, value, 200);
    if (name == "step") {
        const auto step = reader_.number(field, value);
        if (step >= 1 && step <= steps_max)
            contact.step = static_cast<std::int64_t>(step);
        else
            reader_.problem(field, "expected a step from 1 to 20");
    }
}

template <>
void HistoryImport::check(HistoryRow& row) {
    if (!reader_.problems().empty()) return;
    for (const auto& field : mapping_.fields()) {
        const std::string_view name = field.source.field;
        if ((name == "client" && row.contact.client_external_id.empty()) ||
            (name == "group" && row.contact.group.empty()) ||
            (name == "sent_at" && row.contact.sent_at == 0))
            reader_.problem(field, "is empty");
    }
}

template <>
std::vector<Reject> HistoryImport::write(db::Connection& connection,
                                         ImportBatch<HistoryRow>& batch) {
    std::vector<std::string> clients;
    for (const auto& row : batch.rows) clients.push_back(row.contact.client_external_id);
    const auto ids = client_ids(connection, clients);
    std::vector<Reject> rejects;
    std::vector<PastContact> contacts;
    std::vector<const HistoryRow*> rows;
    for (const auto& row : batch.rows) {
        const auto client = ids.find(row.contact.client_external_id);
        if (client == ids.end()) {
            rejects.push_back(unknown_client(row, row.contact.client_external_id));
            continue;
        }
        contacts.push_back(row.contact);
        contacts.back().client = client->second;
        rows.push_back(&row);
    }
    const auto refused = (*context_.store_history)(connection, contacts);
    for (std::size_t i = 0; i < refused.size(); ++i)
        if (!refused[i].empty()) rejects.push_back({rows[i]->line, {}, refused[i], rows[i]->cells});
    return rejects;
}

}  // namespace carillon::audience

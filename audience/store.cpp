#include "audience/store.h"

#include <algorithm>

#include "audience/client_writer.h"
#include "db/compose.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

constexpr std::size_t clients_per_statement = 500;

using Text = std::optional<std::string>;
using Number = std::optional<std::int64_t>;

ClientProfile profile_from(const db::Row& row) {
    ClientProfile client;
    client.id = row.get<base::ClientId>("id");
    client.external_id = row.get<std::string>("external_id");
    client.kind = row.get<std::string>("kind");
    client.last_name = row.get<Text>("last_name");
    client.first_name = row.get<Text>("first_name");
    client.middle_name = row.get<Text>("middle_name");
    client.company_name = row.get<Text>("company_name");
    client.gender = row.get<Text>("gender");
    client.birth_date = row.get<Text>("birth_date");
    client.locale = row.get<std::string>("locale");
    client.time_zone = row.get<Text>("time_zone");
    client.branch = row.get<Text>("branch");
    client.manager = row.get<Text>("manager");
    client.status = row.get<std::string>("status");
    client.income_minor = row.get<Number>("income_minor");
    client.value_class = row.get<std::string>("value_class");
    client.occupation = row.get<Text>("occupation");
    client.industry = row.get<Text>("industry");
    client.household = row.get<Text>("household");
    client.search_name = row.get<std::string>("search_name");
    client.mix = row.get<std::int64_t>("mix");
    client.created_at = row.get<base::Instant>("created_at");
    client.updated_at = row.get<base::Instant>("updated_at");
    return client;
}

ContractInfo contract_from(const db::Row& row) {
    ContractInfo contract;
    contract.id = row.get<base::ContractId>("id");
    contract.external_id = row.get<std::string>("external_id");
    contract.kind = row.get<std::string>("kind");
    contract.product = row.get<std::string>("product");
    contract.status = row.get<std::string>("status");
    contract.currency = row.get<std::string>("currency");
    contract.amount_minor = row.get<Number>("amount_minor");
    contract.balance_minor = row.get<Number>("balance_minor");
    contract.opened_on = row.get<Text>("opened_on");
    contract.closed_on = row.get<Text>("closed_on");
    contract.expires_on = row.get<Text>("expires_on");
    contract.next_payment_on = row.get<Text>("next_payment_on");
    contract.next_payment_minor = row.get<Number>("next_payment_minor");
    contract.overdue_minor = row.get<std::int64_t>("overdue_minor");
    contract.overdue_since = row.get<Text>("overdue_since");
    return contract;
}

ConsentInfo consent_from(const db::Row& row) {
    return {base::channel_kind_from(row.text(0)).value_or(base::ChannelKind::email),
            base::purpose_from(row.text(1)).value_or(base::Purpose::marketing),
            row.get<bool>(2),
            row.get<base::Instant>(3),
            row.get<std::string>(4),
            row.get<Text>(5)};
}

// A value of another form than its declared type counts as missing, as in SQL.
std::optional<AttributeValue> attribute_from(const db::Row& row) {
    const auto type = attribute_type_from(row.text(1)).value_or(AttributeType::text);
    const bool is_text = type == AttributeType::text || type == AttributeType::date;
    if (row.is_null(is_text ? 2 : 3)) return std::nullopt;
    if (is_text) return row.get<std::string>(2);
    if (type == AttributeType::flag) return row.real(3) != 0;
    return row.real(3);
}

}  // namespace

std::optional<base::ClientId> find_client(db::Connection& connection,
                                          std::string_view external_id) {
    return connection.value<base::ClientId>(db::queries::client_id_by_external_id, {external_id});
}

std::optional<ClientProfile> load_client(db::Connection& connection, std::string_view external_id) {
    const auto id = find_client(connection, external_id);
    return id ? load_client(connection, *id) : std::nullopt;
}

std::optional<ClientProfile> load_client(db::Connection& connection, base::ClientId id) {
    auto client = connection.one<ClientProfile>(db::queries::client_by_id, {id}, profile_from);
    if (!client) return std::nullopt;
    const db::Params key{id};
    client->contacts = contacts_of(connection, {id.value})[id.value];
    client->consents =
        connection.list<ConsentInfo>(db::queries::consents_of_client, key, consent_from);
    client->contracts =
        connection.list<ContractInfo>(db::queries::contracts_of_client, key, contract_from);
    connection.select(db::queries::attributes_of_client, key, [&](const db::Row& row) {
        if (auto value = attribute_from(row))
            client->attributes.emplace(row.text(0), std::move(*value));
    });
    client->relations = connection.list<RelationInfo>(
        db::queries::relations_of_client, key, [](const db::Row& row) {
            return RelationInfo{row.get<std::string>(0), row.get<base::ClientId>(1)};
        });
    client->received =
        connection.list<ReceivedInfo>(db::queries::received_by_client, key, [](const db::Row& row) {
            return ReceivedInfo{row.integer(0), row.get<base::Instant>(1)};
        });
    client->responses = connection.list<ResponseInfo>(
        db::queries::responses_of_client, key, [](const db::Row& row) {
            return ResponseInfo{row.integer(0), row.get<std::string>(1), row.get<base::Instant>(2)};
        });
    return client;
}

AttributeTypes load_attribute_types(db::Connection& connection) {
    AttributeTypes types;
    connection.select(db::queries::attribute_types, {}, [&](const db::Row& row) {
        types.emplace(row.text(0), attribute_type_from(row.text(1)).value_or(AttributeType::text));
    });
    return types;
}

std::int64_t count(db::Connection& connection, const CompiledSegment& segment) {
    const auto query = db::compose(db::queries::count_segment, connection.engine(), {},
                                   {{"predicate", segment.predicate, segment.params}});
    return connection.value<std::int64_t>(query.query, query.params).value_or(0);
}

Waterfall waterfall(db::Connection& connection, const CompiledSegment& segment,
                    base::ChannelKind channel, base::Purpose purpose) {
    const auto query = db::compose(db::queries::segment_waterfall, connection.engine(), {},
                                   {{"reason", eligibility_reason_sql(channel, purpose), {}},
                                    {"contact", best_contact_join_sql(channel), {}},
                                    {"predicate", segment.predicate, segment.params}});
    Waterfall found;
    connection.select(query.query, query.params, [&](const db::Row& row) {
        const auto clients = row.integer(1);
        found.matched += clients;
        if (row.is_null(0)) {
            found.eligible = clients;
            found.unknown_time_zone = row.integer(2);
            return;
        }
        const auto reason = std::ranges::find(eligibility_reasons, row.text(0));
        found.left_out[static_cast<std::size_t>(reason - eligibility_reasons.begin())] = clients;
    });
    return found;
}

void set_preferred_contacts(db::Connection& connection, const db::IdList& clients) {
    for (std::size_t done = 0; done < clients.size(); done += clients_per_statement) {
        const auto first = clients.begin() + static_cast<std::ptrdiff_t>(done);
        const auto count = std::min(clients_per_statement, clients.size() - done);
        connection.execute(db::queries::set_preferred_contacts,
                           {db::IdList{first, first + static_cast<std::ptrdiff_t>(count)}});
    }
}

void mark_contact_invalid(db::Connection& connection, base::ClientId client, int number,
                          base::Instant now) {
    connection.execute(db::queries::set_contact_invalid, {now, client, number});
    set_preferred_contacts(connection, {client.value});
}

void mark_contact_valid(db::Connection& connection, base::ClientId client, int number,
                        base::Instant now) {
    connection.execute(db::queries::set_contact_valid, {now, client, number});
    set_preferred_contacts(connection, {client.value});
}

}  // namespace carillon::audience

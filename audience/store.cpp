#include "audience/store.h"

#include <map>

#include "audience/eligibility_sql.h"
#include "db/compose.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

using Text = std::optional<std::string>;

ClientProfile profile_from(const db::Row& row) {
    ClientProfile profile;
    profile.id = row.get<base::ClientId>("id");
    profile.external_id = row.get<std::string>("external_id");
    profile.kind = row.get<std::string>("kind");
    profile.last_name = row.get<Text>("last_name");
    profile.first_name = row.get<Text>("first_name");
    profile.middle_name = row.get<Text>("middle_name");
    profile.company_name = row.get<Text>("company_name");
    profile.gender = row.get<Text>("gender");
    profile.birth_date = row.get<Text>("birth_date");
    profile.locale = row.get<std::string>("locale");
    profile.time_zone = row.get<Text>("time_zone");
    profile.branch = row.get<Text>("branch");
    profile.manager = row.get<Text>("manager");
    profile.status = row.get<std::string>("status");
    profile.income_minor = row.get<std::optional<std::int64_t>>("income_minor");
    profile.value_class = row.get<std::string>("value_class");
    profile.occupation = row.get<Text>("occupation");
    profile.industry = row.get<Text>("industry");
    profile.household = row.get<Text>("household");
    profile.search_name = row.get<std::string>("search_name");
    profile.mix = row.get<std::int64_t>("mix");
    profile.created_at = row.get<base::Instant>("created_at");
    profile.updated_at = row.get<base::Instant>("updated_at");
    return profile;
}

ContractInfo contract_from(const db::Row& row) {
    return {row.get<base::ContractId>(0),
            row.get<std::string>(1),
            row.get<std::string>(2),
            row.get<std::string>(3),
            row.get<std::string>(4),
            row.get<std::string>(5),
            row.get<std::optional<std::int64_t>>(6),
            row.get<std::optional<std::int64_t>>(7),
            row.get<Text>(8),
            row.get<Text>(9),
            row.get<Text>(10),
            row.get<Text>(11),
            row.get<std::optional<std::int64_t>>(12),
            row.get<std::int64_t>(13),
            row.get<Text>(14)};
}

void load_contacts(db::Connection& connection, ClientProfile& profile) {
    connection.select(db::queries::profile_contacts, {profile.id}, [&](const db::Row& row) {
        const auto channel = base::channel_kind_from(row.text(1));
        if (!channel) return;
        profile.contacts.push_back({row.get<base::ContactId>(0), *channel, row.get<std::string>(2), row.get<int>(3),
                                    row.get<bool>(4), row.get<std::string>(5)});
    });
    connection.select(db::queries::profile_consents, {profile.id}, [&](const db::Row& row) {
        const auto channel = base::channel_kind_from(row.text(0));
        const auto purpose = base::purpose_from(row.text(1));
        if (!channel || !purpose) return;
        profile.consents.push_back({*channel, *purpose, row.get<bool>(2), row.get<base::Instant>(3),
                                    row.get<std::string>(4), row.get<Text>(5)});
    });
}

void load_attributes(db::Connection& connection, ClientProfile& profile) {
    connection.select(db::queries::profile_attributes, {profile.id}, [&](const db::Row& row) {
        const auto type = attribute_type_from(row.text(1));
        if (!type) return;
        const auto number = row.get<std::optional<double>>(3);
        auto& value = profile.attributes[row.get<std::string>(0)];
        if (*type == AttributeType::number)
            value = number.value_or(0);
        else if (*type == AttributeType::flag)
            value = number.value_or(0) != 0;
        else
            value = row.get<Text>(2).value_or("");
    });
}

void load_history(db::Connection& connection, ClientProfile& profile) {
    profile.contracts = connection.list<ContractInfo>(db::queries::profile_contracts, {profile.id}, contract_from);
    connection.select(db::queries::profile_relations, {profile.id}, [&](const db::Row& row) {
        profile.relations.push_back({row.get<std::string>(0), row.get<base::ClientId>(1)});
    });
    connection.select(db::queries::profile_received, {profile.id}, [&](const db::Row& row) {
        profile.received.push_back({row.get<std::int64_t>(0), row.get<base::Instant>(1)});
    });
    connection.select(db::queries::profile_responses, {profile.id}, [&](const db::Row& row) {
        profile.responses.push_back({row.get<std::int64_t>(0), row.get<std::string>(1), row.get<base::Instant>(2)});
    });
}

}  // namespace

std::optional<ClientProfile> load_client(db::Connection& connection, base::ClientId id) {
    auto profile = connection.one<ClientProfile>(db::queries::profile_client, {id}, profile_from);
    if (!profile) return std::nullopt;
    load_contacts(connection, *profile);
    load_attributes(connection, *profile);
    load_history(connection, *profile);
    return profile;
}

AttributeTypes load_attribute_types(db::Connection& connection) {
    AttributeTypes types;
    connection.select(db::queries::attribute_types_all, {}, [&](const db::Row& row) {
        if (const auto type = attribute_type_from(row.text(1))) types.emplace(row.get<std::string>(0), *type);
    });
    return types;
}

Waterfall waterfall(db::Connection& connection, const CompiledSegment& segment, base::ChannelKind channel,
                    base::Purpose purpose) {
    const auto composed = db::compose(db::queries::segment_waterfall, connection.engine(), {},
                                      {{"reason", eligibility_reason_sql(channel, purpose), {}},
                                       {"contact", best_contact_join_sql(channel), {}},
                                       {"predicate", segment.predicate, segment.params}});
    Waterfall answer;
    std::map<std::string, std::int64_t> by_reason;
    connection.select(composed.query, composed.params, [&](const db::Row& row) {
        const auto number = row.get<std::int64_t>(1);
        answer.matched += number;
        if (const auto reason = row.get<std::optional<std::string>>(0)) {
            by_reason[*reason] = number;
        } else {
            answer.reachable = number;
            answer.zone_unknown = row.get<std::int64_t>(2);
        }
    });
    for (const auto reason : eligibility_reasons)
        answer.left_out.emplace_back(std::string{reason}, by_reason[std::string{reason}]);
    return answer;
}

std::int64_t count(db::Connection& connection, const CompiledSegment& segment) {
    const auto composed = db::compose(db::queries::segment_size, connection.engine(), {},
                                      {{"predicate", segment.predicate, segment.params}});
    return connection.value<std::int64_t>(composed.query, composed.params).value_or(0);
}

}  // namespace carillon::audience

#include <algorithm>

#include "audience/import_work.h"
#include "audience/names.h"
#include "base/email_address.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

template <class Names>
std::vector<std::string_view> words_of(const Names& values, bool with_star) {
    std::vector<std::string_view> words;
    for (const auto value : values) words.push_back(name_of(value));
    if (with_star) words.emplace_back("*");
    return words;
}

// Places in SuppressionRow::params, as in insert_suppressions.
enum Place : std::size_t {
    subject,
    value_place,
    channel_place,
    purpose_place,
    reason,
    source,
    at,
    places
};

std::string_view text_at(const db::Params& params, Place place) {
    const auto* text = std::get_if<std::string>(&params[place].data());
    return text == nullptr ? std::string_view{} : std::string_view{*text};
}

}  // namespace

template <>
void ConsentImport::read(const BoundMapping::Field& field, std::string_view value,
                         ConsentRow& row) {
    static const auto channels = words_of(base::channel_kinds, false);
    static const auto purposes = words_of(base::purposes, false);
    const std::string_view name = field.source.field;
    if (name == "client") row.client = reader_.text(field, value, 64);
    if (name == "channel")
        row.channel =
            base::channel_kind_from(reader_.choice(field, value, channels)).value_or(row.channel);
    if (name == "purpose")
        row.purpose =
            base::purpose_from(reader_.choice(field, value, purposes)).value_or(row.purpose);
    if (name == "granted") row.granted = reader_.flag(field, value);
    if (name == "at") row.at = reader_.moment(field, value);
    if (name == "source") row.source = reader_.text(field, value, 100);
    if (name == "proof") row.proof = reader_.text(field, value, 500);
}

// Consent is evidence: nothing of it may be missing.
template <>
void ConsentImport::check(ConsentRow& row) {
    if (!reader_.problems().empty()) return;
    for (const auto& field : mapping_.fields()) {
        const std::string_view name = field.source.field;
        const bool missing = (name == "client" && row.client.empty()) ||
                             (name == "at" && row.at == 0) ||
                             (name == "source" && row.source.empty());
        if (missing) reader_.problem(field, "is empty");
    }
}

template <>
std::vector<Reject> ConsentImport::write(db::Connection& connection,
                                         ImportBatch<ConsentRow>& batch) {
    std::vector<std::string> clients;
    for (const auto& row : batch.rows) clients.push_back(row.client);
    const auto ids = client_ids(connection, clients);
    std::vector<Reject> rejects;
    std::vector<db::Params> history;
    std::vector<db::Params> in_force;
    for (const auto& row : batch.rows) {
        const auto client = ids.find(row.client);
        if (client == ids.end()) {
            rejects.push_back(
                {row.line, "client", "there is no client '" + row.client + "'", row.cells});
            continue;
        }
        db::Params params{client->second,
                          name_of(row.channel),
                          name_of(row.purpose),
                          row.granted,
                          row.at,
                          row.source,
                          row.proof};
        in_force.push_back(params);
        params.emplace_back(context_.now);
        history.push_back(std::move(params));
    }
    connection.execute_batch(db::queries::store_consents, in_force);
    connection.execute_batch(db::queries::insert_consent_history, history);
    return rejects;
}

template <>
void SuppressionImport::read(const BoundMapping::Field& field, std::string_view value,
                             SuppressionRow& row) {
    static const auto channels = words_of(base::channel_kinds, true);
    static const auto purposes = words_of(base::purposes, true);
    const std::string_view name = field.source.field;
    if (row.params.empty()) {
        row.params.resize(places);
        row.params[channel_place] = "*";
        row.params[purpose_place] = "*";
        row.params[source] = "import";
        row.params[at] = reader_.now();
    }
    if (value.empty()) return;
    if (name == "client" || name == "address") {
        if (!text_at(row.params, subject).empty())
            return reader_.problem(field, "an address and a client in one row; give one of them");
        row.params[subject] = name;
        row.params[value_place] = reader_.text(field, value, 254);
    }
    if (name == "channel") row.params[channel_place] = reader_.choice(field, value, channels);
    if (name == "purpose") row.params[purpose_place] = reader_.choice(field, value, purposes);
    if (name == "reason") row.params[reason] = reader_.text(field, value, 200);
    if (name == "source") row.params[source] = reader_.text(field, value, 100);
    if (name == "at") row.params[at] = reader_.moment(field, value);
}

// Addresses are kept in the form contacts have, or they would never match.
template <>
void SuppressionImport::check(SuppressionRow& row) {
    const auto& field = mapping_.fields().front();
    if (row.params.empty() || text_at(row.params, subject).empty())
        return reader_.problem(field, "neither an address nor a client is given");
    if (text_at(row.params, reason).empty()) return reader_.problem(field, "a reason is needed");
    if (!reader_.problems().empty() || text_at(row.params, subject) != "address") return;
    const std::string address{text_at(row.params, value_place)};
    const auto channel = text_at(row.params, channel_place);
    if (channel == "email" || address.find('@') != std::string::npos) {
        const auto parsed = base::EmailAddress::parse(address);
        if (!parsed) return reader_.problem(field, parsed.error().detail);
        row.params[value_place] = parsed->text();
    } else if (channel != "letter") {
        const auto parsed = phones_.read(address, reader_.defaults().phone_region);
        if (!parsed) return reader_.problem(field, parsed.error().detail);
        row.params[value_place] = parsed->e164;
    }
}

template <>
std::vector<Reject> SuppressionImport::write(db::Connection& connection,
                                             ImportBatch<SuppressionRow>& batch) {
    std::vector<db::Params> rows;
    for (const auto& row : batch.rows) rows.push_back(row.params);
    connection.execute_batch(db::queries::insert_suppressions, rows);
    return {};
}

}  // namespace carillon::audience

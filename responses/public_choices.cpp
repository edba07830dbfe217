#include "responses/public_choices.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "campaigns/notices.h"
#include "db/queries.h"

namespace carillon::responses {

namespace {

using base::ChannelKind;
using base::Purpose;

constexpr std::array chosen_purposes{Purpose::marketing, Purpose::service};
constexpr std::string_view suppression_reason = "unsubscribed";

// Marketing needs a yes on record, service a no (docs/consent.md).
bool wanted_without_record(Purpose purpose) {
    return purpose == Purpose::service;
}

struct Decision {
    ChannelKind channel{};
    Purpose purpose{};
    bool granted{};
};

void store_consent(db::Connection& connection, const Visitor& visitor, const Decision& decision,
                   base::Instant now, const std::string& source) {
    db::Params consent{visitor.client,
                       name_of(decision.channel),
                       name_of(decision.purpose),
                       decision.granted,
                       now,
                       source,
                       "message " + std::to_string(visitor.message.value)};
    connection.execute_batch(db::queries::store_consents, {consent});
    consent.emplace_back(now);
    connection.execute_batch(db::queries::insert_consent_history, {consent});
}

void suppress(db::Connection& connection, const std::string& address, const Decision& decision,
              base::Instant now, const std::string& source) {
    connection.execute_batch(db::queries::insert_suppressions,
                             {{"address", address, name_of(decision.channel),
                               name_of(decision.purpose), suppression_reason, source, now}});
}

// The first of its kind makes the response.
void note_response(db::Connection& connection, const Visitor& visitor, const std::string& source,
                   const std::string& kind, base::Instant now, const std::string& detail) {
    const auto id = kind + ":" + std::to_string(visitor.message.value);
    if (connection.execute(db::queries::insert_response,
                           {source, id, visitor.client, visitor.campaign, visitor.message, kind,
                            now, detail}) == 1)
        campaigns::tell_of_response(connection, source, id, kind, now);
}

}  // namespace

std::optional<Visitor> find_visitor(db::Connection& connection, base::MessageId message) {
    return connection.one<Visitor>(db::queries::page_visitor, {message}, [&](const db::Row& row) {
        return Visitor{message,
                       row.get<base::ClientId>(0),
                       row.get<base::CampaignId>(1),
                       base::channel_kind_from(row.text(2)).value(),
                       row.get<std::string>(3),
                       row.get<std::optional<std::string>>(4).value_or(""),
                       row.get<std::string>(5),
                       row.get<std::optional<std::string>>(6).value_or("")};
    });
}

void unsubscribe(db::Database& database, const base::Clock& clock, const Visitor& visitor,
                 const std::string& how, const std::string& raw) {
    db::in_transaction(database, [&](db::Connection& connection) {
        const auto now = clock.now();
        const auto first = connection.execute(db::queries::insert_page_action,
                                              {"unsubscribe", std::to_string(visitor.message.value),
                                               visitor.message, now, raw}) == 1;
        if (!first) return;
        const Decision no{visitor.channel, Purpose::marketing, false};
        store_consent(connection, visitor, no, now, "unsubscribe page");
        if (!visitor.address.empty())
            suppress(connection, visitor.address, no, now, "unsubscribe page");
        note_response(connection, visitor, "unsubscribe", "unsubscribe", now, how);
    });
}

std::vector<Choice> choices_of(db::Connection& connection, const Visitor& visitor) {
    const auto channels =
        connection.list<std::string>(db::queries::page_channels, {visitor.client},
                                     [](const db::Row& row) { return row.get<std::string>(0); });
    std::vector<Choice> choices;
    for (const auto channel : base::channel_kinds) {
        if (std::ranges::find(channels, name_of(channel)) == channels.end()) continue;
        for (const auto purpose : chosen_purposes)
            choices.push_back({channel, purpose, wanted_without_record(purpose)});
    }
    const auto each = [&](const db::Row& row, auto&& change) {
        for (auto& choice : choices) {
            const bool fits = (row.text(0) == "*" || row.text(0) == name_of(choice.channel)) &&
                              (row.text(1) == "*" || row.text(1) == name_of(choice.purpose));
            if (fits) change(choice);
        }
    };
    connection.select(db::queries::page_consents, {visitor.client}, [&](const db::Row& row) {
        const bool granted = row.get<bool>(2);
        each(row, [&](Choice& choice) { choice.wanted = granted; });
    });
    connection.select(
        db::queries::page_suppressions, {visitor.client, visitor.client_ref},
        [&](const db::Row& row) { each(row, [](Choice& choice) { choice.wanted = false; }); });
    return choices;
}

int choose(db::Database& database, const base::Clock& clock, const Visitor& visitor,
           const std::vector<Choice>& wanted, const std::string& raw) {
    return db::in_transaction(database, [&](db::Connection& connection) {
        const auto now = clock.now();
        const std::string source = "preference page";
        int changes = 0;
        for (const auto& current : choices_of(connection, visitor)) {
            const auto asked = std::ranges::find_if(wanted, [&](const Choice& choice) {
                return choice.channel == current.channel && choice.purpose == current.purpose;
            });
            if (asked == wanted.end() || asked->wanted == current.wanted) continue;
            ++changes;
            const Decision decision{current.channel, current.purpose, asked->wanted};
            store_consent(connection, visitor, decision, now, source);
            if (asked->wanted) {
                connection.execute(
                    db::queries::lift_own_suppression,
                    {name_of(current.channel), name_of(current.purpose), visitor.client});
                continue;
            }
            for (const auto& address : connection.list<std::string>(
                     db::queries::page_addresses, {visitor.client, name_of(current.channel)},
                     [](const db::Row& row) { return row.get<std::string>(0); }))
                suppress(connection, address, decision, now, source);
        }
        if (changes == 0) return 0;
        const auto id = base::sha256_hex(std::to_string(visitor.message.value) + " " +
                                         std::to_string(base::to_millis(now)) + " " + raw);
        connection.execute(db::queries::insert_page_action,
                           {source, id, visitor.message, now, raw});
        note_response(connection, visitor, source, "preferences", now, {});
        return changes;
    });
}

void respond(db::Database& database, const base::Clock& clock, const Visitor& visitor,
             const std::string& kind, const std::string& raw) {
    db::in_transaction(database, [&](db::Connection& connection) {
        const auto now = clock.now();
        const auto id = kind + ":" + std::to_string(visitor.message.value);
        connection.execute(db::queries::insert_page_action,
                           {"response code", id, visitor.message, now, raw});
        note_response(connection, visitor, "response code", kind, now, {});
    });
}

}  // namespace carillon::responses

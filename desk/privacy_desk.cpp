#include "desk/privacy_desk.h"

#include <array>

#include "audience/erased.h"
#include "base/local_date.h"
#include "db/api_queries.h"
#include "db/queries.h"
#include "desk/visible.h"

namespace carillon::desk {

namespace {

constexpr int rows_at_once = 2'000;

struct Section {
    const char* name{};
    const db::Query* query{};
    int marks{1};  // how often the query asks for the client
};
const std::array sections{Section{"attributes", &db::queries::export_attributes},
                          Section{"contacts", &db::queries::export_contacts},
                          Section{"relations", &db::queries::export_relations},
                          Section{"consents", &db::queries::export_consents},
                          Section{"suppressions", &db::queries::export_suppressions, 2},
                          Section{"contracts", &db::queries::export_contracts},
                          Section{"messages", &db::queries::export_messages},
                          Section{"inbound", &db::queries::export_inbound},
                          Section{"mails", &db::queries::export_mails},
                          Section{"events", &db::queries::export_events},
                          Section{"responses", &db::queries::export_responses},
                          Section{"conversions", &db::queries::export_conversions},
                          Section{"clicks", &db::queries::export_clicks},
                          Section{"calls", &db::queries::export_calls},
                          Section{"tasks", &db::queries::export_tasks},
                          Section{"figures", &db::queries::export_figures},
                          Section{"history", &db::queries::export_history}};

bool is_instant(std::string_view column) {
    return column == "at" || column.ends_with("_at");
}

// Every column as a text, as the bank's people will read it.
base::Json json_of(const db::Row& row) {
    base::Json::Object members;
    for (int i = 0; i < row.columns(); ++i) {
        base::Json value;
        if (!row.is_null(i))
            value = is_instant(row.name(i)) ? base::to_text(row.get<base::Instant>(i))
                                            : std::string{row.text(i)};
        members.emplace_back(std::string{row.name(i)}, std::move(value));
    }
    return members;
}

db::Params repeated(std::int64_t client, int count) {
    db::Params params;
    for (int i = 0; i < count; ++i) params.emplace_back(client);
    return params;
}

std::optional<std::int64_t> find(db::Connection& connection, const std::string& client) {
    return connection.value<std::int64_t>(db::queries::client_id_of, {client});
}

base::Failure unknown(const std::string& client) {
    return {"client.unknown", "there is no client with the external id '" + client + "'"};
}

// Who is never to be written to again is remembered by digests; what others share stays suppressed.
void remember(const campaigns::Desk& desk, std::int64_t id, const std::string& client) {
    auto& connection = desk.connection;
    const auto key = connection.value<std::string>(db::queries::instance_secret).value_or("");
    const auto keep = [&](const std::string& value) {
        connection.execute(db::queries::insert_erased,
                           {audience::erased_digest(key, value), desk.now});
    };
    // As a member of an answer, so that only whole numbers and addresses are found.
    const auto forget_answers = [&](const std::string& value) {
        connection.execute(db::queries::erase_request_keys, {base::Json{value}.dump()});
    };
    keep(client);
    forget_answers(client);
    connection.execute(db::queries::erase_suppression, {"client", client});
    std::vector<std::pair<std::string, bool>> addresses;
    connection.select(db::queries::addresses_to_erase, repeated(id, 3), [&](const db::Row& row) {
        addresses.emplace_back(row.get<std::string>(0), row.get<bool>(1));
    });
    for (const auto& [address, is_shared] : addresses) {
        forget_answers(address);
        connection.execute(db::queries::erase_documents_of_address, {address});
        connection.execute(db::queries::erase_inbound_of_address, {address});
        connection.execute(db::queries::erase_mails_of_address, {address, address});
        if (is_shared) continue;
        keep(address);
        connection.execute(db::queries::erase_suppression, {"address", address});
    }
}

void erase_rows(const campaigns::Desk& desk, std::int64_t id) {
    auto& connection = desk.connection;
    for (const auto* query : {&db::queries::erase_message_events, &db::queries::erase_receipts,
                              &db::queries::erase_recalls, &db::queries::erase_inbound_documents,
                              &db::queries::erase_inbound, &db::queries::erase_call_results,
                              &db::queries::erase_page_actions, &db::queries::erase_tracking,
                              &db::queries::erase_events, &db::queries::erase_responses,
                              &db::queries::erase_conversions, &db::queries::erase_message_contents,
                              &db::queries::erase_message_words, &db::queries::erase_attributes,
                              &db::queries::erase_contacts, &db::queries::erase_consents,
                              &db::queries::erase_consent_history, &db::queries::erase_contracts})
        connection.execute(*query, {id});
    for (const auto* query :
         {&db::queries::erase_mails, &db::queries::erase_relations, &db::queries::erase_duplicates})
        connection.execute(*query, {id, id});
    for (const auto* query :
         {&db::queries::erase_open_messages, &db::queries::erase_calls, &db::queries::erase_tasks})
        connection.execute(*query, {desk.now, id});
    connection.execute(
        db::queries::erase_client,
        {std::string{audience::erased_id_prefix} + std::to_string(id), desk.now, id});
}

std::int64_t remove(db::Database& database, std::initializer_list<const db::Query*> queries,
                    base::Instant before) {
    std::int64_t removed = 0;
    for (const auto* query : queries)
        for (std::int64_t some = rows_at_once; some == rows_at_once; removed += some)
            some = db::in_transaction(database, [&](db::Connection& connection) {
                return connection.execute(*query, {before, rows_at_once});
            });
    return removed;
}

base::Instant months_before(base::Instant now, std::chrono::months months) {
    return now - std::chrono::duration_cast<std::chrono::milliseconds>(months);
}

}  // namespace

base::Result<base::Json> exported(db::Connection& connection, const std::string& client) {
    const auto id = find(connection, client);
    if (!id) return base::fail(unknown(client));
    base::Json json{base::Json::Object{}};
    connection.select(db::queries::export_client, {*id},
                      [&](const db::Row& row) { json.set("client", json_of(row)); });
    for (const auto& section : sections) {
        base::Json::Array rows;
        connection.select(*section.query, repeated(*id, section.marks),
                          [&](const db::Row& row) { rows.push_back(json_of(row)); });
        json.set(section.name, std::move(rows));
    }
    return json;
}

base::Result<void> erase(const campaigns::Desk& desk, const std::string& client) {
    const auto id = find(desk.connection, client);
    if (!id) return base::fail(unknown(client));
    if (desk.connection.value<std::int64_t>(db::queries::is_being_sent, {*id}))
        return base::fail("erase.in_flight",
                          "a message to this client is being sent at this moment; try again");
    remember(desk, *id, client);
    erase_rows(desk, *id);
    note(desk, "client.erase", "client " + std::to_string(*id));
    return {};
}

Answer export_client(Office& office, const Caller& caller, const std::string& client) {
    return office.act(caller, Right::clients_privacy, [&](const campaigns::Desk& desk) -> Answer {
        const auto visible = visible_client(desk.connection, caller, client);
        if (!visible) return refuse(visible.error());
        auto json = exported(desk.connection, client);
        if (!json) return refuse(json.error());
        note(desk, "client.export", "client " + std::to_string(visible->value));
        return std::move(*json);
    });
}

Answer erase_client(Office& office, const Caller& caller, const std::string& client,
                    const base::Json& confirmation) {
    access::require(caller, Right::clients_privacy);
    base::Problems problems;
    base::ObjectReader reader{confirmation, "$", problems};
    const auto repeated_number = reader.required_text("client");
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    if (repeated_number != client)
        return refuse("erase.confirmation", "repeat the client's number: this cannot be undone",
                      "$.client");
    return office.act(caller, Right::clients_privacy, [&](const campaigns::Desk& desk) -> Answer {
        if (const auto visible = visible_client(desk.connection, caller, client); !visible)
            return refuse(visible.error());
        if (const auto erased = erase(desk, client); !erased) return refuse(erased.error());
        return base::Json{base::Json::Object{}};
    });
}

base::Json retain(db::Database& database, const Retention& retention, base::Instant now) {
    base::Json removed{base::Json::Object{}};
    const auto keep = [&](const char* subject, std::chrono::months months,
                          std::initializer_list<const db::Query*> queries) {
        if (months.count() > 0)
            removed.set(subject, remove(database, queries, months_before(now, months)));
    };
    keep("raw", retention.raw,
         {&db::queries::retain_receipts, &db::queries::retain_inbound, &db::queries::retain_mails});
    keep("clicks", retention.clicks, {&db::queries::retain_clicks});
    keep("contents", retention.contents, {&db::queries::retain_contents});
    keep("calls", retention.calls, {&db::queries::retain_calls});
    return removed;
}

}  // namespace carillon::desk

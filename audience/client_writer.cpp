#include "audience/client_writer.h"

#include <algorithm>
#include <limits>

#include "audience/contact_plan.h"
#include "audience/store.h"
#include "db/compose.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

constexpr std::size_t keys_per_query = 500;
constexpr int first_value_column =
    3;  // of clients_by_external_id, behind id, external_id, created_at

db::Value value_at(const db::Row& row, int column, bool is_number) {
    if (row.is_null(column)) return {};
    return is_number ? db::Value{row.integer(column)} : db::Value{row.text(column)};
}

bool same_values(const ClientValues& a, const ClientValues& b) {
    return std::ranges::equal(a, b, {}, &db::Value::data, &db::Value::data);
}

ContactInfo contact_from(const db::Row& row) {
    return {row.get<int>(0),
            base::channel_kind_from(row.text(2)).value_or(base::ChannelKind::email),
            row.get<std::string>(3),
            row.get<int>(4),
            row.get<bool>(5),
            row.get<std::string>(6)};
}

std::int64_t income_of(const ClientRow& row) {
    const auto& value = row.values[static_cast<std::size_t>(ClientColumn::income_minor)].data();
    const auto* income = std::get_if<std::int64_t>(&value);
    return income == nullptr ? std::numeric_limits<std::int64_t>::min() : *income;
}

// Where the top fifth of these rows begins: a guess at where it will begin in the end. Correcting a
// wrong guess later is cheap, raising a fifth of all rows would write most of the table a second
// time.
std::int64_t lowest_top_income(const std::vector<ClientRow>& rows) {
    std::vector<std::int64_t> incomes;
    for (const auto& row : rows)
        if (income_of(row) != std::numeric_limits<std::int64_t>::min())
            incomes.push_back(income_of(row));
    if (incomes.empty()) return std::numeric_limits<std::int64_t>::max();
    const auto rank = static_cast<std::ptrdiff_t>(incomes.size() / 5);
    std::ranges::nth_element(incomes, incomes.begin() + rank, std::ranges::greater{});
    return incomes[static_cast<std::size_t>(rank)];
}

// What has to be written for the contacts of a batch.
struct ContactChanges {
    std::vector<db::Params> inserts{};
    std::vector<db::Params> replaces{};
    std::vector<db::Params> moves{};
    std::vector<db::Params> verdicts{};
    std::vector<db::Params> deletes{};
    db::IdList clients{};
};

db::Params insert_params(std::int64_t client, int number, const ContactWish& wish, bool preferred,
                         base::Instant now) {
    return {client,        number,    name_of(wish.channel),         wish.address,
            wish.priority, preferred, wish.verified.value_or(false), now};
}

void add_plan(ContactChanges& changes, std::int64_t client, int last_number,
              const ContactPlan& plan, base::Instant now) {
    if (plan.empty()) return;
    changes.clients.push_back(client);
    for (const auto& wish : plan.inserts)
        changes.inserts.push_back(insert_params(client, ++last_number, wish, false, now));
    for (const auto& replace : plan.replaces)
        changes.replaces.push_back(
            {replace.address, replace.verified, now, client, replace.number});
    for (const auto& move : plan.moves)
        changes.moves.push_back({move.priority, now, client, move.number});
    for (const auto& verdict : plan.verdicts)
        changes.verdicts.push_back({verdict.verified, now, client, verdict.number});
    for (const auto number : plan.deletes) changes.deletes.push_back({client, number});
}

void apply(db::Connection& connection, const ContactChanges& changes) {
    for (const auto& params : changes.deletes)
        connection.execute(db::queries::delete_contact, params);
    for (const auto& params : changes.replaces)
        connection.execute(db::queries::replace_contact, params);
    for (const auto& params : changes.moves) connection.execute(db::queries::move_contact, params);
    for (const auto& params : changes.verdicts)
        connection.execute(db::queries::verify_contact, params);
    connection.execute_batch(db::queries::insert_contacts, changes.inserts);
    set_preferred_contacts(connection, changes.clients);
}

int last_number(const std::vector<ContactInfo>& contacts) {
    int last = 0;
    for (const auto& contact : contacts) last = std::max(last, contact.number);
    return last;
}

}  // namespace

void select_by_keys(db::Connection& connection, const db::Query& query,
                    const std::vector<std::string>& keys, const db::OnRow& on_row) {
    for (std::size_t done = 0; done < keys.size(); done += keys_per_query) {
        // The last slice repeats its last key, so that one statement serves them all.
        std::string marks;
        db::Params params;
        for (std::size_t i = 0; i < keys_per_query; ++i) {
            marks += i == 0 ? "?" : ", ?";
            params.emplace_back(keys[std::min(done + i, keys.size() - 1)]);
        }
        const auto composed =
            db::compose(query, connection.engine(), {}, {{"keys", marks, std::move(params)}});
        connection.select(composed.query, composed.params, on_row);
    }
}

std::unordered_map<std::string, std::int64_t> client_ids(
    db::Connection& connection, const std::vector<std::string>& external_ids) {
    std::unordered_map<std::string, std::int64_t> ids;
    select_by_keys(connection, db::queries::client_ids_by_external_id, external_ids,
                   [&](const db::Row& row) { ids.emplace(row.text(1), row.integer(0)); });
    return ids;
}

std::unordered_map<std::int64_t, std::vector<ContactInfo>> contacts_of(db::Connection& connection,
                                                                       const db::IdList& clients) {
    std::unordered_map<std::int64_t, std::vector<ContactInfo>> found;
    for (std::size_t done = 0; done < clients.size(); done += keys_per_query) {
        const auto count = std::min(keys_per_query, clients.size() - done);
        const auto first = clients.begin() + static_cast<std::ptrdiff_t>(done);
        connection.select(
            db::queries::contacts_of_clients,
            {db::IdList{first, first + static_cast<std::ptrdiff_t>(count)}},
            [&](const db::Row& row) { found[row.integer(1)].push_back(contact_from(row)); });
    }
    return found;
}

void ClientWriter::start(db::Connection& connection) {
    all_new_ = !connection.value<std::int64_t>(db::queries::has_clients);
    if (all_new_) connection.execute(db::queries::drop_contact_index);
    erased_ = ErasedSubjects::load(connection);
}

// What a client has when the file that brought it did not say.
ClientRow ClientWriter::with_defaults(const ClientRow& row) const {
    auto complete = row;
    const auto fill = [&](ClientColumn column, std::string_view value) {
        auto& place = complete.values[static_cast<std::size_t>(column)];
        if (std::holds_alternative<std::monostate>(place.data()) && !value.empty()) place = value;
    };
    fill(ClientColumn::kind, "person");
    fill(ClientColumn::status, "active");
    fill(ClientColumn::locale, defaults_.locale);
    if (!row.given[static_cast<std::size_t>(ClientColumn::time_zone)])
        fill(ClientColumn::time_zone, defaults_.time_zone);
    return complete;
}

void ClientWriter::prepare(ImportBatch<ClientRow>& batch, const WriteContext& context) const {
    static const std::vector<ContactInfo> nothing;
    auto& prepared = batch.prepared;
    prepared.clients.reserve(batch.rows.size());
    const auto lowest = lowest_top_income(batch.rows);
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        prepared.clients.push_back(
            client_params(0, with_defaults(batch.rows[i]), context, base::to_millis(context.now)));
        if (income_of(batch.rows[i]) >= lowest) prepared.clients.back().back() = "top";
        const auto wishes = plan_contacts(nothing, batch.rows[i].contacts).inserts;
        int number = 0;
        for (const auto& wish : wishes) {
            const bool preferred = std::ranges::none_of(wishes, [&](const ContactWish& other) {
                return other.channel == wish.channel &&
                       (other.priority < wish.priority ||
                        (other.priority == wish.priority && &other < &wish));
            });
            prepared.contacts.push_back(insert_params(0, ++number, wish, preferred, context.now));
            prepared.owners.push_back(i);
        }
    }
}

void ClientWriter::write_new(db::Connection& connection, ImportBatch<ClientRow>& batch) const {
    const auto first_id =
        connection.value<std::int64_t>(db::queries::last_client_id).value_or(0) + 1;
    std::vector<std::int64_t> ids;
    for (auto& params : batch.prepared.clients) {
        ids.push_back(first_id + std::ssize(ids));
        params.front() = ids.back();
    }
    for (std::size_t i = 0; i < batch.prepared.contacts.size(); ++i)
        batch.prepared.contacts[i].front() = ids[batch.prepared.owners[i]];
    connection.execute_batch(db::queries::insert_clients, batch.prepared.clients);
    connection.execute_batch(db::queries::insert_contacts, batch.prepared.contacts);
    write_attributes(connection, batch, ids);
}

ClientWriter::KnownClients ClientWriter::known_clients(db::Connection& connection,
                                                       const std::vector<ClientRow>& rows) const {
    KnownClients known;
    if (all_new_) return known;
    std::vector<std::string> keys;
    keys.reserve(rows.size());
    for (const auto& row : rows) keys.push_back(row.external_id);
    select_by_keys(connection, db::queries::clients_by_external_id, keys, [&](const db::Row& row) {
        Known client{row.integer(0), row.integer(2), {}};
        client.row.external_id = row.text(1);
        for (std::size_t i = 0; i < client_column_count; ++i)
            client.row.values[i] =
                value_at(row, first_value_column + static_cast<int>(i),
                         i == static_cast<std::size_t>(ClientColumn::income_minor));
        known.emplace(client.row.external_id, std::move(client));
    });
    return known;
}

void ClientWriter::write(db::Connection& connection, ImportBatch<ClientRow>& batch,
                         const WriteContext& context) {
    if (!erased_.empty()) suppress_erased(connection, batch, context);
    if (all_new_ && batch.prepared.clients.size() == batch.rows.size())
        return write_new(connection, batch);
    auto known = known_clients(connection, batch.rows);
    auto next_id = connection.value<std::int64_t>(db::queries::last_client_id).value_or(0);
    std::vector<db::Params> inserts;
    std::vector<db::Params> updates;
    std::vector<std::int64_t> ids;
    std::vector<bool> is_known;
    for (const auto& row : batch.rows) {
        const auto found = known.find(row.external_id);
        is_known.push_back(found != known.end());
        if (found == known.end()) {
            ids.push_back(++next_id);
            inserts.push_back(
                client_params(next_id, with_defaults(row), context, base::to_millis(context.now)));
            continue;
        }
        auto& client = found->second;
        const auto before = client.row.values;
        client.row.overlay(row);
        ids.push_back(client.id);
        if (!same_values(before, client.row.values))
            updates.push_back(client_params(client.id, client.row, context, client.created_at));
    }
    connection.execute_batch(db::queries::insert_clients, inserts);
    connection.execute_batch(db::queries::store_clients, updates);
    write_contacts(connection, batch, ids, is_known, context);
    write_attributes(connection, batch, ids);
}

void ClientWriter::suppress_erased(db::Connection& connection, const ImportBatch<ClientRow>& batch,
                                   const WriteContext& context) const {
    std::vector<db::Params> found;
    const auto at = base::to_millis(context.now);
    const auto suppress = [&](std::string_view subject, const std::string& value) {
        if (!value.empty() && erased_.contains(value))
            found.push_back({subject, value, "*", "*", "erased", "erasure", at});
    };
    for (const auto& row : batch.rows) {
        suppress("client", row.external_id);
        for (const auto& contact : row.contacts) suppress("address", contact.address);
    }
    connection.execute_batch(db::queries::insert_suppressions, found);
}

void ClientWriter::write_contacts(db::Connection& connection, const ImportBatch<ClientRow>& batch,
                                  const std::vector<std::int64_t>& ids,
                                  const std::vector<bool>& is_known,
                                  const WriteContext& context) const {
    db::IdList to_load;
    for (std::size_t i = 0; i < batch.rows.size(); ++i)
        if (is_known[i] && !batch.rows[i].contacts.empty()) to_load.push_back(ids[i]);
    const auto existing = contacts_of(connection, to_load);
    ContactChanges changes;
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        const auto found = existing.find(ids[i]);
        static const std::vector<ContactInfo> nothing;
        const auto& contacts = found == existing.end() ? nothing : found->second;
        add_plan(changes, ids[i], last_number(contacts),
                 plan_contacts(contacts, batch.rows[i].contacts), context.now);
    }
    apply(connection, changes);
}

void ClientWriter::write_attributes(db::Connection& connection, const ImportBatch<ClientRow>& batch,
                                    const std::vector<std::int64_t>& ids) const {
    std::vector<db::Params> stored;
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        for (const auto& wish : batch.rows[i].attributes) {
            if (wish.clears)
                connection.execute(db::queries::delete_attribute, {ids[i], wish.name});
            else
                stored.push_back({ids[i], wish.name, wish.text, wish.number});
        }
    }
    connection.execute_batch(db::queries::store_attributes, stored);
}

}  // namespace carillon::audience

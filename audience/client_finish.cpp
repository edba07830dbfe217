#include "audience/client_finish.h"

#include <algorithm>
#include <set>

#include "audience/client_writer.h"
#include "db/queries.h"

namespace carillon::audience {

void update_value_classes(db::Connection& connection) {
    const auto count = connection.value<std::int64_t>(db::queries::count_incomes).value_or(0);
    if (count == 0) return;
    const auto rank = std::max<std::int64_t>(count / 5, 1) - 1;
    const auto lowest =
        connection.value<std::int64_t>(db::queries::income_at_rank, {rank}).value_or(0);
    connection.execute(db::queries::raise_to_top, {lowest});
    connection.execute(db::queries::lower_to_standard, {lowest});
}

SortOnDisk::SortOnDisk(db::Database& database) : database_(database) {
    database_.write()->execute(db::queries::sort_on_disk);
}

SortOnDisk::~SortOnDisk() {
    try {
        database_.write()->execute(db::queries::sort_in_memory);
    } catch (const db::DbError&) {
        // Only speed is lost; what went wrong with the database shows at the next statement.
    }
}

std::int64_t find_duplicates(db::Connection& connection, base::Instant now) {
    connection.execute(db::queries::delete_duplicates);
    connection.execute(db::queries::find_duplicate_contacts, {"email", now, "email", "email"});
    connection.execute(db::queries::find_duplicate_contacts, {"phone", now, "sms", "sms"});
    connection.execute(db::queries::find_duplicate_names, {now});
    return connection.value<std::int64_t>(db::queries::count_duplicates).value_or(0);
}

void RelationPass::add(const CsvRow& row) {
    std::vector<RelationWish> found;
    parser_.relations(row.cells, found);
    if (found.empty()) return;
    for (auto& relation : found) wishes_.push_back({std::move(relation), rows_.size()});
    rows_.push_back({row.line, {row.cells.begin(), row.cells.end()}});
}

std::vector<RelationPass::Problem> RelationPass::write(db::Connection& connection) {
    std::vector<std::string> keys;
    for (const auto& wish : wishes_) {
        keys.push_back(wish.relation.external_id);
        keys.push_back(wish.relation.related_external_id);
    }
    const auto ids = client_ids(connection, keys);
    std::map<std::string, db::IdList> replaced;
    std::vector<db::Params> stored;
    std::map<std::size_t, std::pair<std::string, std::string>>
        unknown;  // by row: columns and reasons
    for (const auto& [relation, row] : wishes_) {
        const auto client = ids.find(relation.external_id);
        const auto related = ids.find(relation.related_external_id);
        if (client == ids.end()) continue;
        if (related == ids.end()) {
            auto& [columns, reasons] = unknown[row];
            columns += (columns.empty() ? "" : ", ") + relation.kind;
            reasons += (reasons.empty() ? "" : "; ") +
                       ("there is no client '" + relation.related_external_id + "'");
            continue;
        }
        replaced[relation.kind].push_back(client->second);
        stored.push_back({client->second, related->second, relation.kind});
    }
    for (const auto& [kind, clients] : replaced)
        for (std::size_t done = 0; done < clients.size(); done += 500) {
            const auto last = std::min(done + 500, clients.size());
            const db::IdList slice{clients.begin() + static_cast<std::ptrdiff_t>(done),
                                   clients.begin() + static_cast<std::ptrdiff_t>(last)};
            connection.execute(db::queries::delete_relations, {slice, kind});
        }
    connection.execute_batch(db::queries::insert_relations, stored);
    written_ = std::move(rows_);
    rows_.clear();
    wishes_.clear();
    std::vector<Problem> problems;
    for (const auto& [row, words] : unknown) {
        const auto& kept = written_[row];
        problems.push_back(
            {{kept.line, {kept.cells.begin(), kept.cells.end()}, {}}, words.first, words.second});
    }
    return problems;
}

}  // namespace carillon::audience

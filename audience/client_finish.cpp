#include "audience/client_finish.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <tuple>

#include "audience/client_writer.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

struct Earner {
    std::int64_t income{};
    std::int64_t id{};
    bool is_top{};
};
// What two clients may have in common: one address, or name and birth date.
struct Sign {
    std::size_t digest{};
    std::int64_t id{};
    bool operator<(const Sign& other) const {
        return std::tie(digest, id) < std::tie(other.digest, other.id);
    }
};

constexpr std::int64_t no_income = std::numeric_limits<std::int64_t>::min();

void read_contacts(db::Connection& connection, std::int64_t after, std::int64_t up_to,
                   std::vector<Sign>& signs) {
    std::string key;
    connection.select(db::queries::contacts_to_compare, {after, up_to}, [&](const db::Row& row) {
        key = row.text(1);
        key += ' ';
        key += row.text(2);
        signs.push_back({std::hash<std::string>{}(key), row.integer(0)});
    });
}

using Pair = std::pair<std::int64_t, std::int64_t>;

// Pairs everybody with the first who bears the sign: k clients make k - 1 pairs, not k squared.
std::vector<Pair> pairs_of(std::vector<Sign>& signs) {
    std::sort(signs.begin(), signs.end());
    std::vector<Pair> pairs;
    for (std::size_t first = 0, i = 1; i < signs.size(); ++i) {
        if (signs[i].digest != signs[first].digest)
            first = i;
        else if (signs[i].id != signs[i - 1].id)
            pairs.emplace_back(signs[first].id, signs[i].id);
    }
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    return pairs;
}

// Only those whose class changes are written: an import guesses well when it inserts.
void update_value_classes(db::Connection& connection, std::vector<Earner>& earners) {
    const auto count =
        std::ranges::count_if(earners, [](const Earner& one) { return one.income != no_income; });
    if (count > 0) {
        const auto rank = std::max<std::ptrdiff_t>(count / 5, 1) - 1;
        std::ranges::nth_element(earners, earners.begin() + rank, std::ranges::greater{},
                                 &Earner::income);
    }
    const auto lowest =
        count > 0
            ? earners[static_cast<std::size_t>(std::max<std::ptrdiff_t>(count / 5, 1) - 1)].income
            : std::numeric_limits<std::int64_t>::max();
    for (const bool to_top : {true, false}) {
        db::IdList changed;
        const auto flush = [&] {
            if (!changed.empty())
                connection.execute(db::queries::set_value_class,
                                   {to_top ? "top" : "standard", changed});
            changed.clear();
        };
        for (const auto& one : earners) {
            const bool belongs = one.income != no_income && one.income >= lowest;
            if (belongs != to_top || one.is_top == to_top) continue;
            changed.push_back(one.id);
            if (changed.size() == 512) flush();
        }
        flush();
    }
}

// The pairs were found by digests: the statement looks at the clients themselves.
void insert_pairs(db::Connection& connection, const db::Query& query,
                  const std::vector<Pair>& pairs, base::Instant now) {
    for (const auto& [first, other] : pairs) connection.execute(query, {now, first, other});
}

}  // namespace

struct ClientComparison::Facts {
    std::vector<Earner> earners{};  // clients with an income, and those at the top without
    std::vector<Pair> same_names{};
    std::vector<Pair> same_contacts{};

    static std::shared_ptr<Facts> read(db::Connection& connection) {
        auto facts = std::make_shared<Facts>();
        std::vector<Sign> names;
        std::vector<Sign> contacts;
        std::int64_t last_id = -1;
        for (std::int64_t before = -2; before != last_id;) {
            before = last_id;
            connection.select(db::queries::clients_to_compare, {last_id}, [&](const db::Row& row) {
                last_id = row.integer(0);
                facts->add(row, names);
            });
            read_contacts(connection, before, last_id, contacts);
        }
        facts->same_names = pairs_of(names);
        facts->same_contacts = pairs_of(contacts);
        return facts;
    }

private:
    void add(const db::Row& row, std::vector<Sign>& names) {
        const auto id = row.integer(0);
        const bool is_top = row.text(4) == "top";
        if (!row.is_null(3) || is_top)
            earners.push_back({row.is_null(3) ? no_income : row.integer(3), id, is_top});
        if (row.is_null(1)) return;
        std::string key{row.text(1)};
        key += row.text(2);
        names.push_back({std::hash<std::string>{}(key), id});
    }
};

ClientComparison::ClientComparison(db::Database& database)
    : facts_(
          std::async(std::launch::async, [&database] { return Facts::read(*database.read()); })) {}

ClientComparison::~ClientComparison() {
    facts_.wait();
}

std::int64_t ClientComparison::write(db::Connection& connection, base::Instant now) {
    const auto facts = facts_.get();
    update_value_classes(connection, facts->earners);
    connection.execute(db::queries::delete_duplicates);
    insert_pairs(connection, db::queries::insert_duplicate_contacts, facts->same_contacts, now);
    insert_pairs(connection, db::queries::insert_duplicate_names, facts->same_names, now);
    return connection.value<std::int64_t>(db::queries::count_duplicates).value_or(0);
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

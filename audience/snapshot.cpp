#include "audience/snapshot.h"

#include <algorithm>
#include <list>

#include "audience/store.h"
#include "db/compose.h"
#include "db/documents.h"
#include "db/queries.h"

namespace carillon::audience {

namespace {

constexpr std::string_view segment_kind = "segment";
constexpr std::string_view still = "9999-12-31";
constexpr std::string_view whole_bank = "*";
constexpr std::size_t value_characters_max = 100;

// What is true of a client on a day: in a segment, of a status, with a product.
struct Mark {
    std::int64_t client{};
    std::string value{};
    std::string since{};

    bool is_before(const Mark& other) const {
        return client != other.client ? client < other.client : value < other.value;
    }
};

struct Balance {
    std::int64_t client{};
    std::int64_t funds{};
    std::int64_t loans{};
    std::string since{};
};

// Everything the members of a segment come to.
struct SegmentDay {
    std::int64_t clients{};
    std::int64_t joined{};
    std::int64_t left{};
    std::int64_t funds{};
    std::int64_t loans{};
    std::int64_t products{};
    std::int64_t refusals{};
};

class Snapshot {
public:
    Snapshot(db::Database& database, const base::Clock& clock, const SnapshotSettings& settings)
        : database_(database),
          clock_(clock),
          settings_(settings),
          day_(base::to_text(settings.day)) {}

    base::Result<SnapshotSummary> take() {
        const auto last =
            database_.read()->value<std::optional<std::string>>(db::queries::snapshot_last);
        if (last && *last && **last >= day_) {
            if (**last == day_) return summary_;
            return base::fail("snapshot.past", "the snapshot of " + **last +
                                                   " stands already; the past does not change");
        }
        if (base::to_text(settings_.today) < day_)
            return base::fail("snapshot.future", "today is " + base::to_text(settings_.today));
        last_client_ = database_.read()->value<std::int64_t>(db::queries::last_client).value_or(0);
        marks("status", db::queries::current_statuses, {});
        marks("product", db::queries::current_products, {day_});
        if (!settings_.source_attribute.empty())
            marks("source", db::queries::current_sources, {settings_.source_attribute});
        balances();
        segments();
        bank();
        return summary_;
    }

private:
    template <class Work>
    void by_chunks(Work&& work) {
        for (std::int64_t from = 0; from < last_client_; from += settings_.chunk)
            db::in_transaction(database_, [&](db::Connection& connection) {
                work(connection, from, std::min(from + settings_.chunk, last_client_));
            });
    }

    static std::vector<Mark> sorted(std::vector<Mark> marks) {
        // Engines order texts by their own rules; here bytes count.
        std::ranges::sort(marks, [](const Mark& a, const Mark& b) { return a.is_before(b); });
        return marks;
    }
    std::vector<Mark> list(db::Connection& connection, const db::Query& query,
                           const db::Params& params, const std::string& value = {}) {
        return sorted(connection.list<Mark>(query, params, [&](const db::Row& row) {
            Mark mark{row.integer(0), value, {}};
            if (value.empty()) mark.value = cut(row.text(1));
            if (row.columns() == 3) mark.since = row.text(2);
            return mark;
        }));
    }
    static std::string cut(std::string_view text) {
        std::string kept;
        std::size_t characters = 0;
        for (const char c : text) {
            const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
            if (begins && ++characters > value_characters_max) break;
            kept += c;
        }
        return kept;
    }

    // Closes what is true no more, opens what has become true.
    void write_changes(db::Connection& connection, std::string_view subject,
                       const std::vector<Mark>& before, const std::vector<Mark>& now) {
        std::vector<db::Params> rows;
        std::size_t old = 0;
        const auto close = [&](const Mark& mark) {
            rows.push_back({subject, mark.value, mark.client, mark.since, day_});
        };
        for (const auto& mark : now) {
            while (old < before.size() && before[old].is_before(mark)) close(before[old++]);
            if (old < before.size() && !mark.is_before(before[old]))
                ++old;
            else
                rows.push_back({subject, mark.value, mark.client, day_, still});
        }
        for (; old < before.size(); ++old) close(before[old]);
        connection.execute_batch(db::queries::store_history, rows);
    }

    void marks(const std::string& subject, const db::Query& current, const db::Params& more) {
        by_chunks([&](db::Connection& connection, std::int64_t from, std::int64_t to) {
            db::Params params{from, to};
            params.insert(params.end(), more.begin(), more.end());
            const auto now = list(connection, current, params);
            const auto before =
                list(connection, db::queries::history_of_subject, {from, to, subject});
            write_changes(connection, subject, before, now);
        });
    }

    static std::vector<Balance> list_balances(db::Connection& connection, const db::Query& query,
                                              const db::Params& params) {
        return connection.list<Balance>(query, params, [](const db::Row& row) {
            return Balance{row.integer(0), row.integer(1), row.integer(2),
                           row.columns() == 4 ? row.get<std::string>(3) : std::string{}};
        });
    }
    void balances() {
        by_chunks([&](db::Connection& connection, std::int64_t from, std::int64_t to) {
            const auto now = list_balances(connection, db::queries::current_balances,
                                           {from, to, settings_.currency, day_});
            const auto before = list_balances(connection, db::queries::open_balances, {from, to});
            std::vector<db::Params> rows;
            std::size_t old = 0;
            const auto close = [&](const Balance& one) {
                if (one.since != day_)
                    rows.push_back({one.client, one.since, day_, one.funds, one.loans});
            };
            for (const auto& one : now) {
                while (old < before.size() && before[old].client < one.client) close(before[old++]);
                const auto* known = old < before.size() && before[old].client == one.client
                                        ? &before[old++]
                                        : nullptr;
                if (known != nullptr && known->funds == one.funds && known->loans == one.loans)
                    continue;
                if (known != nullptr) close(*known);
                rows.push_back({one.client, day_, still, one.funds, one.loans});
            }
            for (; old < before.size(); ++old) close(before[old]);
            connection.execute_batch(db::queries::store_balances, rows);
        });
    }

    void load_segments() {
        const auto lease = database_.read();
        const auto types = load_attribute_types(*lease);
        for (const auto& document : db::newest_documents(*lease, segment_kind)) {
            auto segment =
                parse_segment(base::Json::parse(document.content).value_or(base::Json{}), types);
            if (segment)
                known_.push_back(std::move(*segment));
            else
                for (const auto& problem : segment.error())
                    summary_.skipped.push_back(
                        {problem.code, problem.detail, document.name + " " + problem.place});
        }
    }

    void segments() {
        load_segments();
        SegmentContext context;
        context.as_of = settings_.day;
        context.leap_days = settings_.leap_days;
        context.find_campaign = settings_.find_campaign;
        context.find_segment = [this](std::string_view name) -> const Segment* {
            const auto found = std::ranges::find(known_, name, &Segment::name);
            return found == known_.end() ? nullptr : &*found;
        };
        for (const auto& segment : known_) {
            const auto compiled = compile(segment, context);
            if (compiled)
                take_segment(segment.name, *compiled);
            else
                summary_.skipped.push_back(
                    {compiled.error().code, compiled.error().detail, segment.name});
        }
    }

    void take_segment(const std::string& name, const CompiledSegment& compiled) {
        const auto engine = database_.engine();
        by_chunks([&](db::Connection& connection, std::int64_t from, std::int64_t to) {
            const auto composed = db::compose(db::queries::current_members, engine, {from, to},
                                              {{"predicate", compiled.predicate, compiled.params}});
            const auto now = list(connection, composed.query, composed.params, name);
            auto before = list(connection, db::queries::history_of_value, {from, to, name});
            write_changes(connection, "segment", before, now);
        });
        const auto sum = sum_of_segment(name);
        db::in_transaction(database_,
                           [&](db::Connection& connection) { store(connection, name, sum); });
        ++summary_.segments;
    }

    // Read beside whoever writes: sums take a while.
    SegmentDay sum_of_segment(const std::string& name) {
        const auto lease = database_.read();
        SegmentDay sum = moves_of(*lease, name);
        const db::Params money{settings_.currency, settings_.currency, name, day_};
        read_money(*lease, db::queries::segment_money, money, sum);
        sum.refusals =
            lease->value<std::int64_t>(db::queries::segment_refusals, {name}).value_or(0);
        return sum;
    }

    SegmentDay moves_of(db::Connection& connection, const std::string& name) {
        SegmentDay sum;
        const auto number = [](const db::Row& row, int column) {
            return row.get<std::optional<std::int64_t>>(column).value_or(0);
        };
        connection.select(db::queries::segment_moves, {day_, day_, day_, day_, name},
                          [&](const db::Row& row) {
                              sum.clients = number(row, 0);
                              sum.joined = number(row, 1);
                              sum.left = number(row, 2);
                          });
        if (!has_past(connection, name)) sum.joined = 0;
        return sum;
    }
    bool has_past(db::Connection& connection, std::string_view segment) {
        return connection.value<std::int64_t>(db::queries::segment_has_past, {segment, day_})
                   .value_or(0) > 0;
    }
    static void read_money(db::Connection& connection, const db::Query& query,
                           const db::Params& params, SegmentDay& sum) {
        connection.select(query, params, [&](const db::Row& row) {
            sum.funds = row.integer(0);
            sum.loans = row.integer(1);
            sum.products = row.integer(2);
        });
    }
    void store(db::Connection& connection, std::string_view segment, const SegmentDay& sum) {
        connection.execute(db::queries::store_segment_day,
                           {segment, day_, sum.clients, sum.joined, sum.left, sum.funds, sum.loans,
                            sum.products, sum.refusals});
    }

    SegmentDay sum_of_bank() {
        const auto lease = database_.read();
        const auto before =
            lease->value<std::int64_t>(db::queries::bank_clients_before, {whole_bank, day_})
                .value_or(-1);
        SegmentDay sum;
        sum.clients = lease->value<std::int64_t>(db::queries::bank_size).value_or(0);
        if (before >= 0) {
            sum.joined = std::max<std::int64_t>(sum.clients - before, 0);
            sum.left = std::max<std::int64_t>(before - sum.clients, 0);
        }
        read_money(*lease, db::queries::bank_money, {settings_.currency, settings_.currency, day_},
                   sum);
        sum.refusals = lease->value<std::int64_t>(db::queries::bank_refusals).value_or(0);
        return sum;
    }

    // The last thing written: with it the day is complete.
    void bank() {
        const auto sum = sum_of_bank();
        db::in_transaction(database_, [&](db::Connection& connection) {
            store(connection, whole_bank, sum);
            connection.execute(db::queries::insert_snapshot, {day_, clock_.now(), sum.clients});
        });
        summary_.clients = sum.clients;
        summary_.is_new = true;
    }

    db::Database& database_;
    const base::Clock& clock_;
    const SnapshotSettings& settings_;
    std::string day_;
    std::int64_t last_client_{};
    std::list<Segment> known_;
    SnapshotSummary summary_;
};

}  // namespace

base::Result<SnapshotSummary> take_snapshot(db::Database& database, const base::Clock& clock,
                                            const SnapshotSettings& settings) {
    return Snapshot{database, clock, settings}.take();
}

}  // namespace carillon::audience

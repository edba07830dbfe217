// Connections, transactions and typed rows on the two engines. No business words here.
//
//   auto lease = database.write();
//   db::Transaction transaction{*lease};
//   lease->execute(db::queries::insert_contact, {client, "email", address});
//   transaction.commit();
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "db/error.h"
#include "db/query.h"
#include "db/value.h"

namespace carillon::db {

// One row of an answer; valid only inside the callback. Columns by 0-based position (hot paths) or
// by name. Asking a NULL for a type that is not optional throws DbError with query and column.
class Row {
public:
    virtual ~Row() = default;
    virtual int columns() const = 0;
    virtual std::string_view name(int column) const = 0;
    virtual bool is_null(int column) const = 0;
    virtual std::int64_t integer(int column) const = 0;
    virtual double real(int column) const = 0;
    virtual std::string_view text(int column) const = 0;  // valid until the next row

    template <class T>
    T get(int column) const;
    template <class T>
    T get(std::string_view column) const {
        return get<T>(position(column));
    }
    int position(std::string_view column) const;  // throws DbError when there is no such column

protected:
    [[noreturn]] virtual void refuse(int column, std::string_view why) const = 0;
};

using OnRow = std::function<void(const Row&)>;

// Not thread-safe: one lease, one thread. A statement inside a callback of the same connection is
// refused on MariaDB: read first, then write.
class Connection {
public:
    virtual ~Connection() = default;
    virtual Engine engine() const = 0;
    // Rows matched (not only changed). Errors: DbError.
    virtual std::int64_t execute(const Query& query, const Params& params = {}) = 0;
    // As execute for each row of parameters, but in as few round trips as the engine allows.
    // The query must hold one `[[ ... ]]` group that takes all parameters of a row.
    virtual std::int64_t execute_batch(const Query& query, const std::vector<Params>& rows) = 0;
    virtual std::int64_t insert(const Query& query, const Params& params) = 0;  // the new row's id
    virtual void select(const Query& query, const Params& params, const OnRow& on_row) = 0;
    // Several statements separated by ';' at line ends: migrations and PRAGMAs only.
    virtual void run_script(std::string_view name, std::string_view script) = 0;
    virtual bool in_transaction() const = 0;

    template <class T, class Map>
    std::vector<T> list(const Query& query, const Params& params, Map&& map) {
        std::vector<T> rows;
        select(query, params, [&](const Row& row) { rows.push_back(map(row)); });
        return rows;
    }
    template <class T>
    std::optional<T> value(const Query& query, const Params& params = {}) {
        std::optional<T> found;
        select(query, params, [&](const Row& row) {
            if (!found) found = row.get<T>(0);
        });
        return found;
    }
    template <class T, class Map>
    std::optional<T> one(const Query& query, const Params& params, Map&& map) {
        std::optional<T> found;
        select(query, params, [&](const Row& row) {
            if (!found) found = map(row);
        });
        return found;
    }

private:
    friend class Transaction;
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;
};

// Rolls back unless committed. SQLite: BEGIN IMMEDIATE on a write lease.
class Transaction {
public:
    explicit Transaction(Connection& connection) : connection_(connection) { connection_.begin(); }
    ~Transaction() {
        if (!done_) connection_.rollback();
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit() {
        connection_.commit();
        done_ = true;
    }

private:
    Connection& connection_;
    bool done_{false};
};

// A connection borrowed from the pool; goes back, rolled back and clean, when it leaves scope.
class Lease {
public:
    using GiveBack = std::function<void(std::unique_ptr<Connection>)>;
    Lease(std::unique_ptr<Connection> connection, GiveBack give_back)
        : connection_(std::move(connection)), give_back_(std::move(give_back)) {}
    ~Lease() {
        if (connection_) give_back_(std::move(connection_));
    }
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    Connection& operator*() const { return *connection_; }
    Connection* operator->() const { return connection_.get(); }

private:
    std::unique_ptr<Connection> connection_;
    GiveBack give_back_;
};

struct DatabaseSettings {
    Engine engine{Engine::sqlite};
    std::string path{"carillon.db"};  // SQLite file
    std::string host{"127.0.0.1"};    // MariaDB; a socket path wins when given
    int port{3306};
    std::string socket{};
    std::string schema{"carillon"};
    std::string user{"carillon"};
    std::string password{};
    std::string tls_ca_file{};  // when given: TLS with verified chain and host name
    int connections_max{8};
    int busy_timeout_ms{30'000};
    // MariaDB ends the connection of a process that is frozen inside a transaction, so that its
    // locks do not outlive its heartbeat. On SQLite nobody can: the lock is the process's.
    int idle_transaction_seconds{30};
};

struct DatabaseCheck {
    std::string what{};
    bool good{};
    std::string found{};
};

// Owns the connections. Safe from several threads. On SQLite there is one writer: write() waits for
// its turn (in order of arrival), read() never does.
class Database {
public:
    explicit Database(DatabaseSettings settings);  // connects; throws DbError
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    Engine engine() const;
    const DatabaseSettings& settings() const;
    Lease write();
    Lease read();

    // Versions applied now, in order; each migration in a transaction of its own (MariaDB: as far
    // as DDL allows, restartable). Throws when an applied migration's checksum differs.
    std::vector<std::string> migrate();
    bool is_migrated();
    // Durability and safety flags as the engine reports them, for `carillon doctor`.
    std::vector<DatabaseCheck> check();

private:
    struct Pool;
    std::unique_ptr<Pool> pool_;
};

// A look through much of the database, such as a report: while it lasts, SQLite maps the file into
// memory instead of copying every page (half the time). The mapped pages count as the process's
// memory though they are the system's cache, so what sends does not read this way. Where the disk
// fails under a mapped page the process dies; it must hold nothing that is not committed.
class LongRead {
public:
    explicit LongRead(Database& database);
    ~LongRead();
    LongRead(const LongRead&) = delete;
    LongRead& operator=(const LongRead&) = delete;
    Connection& operator*() const { return *lease_; }
    Connection* operator->() const { return &*lease_; }

private:
    Lease lease_;
};

// Runs `work(connection)` in a write transaction and commits; repeats the whole of it, up to 10
// times with a growing pause, on DbFault::conflict or busy. A connection lost during COMMIT is
// thrown on: the caller looks up by key.
template <class Work>
auto in_transaction(Database& database, Work&& work);

// The pause before try number `attempt` (from 1) of a conflicting transaction.
void pause_before_retry(int attempt);

template <class T>
struct RowType;

template <class T>
T Row::get(int column) const {
    return RowType<T>::get(*this, column);
}

template <>
struct RowType<std::int64_t> {
    static std::int64_t get(const Row& row, int column) { return row.integer(column); }
};
template <>
struct RowType<int> {
    static int get(const Row& row, int column) { return static_cast<int>(row.integer(column)); }
};
template <>
struct RowType<bool> {
    static bool get(const Row& row, int column) { return row.integer(column) != 0; }
};
template <>
struct RowType<double> {
    static double get(const Row& row, int column) { return row.real(column); }
};
template <>
struct RowType<std::string> {
    static std::string get(const Row& row, int column) { return std::string{row.text(column)}; }
};
template <>
struct RowType<std::string_view> {
    static std::string_view get(const Row& row, int column) { return row.text(column); }
};
template <>
struct RowType<base::Instant> {
    static base::Instant get(const Row& row, int column) {
        return base::from_millis(row.integer(column));
    }
};
template <class Tag>
struct RowType<base::Id<Tag>> {
    static base::Id<Tag> get(const Row& row, int column) { return {row.integer(column)}; }
};
template <class T>
struct RowType<std::optional<T>> {
    static std::optional<T> get(const Row& row, int column) {
        if (row.is_null(column)) return std::nullopt;
        return RowType<T>::get(row, column);
    }
};

template <class Work>
auto in_transaction(Database& database, Work&& work) {
    constexpr int attempts_max = 10;
    for (int attempt = 1;; ++attempt) {
        try {
            auto lease = database.write();
            Transaction transaction{*lease};
            if constexpr (std::is_void_v<decltype(work(*lease))>) {
                work(*lease);
                transaction.commit();
                return;
            } else {
                auto result = work(*lease);
                transaction.commit();
                return result;
            }
        } catch (const DbError& error) {
            const bool again = error.fault() == DbFault::conflict || error.fault() == DbFault::busy;
            if (!again || attempt >= attempts_max) throw;
        }
        pause_before_retry(attempt);
    }
}

}  // namespace carillon::db

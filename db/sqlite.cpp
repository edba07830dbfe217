// The embedded engine: opened by Poco::Data::SQLite, driven through the raw handle of its session,
// because typed rows and kept statements are several times cheaper there
// (docs/adr/0002-database-engines.md).
#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <Poco/Exception.h>
#include <sqlite3.h>

#include <chrono>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/clock.h"
#include "db/engine.h"
#include "db/sql_text.h"
#include "db/time_limit.h"

namespace carillon::db {

namespace {

constexpr std::size_t statements_max = 200;
constexpr std::size_t batch_rows_max = 32;

DbFault classify(int code) {
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return DbFault::busy;
        case SQLITE_FULL:
        case SQLITE_IOERR: return DbFault::full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return DbFault::corrupt;
        case SQLITE_CONSTRAINT:
            return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                           code == SQLITE_CONSTRAINT_ROWID
                       ? DbFault::duplicate
                       : DbFault::constraint;
        default: return DbFault::other;
    }
}

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

class SqliteRow final : public Row {
public:
    SqliteRow(sqlite3_stmt* statement, std::string_view query)
        : statement_(statement), query_(query) {}
    int columns() const override { return sqlite3_column_count(statement_); }
    std::string_view name(int column) const override {
        return sqlite3_column_name(statement_, column);
    }
    bool is_null(int column) const override {
        return sqlite3_column_type(statement_, column) == SQLITE_NULL;
    }
    std::int64_t integer(int column) const override {
        require(column);
        return sqlite3_column_int64(statement_, column);
    }
    double real(int column) const override {
        require(column);
        return sqlite3_column_double(statement_, column);
    }
    std::string_view text(int column) const override {
        require(column);
        const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
        return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
    }

private:
    void require(int column) const {
        if (is_null(column)) refuse(column, "is NULL");
    }
    [[noreturn]] void refuse(int column, std::string_view why) const override {
        throw DbError{DbFault::other, query_,
                      "column " + std::string{name(column)} + " " + std::string{why}};
    }
    sqlite3_stmt* statement_;
    std::string_view query_;
};

// Resets a statement whatever happens, so that no read transaction stays open.
class Running {
public:
    explicit Running(sqlite3_stmt* statement, bool& busy) : statement_(statement), busy_(busy) {
        busy_ = true;
    }
    ~Running() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
        busy_ = false;
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

private:
    sqlite3_stmt* statement_;
    bool& busy_;
};

// The lock has no queue, and SQLite's own patience looks ten times a second in the end: beside a
// sender whose transactions follow each other closely, another process would rarely find it free.
int wait_for_lock(void* patience_ms, int tries) {
    constexpr int pause_ms = 2;
    if (tries >= *static_cast<const int*>(patience_ms) / pause_ms) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds{pause_ms});
    return 1;
}

Poco::Data::Session open_session(const std::string& path) {
    static std::once_flag registered;
    std::call_once(registered, [] {
        // A connection belongs to one thread at a time (the pool lends it), and nobody reads
        // SQLite's memory counters: without their locks a batch is a tenth cheaper. Refused, and
        // harmless, when somebody else in the process opened SQLite before.
        sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        Poco::Data::SQLite::Connector::registerConnector();
    });
    try {
        return {"SQLite", path};
    } catch (const Poco::Exception& error) {
        throw DbError{DbFault::other, "open", path + ": " + error.displayText()};
    }
}

class SqliteConnection final : public EngineConnection {
public:
    SqliteConnection(const DatabaseSettings& settings, Access access)
        : patience_ms_(settings.busy_timeout_ms),
          session_(open_session(settings.path)),
          handle_(Poco::Data::SQLite::Utility::dbHandle(session_)) {
        sqlite3_extended_result_codes(handle_, 1);
        sqlite3_busy_handler(handle_, wait_for_lock, &patience_ms_);
        run_script(
            "open",
            "PRAGMA journal_mode = WAL;\nPRAGMA synchronous = FULL;\nPRAGMA foreign_keys = ON;\n"
            "PRAGMA temp_store = MEMORY;\nPRAGMA wal_autocheckpoint = 4000;\n"
            "PRAGMA journal_size_limit = 67108864;");
        run_script("open", access == Access::write
                               ? "PRAGMA cache_size = -49152;"
                               : "PRAGMA cache_size = -8192;\nPRAGMA query_only = ON;");
    }

    Engine engine() const override { return Engine::sqlite; }

    std::int64_t execute(const Query& query, const Params& params) override {
        const auto flat = flatten(query.name, query.sqlite, params);
        return run(query.name, flat);
    }

    std::int64_t execute_batch(const Query& query, const std::vector<Params>& rows) override {
        // Few rows a statement halve the cost of a row (begin, end, cursors); many more give
        // nothing.
        std::int64_t changed = 0;
        Flat flat;
        sqlite3_stmt* statement = nullptr;
        for (std::size_t done = 0, size = 0; done < rows.size(); done += size) {
            const auto width = rows[done].size();
            const auto next_size = chunk_size(rows.size() - done, width, batch_rows_max);
            if (next_size != size) {
                size = next_size;
                flat = flatten_rows(query.name, query.sqlite, {&rows[done], size});
                statement = prepare(query.name, flat.sql);
            }
            auto value = flat.values.begin();
            for (std::size_t i = done; i < done + size; ++i) {
                if (rows[i].size() != width)
                    throw DbError{DbFault::other, query.name,
                                  "rows differ in their number of parameters"};
                for (const auto& param : rows[i]) *value++ = &param;
            }
            changed += run(query.name, statement, flat);
        }
        return changed;
    }

    std::int64_t insert(const Query& query, const Params& params) override {
        execute(query, params);
        return sqlite3_last_insert_rowid(handle_);
    }

    void select(const Query& query, const Params& params, const OnRow& on_row) override {
        const auto flat = flatten(query.name, query.sqlite, params);
        auto* statement = prepare(query.name, flat.sql);
        Running running{statement, busy_};
        bind(query.name, statement, flat);
        const SqliteRow row{statement, query.name};
        int code = SQLITE_ROW;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) on_row(row);
        if (code != SQLITE_DONE) refuse(query.name, code);
    }

    void run_script(std::string_view name, std::string_view script) override {
        const int code =
            sqlite3_exec(handle_, std::string{script}.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) refuse(name, sqlite3_extended_errcode(handle_));
    }

    bool in_transaction() const override { return sqlite3_get_autocommit(handle_) == 0; }
    bool is_usable() override { return true; }

    std::vector<DatabaseCheck> check() override;

    void apply(const Migration& migration, std::string_view checksum,
               std::int64_t now_ms) override {
        Transaction transaction{*this};
        run_script(migration.name, migration.sqlite);
        execute(
            DynamicQuery{
                "record_migration",
                "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES (?, ?, ?)"},
            {migration.name, checksum, now_ms});
        transaction.commit();
    }

private:
    [[noreturn]] void refuse(std::string_view name, int code) const {
        if (code == SQLITE_INTERRUPT) throw TooSlow{name};
        throw DbError{classify(code), name, sqlite3_errmsg(handle_)};
    }

    std::int64_t run(std::string_view name, const Flat& flat) {
        return run(name, prepare(name, flat.sql), flat);
    }

    std::int64_t run(std::string_view name, sqlite3_stmt* statement, const Flat& flat) {
        Running running{statement, busy_};
        bind(name, statement, flat);
        int code = SQLITE_ROW;
        while (code == SQLITE_ROW) code = sqlite3_step(statement);
        if (code != SQLITE_DONE) refuse(name, code);
        return sqlite3_changes(handle_);
    }

    sqlite3_stmt* prepare(std::string_view name, const std::string& sql) {
        if (busy_)
            throw DbError{DbFault::other, name, "runs inside a callback of the same connection"};
        if (each_.count() > 0) begun_ = base::steady_now();
        const auto known = statements_.find(sql);
        if (known != statements_.end()) return known->second.get();
        if (statements_.size() >= statements_max) statements_.clear();
        sqlite3_stmt* statement = nullptr;
        const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
        if (code != SQLITE_OK) refuse(name, code);
        return statements_.emplace(sql, Statement{statement}).first->second.get();
    }

    void bind(std::string_view name, sqlite3_stmt* statement, const Flat& flat) {
        int code = SQLITE_OK;
        for (std::size_t i = 0; i < flat.values.size() && code == SQLITE_OK; ++i) {
            const int at = static_cast<int>(i) + 1;
            const auto& data = flat.values[i]->data();
            if (const auto* integer = std::get_if<std::int64_t>(&data))
                code = sqlite3_bind_int64(statement, at, *integer);
            else if (const auto* text = std::get_if<std::string>(&data))
                code = sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_STATIC,
                                           SQLITE_UTF8);
            else if (const auto* real = std::get_if<double>(&data))
                code = sqlite3_bind_double(statement, at, *real);
            else
                code = sqlite3_bind_null(statement, at);
        }
        if (code != SQLITE_OK) refuse(name, code);
    }

    void begin() override { run_script("begin", "BEGIN IMMEDIATE"); }
    void commit() override { run_script("commit", "COMMIT"); }
    void rollback() noexcept override {
        if (in_transaction()) sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
    }

    void limit_time(std::chrono::milliseconds each, std::function<bool()> is_unwanted) override {
        each_ = each;
        is_unwanted_ = std::move(is_unwanted);
        constexpr int steps_between_looks = 20'000;  // of the virtual machine: about a millisecond
        sqlite3_progress_handler(handle_, each.count() > 0 ? steps_between_looks : 0,
                                 each.count() > 0 ? is_late : nullptr, this);
    }
    static int is_late(void* connection) {
        const auto* self = static_cast<const SqliteConnection*>(connection);
        const bool is_over = base::steady_now() - self->begun_ > self->each_;
        return is_over || (self->is_unwanted_ && self->is_unwanted_()) ? 1 : 0;
    }

    int patience_ms_;              // for the lock of another process; closing may still wait for it
    Poco::Data::Session session_;  // owns the handle; closed after the statements below are gone
    sqlite3* handle_;
    std::unordered_map<std::string, Statement> statements_;
    bool busy_{false};
    std::chrono::milliseconds each_{0};  // of a TimeLimit
    std::function<bool()> is_unwanted_{};
    base::Steady begun_{};  // the statement that runs
};

std::vector<DatabaseCheck> SqliteConnection::check() {
    const auto pragma = [&](const char* name) {
        return value<std::string>(DynamicQuery{name, std::string{"PRAGMA "} + name}).value_or("");
    };
    const auto journal = pragma("journal_mode");
    const auto synchronous = pragma("synchronous");
    const auto foreign_keys = pragma("foreign_keys");
    const auto sound = pragma("quick_check");
    return {{"journal_mode is wal", journal == "wal", journal},
            {"synchronous is FULL (2)", synchronous == "2", synchronous},
            {"foreign_keys is on", foreign_keys == "1", foreign_keys},
            {"the file is sound (quick_check)", sound == "ok", sound},
            {"SQLite version", true, sqlite3_libversion()}};
}

}  // namespace

std::unique_ptr<EngineConnection> open_sqlite(const DatabaseSettings& settings, Access access) {
    return std::make_unique<SqliteConnection>(settings, access);
}

}  // namespace carillon::db

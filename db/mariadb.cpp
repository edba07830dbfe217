// MariaDB and MySQL through MySQL Connector/C++. Its traps (shared cursors, silent conversions,
// lost session settings) end in this file: docs/adr/0002-database-engines.md.
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>

#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/clock.h"
#include "base/text.h"
#include "db/engine.h"
#include "db/sql_text.h"
#include "db/time_limit.h"

namespace carillon::db {

namespace {

constexpr std::size_t statements_max = 100;
constexpr std::size_t batch_rows_max = 512;
constexpr std::chrono::seconds idle_max{5};

DbFault classify(int code) {
    switch (code) {
        case 1062: return DbFault::duplicate;
        case 1020:  // record has changed since last read (innodb_snapshot_isolation)
        case 1047:  // Galera: the node is not prepared
        case 1205:  // lock wait timeout
        case 1213: return DbFault::conflict;
        case 2002:
        case 2003:
        case 2006:
        case 2013:
        case 2055:
        case 1053:  // server shutdown in progress
        case 1927: return DbFault::connection_lost;
        case 1021:
        case 1114: return DbFault::full;
        case 1451:
        case 1452:
        case 1048:
        case 1406:
        case 4025: return DbFault::constraint;
        default: return DbFault::other;
    }
}

class MariadbRow final : public Row {
public:
    MariadbRow(sql::ResultSet& result, std::string_view query)
        : result_(result), meta_(result.getMetaData()), query_(query) {
        const auto count = meta_->getColumnCount();
        for (unsigned int i = 1; i <= count; ++i) names_.emplace_back(meta_->getColumnLabel(i));
        texts_.resize(count);
    }
    int columns() const override { return static_cast<int>(names_.size()); }
    std::string_view name(int column) const override { return names_[index(column)]; }
    bool is_null(int column) const override { return result_.isNull(place(column)); }
    std::int64_t integer(int column) const override {
        require(column);
        return result_.getInt64(place(column));
    }
    double real(int column) const override {
        require(column);
        return static_cast<double>(result_.getDouble(place(column)));
    }
    std::string_view text(int column) const override {
        require(column);
        return texts_[index(column)] = result_.getString(place(column)).asStdString();
    }

private:
    static std::size_t index(int column) { return static_cast<std::size_t>(column); }
    static std::uint32_t place(int column) { return static_cast<std::uint32_t>(column) + 1; }
    void require(int column) const {
        if (is_null(column)) refuse(column, "is NULL");
    }
    [[noreturn]] void refuse(int column, std::string_view why) const override {
        throw DbError{DbFault::other, query_,
                      "column " + std::string{name(column)} + " " + std::string{why}};
    }
    sql::ResultSet& result_;
    sql::ResultSetMetaData* meta_;  // owned by the result
    std::string_view query_;
    std::vector<std::string> names_;
    mutable std::vector<std::string> texts_;
};

// Quotes are doubled and nothing else has a meaning: NO_BACKSLASH_ESCAPES is set, and no byte of a
// UTF-8 sequence looks like a quote.
void append_literal(std::string& sql, const Value& value) {
    const auto& data = value.data();
    if (const auto* integer = std::get_if<std::int64_t>(&data)) {
        sql += std::to_string(*integer);
    } else if (const auto* text = std::get_if<std::string>(&data)) {
        sql += '\'';
        for (const char c : *text) sql.append(c == '\'' ? 2 : 1, c);
        sql += '\'';
    } else if (const auto* real = std::get_if<double>(&data)) {
        std::array<char, 32> digits{};
        const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), *real,
                                                std::chars_format::scientific);
        sql.append(digits.data(), end);
    } else {
        sql += "NULL";
    }
}

// The statement with its values in it: no shape of it is worth preparing when every batch has
// another number of rows.
std::string with_literals(const Flat& flat) {
    std::string sql;
    sql.reserve(flat.sql.size() + flat.values.size() * 12);
    auto value = flat.values.begin();
    bool quoted = false;
    for (const char c : flat.sql) {
        if (c == '\'') quoted = !quoted;
        if (c == '?' && !quoted)
            append_literal(sql, **value++);
        else
            sql += c;
    }
    return sql;
}

sql::ConnectOptionsMap options_of(const DatabaseSettings& settings) {
    sql::ConnectOptionsMap options;
    options["hostName"] =
        settings.socket.empty()
            ? sql::SQLString{"tcp://" + settings.host + ":" + std::to_string(settings.port)}
            : sql::SQLString{"unix://" + settings.socket};
    options["userName"] = sql::SQLString{settings.user};
    options["password"] = sql::SQLString{settings.password};
    options["schema"] = sql::SQLString{settings.schema};
    options["CLIENT_FOUND_ROWS"] = true;
    options["OPT_CONNECT_TIMEOUT"] = 10;
    options["OPT_READ_TIMEOUT"] = 600;
    options["OPT_WRITE_TIMEOUT"] = 60;
    options["OPT_LOCAL_INFILE"] = 0;  // a hostile server could ask for files
    options["OPT_CHARSET_NAME"] = sql::SQLString{"utf8mb4"};
    if (!settings.tls_ca_file.empty()) {
        options["sslCA"] = sql::SQLString{settings.tls_ca_file};
        options["sslVerify"] = true;
    }
    return options;
}

std::unique_ptr<sql::Connection> connect(const DatabaseSettings& settings) {
    static std::mutex mutex;  // get_driver_instance is not thread-safe
    const std::scoped_lock lock{mutex};
    auto options = options_of(settings);
    return std::unique_ptr<sql::Connection>{get_driver_instance()->connect(options)};
}

// The client of a statement waits for its answer and cannot take it back: another connection has
// to.
class QueryKiller {
public:
    QueryKiller(const DatabaseSettings& settings, std::int64_t connection,
                std::function<bool()> is_unwanted)
        : thread_([settings, connection,
                   is_unwanted = std::move(is_unwanted)](const std::stop_token& stop) {
              watch(stop, settings, connection, is_unwanted);
          }) {}

private:
    static void watch(const std::stop_token& stop, const DatabaseSettings& settings,
                      std::int64_t connection, const std::function<bool()>& is_unwanted) {
        constexpr std::chrono::milliseconds between_looks{100};
        std::mutex mutex;
        std::condition_variable_any stopped;
        std::unique_ptr<sql::Connection> own;
        while (true) {
            std::unique_lock lock{mutex};
            stopped.wait_for(lock, stop, between_looks, [] { return false; });
            if (stop.stop_requested()) return;
            if (is_unwanted()) kill(own, settings, connection);
        }
    }
    // Again and again: what is stopped may be followed by another statement.
    static void kill(std::unique_ptr<sql::Connection>& own, const DatabaseSettings& settings,
                     std::int64_t connection) {
        try {
            if (!own) own = connect(settings);
            const std::unique_ptr<sql::Statement> statement{own->createStatement()};
            statement->execute("KILL QUERY " + std::to_string(connection));
        } catch (const sql::SQLException&) {
            own.reset();  // the statement then runs until its time is over
        }
    }

    std::jthread thread_;
};

class MariadbConnection final : public EngineConnection {
public:
    explicit MariadbConnection(const DatabaseSettings& settings) : settings_(settings) {
        translate("connect", [&] {
            connection_ = connect(settings);
            const std::unique_ptr<sql::Statement> statement{connection_->createStatement()};
            statement->execute("SET NAMES utf8mb4");
            // The comment is read by MariaDB alone: MySQL has no such limit.
            statement->execute(
                "SET SESSION time_zone = '+00:00' /*M! , idle_transaction_timeout = " +
                std::to_string(settings.idle_transaction_seconds) + " */");
            statement->execute(
                "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,"
                "ERROR_FOR_DIVISION_BY_ZERO,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'");
            // Pollers must see what others committed (a repeatable read would freeze the view).
            statement->execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
        });
        used_at_ = base::steady_now();
    }
    ~MariadbConnection() override { statements_.clear(); }

    Engine engine() const override { return Engine::mariadb; }

    std::int64_t execute(const Query& query, const Params& params) override {
        return run(query.name, flatten(query.name, query.mariadb, params));
    }

    std::int64_t execute_batch(const Query& query, const std::vector<Params>& rows) override {
        // Outside a transaction one statement is one: all rows or none, in one round trip.
        if (!in_transaction_ && rows.size() > 1 && rows.size() <= batch_rows_max)
            return run_at_once(query.name, flatten_rows(query.name, query.mariadb, rows));
        std::int64_t changed = 0;
        for (std::size_t done = 0; done < rows.size();) {
            const auto size = chunk_size(rows.size() - done, rows[done].size(), batch_rows_max);
            changed +=
                run(query.name, flatten_rows(query.name, query.mariadb, {&rows[done], size}));
            done += size;
        }
        return changed;
    }

    std::int64_t insert(const Query& query, const Params& params) override {
        execute(query, params);
        return value<std::int64_t>(DynamicQuery{"last_insert_id", "SELECT LAST_INSERT_ID()"})
            .value_or(0);
    }

    void select(const Query& query, const Params& params, const OnRow& on_row) override {
        const auto flat = flatten(query.name, query.mariadb, params);
        const auto result = translate(query.name, [&] {
            auto& statement = prepare(query.name, flat.sql);
            bind(statement, flat);
            return std::unique_ptr<sql::ResultSet>{statement.executeQuery()};
        });
        const Busy busy{busy_};
        const MariadbRow row{*result, query.name};
        while (translate(query.name, [&] { return result->next(); }))
            translate(query.name, [&] { on_row(row); });
    }

    void run_script(std::string_view name, std::string_view script) override {
        for (const auto& statement : statements_of(script)) run_plain(name, statement);
    }

    bool in_transaction() const override { return in_transaction_; }

    bool is_usable() override {
        if (broken_) return false;
        if (base::steady_now() - used_at_ < idle_max) return true;
        try {
            return connection_->isValid();
        } catch (const sql::SQLException&) {
            return false;
        }
    }

    std::vector<DatabaseCheck> check() override;
    void apply(const Migration& migration, std::string_view checksum, std::int64_t now_ms) override;

private:
    struct Busy {
        explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
        ~Busy() { flag_ = false; }
        bool& flag_;
    };

    static std::vector<std::string> statements_of(std::string_view script) {
        std::vector<std::string> statements;
        std::string statement;
        for (const auto line : base::split(script, '\n')) {
            statement += line;
            statement += '\n';
            if (!base::trim(line).ends_with(';')) continue;
            statements.push_back(statement.substr(0, statement.rfind(';')));
            statement.clear();
        }
        if (!base::trim(statement).empty()) statements.push_back(statement);
        return statements;
    }

    template <class Call>
    auto translate(std::string_view name, Call&& call) -> decltype(call()) {
        try {
            return call();
        } catch (const sql::SQLException& error) {
            constexpr int stopped_by_mariadb = 1969;
            constexpr int stopped_by_mysql = 3024;
            constexpr int killed = 1317;
            const int code = error.getErrorCode();
            if (code == stopped_by_mariadb || code == stopped_by_mysql || code == killed)
                throw TooSlow{name};
            const auto fault = classify(code);
            if (fault == DbFault::connection_lost) broken_ = true;
            throw DbError{fault, name, error.what()};
        }
    }

    std::int64_t run(std::string_view name, const Flat& flat) {
        return translate(name, [&]() -> std::int64_t {
            auto& statement = prepare(name, flat.sql);
            bind(statement, flat);
            return statement.executeUpdate();
        });
    }

    std::int64_t run_at_once(std::string_view name, const Flat& flat) {
        if (busy_)
            throw DbError{DbFault::other, name, "runs inside a callback of the same connection"};
        used_at_ = base::steady_now();
        return translate(name, [&]() -> std::int64_t {
            const std::unique_ptr<sql::Statement> statement{connection_->createStatement()};
            return statement->executeUpdate(with_literals(flat));
        });
    }

    void run_plain(std::string_view name, const std::string& text) {
        translate(name, [&] {
            const std::unique_ptr<sql::Statement> statement{connection_->createStatement()};
            statement->execute(text);
        });
    }

    sql::PreparedStatement& prepare(std::string_view name, const std::string& text) {
        if (busy_)
            throw DbError{DbFault::other, name, "runs inside a callback of the same connection"};
        used_at_ = base::steady_now();
        const auto known = statements_.find(text);
        if (known != statements_.end()) return *known->second;
        if (statements_.size() >= statements_max) statements_.clear();
        std::unique_ptr<sql::PreparedStatement> statement{connection_->prepareStatement(text)};
        return *statements_.emplace(text, std::move(statement)).first->second;
    }

    static void bind(sql::PreparedStatement& statement, const Flat& flat) {
        for (std::size_t i = 0; i < flat.values.size(); ++i) {
            const auto at = static_cast<unsigned int>(i) + 1;
            const auto& data = flat.values[i]->data();
            if (const auto* integer = std::get_if<std::int64_t>(&data))
                statement.setInt64(at, *integer);
            else if (const auto* text = std::get_if<std::string>(&data))
                statement.setString(at, *text);
            else if (const auto* real = std::get_if<double>(&data))
                statement.setDouble(at, *real);
            else
                statement.setNull(at, 0);
        }
    }

    void limit_time(std::chrono::milliseconds each, std::function<bool()> is_unwanted) override {
        killer_.reset();
        // In a comment for MariaDB alone, as above: MySQL has another limit of another unit.
        const auto text = "SET SESSION sql_mode = @@sql_mode /*M! , max_statement_time = " +
                          std::to_string(static_cast<double>(each.count()) / 1000) + " */";
        try {
            run_plain("limit_time", text);
        } catch (const TooSlow&) {
            run_plain("limit_time", text);  // it met the end that was meant for the one before
        }
        if (!is_unwanted) return;
        const auto id = value<std::int64_t>(DynamicQuery{"own_id", "SELECT CONNECTION_ID()"});
        killer_ = std::make_unique<QueryKiller>(settings_, id.value(), std::move(is_unwanted));
    }
    void begin() override {
        run_plain("begin", "START TRANSACTION");
        in_transaction_ = true;
    }
    void commit() override {
        run_plain("commit", "COMMIT");
        in_transaction_ = false;
    }
    void rollback() noexcept override {
        in_transaction_ = false;
        try {
            run_plain("rollback", "ROLLBACK");
        } catch (const DbError&) {
            broken_ = true;  // the pool throws the connection away
        }
    }

    const DatabaseSettings settings_;
    std::unique_ptr<sql::Connection> connection_;
    std::unordered_map<std::string, std::unique_ptr<sql::PreparedStatement>> statements_;
    base::Steady used_at_{};
    bool busy_{false};
    bool broken_{false};
    bool in_transaction_{false};
    std::unique_ptr<QueryKiller> killer_;  // ends before what it kills
};

std::vector<DatabaseCheck> MariadbConnection::check() {
    const auto variable = [&](const char* name) {
        return value<std::string>(
                   DynamicQuery{name, std::string{"SELECT CAST(@@"} + name + " AS CHAR)"})
            .value_or("");
    };
    const auto version = variable("version");
    const auto flush = variable("innodb_flush_log_at_trx_commit");
    const auto doublewrite = variable("innodb_doublewrite");
    const auto charset = variable("character_set_connection");
    std::vector<DatabaseCheck> checks{
        {"server version", true, version},
        {"innodb_flush_log_at_trx_commit is 1", flush == "1", flush},
        {"innodb_doublewrite is on", doublewrite == "1" || doublewrite == "ON", doublewrite},
        {"the connection speaks utf8mb4", charset == "utf8mb4", charset}};
    if (variable("wsrep_on") == "1") {
        const auto snapshot = variable("innodb_snapshot_isolation");
        checks.push_back({"Galera: innodb_snapshot_isolation is on", snapshot == "1", snapshot});
    }
    return checks;
}

// DDL commits by itself here, so the number of finished statements is kept, and one that was cut
// off between its effect and that number may find its effect already there.
void MariadbConnection::apply(const Migration& migration, std::string_view checksum,
                              std::int64_t now_ms) {
    const auto statements = statements_of(migration.mariadb);
    const auto done = value<std::int64_t>(
        DynamicQuery{"migration_progress",
                     "SELECT statements_done FROM migration_progress WHERE name = ?"},
        {migration.name});
    if (!done)
        execute(DynamicQuery{"start_migration", "INSERT INTO migration_progress VALUES (?, 0)"},
                {migration.name});
    for (auto i = static_cast<std::size_t>(done.value_or(0)); i < statements.size(); ++i) {
        try {
            run_plain(migration.name, statements[i]);
        } catch (const DbError& error) {
            const std::string_view why = error.what();
            const bool there = why.find("already exists") != std::string_view::npos ||
                               why.find("Duplicate key name") != std::string_view::npos;
            if (!there || !done) throw;
        }
        execute(DynamicQuery{"advance_migration",
                             "UPDATE migration_progress SET statements_done = ? WHERE name = ?"},
                {static_cast<std::int64_t>(i) + 1, migration.name});
    }
    execute(
        DynamicQuery{"record_migration",
                     "INSERT INTO schema_migrations (name, checksum, applied_at) VALUES (?, ?, ?)"},
        {migration.name, checksum, now_ms});
}

}  // namespace

std::unique_ptr<EngineConnection> open_mariadb(const DatabaseSettings& settings) {
    return std::make_unique<MariadbConnection>(settings);
}

}  // namespace carillon::db

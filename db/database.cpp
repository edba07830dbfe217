#include "db/database.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/digest.h"
#include "db/engine.h"
#include "db/migrations.h"
#include "db/queries.h"

namespace carillon::db {

namespace {

constexpr std::string_view bookkeeping_sqlite =
    "CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(100) PRIMARY KEY, checksum "
    "CHAR(64) NOT NULL, "
    "applied_at BIGINT NOT NULL);";
constexpr std::string_view bookkeeping_mariadb =
    "CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(100) PRIMARY KEY, checksum "
    "CHAR(64) NOT NULL, "
    "applied_at BIGINT NOT NULL) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;\n"
    "CREATE TABLE IF NOT EXISTS migration_progress (name VARCHAR(100) PRIMARY KEY, "
    "statements_done BIGINT NOT NULL) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4;";

std::unique_ptr<EngineConnection> open(const DatabaseSettings& settings, Access access) {
    return settings.engine == Engine::sqlite ? open_sqlite(settings, access)
                                             : open_mariadb(settings);
}

}  // namespace

std::string_view name_of(Engine engine) {
    return engine == Engine::sqlite ? "sqlite" : "mariadb";
}

int Row::position(std::string_view column) const {
    for (int i = 0; i < columns(); ++i)
        if (name(i) == column) return i;
    throw DbError{DbFault::other, "row", "has no column " + std::string{column}};
}

// Idle connections by access. SQLite's single writer is handed out in order of arrival (ticket
// lock).
struct Database::Pool {
    explicit Pool(DatabaseSettings given) : settings(std::move(given)) {}

    Lease lend(Access access) {
        auto connection = take(access);
        return Lease{std::move(connection), [this, access](std::unique_ptr<Connection> back) {
                         give_back(access, std::move(back));
                     }};
    }

    std::unique_ptr<Connection> take(Access access) {
        const bool only_one = settings.engine == Engine::sqlite && access == Access::write;
        std::unique_lock lock{mutex};
        if (only_one) {
            const auto ticket = next_ticket++;
            changed.wait(lock, [&] { return serving == ticket; });
        } else {
            changed.wait(lock, [&] { return lent < settings.connections_max; });
            ++lent;
        }
        auto& idle = idle_of(access);
        while (!idle.empty()) {
            auto connection = std::move(idle.back());
            idle.pop_back();
            if (connection->is_usable()) return connection;
        }
        lock.unlock();
        try {
            return open(settings, access);
        } catch (...) {
            release(access);
            throw;
        }
    }

    void give_back(Access access, std::unique_ptr<Connection> connection) {
        std::unique_ptr<EngineConnection> returned{
            static_cast<EngineConnection*>(connection.release())};
        if (returned->is_usable() && !returned->in_transaction()) {
            const std::scoped_lock lock{mutex};
            idle_of(access).push_back(std::move(returned));
        }
        release(access);
    }

    void release(Access access) {
        {
            const std::scoped_lock lock{mutex};
            if (settings.engine == Engine::sqlite && access == Access::write)
                ++serving;
            else
                --lent;
        }
        changed.notify_all();
    }

    std::vector<std::unique_ptr<EngineConnection>>& idle_of(Access access) {
        return settings.engine == Engine::sqlite && access == Access::read ? idle_readers
                                                                           : idle_writers;
    }

    const DatabaseSettings settings;
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::unique_ptr<EngineConnection>> idle_readers;
    std::vector<std::unique_ptr<EngineConnection>> idle_writers;
    int lent{0};
    std::uint64_t next_ticket{0};
    std::uint64_t serving{0};
};

Database::Database(DatabaseSettings settings) : pool_(std::make_unique<Pool>(std::move(settings))) {
    write();  // connect now: a wrong password or path must not wait for the first campaign
}

Database::~Database() = default;

Engine Database::engine() const {
    return pool_->settings.engine;
}
const DatabaseSettings& Database::settings() const {
    return pool_->settings;
}
Lease Database::write() {
    return pool_->lend(Access::write);
}
Lease Database::read() {
    return pool_->lend(Access::read);
}

std::vector<std::string> Database::migrate() {
    auto lease = write();
    auto& connection = static_cast<EngineConnection&>(*lease);
    connection.run_script("bookkeeping",
                          engine() == Engine::sqlite ? bookkeeping_sqlite : bookkeeping_mariadb);
    std::vector<std::string> applied;
    for (const auto& migration : migrations) {
        const auto text = engine() == Engine::sqlite ? migration.sqlite : migration.mariadb;
        const auto checksum = base::sha256_hex(text);
        const auto known = connection.value<std::string>(
            DynamicQuery{"known_migration",
                         "SELECT checksum FROM schema_migrations WHERE name = ?"},
            {migration.name});
        if (known && *known != checksum)
            throw DbError{
                DbFault::other, migration.name,
                "was changed after it had been applied; this program does not fit this database"};
        if (known) continue;
        connection.apply(migration, checksum, base::to_millis(base::SystemClock{}.now()));
        applied.emplace_back(migration.name);
    }
    if (!connection.value<std::string>(queries::instance_secret))
        connection.execute(queries::insert_instance,
                           {base::to_hex(base::random_bytes(32)), base::SystemClock{}.now()});
    return applied;
}

bool Database::is_migrated() {
    try {
        auto lease = read();
        const auto count = lease->value<std::int64_t>(
            DynamicQuery{"count_migrations", "SELECT COUNT(*) FROM schema_migrations"});
        return count.value_or(0) == static_cast<std::int64_t>(std::size(migrations));
    } catch (const DbError& error) {
        if (error.fault() == DbFault::other) return false;  // no such table yet
        throw;
    }
}

std::vector<DatabaseCheck> Database::check() {
    auto lease = write();
    return static_cast<EngineConnection&>(*lease).check();
}

void pause_before_retry(int attempt) {
    const auto longest = std::chrono::milliseconds{5 << std::min(attempt, 8)};
    const auto jitter = base::random_id() % (longest.count() + 1);
    std::this_thread::sleep_for(longest / 2 + std::chrono::milliseconds{jitter / 2});
}

LongRead::LongRead(Database& database) : lease_(database.read()) {
    lease_->execute(queries::map_file);
}

LongRead::~LongRead() {
    try {
        lease_->execute(queries::unmap_file);
    } catch (const DbError&) {
        // The connection is lost, and its mapping with it.
    }
}

}  // namespace carillon::db

// A fresh, migrated database for one test: SQLite in a temporary folder, or a schema of its own on
// the MariaDB server whose socket CARILLON_TEST_MARIADB_SOCKET names.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "db/database.h"

namespace carillon::tests {

// The engines this run can test: CARILLON_TEST_ENGINE narrows to one ("sqlite", "mariadb").
inline std::vector<db::Engine> engines_under_test() {
    const char* only = std::getenv("CARILLON_TEST_ENGINE");
    const char* socket = std::getenv("CARILLON_TEST_MARIADB_SOCKET");
    std::vector<db::Engine> engines;
    if (only == nullptr || std::string{only} == "sqlite") engines.push_back(db::Engine::sqlite);
    if (socket != nullptr && (only == nullptr || std::string{only} == "mariadb"))
        engines.push_back(db::Engine::mariadb);
    return engines;
}

class TestDatabase {
public:
    explicit TestDatabase(db::Engine engine) : name_("t" + base::to_hex(base::random_bytes(6))) {
        settings_.engine = engine;
        if (engine == db::Engine::sqlite) {
            folder_ = std::filesystem::temp_directory_path() / ("carillon-" + name_);
            std::filesystem::create_directories(folder_);
            settings_.path = (folder_ / "test.db").string();
        } else {
            settings_.socket = std::getenv("CARILLON_TEST_MARIADB_SOCKET");
            settings_.user = "root";
            settings_.schema = "";
            db::Database server{settings_};
            server.write()->run_script(
                "create",
                "CREATE DATABASE " + name_ + " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;");
            settings_.schema = name_;
        }
        database_ = std::make_unique<db::Database>(settings_);
        database_->migrate();
    }
    ~TestDatabase() {
        if (settings_.engine == db::Engine::mariadb)
            database_->write()->run_script("drop", "DROP DATABASE " + name_ + ";");
        database_.reset();
        std::error_code ignored;
        if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
    }
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    db::Database& operator*() const { return *database_; }
    db::Database* operator->() const { return database_.get(); }
    const db::DatabaseSettings& settings() const { return settings_; }

private:
    std::string name_;
    std::filesystem::path folder_;
    db::DatabaseSettings settings_{};
    std::unique_ptr<db::Database> database_;
};

}  // namespace carillon::tests

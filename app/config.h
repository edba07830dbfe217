// The program's own configuration: one table of settings (key, default, limits, meaning), read from
// a TOML file and overridden by the environment (database.path is CARILLON_DATABASE_PATH). All
// mistakes are reported at once; unknown keys are mistakes. docs/configuration.md is printed from
// the table.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace carillon::app {

enum class SettingType { text, integer, choice };

struct Setting {
    std::string_view key{};
    SettingType type{SettingType::text};
    std::string_view fallback{};
    std::int64_t min{0};
    std::int64_t max{0};
    std::string_view choices{};  // "sqlite|mariadb"
    std::string_view meaning{};
};

const std::vector<Setting>& settings_table();

class Config {
public:
    // `file`: "" looks for $CARILLON_CONFIG, ./carillon.toml, /etc/carillon/carillon.toml, and is
    // content with none.
    static tl::expected<Config, base::Problems> load(const std::string& file);

    std::string text(std::string_view key) const;
    std::int64_t integer(std::string_view key) const;
    const std::string& file() const { return file_; }  // "" when none was found
    // What is in force and where it came from, for `carillon config`.
    base::Json to_json() const;

private:
    std::map<std::string, std::string, std::less<>> values_;
    std::map<std::string, std::string, std::less<>> origins_;
    std::string file_;
};

// docs/configuration.md.
std::string configuration_reference();

}  // namespace carillon::app

#include "app/config.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace carillon;
using app::Config;

namespace {

std::string file_with(const std::string& text) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("carillon-config-" + std::to_string(getpid()) + ".toml");
    std::ofstream{path} << text;
    return path.string();
}

}  // namespace

TEST_CASE("every mistake of a configuration file is told at once, with its line", "[app]") {
    const auto config =
        Config::load(file_with("[database]\nengine = \"oracle\"\nport = 99999\npaht = \"x\"\n"));
    REQUIRE_FALSE(config);
    REQUIRE(config.error().size() == 3);
    bool near = false;
    for (const auto& problem : config.error()) {
        CHECK(problem.place.find(".toml:") != std::string::npos);
        near = near || problem.detail.find("did you mean database.path") != std::string::npos;
    }
    CHECK(near);
}

TEST_CASE("the environment wins over the file and the file over the default", "[app]") {
    const auto file = file_with("[dispatch]\nbatch = 100\ncompose_threads = 2\n");
    setenv("CARILLON_DISPATCH_BATCH", "250", 1);
    const auto config = Config::load(file);
    unsetenv("CARILLON_DISPATCH_BATCH");
    REQUIRE(config);
    CHECK(config->integer("dispatch.batch") == 250);
    CHECK(config->integer("dispatch.compose_threads") == 2);
    CHECK(config->text("database.engine") == "sqlite");
}

TEST_CASE("broken TOML names file and line", "[app]") {
    const auto config = Config::load(file_with("[database\n"));
    REQUIRE_FALSE(config);
    CHECK(config.error().front().place.find(".toml:1") != std::string::npos);
}

TEST_CASE("every default lies within its own limits", "[app]") {
    const auto config = Config::load(file_with(""));
    REQUIRE(config);
    for (const auto& setting : app::settings_table()) {
        if (setting.type != app::SettingType::integer) continue;
        CHECK(config->integer(setting.key) >= setting.min);
        CHECK(config->integer(setting.key) <= setting.max);
    }
}

// The examples, the published schemas and the readers must say the same.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "campaigns/definition.h"

using namespace carillon;
using namespace carillon::campaigns;
using base::Json;

namespace {

const std::filesystem::path root{CARILLON_SOURCE_DIR};

Json read(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    auto json = Json::parse(text.str(), path.filename().string());
    INFO((json ? std::string{} : json.error().text()));
    REQUIRE(json);
    return *json;
}

std::string text_of(const base::Problems& problems) {
    std::string text;
    for (const auto& problem : problems) text += problem.text() + "\n";
    return text;
}

std::set<std::string> keys_of(const Json& json) {
    std::set<std::string> keys;
    for (const auto& [key, value] : *json.object()) keys.insert(key);
    return keys;
}

const Json& at(const Json& json, const std::vector<std::string>& path) {
    const auto* found = &json;
    for (const auto& key : path) {
        found = found->find(key);
        INFO(key);
        REQUIRE(found != nullptr);
    }
    return *found;
}

// The keys an object reader of ours knows, as its own messages tell: a key "?" is unknown, and so
// is any key it does not list. Here: every key of the schema must be accepted.
bool knows(const base::Problems& problems, const std::string& place) {
    return std::ranges::none_of(problems, [&](const auto& problem) {
        return problem.code == "json.unknown_key" && problem.place == place;
    });
}

}  // namespace

TEST_CASE("every example campaign is accepted, fits the default policies and survives printing",
          "[campaigns][files]") {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{root / "examples/campaigns"}) {
        if (entry.path().extension() != ".json") continue;
        ++files;
        INFO(entry.path().filename().string());
        const auto definition = parse_definition(read(entry.path()));
        INFO((definition ? std::string{} : text_of(definition.error())));
        REQUIRE(definition);
        const auto problems = check_against(*definition, default_policies());
        INFO(text_of(problems));
        CHECK(problems.empty());
        CHECK(parse_definition(to_json(*definition)).value() == *definition);
    }
    CHECK(files >= 6);
}

TEST_CASE("the example policy file spells out the built-in defaults", "[campaigns][files]") {
    const auto json = read(root / "examples/policies/default.json");
    const auto policies = parse_policies(json);
    REQUIRE(policies);
    CHECK(*policies == default_policies());
    CHECK(json.canonical() == to_json(default_policies()).canonical());
}

TEST_CASE("the professional holidays of the example are read", "[campaigns][files]") {
    base::Problems problems;
    const auto json = read(root / "examples/calendars/ru-professions.json");
    const auto days = read_occupation_days(*json.array(), "$", problems);
    INFO(text_of(problems));
    CHECK(problems.empty());
    CHECK(days.size() == json.array()->size());
}

TEST_CASE("every key of the published campaign schema is known to the reader",
          "[campaigns][files]") {
    const auto schema = read(root / "docs/schema/campaign.schema.json");
    const auto [schema_path, place] = GENERATE(table<std::vector<std::string>, std::string>(
        {{{"properties"}, "$"},
         {{"properties", "control", "properties"}, "$.control"},
         {{"properties", "steps", "items", "properties"}, "$.steps[0]"},
         {{"properties", "variants", "items", "properties"}, "$.variants[0]"},
         {{"properties", "schedule", "properties"}, "$.schedule"},
         {{"properties", "quiet_hours", "properties"}, "$.quiet_hours"},
         {{"properties", "plan", "properties"}, "$.plan"},
         {{"properties", "conversion", "properties"}, "$.conversion"}}));
    Json probe{Json::Object{}};
    for (const auto& key : keys_of(at(schema, schema_path))) probe.set(key, Json{});
    probe.set("unheard_of", Json{});
    Json campaign{Json::Object{}};
    if (place == "$")
        campaign = probe;
    else if (place.ends_with("[0]"))
        campaign.set(place.substr(2, place.size() - 5), Json::Array{probe});
    else
        campaign.set(place.substr(2), probe);
    const auto parsed = parse_definition(campaign);
    REQUIRE_FALSE(parsed);
    for (const auto& key : keys_of(probe)) {
        INFO(place << "." << key);
        CHECK(knows(parsed.error(), place + "." + key) == (key != "unheard_of"));
    }
}

TEST_CASE("every key the printer writes is in the published schemas", "[campaigns][files]") {
    const auto campaign =
        keys_of(at(read(root / "docs/schema/campaign.schema.json"), {"properties"}));
    for (const auto& entry : std::filesystem::directory_iterator{root / "examples/campaigns"})
        for (const auto& key : keys_of(to_json(parse_definition(read(entry.path())).value())))
            CHECK(campaign.contains(key));
    const auto policies = to_json(default_policies());
    const auto schema = read(root / "docs/schema/policies.schema.json");
    CHECK(keys_of(policies) == keys_of(at(schema, {"properties"})));
    CHECK(keys_of(at(policies, {"purposes", "debt"})) ==
          keys_of(at(schema, {"$defs", "purpose", "properties"})));
    const auto calendar =
        keys_of(at(read(root / "docs/schema/calendar.schema.json"), {"properties"}));
    CHECK(keys_of(to_json(CalendarYear{})) == calendar);
}

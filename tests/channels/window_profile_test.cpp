#include "channels/window_profile.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

using namespace carillon;
using namespace carillon::channels;

namespace {

base::Json example() {
    std::ifstream in{CARILLON_SOURCE_DIR "/examples/windows/din-5008-b.json"};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    auto json = base::Json::parse(text);
    REQUIRE(json);
    return *json;
}

base::Json box(double left, double top, double width, double height) {
    return base::Json::Object{{"left", left}, {"top", top}, {"width", width}, {"height", height}};
}

bool has(const base::Problems& problems, std::string_view code, std::string_view place) {
    return std::ranges::any_of(problems, [&](const base::Failure& problem) {
        return problem.code == code && problem.place == place;
    });
}

}  // namespace

TEST_CASE("the window profiles are compiled in", "[letters]") {
    std::vector<std::string> names;
    for (const auto& window : built_in_windows()) names.push_back(window.name);
    CHECK(names == std::vector<std::string>{"din-5008-b", "ru-dl-right", "uk-dl", "us-10"});
    REQUIRE(find_window("uk-dl") != nullptr);
    CHECK(find_window("uk-dl")->window == Box{24.6, 39.5, 95.4, 26.8});
    CHECK(find_window("us-10")->page_height == 279.4);
    CHECK(find_window("none") == nullptr);
}

TEST_CASE("all mistakes of a window profile are told at once with their paths", "[letters]") {
    auto json = example();
    json.set("window", box(20, 45, 500, 45));
    json.set("adress", 1);
    json.set("max_pages", 0);
    json.set("margins", base::Json::Object{{"left", 100}, {"right", 100}});
    const auto read = parse_window_profile(json);
    REQUIRE_FALSE(read);
    CHECK(has(read.error(), "window.outside_page", "$.window"));
    CHECK(std::ranges::any_of(read.error(), [](const auto& p) { return p.place == "$.adress"; }));
    CHECK(
        std::ranges::any_of(read.error(), [](const auto& p) { return p.place == "$.max_pages"; }));
    CHECK(has(read.error(), "json.missing", "$.margins.top"));
    CHECK(has(read.error(), "window.no_room", "$.margins"));
}

TEST_CASE("nothing of a profile may touch the window", "[letters]") {
    auto json = example();
    json.set("letterhead", box(25, 12, 95, 40));
    json.set("address", box(25, 62.7, 90, 27.3));
    const auto read = parse_window_profile(json);
    REQUIRE_FALSE(read);
    CHECK(has(read.error(), "window.overlap", "$.letterhead"));
    CHECK(has(read.error(), "window.address_outside", "$.address"));
}

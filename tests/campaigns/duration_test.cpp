#include "campaigns/duration.h"

#include <catch2/catch.hpp>

using namespace carillon::campaigns;
using namespace std::chrono_literals;

TEST_CASE("lengths of time are read as marketers write them", "[campaigns]") {
    const auto [text, length] = GENERATE(table<std::string, Minutes>({{"0m", 0min},
                                                                      {"90m", 90min},
                                                                      {"12h", 12h},
                                                                      {"3d", 72h},
                                                                      {"2w", 336h},
                                                                      {"3D", 72h},
                                                                      {"P3D", 72h},
                                                                      {"PT12H", 12h},
                                                                      {"P1DT6H", 30h},
                                                                      {"PT90M", 90min},
                                                                      {"P1W", 168h},
                                                                      {"3650d", duration_max}}));
    INFO(text);
    REQUIRE(parse_duration(text));
    CHECK(parse_duration(text).value() == length);
}

TEST_CASE("what is not a length of time is refused", "[campaigns]") {
    const auto text =
        GENERATE("", "d", "3", "-3d", "3 d", "3d ", "3days", "P", "PT", "P1DT", "P3M", "P1H",
                 "PT1D", "1.5h", "P1Y", "99999999m", "3651d", "+1d", "P1DT6H7");
    INFO(text);
    CHECK_FALSE(parse_duration(text));
}

TEST_CASE("a printed length of time is read back to the same length", "[campaigns]") {
    for (int minutes = 0; minutes < 20'000; ++minutes)
        REQUIRE(parse_duration(duration_text(Minutes{minutes})).value() == Minutes{minutes});
    CHECK(duration_text(72h) == "3d");
    CHECK(duration_text(90min) == "90m");
    CHECK(duration_text(120min) == "2h");
}

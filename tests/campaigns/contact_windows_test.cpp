#include "campaigns/contact_windows.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "campaigns/policies.h"

using namespace carillon;
using namespace carillon::campaigns;
using namespace std::chrono_literals;
using base::Instant;
using base::TimeZone;

namespace {

CalendarYear year_from_file(const std::string& name) {
    std::ifstream file{std::string{CARILLON_SOURCE_DIR} + "/examples/calendars/" + name};
    std::stringstream text;
    text << file.rdbuf();
    const auto year = parse_calendar_year(base::Json::parse(text.str(), name).value());
    REQUIRE(year);
    return *year;
}

WorkCalendar russia() {
    return WorkCalendar{{year_from_file("ru-2025.json"), year_from_file("ru-2026.json")}};
}

Instant at(std::string_view text) {
    return base::parse_instant(text).value();
}
TimeZone zone(std::string_view name) {
    return TimeZone::find(name).value();
}
base::LocalDate day(std::string_view text) {
    return base::parse_date(text).value();
}

}  // namespace

TEST_CASE("a debtor may be contacted from 8 to 22 on working days and from 9 to 20 on others",
          "[campaigns][law]") {
    // 2026-11-20 is a Friday, 2026-11-21 a Saturday, 2026-11-04 a holiday on a Wednesday.
    const auto [local, allowed] =
        GENERATE(table<std::string, bool>({{"2026-11-20T07:59:59.999", false},
                                           {"2026-11-20T08:00:00", true},
                                           {"2026-11-20T21:59:59.999", true},
                                           {"2026-11-20T22:00:00", false},
                                           {"2026-11-20T00:00:00", false},
                                           {"2026-11-20T23:59:59.999", false},
                                           {"2026-11-21T08:59:59.999", false},
                                           {"2026-11-21T09:00:00", true},
                                           {"2026-11-21T19:59:59.999", true},
                                           {"2026-11-21T20:00:00", false},
                                           {"2026-11-04T08:30:00", false},
                                           {"2026-11-04T09:00:00", true},
                                           {"2026-11-04T20:00:00", false},
                                           {"2026-12-31T21:00:00", false},
                                           {"2025-11-01T21:00:00", true},
                                           {"2025-11-01T08:00:00", true}}));
    INFO(local);
    CHECK(is_allowed(debt_law_windows(), zone("Europe/Moscow"), russia(), at(local + "+03:00")) ==
          allowed);
    CHECK(is_allowed(debt_law_windows(), zone("Asia/Kamchatka"), russia(), at(local + "+12:00")) ==
          allowed);
}

TEST_CASE("nothing is submitted in the safety margin before a window ends", "[campaigns]") {
    auto windows = debt_law_windows();
    windows.safety_margin = 15min;
    const auto moscow = zone("Europe/Moscow");
    CHECK(is_allowed(windows, moscow, russia(), at("2026-11-20T21:44:59.999+03:00")));
    CHECK_FALSE(is_allowed(windows, moscow, russia(), at("2026-11-20T21:45:00+03:00")));
    CHECK(window_end(windows, {&moscow, 1}, russia(), at("2026-11-20T21:44:00+03:00")) ==
          at("2026-11-20T22:00:00+03:00"));
    CHECK_FALSE(window_end(windows, {&moscow, 1}, russia(), at("2026-11-20T21:45:00+03:00")));
}

TEST_CASE("a contact may go on until its hours end, or until its own deadline", "[campaigns]") {
    const auto moscow = zone("Europe/Moscow");
    const auto until = [&](const SendWindows& windows, const char* now,
                           std::optional<base::Instant> not_after) {
        return allowed_until(windows, {&moscow, 1}, russia(), at(now), not_after);
    };
    const auto tomorrow = at("2026-11-21T03:00:00+03:00");
    const auto evening = at("2026-11-20T22:00:00+03:00");
    const auto law = debt_law_windows();
    CHECK(until(law, "2026-11-20T21:30:00+03:00", tomorrow) == evening);
    CHECK(until(law, "2026-11-20T21:30:00+03:00", std::nullopt) == evening);
    CHECK(until(law, "2026-11-20T10:00:00+03:00", at("2026-11-20T14:00:00+03:00")) ==
          at("2026-11-20T14:00:00+03:00"));
    CHECK(until(law, "2026-11-20T23:00:00+03:00", tomorrow) == tomorrow);
    // Hours without a pause end nowhere; midnight is none.
    CHECK(until({}, "2026-11-20T23:59:00+03:00", tomorrow) == tomorrow);
    CHECK_FALSE(until({}, "2026-11-20T23:59:00+03:00", std::nullopt));
    const SendWindows friday_night{whole_day, {0h, 2h}, 0min};
    CHECK(until(friday_night, "2026-11-20T23:00:00+03:00", tomorrow) ==
          at("2026-11-21T02:00:00+03:00"));
}

TEST_CASE("a margin as long as the window closes it", "[campaigns]") {
    const SendWindows windows{{9h, 10h}, {9h, 10h}, 60min};
    CHECK_FALSE(
        is_allowed(windows, zone("Europe/Moscow"), russia(), at("2026-11-20T09:00:00+03:00")));
    CHECK_FALSE(next_allowed(windows, zone("Europe/Moscow"), russia(), at("2026-11-20T00:00:00Z"),
                             at("2027-11-20T00:00:00Z")));
}

TEST_CASE("the first allowed instant is the opening of the next window", "[campaigns]") {
    const auto [from, expected] = GENERATE(table<std::string, std::string>(
        {{"2026-11-20T12:34:56.789", "2026-11-20T12:34:56.789"},
         {"2026-11-20T07:59:59.999", "2026-11-20T08:00:00"},
         {"2026-11-20T22:00:00", "2026-11-21T09:00:00"},     // Friday night to Saturday
         {"2026-11-22T20:00:00", "2026-11-23T08:00:00"},     // Sunday evening to Monday
         {"2026-12-30T22:00:00", "2026-12-31T09:00:00"},     // 31 December is off
         {"2026-12-31T20:00:00", "2027-01-01T09:00:00"}}));  // 2027 unknown: non-working
    INFO(from);
    CHECK(next_allowed(debt_law_windows(), zone("Asia/Omsk"), russia(), at(from + "+06:00"),
                       at("2028-01-01T00:00:00Z")) == at(expected + "+06:00"));
}

TEST_CASE("an instant after the last acceptable one is not offered", "[campaigns]") {
    const auto moscow = zone("Europe/Moscow");
    const auto night = at("2026-11-20T22:00:00+03:00");
    const auto opening = at("2026-11-21T09:00:00+03:00");
    CHECK(next_allowed(debt_law_windows(), moscow, russia(), night, opening) == opening);
    CHECK_FALSE(next_allowed(debt_law_windows(), moscow, russia(), night, opening - 1ms));
    CHECK_FALSE(next_allowed(debt_law_windows(), moscow, russia(), opening, opening - 1ms));
    CHECK(next_allowed(debt_law_windows(), moscow, russia(), opening, opening) == opening);
}

TEST_CASE("a client of unknown zone is contacted when every Russian zone allows it",
          "[campaigns][law]") {
    const auto& zones = russian_zones();
    REQUIRE(zones.size() == 11);
    const auto calendar = russia();
    const auto [utc, allowed] =
        GENERATE(table<std::string, bool>({{"2026-11-18T05:59:59.999Z", false},
                                           {"2026-11-18T06:00:00Z", true},  // Wednesday
                                           {"2026-11-18T09:59:59.999Z", true},
                                           {"2026-11-18T10:00:00Z", false},
                                           {"2026-11-21T06:59:59.999Z", false},
                                           {"2026-11-21T07:00:00Z", true},  // Saturday
                                           {"2026-11-21T07:59:59.999Z", true},
                                           {"2026-11-21T08:00:00Z", false}}));
    INFO(utc);
    CHECK(is_allowed(debt_law_windows(), zones, calendar, at(utc)) == allowed);
    CHECK(next_allowed(debt_law_windows(), zones, calendar, at("2026-11-18T10:00:00Z"),
                       at("2026-12-18T00:00:00Z")) == at("2026-11-19T06:00:00Z"));
    CHECK_FALSE(is_allowed(debt_law_windows(), std::span<const TimeZone>{}, calendar, at(utc)));
}

TEST_CASE("a year without a calendar is treated as non-working throughout", "[campaigns]") {
    CHECK(russia().kind_of(day("2026-11-20")) == DayKind::working);
    CHECK(russia().kind_of(day("2027-11-19")) == DayKind::other);
    CHECK(russia().missing_years(day("2025-06-01"), day("2028-01-01")) == std::vector{2027, 2028});
    CHECK(russia().missing_years(day("2025-01-01"), day("2026-12-31")).empty());
}

TEST_CASE("the Russian production calendar has the working days its decrees give it",
          "[campaigns][law]") {
    const auto [year, days] = GENERATE(table<int, int>({{2025, 247}, {2026, 247}}));
    int working = 0;
    const auto calendar = russia();
    for (auto date = std::chrono::sys_days{std::chrono::year{year} / 1 / 1};
         date < std::chrono::sys_days{std::chrono::year{year + 1} / 1 / 1};
         date += std::chrono::days{1})
        working += calendar.kind_of(date) == DayKind::working ? 1 : 0;
    CHECK(working == days);
}

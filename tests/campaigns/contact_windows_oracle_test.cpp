// Contact windows against oracles that know neither zones nor calendars of ours.
#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <sstream>

#include "campaigns/contact_windows.h"
#include "campaigns/policies.h"

using namespace carillon;
using namespace carillon::campaigns;
using namespace std::chrono_literals;
using base::Instant;
using base::TimeZone;

namespace {

CalendarYear year_2026() {
    std::ifstream file{std::string{CARILLON_SOURCE_DIR} + "/examples/calendars/ru-2026.json"};
    std::stringstream text;
    text << file.rdbuf();
    return parse_calendar_year(base::Json::parse(text.str()).value()).value();
}

// 2026 as a wall calendar shows it: one letter a day from 1 January (a Thursday) on, '-' for a day
// off. Typed in by hand from the decree, month by month, not computed.
const std::string days_of_2026 =
    "-----------WWWWW--WWWWW--WWWWW-"   // January
    "-WWWWW--WWWWW--WWWWW---WWWW-"      // February
    "-WWWWW---WWWW--WWWWW--WWWWW--WW"   // March
    "WWW--WWWWW--WWWWW--WWWWW--WWWW"    // April
    "---WWWWW---WWWW--WWWWW--WWWWW--"   // May
    "WWWWW--WWWW---WWWWW--WWWWW--WW"    // June
    "WWW--WWWWW--WWWWW--WWWWW--WWWWW"   // July
    "--WWWWW--WWWWW--WWWWW--WWWWW--W"   // August
    "WWWW--WWWWW--WWWWW--WWWWW--WWW"    // September
    "WW--WWWWW--WWWWW--WWWWW--WWWWW-"   // October
    "-WW-WW--WWWWW--WWWWW--WWWWW--W"    // November
    "WWWW--WWWWW--WWWWW--WWWWW--WWW-";  // December

struct RussianZone {
    const char* name;
    int hours_east;
};
constexpr RussianZone offsets[] = {
    {"Europe/Kaliningrad", 2}, {"Europe/Moscow", 3},  {"Europe/Samara", 4},
    {"Asia/Yekaterinburg", 5}, {"Asia/Omsk", 6},      {"Asia/Krasnoyarsk", 7},
    {"Asia/Irkutsk", 8},       {"Asia/Yakutsk", 9},   {"Asia/Vladivostok", 10},
    {"Asia/Magadan", 11},      {"Asia/Kamchatka", 12}};

// 230-FZ in whole hours since local 2026-01-01 00:00; days before and after 2026 are of unknown
// years.
bool law_allows(int local_hour) {
    const int day = local_hour >= 0 ? local_hour / 24 : -1;
    const int hour = (local_hour + 240) % 24;
    const bool works = day >= 0 && day < 365 && days_of_2026[static_cast<std::size_t>(day)] == 'W';
    return works ? hour >= 8 && hour <= 21 : hour >= 9 && hour <= 19;
}

const Instant new_year = base::parse_instant("2026-01-01T00:00:00Z").value();

}  // namespace

TEST_CASE("in 11 Russian zones every hour of a year is judged as the law says",
          "[campaigns][law][oracle]") {
    REQUIRE(days_of_2026.size() == 365);
    const WorkCalendar calendar{{year_2026()}};
    const auto windows = debt_law_windows();
    std::int64_t judged = 0;
    for (const auto& place : offsets) {
        const auto zone = TimeZone::find(place.name).value();
        Instant opens_next{};
        bool known = false;
        for (int hour = 365 * 24 + 11; hour >= -12;
             --hour) {  // backwards, so that the next opening is known
            const auto now = new_year + std::chrono::hours{hour - place.hours_east};
            const bool allowed = law_allows(hour);
            if (is_allowed(windows, zone, calendar, now) != allowed ||
                is_allowed(windows, zone, calendar, now + 1h - 1ms) != allowed)
                FAIL(place.name << " at " << base::to_text(now));
            judged += 2;
            if (allowed) {
                opens_next = now;
                known = true;
            }
            if (!known) continue;
            if (next_allowed(windows, zone, calendar, now, now + window_horizon) != opens_next)
                FAIL("next in " << place.name << " after " << base::to_text(now));
        }
    }
    CHECK(judged == 11 * 2 * (365 * 24 + 24));
    WARN(judged << " instants in 11 zones judged as the oracle does");
}

TEST_CASE("an unknown zone is allowed exactly when all 11 zones are", "[campaigns][law][oracle]") {
    const WorkCalendar calendar{{year_2026()}};
    const auto windows = debt_law_windows();
    Instant opens_next{};
    bool known = false;
    int open_hours = 0;
    for (int utc_hour = 365 * 24 - 13; utc_hour >= 0; --utc_hour) {
        bool allowed = true;
        for (const auto& place : offsets)
            allowed = allowed && law_allows(utc_hour + place.hours_east);
        const auto now = new_year + std::chrono::hours{utc_hour};
        if (is_allowed(windows, russian_zones(), calendar, now) != allowed)
            FAIL("at " << base::to_text(now));
        open_hours += allowed ? 1 : 0;
        if (allowed) {
            opens_next = now;
            known = true;
        }
        if (known && next_allowed(windows, russian_zones(), calendar, now, now + window_horizon) !=
                         opens_next)
            FAIL("next after " << base::to_text(now));
    }
    CHECK(open_hours > 365);
}

// Where clocks change: minute by minute, by the wall clock of base::TimeZone, from the end of the
// range backwards.
TEST_CASE("windows follow the wall clock through clock changes", "[campaigns][oracle]") {
    const auto [name, day] =
        GENERATE(table<std::string, std::string>({{"Europe/Berlin", "2026-03-29"},
                                                  {"Europe/Berlin", "2026-10-25"},
                                                  {"America/New_York", "2026-03-08"},
                                                  {"America/New_York", "2026-11-01"},
                                                  {"Australia/Lord_Howe", "2026-04-05"},
                                                  {"Australia/Lord_Howe", "2026-10-04"},
                                                  {"America/Sao_Paulo", "2018-11-04"},
                                                  {"America/Sao_Paulo", "2018-02-18"},
                                                  {"Africa/Cairo", "2026-10-30"},
                                                  {"Pacific/Apia", "2011-12-30"},
                                                  {"Europe/Moscow", "2014-10-26"}}));
    const auto [opens, closes] = GENERATE(table<Minutes, Minutes>({{0min, 24h},
                                                                   {9h, 21h},
                                                                   {1h + 30min, 2h + 30min},
                                                                   {2h + 15min, 2h + 45min},
                                                                   {0min, 30min},
                                                                   {23h, 24h},
                                                                   {2h, 3h},
                                                                   {30min, 1h + 45min}}));
    const auto zone = TimeZone::find(name).value();
    const SendWindows windows{{opens, closes}, {opens, closes}, 0min};
    const WorkCalendar calendar;
    const Instant middle{std::chrono::sys_days{base::parse_date(day).value()}};
    std::optional<Instant> opens_next;
    for (auto now = middle + 60h; now >= middle - 48h; now -= 1min) {
        const auto wall = zone.time_at(now);
        const bool allowed = wall >= opens && wall < closes;
        if (allowed) opens_next = now;
        if (is_allowed(windows, zone, calendar, now) != allowed)
            FAIL(name << " at " << base::to_text(now));
        const auto found = next_allowed(windows, zone, calendar, now, middle + 60h);
        if (found != opens_next)
            FAIL(name << " " << to_text(windows.working_days) << " after " << base::to_text(now)
                      << ": " << (found ? base::to_text(*found) : "never") << ", expected "
                      << (opens_next ? base::to_text(*opens_next) : "never"));
        const auto end = window_end(windows, {&zone, 1}, calendar, now);
        if (end.has_value() != allowed) FAIL("end in " << name << " at " << base::to_text(now));
        if (end && (*end <= now || !is_allowed(windows, zone, calendar, *end - 1ms)))
            FAIL("the window is already closed before its end, " << name << " at "
                                                                 << base::to_text(now));
    }
    SUCCEED("6,480 minutes agree");
}

// Not run by itself: tests/campaigns/window_oracle.py reads the lines.
TEST_CASE("the decisions of a year, printed for another judge", "[.matrix]") {
    const WorkCalendar calendar{{year_2026()}};
    for (const auto& zone : russian_zones())
        for (int hour = -12; hour < 365 * 24 + 12; ++hour)
            for (const auto now : {new_year + std::chrono::hours{hour},
                                   new_year + std::chrono::hours{hour} + 1h - 1ms})
                std::cout << zone.name() << ' ' << base::to_millis(now) << ' '
                          << is_allowed(debt_law_windows(), zone, calendar, now) << '\n';
}

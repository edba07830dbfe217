#include "campaigns/calendar.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

using namespace carillon;
using namespace carillon::campaigns;
using namespace std::chrono_literals;
using base::Instant;
using base::LocalDate;
using base::TimeZone;

namespace {

LocalDate day(std::string_view text) {
    return base::parse_date(text).value();
}
Instant at(std::string_view text) {
    return base::parse_instant(text).value();
}
TimeZone zone(std::string_view name) {
    return TimeZone::find(name).value();
}

std::vector<std::string> keys(const std::vector<Slot>& slots) {
    std::vector<std::string> all;
    for (const auto& slot : slots) all.push_back(slot.key);
    return all;
}

const Schedule daily_0230{Recurring{"FREQ=DAILY", day("2020-01-01"), 2h + 30min},
                          ScheduleZone::client};

OnCalendarDays professions() {
    return {.list = {},
            .days = {{"teacher", parse_day_rule("10-05").value(), "Teacher's Day"},
                     {"tanker", parse_day_rule("second sunday of september").value(), ""},
                     {"driver", parse_day_rule("last sunday of october").value(), ""},
                     {"leapling", parse_day_rule("02-29").value(), ""},
                     {"programmer", parse_day_rule("day 256 of year").value(), ""}},
            .time = 9h};
}

}  // namespace

TEST_CASE("a campaign that goes out once has one slot, at its local time", "[campaigns][slots]") {
    const Schedule once{Once{day("2026-11-21"), 10h}, ScheduleZone::client};
    const auto slots = slots_between(once, zone("Asia/Kamchatka"), at("2026-11-20T00:00Z"),
                                     at("2026-11-22T00:00Z"));
    REQUIRE(slots.size() == 1);
    CHECK(slots[0].key == "2026-11-21T10:00");
    CHECK(slots[0].as_of == day("2026-11-21"));
    CHECK(slots[0].time == 10h);
    CHECK(slots[0].at == at("2026-11-20T22:00:00Z"));
    CHECK(keys(slots_between(once, zone("Europe/Moscow"), at("2026-11-20T00:00Z"),
                             at("2026-11-22T00:00Z"))) == keys(slots));
}

TEST_CASE("a slot belongs to the range that starts with it, not to the one that ends with it",
          "[campaigns][slots]") {
    const Schedule once{Once{day("2026-11-21"), 10h}, ScheduleZone::client};
    const auto due = at("2026-11-21T07:00:00Z");
    const auto moscow = zone("Europe/Moscow");
    CHECK(slots_between(once, moscow, due, due + 1ms).size() == 1);
    CHECK(slots_between(once, moscow, due - 1h, due).empty());
    CHECK(slots_between(once, moscow, due + 1ms, due + 1h).empty());
    CHECK(slots_between(once, moscow, due, due).empty());
    CHECK(slots_between(once, moscow, due + 1h, due - 1h).empty());
}

TEST_CASE("a daily slot at 02:30 fires once on the days clocks change", "[campaigns][slots][dst]") {
    const auto [name, date, instant] = GENERATE(table<std::string, std::string, std::string>(
        {{"Europe/Berlin", "2026-03-29",
          "2026-03-29T01:00:00Z"},  // 02:30 does not exist: 03:00 summer time
         {"Europe/Berlin", "2026-10-25", "2026-10-25T00:30:00Z"},  // 02:30 comes twice: the first
         {"America/New_York", "2026-03-08", "2026-03-08T07:00:00Z"},
         {"America/New_York", "2026-11-01",
          "2026-11-01T07:30:00Z"},  // 02:30 comes once, 01:30 twice
         {"Europe/Moscow", "2026-03-29", "2026-03-28T23:30:00Z"}}));
    const auto noon = Instant{std::chrono::sys_days{day(date)}} + 12h;
    const auto slots = slots_between(daily_0230, zone(name), noon - 24h, noon + 24h);
    REQUIRE(std::ranges::count(slots, date + "T02:30", &Slot::key) == 1);
    CHECK(std::ranges::find(slots, date + "T02:30", &Slot::key)->at == at(instant));
}

TEST_CASE("however a year is cut into ranges, every local day fires exactly once",
          "[campaigns][slots][dst]") {
    const auto name =
        GENERATE("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kamchatka");
    const auto place = zone(name);
    std::mt19937_64 random{7};
    std::map<std::string, int> fired;
    Instant last{};
    const auto end = at("2027-01-10T00:00:00Z");
    for (auto now = at("2025-12-20T00:00:00Z"); now < end;) {
        const auto next = std::min(end, now + std::chrono::milliseconds{random() % 200'000'000});
        for (const auto& slot : slots_between(daily_0230, place, now, next)) {
            ++fired[slot.key];
            REQUIRE(slot.at >= last);
            last = slot.at;
        }
        now = next;
    }
    for (auto date = day("2025-12-25"); date < day("2027-01-05"); date = base::add_days(date, 1)) {
        INFO(name << " " << base::to_text(date));
        REQUIRE(fired[base::to_text(date) + "T02:30"] == 1);
    }
}

TEST_CASE("a restart that asks for the same range again gets the same keys", "[campaigns][slots]") {
    const auto once = slots_between(daily_0230, zone("Europe/Berlin"), at("2026-10-20T00:00Z"),
                                    at("2026-10-30T00:00Z"));
    CHECK(once == slots_between(daily_0230, zone("Europe/Berlin"), at("2026-10-20T00:00Z"),
                                at("2026-10-30T00:00Z")));
    CHECK(once.size() == 10);
}

TEST_CASE("slots stay within the first and last day of the campaign", "[campaigns][slots]") {
    const SlotRules rules{.starts = day("2026-11-20"),
                          .ends = day("2026-11-22"),
                          .leap_day = base::LeapDayRule::february_28};
    const auto all = slots_between(daily_0230, zone("Europe/Moscow"), at("2026-01-01T00:00Z"),
                                   at("2027-01-01T00:00Z"), rules);
    CHECK(keys(all) ==
          std::vector<std::string>{"2026-11-20T02:30", "2026-11-21T02:30", "2026-11-22T02:30"});
}

TEST_CASE("a date-field campaign has a slot every day, an event campaign has none",
          "[campaigns][slots]") {
    const Schedule birthdays{OnDateField{ClientDate::birth_date, DateMatch::anniversary, 0, 10h},
                             ScheduleZone::client};
    CHECK(slots_between(birthdays, zone("Europe/Moscow"), at("2026-01-01T00:00Z"),
                        at("2027-01-01T00:00Z"))
              .size() == 365);
    const Schedule event{OnEvent{"credit_decision", 0min}, ScheduleZone::client};
    CHECK(slots_between(event, zone("Europe/Moscow"), at("2026-01-01T00:00Z"),
                        at("2027-01-01T00:00Z"))
              .empty());
}

TEST_CASE("a range of centuries is answered with a bounded list", "[campaigns][slots]") {
    const auto slots = slots_between(daily_0230, zone("Europe/Moscow"), at("2020-01-01T00:00Z"),
                                     at("2400-01-01T00:00Z"));
    CHECK(slots.size() == slots_max);
    CHECK(slots.front().key ==
          "2020-01-02T02:30");  // that of 1 January was due at 23:30 UTC of the day before
}

TEST_CASE("a date-field slot names the dates it is for", "[campaigns][slots]") {
    OnDateField expiry{ClientDate::card_expiry, DateMatch::exact, -30, 10h};
    CHECK(matching_dates(expiry, day("2026-11-01"), {}).exact == day("2026-12-01"));
    expiry.offset_days = 1;
    CHECK(matching_dates(expiry, day("2026-03-01"), {}).exact == day("2026-02-28"));

    const auto [slot, offset, rule, expected] =
        GENERATE(table<std::string, int, base::LeapDayRule, std::vector<int>>(
            {{"2026-11-21", 0, base::LeapDayRule::february_28, {1121}},
             {"2026-02-28", 0, base::LeapDayRule::february_28, {228, 229}},
             {"2026-03-01", 0, base::LeapDayRule::february_28, {301}},
             {"2026-03-01", 0, base::LeapDayRule::march_1, {301, 229}},
             {"2028-02-28", 0, base::LeapDayRule::february_28, {228}},
             {"2028-02-29", 0, base::LeapDayRule::february_28, {229}},
             {"2026-02-25", -3, base::LeapDayRule::february_28, {228, 229}},
             {"2025-12-30", -3, base::LeapDayRule::february_28, {102}},
             {"2026-01-02", 3, base::LeapDayRule::february_28, {1230}}}));
    const OnDateField birthday{ClientDate::birth_date, DateMatch::anniversary, offset, 10h};
    CHECK(matching_dates(birthday, day(slot), rule).month_days == expected);
}

TEST_CASE("every birthday is met exactly once a year, 29 February included", "[campaigns][slots]") {
    const auto rule = GENERATE(base::LeapDayRule::february_28, base::LeapDayRule::march_1);
    const auto year = GENERATE(2026, 2027, 2028, 2100);
    const auto offset = GENERATE(0, -3, 10);
    const OnDateField birthday{ClientDate::birth_date, DateMatch::anniversary, offset, 10h};
    std::map<int, int> met;
    const auto first = base::add_days(std::chrono::year{year} / 1 / 1, offset);
    const auto last = base::add_days(std::chrono::year{year} / 12 / 31, offset);
    for (auto date = first; date <= last; date = base::add_days(date, 1))
        for (const int month_day : matching_dates(birthday, date, rule).month_days)
            ++met[month_day];
    CHECK(met.size() == 366);
    CHECK(std::ranges::all_of(met, [](const auto& entry) { return entry.second == 1; }));
}

TEST_CASE("professional holidays fall on the days their rules name", "[campaigns][slots]") {
    const Schedule schedule{professions(), ScheduleZone::client};
    const auto slots = slots_between(schedule, zone("Europe/Moscow"), at("2026-01-01T00:00Z"),
                                     at("2027-01-01T00:00Z"));
    CHECK(keys(slots) == std::vector<std::string>{"2026-02-28T09:00", "2026-09-13T09:00",
                                                  "2026-10-05T09:00", "2026-10-25T09:00"});
    const auto today =
        occupations_on(professions(), day("2026-09-13"), base::LeapDayRule::february_28);
    REQUIRE(today.size() == 2);  // day 256 of 2026 is the second sunday of September
    CHECK(today[0].occupation == "tanker");
    CHECK(today[1].occupation == "programmer");
    CHECK(occupations_on(professions(), day("2026-09-12"), base::LeapDayRule::february_28).empty());
}

TEST_CASE("day rules are resolved year by year", "[campaigns][day_rule]") {
    const auto [rule, year, expected] = GENERATE(
        table<std::string, int, std::string>({{"second sunday of september", 2026, "2026-09-13"},
                                              {"second sunday of september", 2024, "2024-09-08"},
                                              {"first monday of june", 2026, "2026-06-01"},
                                              {"last sunday of october", 2026, "2026-10-25"},
                                              {"last saturday of february", 2028, "2028-02-26"},
                                              {"fifth sunday of march", 2026, "2026-03-29"},
                                              {"fifth sunday of april", 2026, ""},
                                              {"day 256 of year", 2026, "2026-09-13"},
                                              {"day 256 of year", 2028, "2028-09-12"},
                                              {"day 366 of year", 2028, "2028-12-31"},
                                              {"day 366 of year", 2026, ""},
                                              {"05-09", 2026, "2026-05-09"},
                                              {"Third  Sunday of JUNE", 2026, "2026-06-21"},
                                              {"02-29", 2028, "2028-02-29"},
                                              {"02-29", 2026, "2026-02-28"}}));
    const auto parsed = parse_day_rule(rule);
    INFO(rule << " in " << year);
    REQUIRE(parsed);
    const auto date = date_in(*parsed, std::chrono::year{year}, base::LeapDayRule::february_28);
    CHECK((date ? base::to_text(*date) : std::string{}) == expected);
    CHECK(parse_day_rule(to_text(*parsed)).value() == *parsed);
}

TEST_CASE("what is not a day of the year is refused", "[campaigns][day_rule]") {
    const auto rule =
        GENERATE("", "13-01", "02-30", "5-9", "2026-05-09", "sixth sunday of may", "second of may",
                 "second sunday", "second sunday of mai", "day 0 of year", "day 367 of year",
                 "day -1 of year", "second sunday of september please");
    INFO(rule);
    CHECK_FALSE(parse_day_rule(rule));
}

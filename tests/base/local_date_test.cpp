#include "base/local_date.h"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;
using base::LeapDayRule;
using base::TimeZone;

namespace {

// The instant at which clocks of the zone show it, as UTC.
std::string utc_of(std::string_view zone, std::string_view date, std::string_view time) {
    return base::to_text(TimeZone::find(zone)->instant_of(base::parse_date(date).value(),
                                                          base::parse_time_of_day(time).value()));
}

}  // namespace

TEST_CASE("a local time becomes the instant at which clocks show it", "[base]") {
    CHECK(utc_of("Europe/Moscow", "2026-11-22", "09:00") == "2026-11-22T06:00:00.000Z");
    CHECK(utc_of("Asia/Vladivostok", "2026-11-22", "09:00") == "2026-11-21T23:00:00.000Z");
    CHECK(utc_of("Asia/Kolkata", "2026-11-22", "00:00") == "2026-11-21T18:30:00.000Z");
    CHECK(utc_of("Europe/Moscow", "2026-11-22", "24:00") == "2026-11-22T21:00:00.000Z");
    // Moscow stood an hour further ahead from 2011 until 26 October 2014.
    CHECK(utc_of("Europe/Moscow", "2013-01-01", "09:00") == "2013-01-01T05:00:00.000Z");
}

TEST_CASE("an hour that is skipped begins after the gap, one that comes twice is the first",
          "[base]") {
    CHECK(utc_of("Europe/Berlin", "2026-03-29", "02:30") == "2026-03-29T01:00:00.000Z");
    CHECK(utc_of("Europe/Berlin", "2026-10-25", "02:30") == "2026-10-25T00:30:00.000Z");
    // Midnight itself is skipped where clocks change at midnight.
    CHECK(utc_of("America/Santiago", "2026-09-06", "00:00") == "2026-09-06T04:00:00.000Z");
}

TEST_CASE("an instant has the date and the time of the client's zone", "[base]") {
    const auto at = base::parse_instant("2026-11-21T23:30:59.999Z").value();
    const auto zone = TimeZone::find("Asia/Kamchatka").value();
    CHECK(base::to_text(zone.date_at(at)) == "2026-11-22");
    CHECK(base::to_text(zone.time_at(at)) == "11:30");
    CHECK(zone.offset_at(at) == 12h);
    const auto before_epoch = base::parse_instant("1969-12-31T23:59:59Z").value();
    CHECK(base::to_text(TimeZone::utc().date_at(before_epoch)) == "1969-12-31");
    CHECK(base::to_text(before_epoch) == "1969-12-31T23:59:59.000Z");
}

TEST_CASE("instants are read with offsets and fractions", "[base]") {
    const auto [given, expected] = GENERATE(
        table<std::string, std::string>({{"2026-11-21T09:00:00Z", "2026-11-21T09:00:00.000Z"},
                                         {"2026-11-21T09:00:00.1239Z", "2026-11-21T09:00:00.123Z"},
                                         {"2026-11-21T00:30:00+03:00", "2026-11-20T21:30:00.000Z"},
                                         {"2026-11-21 09:00:00-0530", "2026-11-21T14:30:00.000Z"},
                                         {"2024-02-29T09:00Z", "2024-02-29T09:00:00.000Z"}}));
    INFO(given);
    CHECK(base::to_text(base::parse_instant(given).value()) == expected);
}

TEST_CASE("what is no date or time is refused", "[base]") {
    for (const std::string text : {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01",
                                   "2026-01-01 ", "2026/01/01", "-026-01-01", ""})
        CHECK(base::parse_date(text).error().code == "date.invalid");
    for (const std::string text :
         {"2026-11-21T24:00:00Z", "2026-11-21T09:60:00Z", "2026-11-21T09:00:60Z",
          "2026-11-21T09:00:00+3", "2026-11-21T09:00:00X", "2026-11-21", "2026-11-21T09:00:+1Z",
          "2026-02-29T09:00:00Z", "2026-11-21T09:00:00.Z"})
        CHECK_FALSE(base::parse_instant(text));
    for (const std::string text : {"24:01", "9:00", "09:0", "09-00", "09:00x", ""})
        CHECK_FALSE(base::parse_time_of_day(text));
    CHECK_FALSE(TimeZone::find("Europe/Atlantis"));
    CHECK_FALSE(TimeZone::find("../../etc/passwd"));
}

TEST_CASE("a birthday on 29 February is kept in other years too", "[base]") {
    const auto on = [](std::string_view date, LeapDayRule rule) {
        return base::anniversaries_on(base::parse_date(date).value(), rule);
    };
    CHECK(on("2026-02-28", LeapDayRule::february_28) == std::vector{228, 229});
    CHECK(on("2026-02-28", LeapDayRule::march_1) == std::vector{228});
    CHECK(on("2026-03-01", LeapDayRule::march_1) == std::vector{301, 229});
    CHECK(on("2028-02-28", LeapDayRule::february_28) == std::vector{228});
    CHECK(on("2028-02-29", LeapDayRule::march_1) == std::vector{229});
    CHECK(on("2100-02-28", LeapDayRule::february_28) == std::vector{228, 229});  // no leap year
}

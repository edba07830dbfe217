#include "base/local_date.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <charconv>
#include <fstream>

namespace carillon::base {

namespace {

using namespace std::chrono_literals;

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty() || text[0] == '-')
        return std::nullopt;
    return value;
}

const date::time_zone& zone_of(const void* zone) {
    return *static_cast<const date::time_zone*>(zone);
}

date::local_time<std::chrono::milliseconds> local_at(const void* zone, Instant instant) {
    return zone_of(zone).to_local(instant);
}

// "", "Z", "+03:00", "-0530" -> minutes east of UTC.
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
    if (text.empty() || text == "Z") return 0min;
    const int sign = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
    if (sign == 0) return std::nullopt;
    std::string digits;
    for (const char c : text.substr(1))
        if (c != ':') digits += c;
    if (digits.size() != 4) return std::nullopt;
    const auto hours = number(std::string_view{digits}.substr(0, 2));
    const auto minutes = number(std::string_view{digits}.substr(2));
    if (!hours || !minutes || *hours > 15 || *minutes > 59) return std::nullopt;
    return sign * (std::chrono::hours{*hours} + std::chrono::minutes{*minutes});
}

struct ClockTime {
    std::chrono::milliseconds since_midnight{};
    std::string_view rest{};  // the zone designator
};

// "09:00", "09:00:30", "09:00:30.125" and what follows.
std::optional<ClockTime> parse_clock_time(std::string_view text) {
    if (text.size() < 5 || text[2] != ':') return std::nullopt;
    const auto hour = number(text.substr(0, 2));
    const auto minute = number(text.substr(3, 2));
    if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
    ClockTime time{std::chrono::hours{*hour} + std::chrono::minutes{*minute}, text.substr(5)};
    if (!time.rest.starts_with(':')) return time;
    const auto second = number(time.rest.substr(1, 2));
    if (!second || *second > 59 || time.rest.size() < 3) return std::nullopt;
    time.since_midnight += std::chrono::seconds{*second};
    time.rest.remove_prefix(3);
    if (!time.rest.starts_with('.')) return time;
    time.rest.remove_prefix(1);
    if (time.rest.empty() || time.rest[0] < '0' || time.rest[0] > '9') return std::nullopt;
    int scale = 100;
    while (!time.rest.empty() && time.rest[0] >= '0' && time.rest[0] <= '9') {
        time.since_midnight += std::chrono::milliseconds{(time.rest[0] - '0') * scale};
        scale /= 10;
        time.rest.remove_prefix(1);
    }
    return time;
}

}  // namespace

Result<LocalDate> parse_date(std::string_view text) {
    const auto wrong = [&] {
        return fail("date.invalid",
                    "'" + std::string{text} + "' is not a date; expected YYYY-MM-DD.");
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong();
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8, 2));
    if (!year || !month || !day) return wrong();
    const LocalDate date{std::chrono::year{*year},
                         std::chrono::month{static_cast<unsigned>(*month)},
                         std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return wrong();
    return date;
}

std::string to_text(const LocalDate& date) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

Result<Instant> parse_instant(std::string_view text) {
    const auto wrong = [&] {
        return fail("time.invalid",
                    "'" + std::string{text} +
                        "' is not a time; expected 2026-11-21T09:00:00Z or with an offset.");
    };
    if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ')) return wrong();
    const auto date = parse_date(text.substr(0, 10));
    const auto time = parse_clock_time(text.substr(11));
    if (!date || !time) return wrong();
    const auto offset = parse_offset(time->rest);
    if (!offset) return wrong();
    return Instant{std::chrono::sys_days{*date}} + time->since_midnight - *offset;
}

std::string to_text(Instant instant) {
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::hh_mm_ss time{instant - day};
    return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", to_text(LocalDate{day}), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

Result<TimeOfDay> parse_time_of_day(std::string_view text) {
    const auto time = text == "24:00" ? std::optional{ClockTime{24h, {}}} : parse_clock_time(text);
    if (!time || !time->rest.empty())
        return fail("time.invalid",
                    "'" + std::string{text} + "' is not a time of day; expected HH:MM.");
    return std::chrono::duration_cast<TimeOfDay>(time->since_midnight);
}

std::string to_text(TimeOfDay time) {
    return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

std::vector<int> anniversaries_on(const LocalDate& date, LeapDayRule rule) {
    std::vector<int> days{month_day(date)};
    const int stand_in = rule == LeapDayRule::february_28 ? 228 : 301;
    if (!date.year().is_leap() && days[0] == stand_in) days.push_back(229);
    return days;
}

Result<TimeZone> TimeZone::find(std::string_view name) {
    try {
        return TimeZone{std::string{name}, date::locate_zone(std::string{name})};
    } catch (const std::runtime_error&) {
        return fail(
            "time_zone.unknown",
            "'" + std::string{name} + "' is not an IANA time zone; expected e.g. Europe/Moscow.");
    }
}

TimeZone TimeZone::utc() {
    return find("Etc/UTC").value();
}

LocalDate TimeZone::date_at(Instant instant) const {
    const auto days = date::floor<date::days>(local_at(zone_, instant));
    return LocalDate{std::chrono::sys_days{days.time_since_epoch()}};
}

TimeOfDay TimeZone::time_at(Instant instant) const {
    const auto local = local_at(zone_, instant);
    return date::floor<std::chrono::minutes>(local - date::floor<date::days>(local));
}

Instant TimeZone::instant_of(const LocalDate& date, TimeOfDay time) const {
    const auto since_epoch = std::chrono::sys_days{date}.time_since_epoch();
    const date::local_time<std::chrono::milliseconds> local{
        std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch) + time};
    const auto info = zone_of(zone_).get_info(local);
    if (info.result == date::local_info::nonexistent)
        return std::chrono::time_point_cast<std::chrono::milliseconds>(info.second.begin);
    return Instant{local.time_since_epoch() - info.first.offset};
}

std::chrono::seconds TimeZone::offset_at(Instant instant) const {
    return zone_of(zone_).get_info(instant).offset;
}

std::string time_zone_data_version() {
#if USE_OS_TZDB
    const auto& known = date::get_tzdb().version;
    if (!known.empty() && known != "unknown") return known;
    // The system's data has no file of its own for the version; its text form begins with it.
    std::ifstream text{"/usr/share/zoneinfo/tzdata.zi"};
    std::string hash;
    std::string word;
    std::string version;
    text >> hash >> word >> version;
    return hash == "#" && word == "version" ? version : "of the system, of unknown version";
#else
    return date::get_tzdb().version;
#endif
}

}  // namespace carillon::base

#include "campaigns/contact_windows.h"

#include <algorithm>

#include "base/text.h"

namespace carillon::campaigns {

namespace {

using base::Instant;
using base::Json;
using base::LocalDate;
using base::TimeZone;
using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using namespace std::chrono_literals;

bool is_weekend(const LocalDate& date) {
    const std::chrono::weekday weekday{sys_days{date}};
    return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

// What the clock and the calendar on the client's wall show.
struct Wall {
    LocalDate date{};
    milliseconds since_midnight{};
};

Wall wall_at(const TimeZone& zone, Instant now) {
    const auto local = now + zone.offset_at(now);  // a local time dressed as an instant
    const auto midnight = std::chrono::floor<days>(local);
    return {LocalDate{midnight}, local - midnight};
}

// The window of a date less the safety margin; closed when the margin eats it up.
DailyWindow submission_window(const SendWindows& windows, DayKind kind) {
    auto window = kind == DayKind::working ? windows.working_days : windows.other_days;
    window.closes -= windows.safety_margin;
    return window.is_closed() ? never : window;
}

bool contains(const DailyWindow& window, milliseconds since_midnight) {
    return since_midnight >= window.opens && since_midnight < window.closes;
}

bool is_open(const SendWindows& windows, const TimeZone& zone, const WorkCalendar& calendar,
             Instant now) {
    const auto wall = wall_at(zone, now);
    return contains(submission_window(windows, calendar.kind_of(wall.date)), wall.since_midnight);
}

// The first instant in (low, high] with another offset than `low`; the two must differ.
Instant clock_change(const TimeZone& zone, Instant low, Instant high) {
    const auto before = zone.offset_at(low);
    while (high - low > 1ms) {
        const auto middle = low + (high - low) / 2;
        (zone.offset_at(middle) == before ? low : high) = middle;
    }
    return high;
}

// `now` is not open: the next instant worth looking at, skipping only what is certainly closed.
// That is today's opening, or midnight after it; a clock change on the way is looked at first.
Instant next_candidate(const SendWindows& windows, const TimeZone& zone,
                       const WorkCalendar& calendar, Instant now) {
    const auto wall = wall_at(zone, now);
    const auto window = submission_window(windows, calendar.kind_of(wall.date));
    const bool opens_later = !window.is_closed() && wall.since_midnight < window.opens;
    const auto midnight = now - wall.since_midnight;
    const Instant candidate = midnight + (opens_later ? milliseconds{window.opens} : days{1});
    if (zone.offset_at(candidate) == zone.offset_at(now)) return candidate;
    return clock_change(zone, now, candidate);
}

std::set<LocalDate> read_dates(base::ObjectReader& reader, std::string_view key, int year,
                               bool weekends) {
    std::set<LocalDate> dates;
    const auto texts = reader.texts(key);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto place = std::string{key} + "[" + std::to_string(i) + "]";
        const auto date = base::parse_date(texts[i]);
        if (!date)
            reader.problem(place, date.error().code, date.error().detail);
        else if (static_cast<int>(date->year()) != year)
            reader.problem(place, "calendar.year",
                           texts[i] + " does not lie in " + std::to_string(year));
        else if (is_weekend(*date) != weekends)
            reader.problem(place, "calendar.weekday",
                           texts[i] + (weekends ? " is not a Saturday or Sunday"
                                                : " is a Saturday or Sunday, not worked anyway"));
        else if (!dates.insert(*date).second)
            reader.problem(place, "calendar.twice", texts[i] + " is given twice");
    }
    return dates;
}

Json texts_of(const std::set<LocalDate>& dates) {
    Json::Array texts;
    for (const auto& date : dates) texts.emplace_back(base::to_text(date));
    return texts;
}

}  // namespace

base::Result<DailyWindow> parse_window(std::string_view text) {
    if (text == "closed") return never;
    if (text.size() == 11 && text[5] == '-') {
        const auto opens = base::parse_time_of_day(text.substr(0, 5));
        const auto closes = base::parse_time_of_day(text.substr(6));
        if (opens && closes && *opens < *closes) return DailyWindow{*opens, *closes};
    }
    return base::fail("window.invalid",
                      "'" + std::string{text} +
                          "' is not a window; expected e.g. 09:00-21:00 within one "
                          "day, or closed");
}

std::string to_text(const DailyWindow& window) {
    if (window.is_closed()) return "closed";
    return base::to_text(window.opens) + "-" + base::to_text(window.closes);
}

DailyWindow intersection(const DailyWindow& one, const DailyWindow& other) {
    const DailyWindow both{std::max(one.opens, other.opens), std::min(one.closes, other.closes)};
    return both.is_closed() ? never : both;
}

bool lies_within(const DailyWindow& inner, const DailyWindow& outer) {
    return inner.is_closed() || (inner.opens >= outer.opens && inner.closes <= outer.closes);
}

SendWindows intersection(const SendWindows& one, const SendWindows& other) {
    return {.working_days = intersection(one.working_days, other.working_days),
            .other_days = intersection(one.other_days, other.other_days),
            .safety_margin = std::max(one.safety_margin, other.safety_margin)};
}

Parsed<CalendarYear> parse_calendar_year(const Json& json) {
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    CalendarYear year;
    year.year = static_cast<int>(reader.required_integer("year", 2000, 2200));
    year.country = reader.text("country");
    year.source = reader.required_text("source");
    year.days_off = read_dates(reader, "days_off", year.year, false);
    year.working_weekends = read_dates(reader, "working_weekends", year.year, true);
    if (!reader.has("days_off")) reader.required("days_off");
    reader.finish();
    if (!problems.empty()) return tl::unexpected{std::move(problems)};
    return year;
}

Json to_json(const CalendarYear& year) {
    return Json::Object{{"year", year.year},
                        {"country", year.country},
                        {"source", year.source},
                        {"days_off", texts_of(year.days_off)},
                        {"working_weekends", texts_of(year.working_weekends)}};
}

WorkCalendar::WorkCalendar(std::vector<CalendarYear> years) {
    for (auto& year : years) add(std::move(year));
}

void WorkCalendar::add(CalendarYear year) {
    const int number = year.year;
    years_.insert_or_assign(number, std::move(year));
}

bool WorkCalendar::knows(std::chrono::year year) const {
    return years_.contains(static_cast<int>(year));
}

DayKind WorkCalendar::kind_of(const LocalDate& date) const {
    const auto found = years_.find(static_cast<int>(date.year()));
    if (found == years_.end()) return DayKind::other;
    const auto& year = found->second;
    const bool works =
        is_weekend(date) ? year.working_weekends.contains(date) : !year.days_off.contains(date);
    return works ? DayKind::working : DayKind::other;
}

std::vector<int> WorkCalendar::missing_years(const LocalDate& from, const LocalDate& to) const {
    std::vector<int> missing;
    for (auto year = from.year(); year <= to.year(); ++year)
        if (!knows(year)) missing.push_back(static_cast<int>(year));
    return missing;
}

bool is_allowed(const SendWindows& windows, std::span<const TimeZone> zones,
                const WorkCalendar& calendar, Instant now) {
    const auto open = [&](const auto& zone) { return is_open(windows, zone, calendar, now); };
    return !zones.empty() && std::ranges::all_of(zones, open);
}

std::optional<Instant> next_allowed(const SendWindows& windows, std::span<const TimeZone> zones,
                                    const WorkCalendar& calendar, Instant not_before,
                                    Instant not_after) {
    if (zones.empty()) return std::nullopt;
    const auto last =
        not_after - not_before > window_horizon ? not_before + window_horizon : not_after;
    auto now = not_before;
    while (now <= last) {
        const auto closed = std::ranges::find_if(
            zones, [&](const auto& zone) { return !is_open(windows, zone, calendar, now); });
        if (closed == zones.end()) return now;
        now = next_candidate(windows, *closed, calendar, now);
    }
    return std::nullopt;
}

std::optional<Instant> window_end(const SendWindows& windows, std::span<const TimeZone> zones,
                                  const WorkCalendar& calendar, Instant now) {
    if (!is_allowed(windows, zones, calendar, now)) return std::nullopt;
    auto end = Instant::max();
    for (const auto& zone : zones) {
        const auto wall = wall_at(zone, now);
        const auto window = calendar.kind_of(wall.date) == DayKind::working ? windows.working_days
                                                                            : windows.other_days;
        const Instant closes = now + (milliseconds{window.closes} - wall.since_midnight);
        // A clock change before the end may bring it nearer; assume it does.
        const bool steady = zone.offset_at(closes) == zone.offset_at(now);
        end = std::min(end, steady ? closes : clock_change(zone, now, closes));
    }
    return end;
}

std::optional<Instant> allowed_until(const SendWindows& windows, std::span<const TimeZone> zones,
                                     const WorkCalendar& calendar, Instant now,
                                     std::optional<Instant> not_after) {
    auto end = window_end(windows, zones, calendar, now);
    if (!end) return not_after;
    const auto last = not_after.value_or(now + window_horizon);
    // Midnight ends nothing when the next day begins with it; nor does a clock change.
    while (*end < last) {
        const auto further = window_end(windows, zones, calendar, *end);
        if (!further) return end;
        end = further;
    }
    return not_after;
}

const std::vector<TimeZone>& russian_zones() {
    static const std::vector<TimeZone> zones = [] {
        std::vector<TimeZone> found;
        for (const auto* name :
             {"Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg",
              "Asia/Omsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok",
              "Asia/Magadan", "Asia/Kamchatka"})
            found.push_back(TimeZone::find(name).value());
        return found;
    }();
    return zones;
}

}  // namespace carillon::campaigns

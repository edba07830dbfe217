// When a client may be contacted: hours of the day by kind of day, in the client's own local time.
// Windows follow the wall clock: an instant is allowed when the clock on the client's wall shows an
// allowed time, also on the day the clocks change. Pure functions: calendar, zones and instants are
// handed in.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/local_date.h"
#include "campaigns/duration.h"
#include "campaigns/parsed.h"

namespace carillon::campaigns {

// [opens, closes) in local time, 00:00 .. 24:00. Equal ends mean that the window never opens.
struct DailyWindow {
    base::TimeOfDay opens{};
    base::TimeOfDay closes{};
    bool is_closed() const { return opens >= closes; }
    bool operator==(const DailyWindow&) const = default;
};

inline constexpr DailyWindow whole_day{std::chrono::hours{0}, std::chrono::hours{24}};
inline constexpr DailyWindow never{};

// "09:00-21:00" or "closed". Errors: window.invalid.
base::Result<DailyWindow> parse_window(std::string_view text);
std::string to_text(const DailyWindow& window);

DailyWindow intersection(const DailyWindow& one, const DailyWindow& other);
bool lies_within(const DailyWindow& inner,
                 const DailyWindow& outer);  // a closed window lies within any

struct SendWindows {
    DailyWindow working_days{whole_day};
    DailyWindow other_days{whole_day};  // weekends and non-working holidays
    // Nothing is handed to a provider in the last minutes of a window, so that it arrives inside
    // it.
    Minutes safety_margin{0};
    bool operator==(const SendWindows&) const = default;
};

SendWindows intersection(const SendWindows& one, const SendWindows& other);  // the longer margin

enum class DayKind { working, other };

// One year of a production calendar: where it departs from "Monday to Friday work, Saturday and
// Sunday do not".
struct CalendarYear {
    int year{};
    std::string country{};                         // ISO 3166, "RU"
    std::string source{};                          // the act that says so
    std::set<base::LocalDate> days_off{};          // Monday to Friday, not worked
    std::set<base::LocalDate> working_weekends{};  // Saturdays and Sundays that are worked
    bool operator==(const CalendarYear&) const = default;
};

// Reads docs/schema/calendar.schema.json. Mistakes: dates outside the year, a day off that is a
// weekend anyway, a working weekend that is not a Saturday or Sunday.
Parsed<CalendarYear> parse_calendar_year(const base::Json& json);
base::Json to_json(const CalendarYear& year);

// The years known. A day of a year nobody supplied is treated as non-working: the stricter window
// applies, and missing_years() lets the caller warn.
class WorkCalendar {
public:
    WorkCalendar() = default;
    explicit WorkCalendar(std::vector<CalendarYear> years);

    void add(CalendarYear year);  // replaces the same year
    DayKind kind_of(const base::LocalDate& date) const;
    bool knows(std::chrono::year year) const;
    // Years touched by [from, to] that are not known.
    std::vector<int> missing_years(const base::LocalDate& from, const base::LocalDate& to) const;

private:
    std::map<int, CalendarYear> years_;
};

// Whether `now` is inside the window of every zone (one zone for a client whose zone is known, all
// that are possible for one whose zone is not). No zones: never.
bool is_allowed(const SendWindows& windows, std::span<const base::TimeZone> zones,
                const WorkCalendar& calendar, base::Instant now);

// The first allowed instant in [not_before, not_after]; nothing when there is none, or none in the
// first window_horizon after not_before.
std::optional<base::Instant> next_allowed(const SendWindows& windows,
                                          std::span<const base::TimeZone> zones,
                                          const WorkCalendar& calendar, base::Instant not_before,
                                          base::Instant not_after);

inline constexpr std::chrono::days window_horizon{62};

inline bool is_allowed(const SendWindows& windows, const base::TimeZone& zone,
                       const WorkCalendar& calendar, base::Instant now) {
    return is_allowed(windows, {&zone, 1}, calendar, now);
}
inline std::optional<base::Instant> next_allowed(const SendWindows& windows,
                                                 const base::TimeZone& zone,
                                                 const WorkCalendar& calendar,
                                                 base::Instant not_before,
                                                 base::Instant not_after) {
    return next_allowed(windows, {&zone, 1}, calendar, not_before, not_after);
}

// The instant the window that contains `now` ends: what a provider's time to live may not exceed.
// The end is the legal one, without the safety margin. Nothing when `now` is not allowed.
std::optional<base::Instant> window_end(const SendWindows& windows,
                                        std::span<const base::TimeZone> zones,
                                        const WorkCalendar& calendar, base::Instant now);

// Until when a contact that is allowed at `now` may go on: the end of its hours (of days that
// follow one another without a pause, the last one's), but not beyond `not_after`. `not_after`
// itself when `now` is not allowed; nothing when neither ends.
std::optional<base::Instant> allowed_until(const SendWindows& windows,
                                           std::span<const base::TimeZone> zones,
                                           const WorkCalendar& calendar, base::Instant now,
                                           std::optional<base::Instant> not_after);

// One zone for each of the eleven offsets in use in the Russian Federation, UTC+2 .. UTC+12 from
// west to east (Federal Law 107-FZ of 3 June 2011, article 5).
const std::vector<base::TimeZone>& russian_zones();

}  // namespace carillon::campaigns

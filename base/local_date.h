// Calendar dates without a time, and the IANA time zones that turn local times into instants.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace carillon::base {

using LocalDate = std::chrono::year_month_day;
using TimeOfDay = std::chrono::minutes;  // since local midnight, 0 .. 1439 (1440 = end of day)

// "2026-11-21". Errors: date.invalid.
Result<LocalDate> parse_date(std::string_view text);
std::string to_text(const LocalDate& date);

// "2026-11-21T09:00:00Z", with optional fraction; "+03:00" offsets are accepted. Errors:
// time.invalid.
Result<Instant> parse_instant(std::string_view text);
std::string to_text(Instant instant);  // "2026-11-21T09:00:00.000Z"

// "09:30". Errors: time.invalid.
Result<TimeOfDay> parse_time_of_day(std::string_view text);
std::string to_text(TimeOfDay time);

inline LocalDate add_days(const LocalDate& date, int days) {
    return LocalDate{std::chrono::sys_days{date} + std::chrono::days{days}};
}

// month * 100 + day: 229 is 29 February. What anniversaries are compared by.
inline int month_day(const LocalDate& date) {
    return static_cast<int>(static_cast<unsigned>(date.month()) * 100 +
                            static_cast<unsigned>(date.day()));
}

// When someone born on 29 February is congratulated in other years.
enum class LeapDayRule { february_28, march_1 };

// The month_day values whose anniversary falls on `date`: one, or two on the day that also stands
// for 29 February.
std::vector<int> anniversaries_on(const LocalDate& date, LeapDayRule rule);

// An IANA zone by name. Cheap to copy; safe from several threads.
class TimeZone {
public:
    // Errors: time_zone.unknown.
    static Result<TimeZone> find(std::string_view name);
    static TimeZone utc();

    const std::string& name() const { return name_; }
    LocalDate date_at(Instant instant) const;
    TimeOfDay time_at(Instant instant) const;  // rounded down to the minute
    // A local time skipped by daylight saving becomes the first instant after the gap;
    // one that happens twice becomes the earlier.
    Instant instant_of(const LocalDate& date, TimeOfDay time) const;
    std::chrono::seconds offset_at(Instant instant) const;

private:
    TimeZone(std::string name, const void* zone) : name_(std::move(name)), zone_(zone) {}
    std::string name_;
    const void* zone_;  // date::time_zone, owned by the library for the life of the process
};

// Version of the time-zone data in use ("2026a"), for `doctor`.
std::string time_zone_data_version();

}  // namespace carillon::base

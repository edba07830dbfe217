// A day that comes once a year: "05-09", "second sunday of september", "last sunday of october",
// "day 256 of year".
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/local_date.h"
#include "base/result.h"

namespace carillon::campaigns {

// The same month and day; 29 February moves by the leap day rule.
struct FixedDay {
    std::chrono::month_day day{};
    bool operator==(const FixedDay&) const = default;
};

struct WeekdayOfMonth {
    std::chrono::weekday weekday{};
    unsigned nth{1};  // 1 .. 5, 0: the last
    std::chrono::month month{};
    bool operator==(const WeekdayOfMonth&) const = default;
};

// Programmers celebrate day 256: 13 September, 12 September in a leap year.
struct DayOfYear {
    int number{1};  // 1 .. 366
    bool operator==(const DayOfYear&) const = default;
};

using DayRule = std::variant<FixedDay, WeekdayOfMonth, DayOfYear>;

// English words, any case. Errors: day_rule.invalid with the forms that are understood.
base::Result<DayRule> parse_day_rule(std::string_view text);
std::string to_text(const DayRule& rule);

// The date in one year; nothing when that year has none (a fifth sunday, day 366).
std::optional<base::LocalDate> date_in(const DayRule& rule, std::chrono::year year,
                                       base::LeapDayRule leap_day);

}  // namespace carillon::campaigns

// When a day's letters go to the print house. Pure; safe from several threads.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/local_date.h"

namespace carillon::channels {

struct CutOff {
    base::TimeOfDay time{std::chrono::hours{17} + std::chrono::minutes{30}};
    base::TimeZone zone{base::TimeZone::utc()};
    std::set<base::LocalDate> days_off{};          // holidays that fall on weekdays
    std::set<base::LocalDate> working_weekends{};  // weekend days that are worked
};

bool is_working_day(const CutOff& cut_off, const base::LocalDate& date);

// The first cut-off on a working day that is later than `accepted`.
base::Instant next_cut_off(const CutOff& cut_off, base::Instant accepted);

// Adds a holiday calendar as in examples/calendars ("days_off", "working_weekends").
// Every mistake with its JSON path is added to `problems`.
void add_calendar(CutOff& cut_off, const base::Json& calendar, base::Problems& problems);

}  // namespace carillon::channels

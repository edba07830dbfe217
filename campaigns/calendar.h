// What a schedule means on the calendar: its slots. A slot is one local date and time at which a
// campaign is due; its key is what UNIQUE(schedule, slot) is taken of, so a clock change, a restart
// or a second scheduler cannot fire it twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/local_date.h"
#include "campaigns/schedule.h"

namespace carillon::campaigns {

struct Slot {
    std::string key{};        // "2026-11-21T10:00": the same in every zone
    base::LocalDate as_of{};  // the local day whose birthdays, due dates and segment are meant
    base::TimeOfDay time{};
    base::Instant at{};  // in the zone asked for; a skipped local time is the first instant after
                         // the gap, a doubled one the earlier
    bool operator==(const Slot&) const = default;
};

// What limits a schedule from outside: the campaign's first and last day, the leap day rule of the
// policies.
struct SlotRules {
    std::optional<base::LocalDate> starts{};
    std::optional<base::LocalDate> ends{};
    base::LeapDayRule leap_day{base::LeapDayRule::february_28};
};

// The slots due in [from, to), in order of time. Adjoining ranges never share and never miss a
// slot. Events have none: they fire per client. At most slots_max are returned: the earliest ones;
// ask again from the last one on.
std::vector<Slot> slots_between(const Schedule& schedule, const base::TimeZone& zone,
                                base::Instant from, base::Instant to, const SlotRules& rules = {});
inline constexpr std::size_t slots_max = 10'000;

// The zone slots are computed in: the bank's when the schedule says so, the client's otherwise.
inline const base::TimeZone& zone_of(const Schedule& schedule, const base::TimeZone& client,
                                     const base::TimeZone& bank) {
    return schedule.zone == ScheduleZone::bank ? bank : client;
}

// Which clients a date-field slot is for: those whose date equals `exact`, or whose month * 100 +
// day is one of `month_days` (two where one stands in for 29 February).
struct DateMatchValues {
    DateMatch match{DateMatch::exact};
    base::LocalDate exact{};
    std::vector<int> month_days{};
    bool operator==(const DateMatchValues&) const = default;
};
DateMatchValues matching_dates(const OnDateField& on, const base::LocalDate& slot,
                               base::LeapDayRule leap_day);

// Which occupations are congratulated on `date`, in the order of the list.
std::vector<OccupationDay> occupations_on(const OnCalendarDays& on, const base::LocalDate& date,
                                          base::LeapDayRule leap_day);

}  // namespace carillon::campaigns

#include "campaigns/calendar.h"

#include <algorithm>
#include <set>

#include "campaigns/recurrence.h"

namespace carillon::campaigns {

namespace {

using base::LocalDate;
using base::TimeOfDay;
using std::chrono::days;
using std::chrono::sys_days;

struct DateRange {
    LocalDate first{};
    LocalDate last{};
    bool empty() const { return last < first; }
    bool contains(const LocalDate& date) const { return date >= first && date <= last; }
};

// Local dates whose slots can be due in [from, to), a day wider than needed on both sides, within
// the campaign's dates.
DateRange dates_between(const base::TimeZone& zone, base::Instant from, base::Instant to,
                        const SlotRules& rules) {
    DateRange range{base::add_days(zone.date_at(from), -1), base::add_days(zone.date_at(to), 1)};
    if (rules.starts) range.first = std::max(range.first, *rules.starts);
    if (rules.ends) range.last = std::min(range.last, *rules.ends);
    return range;
}

std::vector<LocalDate> every_day(const DateRange& range) {
    std::vector<LocalDate> dates;
    for (sys_days day{range.first}; day <= sys_days{range.last} && dates.size() < slots_max + 2;
         day += days{1})
        dates.emplace_back(day);
    return dates;
}

std::vector<LocalDate> dates_of(const Once& once, const DateRange& range, base::LeapDayRule) {
    if (!range.contains(once.date)) return {};
    return {once.date};
}

std::vector<LocalDate> dates_of(const Recurring& on, const DateRange& range, base::LeapDayRule) {
    const auto rule = Recurrence::parse(on.rrule, on.start);
    return rule ? rule->between(range.first, range.last) : std::vector<LocalDate>{};
}

std::vector<LocalDate> dates_of(const OnDateField&, const DateRange& range, base::LeapDayRule) {
    return every_day(range);
}

std::vector<LocalDate> dates_of(const OnCalendarDays& on, const DateRange& range,
                                base::LeapDayRule leap_day) {
    std::set<LocalDate> dates;
    for (auto year = range.first.year(); year <= range.last.year(); ++year)
        for (const auto& day : on.days)
            if (const auto date = date_in(day.day, year, leap_day); date && range.contains(*date))
                dates.insert(*date);
    return {dates.begin(), dates.end()};
}

std::vector<LocalDate> dates_of(const OnEvent&, const DateRange&, base::LeapDayRule) {
    return {};
}

TimeOfDay time_of(const OnEvent&) {
    return {};
}
template <class OnTime>
TimeOfDay time_of(const OnTime& on) {
    return on.time;
}

Slot slot_of(const LocalDate& date, TimeOfDay time, const base::TimeZone& zone) {
    return {.key = base::to_text(date) + "T" + base::to_text(time),
            .as_of = date,
            .time = time,
            .at = zone.instant_of(date, time)};
}

}  // namespace

std::vector<Slot> slots_between(const Schedule& schedule, const base::TimeZone& zone,
                                base::Instant from, base::Instant to, const SlotRules& rules) {
    std::vector<Slot> slots;
    const auto range = dates_between(zone, from, to, rules);
    if (range.empty() || from >= to) return slots;
    const auto dates = std::visit(
        [&](const auto& on) { return dates_of(on, range, rules.leap_day); }, schedule.when);
    const auto time = std::visit([](const auto& on) { return time_of(on); }, schedule.when);
    for (const auto& date : dates) {
        auto slot = slot_of(date, time, zone);
        if (slot.at >= from && slot.at < to) slots.push_back(std::move(slot));
        if (slots.size() == slots_max) break;
    }
    return slots;
}

DateMatchValues matching_dates(const OnDateField& on, const LocalDate& slot,
                               base::LeapDayRule leap_day) {
    const auto date = base::add_days(slot, -on.offset_days);
    if (on.match == DateMatch::exact)
        return {.match = DateMatch::exact, .exact = date, .month_days = {}};
    return {.match = DateMatch::anniversary,
            .exact = {},
            .month_days = base::anniversaries_on(date, leap_day)};
}

std::vector<OccupationDay> occupations_on(const OnCalendarDays& on, const LocalDate& date,
                                          base::LeapDayRule leap_day) {
    std::vector<OccupationDay> found;
    std::ranges::copy_if(on.days, std::back_inserter(found), [&](const OccupationDay& day) {
        return date_in(day.day, date.year(), leap_day) == date;
    });
    return found;
}

}  // namespace carillon::campaigns

#include "channels/cut_off.h"

namespace carillon::channels {

namespace {

// No calendar has so many days off in a row.
constexpr int days_ahead_max = 60;

void read_dates(base::ObjectReader& reader, std::string_view key, std::set<base::LocalDate>& into) {
    for (const auto& text : reader.texts(key)) {
        const auto date = base::parse_date(text);
        if (date)
            into.insert(*date);
        else
            reader.problem(key, date.error().code, date.error().detail);
    }
}

}  // namespace

bool is_working_day(const CutOff& cut_off, const base::LocalDate& date) {
    const std::chrono::weekday day{std::chrono::sys_days{date}};
    const bool weekend = day == std::chrono::Saturday || day == std::chrono::Sunday;
    return weekend ? cut_off.working_weekends.contains(date) : !cut_off.days_off.contains(date);
}

base::Instant next_cut_off(const CutOff& cut_off, base::Instant accepted) {
    auto date = cut_off.zone.date_at(accepted);
    for (int day = 0; day < days_ahead_max; ++day, date = base::add_days(date, 1)) {
        const auto at = cut_off.zone.instant_of(date, cut_off.time);
        if (at > accepted && is_working_day(cut_off, date)) return at;
    }
    return cut_off.zone.instant_of(date, cut_off.time);
}

void add_calendar(CutOff& cut_off, const base::Json& calendar, base::Problems& problems) {
    base::ObjectReader reader{calendar, "$", problems};
    reader.any("year");
    reader.any("country");
    reader.any("source");
    read_dates(reader, "days_off", cut_off.days_off);
    read_dates(reader, "working_weekends", cut_off.working_weekends);
    reader.finish();
}

}  // namespace carillon::channels

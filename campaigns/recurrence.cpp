// The only file that knows libical. Times are floating (no zone): the rule is walked over days, and
// zones come in where a day and a time of day become an instant.
#include "campaigns/recurrence.h"

#include <libical/ical.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <set>

#include "base/text.h"

namespace carillon::campaigns {

namespace {

using base::LocalDate;

constexpr std::size_t rule_bytes_max = 500;
constexpr LocalDate last_day{std::chrono::year{2500}, std::chrono::December, std::chrono::day{31}};
constexpr std::array<std::string_view, 10> supported_parts{
    "FREQ",    "INTERVAL",  "COUNT",      "UNTIL", "WKST",
    "BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS"};
constexpr std::array<std::string_view, 4> supported_frequencies{"DAILY", "WEEKLY", "MONTHLY",
                                                                "YEARLY"};

struct FreeIterator {
    void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using Iterator = std::unique_ptr<icalrecur_iterator, FreeIterator>;

// Noon: libical 3.0.16 does not move on from a start without a time of day.
icaltimetype noon_of(const LocalDate& date) {
    auto time = icaltime_null_time();
    time.year = static_cast<int>(date.year());
    time.month = static_cast<int>(static_cast<unsigned>(date.month()));
    time.day = static_cast<int>(static_cast<unsigned>(date.day()));
    time.hour = 12;
    return time;
}

LocalDate local_date(const icaltimetype& time) {
    return LocalDate{std::chrono::year{time.year},
                     std::chrono::month{static_cast<unsigned>(time.month)},
                     std::chrono::day{static_cast<unsigned>(time.day)}};
}

struct Part {
    std::string name{};
    std::string value{};
};

// "FREQ=WEEKLY;BYDAY=MO" -> its parts in capitals; empty when a part has no "=" or no value.
std::vector<Part> parts_of(std::string_view rule) {
    std::vector<Part> parts;
    for (const auto part : base::split(rule, ';')) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos || equals + 1 == part.size()) return {};
        parts.push_back(
            {std::string{part.substr(0, equals)}, std::string{part.substr(equals + 1)}});
    }
    return parts;
}

std::string capitals(std::string_view text) {
    std::string big{text};
    for (char& c : big) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return big;
}

base::Result<void> check_parts(const std::vector<Part>& parts) {
    if (parts.empty() || parts[0].name != "FREQ")
        return base::fail(
            "rrule.invalid",
            "a rule starts with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY (RFC 5545, 3.3.10)");
    std::set<std::string> seen;
    for (const auto& part : parts) {
        if (std::ranges::find(supported_parts, part.name) == supported_parts.end())
            return base::fail("rrule.unsupported",
                              part.name + " is not supported in a campaign's rule");
        if (!seen.insert(part.name).second)
            return base::fail("rrule.invalid", part.name + " is given twice");
    }
    const auto until = std::ranges::find(parts, "UNTIL", &Part::name);
    if (until != parts.end() && until->value.size() != 8)
        return base::fail(
            "rrule.unsupported",
            "UNTIL takes a day here, such as 20261231: the time is a member of its own");
    if (seen.contains("COUNT") && seen.contains("UNTIL"))
        return base::fail("rrule.invalid", "COUNT and UNTIL exclude each other");
    // libical 3.0.16 looks at the start's month only, against RFC 5545's "expand".
    if (parts[0].value == "YEARLY" && seen.contains("BYMONTHDAY") && !seen.contains("BYMONTH"))
        return base::fail("rrule.unsupported",
                          "FREQ=YEARLY with BYMONTHDAY needs BYMONTH here, or write FREQ=MONTHLY");
    if (std::ranges::find(supported_frequencies, parts[0].value) == supported_frequencies.end())
        return base::fail(
            "rrule.unsupported",
            "FREQ=" + parts[0].value + " is not supported; a campaign fires at most once a day");
    return {};
}

// The rule as libical is given it: days start at noon there, so a last day lasts until its evening.
std::string with_whole_last_day(const std::vector<Part>& parts) {
    std::string rule;
    for (const auto& part : parts) {
        if (!rule.empty()) rule += ';';
        rule += part.name + '=' + part.value;
        if (part.name == "UNTIL") rule += "T235959";
    }
    return rule;
}

// Null when libical does not support the combination of parts.
Iterator iterator_of(const std::string& rule, const LocalDate& start) {
    return Iterator{
        icalrecur_iterator_new(icalrecurrencetype_from_string(rule.c_str()), noon_of(start))};
}

// At most `limit` days of the rule in [from, to]. libical gives up by itself at the year 2582.
std::vector<LocalDate> walk(icalrecur_iterator* iterator, const LocalDate& from,
                            const LocalDate& to, std::size_t limit) {
    std::vector<LocalDate> days;
    for (int visited = 0; visited < Recurrence::occurrences_max && days.size() < limit; ++visited) {
        const auto next = icalrecur_iterator_next(iterator);
        if (icaltime_is_null_time(next)) break;
        const auto day = local_date(next);
        if (day > to) break;
        if (day >= from) days.push_back(day);
    }
    return days;
}

}  // namespace

base::Result<Recurrence> Recurrence::parse(std::string_view rule, const LocalDate& start) {
    if (rule.size() > rule_bytes_max || base::has_control_characters(rule) || !start.ok())
        return base::fail("rrule.invalid",
                          "a rule is one line of at most 500 characters, with a start day");
    const auto parts = parts_of(capitals(rule));
    if (const auto checked = check_parts(parts); !checked) return base::fail(checked.error());
    auto text = with_whole_last_day(parts);
    if (icalrecurrencetype_from_string(text.c_str()).freq == ICAL_NO_RECURRENCE)
        return base::fail("rrule.invalid", "'" + std::string{rule} +
                                               "' is not a recurrence rule (RFC 5545, 3.3.10)");
    const auto iterator = iterator_of(text, start);
    if (!iterator)
        return base::fail(
            "rrule.unsupported",
            "these parts cannot be combined (RFC 5545, 3.3.10, table of BYxxx parts)");
    if (walk(iterator.get(), start, last_day, 1).empty())
        return base::fail("rrule.never", "no day matches '" + std::string{rule} + "'");
    return Recurrence{std::move(text), start};
}

std::vector<LocalDate> Recurrence::between(const LocalDate& from, const LocalDate& to) const {
    const auto iterator = iterator_of(rule_, start_);
    const auto first = std::max(from, start_);
    // Without COUNT there is no need to walk the years since the start.
    const bool counts = rule_.find("COUNT=") != std::string::npos;
    if (!counts && first > start_) icalrecur_iterator_set_start(iterator.get(), noon_of(first));
    return walk(iterator.get(), first, to, occurrences_max);
}

}  // namespace carillon::campaigns

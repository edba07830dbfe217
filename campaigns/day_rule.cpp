#include "campaigns/day_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace carillon::campaigns {

namespace {

constexpr std::array<std::string_view, 7> weekday_names{
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 12> month_names{
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
// The index is WeekdayOfMonth::nth.
constexpr std::array<std::string_view, 6> ordinals{"last",  "first",  "second",
                                                   "third", "fourth", "fifth"};

template <std::size_t N>
std::optional<unsigned> index_of(const std::array<std::string_view, N>& names,
                                 std::string_view word) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) return std::nullopt;
    return static_cast<unsigned>(found - names.begin());
}

std::optional<unsigned> number(std::string_view digits) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

// Lower-case words, runs of white space collapsed.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (const auto part : base::split(text, ' ')) {
        std::string word{base::trim(part)};
        for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (!word.empty()) words.push_back(std::move(word));
    }
    return words;
}

std::optional<DayRule> fixed_day(std::string_view text) {
    if (text.size() != 5 || text[2] != '-') return std::nullopt;
    const auto month = number(text.substr(0, 2));
    const auto day = number(text.substr(3));
    if (!month || !day) return std::nullopt;
    const auto date = std::chrono::month{*month} / std::chrono::day{*day};
    if (!date.ok()) return std::nullopt;
    return FixedDay{date};
}

// second sunday of september
std::optional<DayRule> weekday_of_month(const std::vector<std::string>& words) {
    if (words.size() != 4 || words[2] != "of") return std::nullopt;
    const auto nth = index_of(ordinals, words[0]);
    const auto weekday = index_of(weekday_names, words[1]);
    const auto month = index_of(month_names, words[3]);
    if (!nth || !weekday || !month) return std::nullopt;
    return WeekdayOfMonth{std::chrono::weekday{*weekday}, *nth, std::chrono::month{*month + 1}};
}

// day 256 of year
std::optional<DayRule> day_of_year(const std::vector<std::string>& words) {
    if (words.size() != 4 || words[0] != "day" || words[2] != "of" || words[3] != "year")
        return std::nullopt;
    const auto day = number(words[1]);
    if (!day || *day < 1 || *day > 366) return std::nullopt;
    return DayOfYear{static_cast<int>(*day)};
}

std::optional<base::LocalDate> in_year(const FixedDay& rule, std::chrono::year year,
                                       base::LeapDayRule leap_day) {
    const base::LocalDate date{year, rule.day.month(), rule.day.day()};
    if (date.ok()) return date;
    return leap_day == base::LeapDayRule::february_28 ? year / std::chrono::February / 28
                                                      : year / std::chrono::March / 1;
}

std::optional<base::LocalDate> in_year(const WeekdayOfMonth& rule, std::chrono::year year,
                                       base::LeapDayRule) {
    if (rule.nth == 0)
        return base::LocalDate{
            std::chrono::sys_days{year / rule.month / rule.weekday[std::chrono::last]}};
    const auto date = year / rule.month / rule.weekday[rule.nth];
    if (!date.ok()) return std::nullopt;
    return base::LocalDate{std::chrono::sys_days{date}};
}

std::optional<base::LocalDate> in_year(const DayOfYear& rule, std::chrono::year year,
                                       base::LeapDayRule) {
    if (rule.number == 366 && !year.is_leap()) return std::nullopt;
    return base::LocalDate{std::chrono::sys_days{year / std::chrono::January / 1} +
                           std::chrono::days{rule.number - 1}};
}

std::string text_of(const FixedDay& rule) {
    return fmt::format("{:02}-{:02}", static_cast<unsigned>(rule.day.month()),
                       static_cast<unsigned>(rule.day.day()));
}

std::string text_of(const WeekdayOfMonth& rule) {
    return fmt::format("{} {} of {}", ordinals.at(rule.nth),
                       weekday_names.at(rule.weekday.c_encoding()),
                       month_names.at(static_cast<unsigned>(rule.month) - 1));
}

std::string text_of(const DayOfYear& rule) {
    return fmt::format("day {} of year", rule.number);
}

}  // namespace

base::Result<DayRule> parse_day_rule(std::string_view text) {
    const auto words = words_of(text);
    if (words.size() == 1)
        if (const auto day = fixed_day(words[0])) return *day;
    if (const auto day = weekday_of_month(words)) return *day;
    if (const auto day = day_of_year(words)) return *day;
    return base::fail("day_rule.invalid",
                      "'" + std::string{text} +
                          "' is not a day of the year; expected 05-09, 'second sunday of "
                          "september', 'last sunday of october' or 'day 256 of year'");
}

std::string to_text(const DayRule& rule) {
    return std::visit([](const auto& day) { return text_of(day); }, rule);
}

std::optional<base::LocalDate> date_in(const DayRule& rule, std::chrono::year year,
                                       base::LeapDayRule leap_day) {
    return std::visit([&](const auto& day) { return in_year(day, year, leap_day); }, rule);
}

}  // namespace carillon::campaigns

#include "audience/cell_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "audience/names.h"
#include "base/money.h"
#include "base/text.h"

namespace carillon::audience {

namespace {

std::optional<int> digits(std::string_view text) {
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return text.empty() ? std::nullopt : std::optional{value};
}

std::string checked_date(std::optional<int> year, std::optional<int> month,
                         std::optional<int> day) {
    if (!year || !month || !day) return {};
    const base::LocalDate date{std::chrono::year{*year},
                               std::chrono::month{static_cast<unsigned>(*month)},
                               std::chrono::day{static_cast<unsigned>(*day)}};
    return date.ok() ? base::to_text(date) : std::string{};
}

// Six digits of the years 1900 to 1999; Berka writes times behind some ("931107 00:00:00").
std::string six_digits(std::string_view text, bool women_plus_fifty) {
    if (text.size() > 6 && text[6] == ' ') text = text.substr(0, 6);
    if (text.size() != 6) return {};
    const auto year = digits(text.substr(0, 2));
    auto month = digits(text.substr(2, 2));
    if (women_plus_fifty && month && *month > 50) *month -= 50;
    return checked_date(year ? std::optional{1900 + *year} : year, month, digits(text.substr(4)));
}

// "1.234,50" with ',' as the mark -> "1234,50".
std::string without_group_marks(std::string_view text, char decimal_mark) {
    std::string plain{text};
    if (decimal_mark != 0) std::erase(plain, decimal_mark == ',' ? '.' : ',');
    return plain;
}

std::string quoted(std::string_view value) {
    return "'" + std::string{value.substr(0, 60)} + "'";
}

}  // namespace

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string gender_of_birth_number(std::string_view value) {
    if (six_digits(value, true).empty()) return {};
    return digits(value.substr(2, 2)).value_or(0) > 50 ? "f" : "m";
}

std::string date_in_format(std::string_view value, DateFormat format) {
    switch (format) {
        case DateFormat::iso: {
            if (value.size() != 10 || value[4] != '-' || value[7] != '-') return {};
            return checked_date(digits(value.substr(0, 4)), digits(value.substr(5, 2)),
                                digits(value.substr(8)));
        }
        case DateFormat::day_first: {
            if (value.size() != 10 || value[2] != '.' || value[5] != '.') return {};
            return checked_date(digits(value.substr(6)), digits(value.substr(3, 2)),
                                digits(value.substr(0, 2)));
        }
        case DateFormat::yymmdd: return six_digits(value, false);
        case DateFormat::birth_number: return six_digits(value, true);
    }
    std::abort();
}

void CellReader::problem(const BoundMapping::Field& field, std::string reason) {
    problems_.push_back({field.shown, std::move(reason)});
}

std::string CellReader::text(const BoundMapping::Field& field, std::string_view value,
                             std::size_t characters_max) {
    if (!is_printable(value)) {
        if (auto line = in_one_line(value); !line.empty() && is_printable(line))
            return text(field, line, characters_max);
        problem(field, "is not printable UTF-8 text (is the encoding right?)");
        return {};
    }
    auto normal = normal_text(value);
    if (normal.size() > characters_max && character_count(normal) > characters_max) {
        problem(field, fmt::format("is longer than {} characters", characters_max));
        return {};
    }
    return normal;
}

std::string CellReader::choice(const BoundMapping::Field& field, std::string_view value,
                               std::span<const std::string_view> words) {
    if (std::ranges::find(words, value) != words.end()) return std::string{value};
    problem(field, fmt::format("{} is not one of {}", quoted(value), fmt::join(words, ", ")));
    return {};
}

std::string CellReader::date(const BoundMapping::Field& field, std::string_view value) {
    static constexpr std::array<std::string_view, 4> shown{"YYYY-MM-DD", "DD.MM.YYYY", "YYMMDD",
                                                           "YYMMDD, women's month + 50"};
    const auto format = field.source.format.value_or(defaults_.date_format);
    auto date = date_in_format(value, format);
    if (date.empty())
        problem(field, fmt::format("{} is not a date; expected {}", quoted(value),
                                   shown[static_cast<std::size_t>(format)]));
    return date;
}

std::int64_t CellReader::money(const BoundMapping::Field& field, std::string_view value,
                               std::string_view currency) {
    const auto minor =
        base::parse_minor(without_group_marks(value, defaults_.decimal_mark), currency);
    if (minor) return *minor;
    problem(field, minor.error().detail);
    return 0;
}

double CellReader::number(const BoundMapping::Field& field, std::string_view value) {
    auto plain = without_group_marks(value, defaults_.decimal_mark);
    std::ranges::replace(plain, ',', '.');
    double number = 0;
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), number);
    if (error == std::errc{} && end == plain.data() + plain.size() && std::isfinite(number))
        return number;
    problem(field, quoted(value) + " is not a number");
    return 0;
}

bool CellReader::flag(const BoundMapping::Field& field, std::string_view value) {
    static constexpr std::array<std::string_view, 6> yes{"1", "yes", "true", "y", "да", "granted"};
    static constexpr std::array<std::string_view, 6> no{"0", "no", "false", "n", "нет", "refused"};
    const auto word = folded_name(value);
    if (std::ranges::find(yes, word) != yes.end()) return true;
    if (std::ranges::find(no, word) == no.end())
        problem(field, quoted(value) + " is neither yes nor no (1, 0, true, false, да, нет)");
    return false;
}

std::int64_t CellReader::moment(const BoundMapping::Field& field, std::string_view value) {
    auto at = base::parse_instant(value);
    if (!at) {
        const auto date =
            date_in_format(value, field.source.format.value_or(defaults_.date_format));
        if (!date.empty()) at = base::Instant{std::chrono::sys_days{*base::parse_date(date)}};
    }
    if (!at)
        problem(field, at.error().detail);
    else if (*at > now_)
        problem(field, quoted(value) + " lies in the future");
    return at ? base::to_millis(*at) : 0;
}

std::string CellReader::currency(const BoundMapping::Field& field, std::string_view value) {
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (value.size() == 3 && std::ranges::all_of(value, is_capital)) return std::string{value};
    problem(field, quoted(value) + " is not a currency; expected three capital letters (ISO 4217)");
    return {};
}

std::string CellReader::time_zone(const BoundMapping::Field& field, std::string_view value) {
    if (std::ranges::find(zones_, value) != zones_.end()) return std::string{value};
    const auto zone = base::TimeZone::find(value);
    if (!zone || value.size() > 40) {
        problem(field, quoted(value) + " is not an IANA time zone; expected e.g. Europe/Moscow");
        return {};
    }
    return zones_.emplace_back(value);
}

std::string CellReader::locale(const BoundMapping::Field& field, std::string_view value) {
    const auto parts = base::split(value, '-');
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto is_part = [&](std::string_view part) {
        return part.size() >= 2 && part.size() <= 8 && std::ranges::all_of(part, [&](char c) {
                   return is_letter(c) || (c >= '0' && c <= '9');
               });
    };
    const bool language = parts[0].size() <= 3 && std::ranges::all_of(parts[0], is_letter);
    if (value.size() <= 20 && language && std::ranges::all_of(parts, is_part))
        return std::string{value};
    problem(field, quoted(value) + " is not a locale; expected e.g. ru or en-GB");
    return {};
}

}  // namespace carillon::audience

#include "campaigns/duration.h"

#include <cctype>
#include <charconv>
#include <optional>

namespace carillon::campaigns {

namespace {

using namespace std::chrono_literals;

struct Unit {
    char letter;
    Minutes length;
};

constexpr Unit units[] = {
    {'w', std::chrono::weeks{1}}, {'d', std::chrono::days{1}}, {'h', 1h}, {'m', 1min}};

std::optional<Minutes> unit_of(char letter) {
    for (const auto& unit : units)
        if (unit.letter == std::tolower(static_cast<unsigned char>(letter))) return unit.length;
    return std::nullopt;
}

// Takes "<digits><letter>" off the front; nothing when it is not there or the number has over seven
// digits.
std::optional<Minutes> take_amount(std::string_view& text) {
    std::int64_t amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || digits > 7 || digits == text.size() || text[0] == '-')
        return std::nullopt;
    const auto unit = unit_of(text[digits]);
    if (!unit) return std::nullopt;
    text.remove_prefix(digits + 1);
    return *unit * amount;
}

// "P1DT6H": weeks and days before the T, hours and minutes after it, so that "P3M" (months) is
// refused.
std::optional<Minutes> parse_iso(std::string_view text) {
    Minutes sum{0};
    bool in_time = false;
    bool any = false;
    while (!text.empty()) {
        if (text[0] == 'T' && !in_time) {
            in_time = true;
            any = false;
            text.remove_prefix(1);
            continue;
        }
        const auto letter_at = text.find_first_not_of("0123456789");
        if (letter_at == std::string_view::npos) return std::nullopt;
        const bool is_time = text[letter_at] == 'H' || text[letter_at] == 'M';
        const auto amount = take_amount(text);
        if (!amount || is_time != in_time) return std::nullopt;
        sum += *amount;
        any = true;
    }
    return any ? std::optional{sum} : std::nullopt;
}

std::optional<Minutes> parse_plain(std::string_view text) {
    const auto amount = take_amount(text);
    return text.empty() ? amount : std::nullopt;
}

}  // namespace

base::Result<Minutes> parse_duration(std::string_view text) {
    const auto length = text.starts_with('P') ? parse_iso(text.substr(1)) : parse_plain(text);
    if (!length)
        return base::fail("duration.invalid",
                          "'" + std::string{text} +
                              "' is not a length of time; expected e.g. 90m, 12h, 3d, 2w or PT12H");
    if (*length > duration_max)
        return base::fail("duration.range", "'" + std::string{text} + "' is longer than ten years");
    return *length;
}

std::string duration_text(Minutes length) {
    if (length == 0min) return "0m";
    for (const auto& unit : units)
        if (unit.letter != 'w' && length % unit.length == 0min)
            return std::to_string(length / unit.length) + unit.letter;
    return std::to_string(length.count()) + "m";
}

Minutes read_duration(base::ObjectReader& reader, std::string_view key, Minutes fallback) {
    if (!reader.has(key)) return fallback;
    const auto* given = reader.any(key)->text();
    if (given == nullptr) {
        reader.problem(key, "json.type",
                       "expected a length of time such as \"12h\", found a " +
                           std::string{reader.any(key)->type_name()});
        return fallback;
    }
    const auto length = parse_duration(*given);
    if (length) return *length;
    reader.problem(key, length.error().code, length.error().detail);
    return fallback;
}

}  // namespace carillon::campaigns

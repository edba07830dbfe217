#include "base/money.h"

#include <algorithm>
#include <array>

namespace carillon::base {

namespace {

constexpr std::int64_t minor_max = 9'000'000'000'000'000;

// Removes group marks: space, apostrophe, no-break space, narrow no-break space.
std::string without_groups(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto rest = text.substr(i);
        if (rest.starts_with(' ') || rest.starts_with('\'')) continue;
        if (rest.starts_with("\xC2\xA0")) {
            i += 1;
            continue;
        }
        if (rest.starts_with("\xE2\x80\xAF")) {
            i += 2;
            continue;
        }
        plain += text[i];
    }
    return plain;
}

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

int minor_digits(std::string_view currency) {
    static constexpr std::array<std::string_view, 8> none{"JPY", "KRW", "VND", "CLP",
                                                          "ISK", "XAF", "XOF", "PYG"};
    static constexpr std::array<std::string_view, 6> three{"BHD", "KWD", "OMR",
                                                           "TND", "JOD", "IQD"};
    if (std::ranges::find(none, currency) != none.end()) return 0;
    if (std::ranges::find(three, currency) != three.end()) return 3;
    return 2;
}

Result<std::int64_t> parse_minor(std::string_view text, std::string_view currency) {
    const auto plain = without_groups(text);
    std::string_view rest = plain;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    const auto mark = rest.find_first_of(".,");
    const auto whole = rest.substr(0, mark);
    auto part = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
    if (whole.empty() || !all_digits(whole) || !all_digits(part) ||
        (mark != std::string_view::npos && part.empty()))
        return fail("money.invalid",
                    "'" + std::string{text} + "' is not an amount; expected 1234.50.");
    const auto digits = static_cast<std::size_t>(minor_digits(currency));
    while (part.size() > digits && part.ends_with('0')) part.remove_suffix(1);
    if (part.size() > digits)
        return fail("money.precision", "'" + std::string{text} + "' has more decimals than " +
                                           std::string{currency} + " has.");
    std::int64_t minor = 0;
    const auto padded =
        std::string{whole} + std::string{part} + std::string(digits - part.size(), '0');
    for (const char digit : padded) {
        minor = minor * 10 + (digit - '0');
        if (minor > minor_max)
            return fail("money.range", "'" + std::string{text} + "' is too large an amount.");
    }
    return negative ? -minor : minor;
}

std::string plain_text(const Money& money) {
    const auto digits = static_cast<std::size_t>(minor_digits(money.currency));
    auto text = std::to_string(money.minor < 0 ? -money.minor : money.minor);
    if (text.size() <= digits) text.insert(0, digits + 1 - text.size(), '0');
    if (digits > 0) text.insert(text.size() - digits, 1, '.');
    return money.minor < 0 ? "-" + text : text;
}

}  // namespace carillon::base

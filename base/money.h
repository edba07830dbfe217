// An amount of money in minor units (kopecks, cents) of an ISO 4217 currency. Never a floating
// number.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::base {

struct Money {
    std::int64_t minor{};
    std::string currency{"RUB"};  // ISO 4217, three capital letters
    bool operator==(const Money&) const = default;
};

// Digits after the decimal mark that ISO 4217 gives the currency (2 when unknown, 0 for JPY ...).
int minor_digits(std::string_view currency);

// "1234.5", "-0.07", "1 234,50" -> minor units. Group marks may be spaces, no-break spaces or
// apostrophes. Errors: money.invalid (not a number), money.precision (more decimals than the
// currency has), money.range (beyond 9e15 minor units).
Result<std::int64_t> parse_minor(std::string_view text, std::string_view currency);

// "1234.50": always with a point, for machines. People get templates::format_money.
std::string plain_text(const Money& money);

}  // namespace carillon::base

// A number that may be missing for a reason: what cannot be computed is said in words, never shown
// as a zero or a NaN.
#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

namespace carillon::reports {

// Why there is no number.
enum class Lack {
    nobody,          // nobody to divide by
    no_control,      // no control group, or an empty one
    one_client,      // a single client has no spread
    no_spread,       // all values are equal: there is nothing to compare with
    no_successes,    // a ratio to a group without a single success
    broken_control,  // the groups were not split as planned: see sample ratio
    no_cost,         // no channel says what a message costs
    no_money,        // no conversion carries an amount
    mixed_money      // amounts in several currencies
};

std::string_view name_of(Lack lack);  // stable, for machines: "no_control"

template <class T>
using Measured = tl::expected<T, Lack>;

inline tl::unexpected<Lack> lacking(Lack why) {
    return tl::unexpected<Lack>{why};
}

struct Interval {
    double low{};
    double high{};
};

// An estimate with the interval it lies in (95 % unless said otherwise).
struct Estimate {
    double value{};
    Interval within{};
};

// hits of `of`; 0 <= hits <= of.
struct Count {
    std::int64_t hits{};
    std::int64_t of{};
    double share() const {
        return of == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(of);
    }
};

inline constexpr double usual_confidence = 0.95;

}  // namespace carillon::reports

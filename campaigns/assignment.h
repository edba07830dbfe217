// Who is in the control group and who gets which variant: fixed by the campaign's salt and the
// client's own coordinate (base::mix_of), so that it can be computed again at any time, in C++ and
// in SQL alike.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/digest.h"

namespace carillon::campaigns {

// The numbers SQL needs. A client with coordinate `mix` draws share = ((a * mix + b) % prime) %
// parts, 0 .. 9999.
struct Assignment {
    base::Draw control{};
    std::int64_t control_below{};  // in the control group when the control draw is less than this
    base::Draw variant{};
    // Variant i when the variant draw is less than variant_below[i] and not less than the one
    // before. Ends with 10,000; a single variant takes everyone.
    std::vector<std::int64_t> variant_below{base::Draw::parts};
    bool operator==(const Assignment& other) const {
        return control.a == other.control.a && control.b == other.control.b &&
               control_below == other.control_below && variant.a == other.variant.a &&
               variant.b == other.variant.b && variant_below == other.variant_below;
    }
};

// `salt` is fixed for the life of a campaign (its id as text). control_parts: 0 .. 10,000.
// `weights` are positive; empty means one variant. Shares follow the weights to the nearest
// ten-thousandth.
Assignment assignment_of(std::string_view salt, int control_parts, const std::vector<int>& weights);

bool is_control(const Assignment& assignment, std::int64_t mix);
std::size_t variant_of(const Assignment& assignment, std::int64_t mix);  // index into the weights

}  // namespace carillon::campaigns

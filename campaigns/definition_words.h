// The words of the campaign file, shared by what reads it and what writes it. Not for other
// modules.
#pragma once

#include <string_view>
#include <vector>

namespace carillon::campaigns {

inline const std::vector<std::string_view> objective_names{
    "cross_sell",   "up_sell",    "retention", "acquisition",
    "reactivation", "experience", "service",   "debt"};
inline const std::vector<std::string_view> condition_names{"always", "no_response", "not_delivered",
                                                           "still_matches"};
inline const std::vector<std::string_view> attribution_names{"last", "first", "linear"};
inline const std::vector<std::string_view> household_names{"none", "one_per_address"};

}  // namespace carillon::campaigns

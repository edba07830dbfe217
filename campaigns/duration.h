// Lengths of time as marketers write them: "90m", "12h", "3d", "2w", or ISO 8601 "P3D", "PT12H",
// "P1DT6H". A day is 24 hours and a week is 7 days; months and years have no fixed length and are
// refused.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace carillon::campaigns {

using Minutes = std::chrono::minutes;

// Longest length accepted anywhere: ten years of 365 days.
inline constexpr Minutes duration_max = std::chrono::days{3650};

// From 0 to duration_max. Errors: duration.invalid, duration.range.
base::Result<Minutes> parse_duration(std::string_view text);

// The shortest form parse_duration reads back to the same length: "3d", "12h", "90m".
std::string duration_text(Minutes length);

// The duration under `key`, or `fallback` when the key is absent; mistakes are noted in the
// reader's problems.
Minutes read_duration(base::ObjectReader& reader, std::string_view key, Minutes fallback);

}  // namespace carillon::campaigns

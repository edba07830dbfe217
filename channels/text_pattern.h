// Regular expressions of settings (POSIX extended), for short answers of providers. Pure; safe from
// several threads.
#pragma once

#include <string>

namespace carillon::channels {

bool is_pattern(const std::string& pattern);
// What the first group matched, or the whole pattern where it has none; "" without a match. Only
// the beginning of a long text is looked at.
std::string first_match(const std::string& pattern, const std::string& text);

}  // namespace carillon::channels

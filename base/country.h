// Countries by their ISO 3166-1 alpha-2 code. Safe from several threads.
#pragma once

#include <string>
#include <string_view>

namespace carillon::base {

// The country's name in a language ("ru", "en", "de", ...); "" when the code is not assigned.
std::string country_name(std::string_view code, std::string_view language);
// The code of a country by its code or its name in one of a few languages, whatever the letter
// case; "" when unknown.
std::string country_code(std::string_view name);

// Full Unicode upper case, by the rules of no particular language.
std::string to_upper(std::string_view text);

}  // namespace carillon::base

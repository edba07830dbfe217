// Names and other short texts at the door: one check and one folding, fast for Latin and Cyrillic,
// ICU for the rest.
#pragma once

#include <string>
#include <string_view>

namespace carillon::audience {

// Valid UTF-8 without control characters (those that end lines or hide text).
bool is_printable(std::string_view text);

// Line breaks and tabs, alone or several, become one space; none at the ends. What a quoted cell
// may hold in a file, no name, address or header may.
std::string in_one_line(std::string_view text);

// NFC; printable text only.
std::string normal_text(std::string_view text);

// What names are compared by: base::fold_case of the NFC form, inner white space single, none at
// the ends.
std::string folded_name(std::string_view name);

}  // namespace carillon::audience

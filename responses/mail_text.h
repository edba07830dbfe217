// Texts of foreign mail as UTF-8: any charset, HTML to lines. Pure, linear in the size.
#pragma once

#include <string>
#include <string_view>

namespace carillon::responses {

// `charset` as the mail names it; unknown, absent or wrong ones are guessed: UTF-8, then Cyrillic
// (windows-1251 or KOI8-R, by which makes more small letters), else Latin 1. What cannot be read
// becomes '?'. The answer is valid UTF-8 without NUL and lone CR.
std::string to_utf8(std::string_view bytes, std::string_view charset);

// Lines of an HTML mail; what stands in a <blockquote> begins with "> ".
std::string html_to_lines(std::string_view html);

}  // namespace carillon::responses

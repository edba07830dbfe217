// Small text helpers that more than one floor needs. UTF-8 throughout.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::base {

bool is_valid_utf8(std::string_view text);
// True when there is a control character (C0, DEL, C1, U+2028, U+2029) that could end a line or
// hide text.
bool has_control_characters(std::string_view text);

// At most `bytes` of the text, never ending inside a character.
std::string cut_utf8(std::string_view text, std::size_t bytes);

std::string_view trim(std::string_view text);  // ASCII white space only
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Full Unicode: case folding (for comparing), lower case, NFC.
std::string fold_case(std::string_view text);
std::string to_nfc(std::string_view text);

// The candidate closest to `word` by edit distance (at most a third of its length wrong), or "".
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);

// 1-based line and column (in characters) of a byte offset.
struct LineColumn {
    int line{1};
    int column{1};
};
LineColumn line_column(std::string_view text, std::size_t offset);

}  // namespace carillon::base

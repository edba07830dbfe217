// Unicode for short messages: where a text may be cut, and how to write Cyrillic in Latin letters.
// Safe from several threads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace carillon::channels {

std::u32string to_code_points(std::string_view text);  // `text` is valid UTF-8
void append_utf8(std::string& out, char32_t character);

// The text cut at the borders of grapheme clusters (Unicode Standard Annex 29).
std::vector<std::string_view> graphemes_of(std::string_view text);

// The same text in the GSM alphabet: Cyrillic by the BGN/PCGN rules without the primes, typographic
// signs by their plain forms, other Latin letters without their marks. Emoji and other scripts
// cannot be written; they are listed, each once, and nothing is put in their place.
struct LatinText {
    std::string text{};
    std::vector<std::string> unwritable{};
};
LatinText to_latin(std::string_view text);

}  // namespace carillon::channels

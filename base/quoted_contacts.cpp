#include "base/quoted_contacts.h"

#include <algorithm>

namespace carillon::base {

namespace {

constexpr std::size_t number_min = 10;  // digits of a telephone number with its country
constexpr std::size_t number_max = 15;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Of an address (RFC 5322 atext, dots, UTF-8) or of a number.
bool is_sign(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view{".!#$%&'*+-/=?^_`{|}~@"}.find(c) != std::string_view::npos;
}

bool is_number(std::string_view word) {
    while (!word.empty() && !is_digit(word.back())) word.remove_suffix(1);
    while (!word.empty() && !is_digit(word.front())) word.remove_prefix(1);
    return word.size() >= number_min && word.size() <= number_max &&
           std::ranges::all_of(word, is_digit);
}

bool is_contact(std::string_view word) {
    return word.find('@') != std::string_view::npos || is_number(word);
}

// The next word or the one sign between words.
std::string_view next_piece(std::string_view text) {
    const auto* const end = std::ranges::find_if_not(text, is_sign);
    return text.substr(0, std::max<std::size_t>(1, static_cast<std::size_t>(end - text.begin())));
}

}  // namespace

bool quotes_contact(std::string_view text) {
    for (; !text.empty(); text.remove_prefix(next_piece(text).size()))
        if (is_contact(next_piece(text))) return true;
    return false;
}

std::string without_contacts(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const auto piece = next_piece(text);
        plain += is_contact(piece) ? std::string_view{"***"} : piece;
        text.remove_prefix(piece.size());
    }
    return plain;
}

}  // namespace carillon::base

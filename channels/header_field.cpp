#include "channels/header_field.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::channels {

namespace {

constexpr std::size_t line_max = 76;          // RFC 2047 section 2: a line with an encoded-word
constexpr std::size_t encoded_word_max = 75;  // the word itself
constexpr std::string_view word_prefix = "=?UTF-8?";
constexpr char hex_digits[] = "0123456789ABCDEF";

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 2047 section 5 (3): what may stand for itself in a Q word anywhere, also within a display
// name.
bool is_plain_in_word(char c) {
    return is_letter_or_digit(c) || std::string_view{"!*+-/"}.find(c) != std::string_view::npos;
}

bool is_atext(char c) {
    return is_letter_or_digit(c) ||
           std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
}

std::size_t character_size(char first) {
    const auto byte = static_cast<unsigned char>(first);
    if (byte < 0x80) return 1;
    if (byte < 0xE0) return 2;
    return byte < 0xF0 ? 3 : 4;
}

std::size_t q_size(std::string_view text) {
    std::size_t size = 0;
    for (const char c : text) size += is_plain_in_word(c) || c == ' ' ? 1 : 3;
    return size;
}

void append_q(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == ' ') {
            out += '_';
        } else if (is_plain_in_word(c)) {
            out += c;
        } else {
            out += '=';
            out += hex_digits[byte >> 4];
            out += hex_digits[byte & 15];
        }
    }
}

// Bytes of `text` whose whole characters fit into `room` characters of an encoded text.
std::size_t fitting(std::string_view text, std::size_t room, bool base64) {
    std::size_t taken = 0;
    std::size_t cost = 0;
    while (taken < text.size()) {
        const auto size = std::min(character_size(text[taken]), text.size() - taken);
        const auto next_cost =
            base64 ? (taken + size + 2) / 3 * 4 : cost + q_size(text.substr(taken, size));
        if (next_cost > room) break;
        cost = next_cost;
        taken += size;
    }
    return taken;
}

// Encoded-words for all of `text`; `column` is where the first one would begin. Returns the last
// column.
std::size_t append_encoded_words(std::string& out, std::string_view text, std::size_t column) {
    const bool base64 = q_size(text) > (text.size() + 2) / 3 * 4;
    constexpr std::size_t frame = word_prefix.size() + 2 + 2;  // "B?" and "?="
    while (!text.empty()) {
        const auto room = std::min(encoded_word_max, line_max - std::min(column, line_max));
        const auto size = room > frame ? fitting(text, room - frame, base64) : 0;
        if (size == 0) {
            out += "\r\n ";
            column = 1;
            continue;
        }
        const auto before = out.size();
        out += word_prefix;
        out += base64 ? "B?" : "Q?";
        if (base64)
            out += base::to_base64(text.substr(0, size));
        else
            append_q(out, text.substr(0, size));
        out += "?=";
        column += out.size() - before;
        text.remove_prefix(size);
        if (!text.empty()) {
            out += "\r\n ";
            column = 1;
        }
    }
    return column;
}

// Can the text stand as it is? Folding may only happen at single spaces between words that fit a
// line.
bool is_plain_text(std::string_view text) {
    if (!is_ascii(text) || text.find("=?") != std::string_view::npos) return false;
    if (text.starts_with(' ') || text.ends_with(' ') || text.find("  ") != std::string_view::npos)
        return false;
    return std::ranges::all_of(base::split(text, ' '),
                               [](std::string_view word) { return word.size() < line_max; });
}

void append_folded(std::string& out, std::string_view text, std::size_t column) {
    if (column + text.size() <= line_max) {
        out += text;
        return;
    }
    while (!text.empty()) {
        const auto word = text.substr(0, text.find(' '));
        // A fold comes with the space that stood between the words anyway.
        if (column > 1 && column + word.size() > line_max && out.back() == ' ') {
            out.back() = '\r';
            out += "\n ";
            column = 1;
        }
        out += word;
        column += word.size();
        text.remove_prefix(word.size());
        if (!text.empty()) {
            out += ' ';
            ++column;
            text.remove_prefix(1);
        }
    }
}

// Returns the column after the name.
std::size_t append_display_name(std::string& out, std::string_view name, std::size_t column) {
    constexpr std::size_t quoted_max = 60;
    if (!is_plain_text(name) || name.size() > quoted_max)
        return append_encoded_words(out, name, column);
    const bool atoms = std::ranges::all_of(name, [](char c) { return c == ' ' || is_atext(c); });
    const auto before = out.size();
    if (atoms) {
        out += name;
    } else {
        out += '"';
        for (const char c : name) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
    }
    return column + out.size() - before;
}

// RFC 2231 section 4: attribute-char stands for itself, the rest is %XX.
std::string percent_encoded(std::string_view value) {
    std::string encoded;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_letter_or_digit(c) ||
            std::string_view{"!#$&+-.^_`{|}~"}.find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += hex_digits[byte >> 4];
            encoded += hex_digits[byte & 15];
        }
    }
    return encoded;
}

}  // namespace

bool is_ascii(std::string_view text) {
    unsigned char all = 0;
    for (const char c : text) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
    return all < 0x80;
}

base::Result<void> check_header_text(std::string_view text, std::string_view place) {
    // Plain ASCII is the common case and needs no Unicode tables.
    if (std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; })) return {};
    if (!base::is_valid_utf8(text))
        return base::fail("email.header_unsafe", "The text is not valid UTF-8.",
                          std::string{place});
    if (base::has_control_characters(text))
        return base::fail("email.header_unsafe",
                          "A header may not contain line breaks or other control characters.",
                          std::string{place});
    return {};
}

base::Result<void> check_header_address(std::string_view address, std::string_view place) {
    const auto at = address.find('@');
    const bool shaped = at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
                        address.find('@', at + 1) == std::string_view::npos &&
                        address.size() <= 320;
    const bool unsafe = std::ranges::any_of(address, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7F ||
               std::string_view{"<>()[]\\,;:\""}.find(c) != std::string_view::npos;
    });
    if (!shaped || unsafe)
        return base::fail("email.address_unsafe", "Expected an address like name@example.com.",
                          std::string{place});
    if (is_ascii(address)) return {};
    return check_header_text(address, place);
}

void append_text_field(std::string& out, std::string_view name, std::string_view text) {
    out += name;
    out += ": ";
    const auto column = name.size() + 2;
    if (is_plain_text(text))
        append_folded(out, text, column);
    else
        append_encoded_words(out, text, column);
    out += "\r\n";
}

void append_mailbox_field(std::string& out, std::string_view name, std::string_view display_name,
                          std::string_view address) {
    out += name;
    out += ": ";
    if (display_name.empty()) {
        out += address;
    } else {
        const auto column = append_display_name(out, display_name, name.size() + 2);
        out += column + address.size() + 3 > line_max ? "\r\n <" : " <";
        out += address;
        out += '>';
    }
    out += "\r\n";
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
    constexpr std::size_t simple_max = 60;
    if (is_ascii(value) && value.size() <= simple_max &&
        value.find_first_of("\"\\") == std::string_view::npos) {
        out.append(";\r\n ").append(name).append("=\"").append(value).append("\"");
        return;
    }
    const auto encoded = percent_encoded(value);
    std::size_t at = 0;
    for (int section = 0; at < encoded.size(); ++section) {
        auto size = std::min<std::size_t>(simple_max, encoded.size() - at);
        // A %XX is not cut in two.
        if (at + size < encoded.size())
            for (const std::size_t back : {1U, 2U})
                if (encoded[at + size - back] == '%') size -= back;
        out.append(";\r\n ").append(name);
        out.append("*").append(std::to_string(section)).append("*=");
        if (section == 0) out += "UTF-8''";
        out.append(encoded, at, size);
        at += size;
    }
}

}  // namespace carillon::channels

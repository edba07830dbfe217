#include "audience/names.h"

#include <algorithm>

#include "base/text.h"

namespace carillon::audience {

namespace {

// Printable ASCII and the Cyrillic letters U+0400 .. U+045F: printable, always NFC, and folded by
// adding a constant.
bool is_plain(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            if (byte < 0x20 || byte == 0x7F) return false;
            continue;
        }
        if ((byte != 0xD0 && byte != 0xD1) || i + 1 >= text.size()) return false;
        const auto next = static_cast<unsigned char>(text[++i]);
        if (next < 0x80 || next > (byte == 0xD0 ? 0xBF : 0x9F)) return false;
    }
    return true;
}

void append_letter(std::string& out, unsigned int letter) {
    out += static_cast<char>(0xC0 | letter >> 6);
    out += static_cast<char>(0x80 | (letter & 0x3F));
}

std::string fold_plain(std::string_view text) {
    std::string folded;
    folded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            folded += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : text[i];
            continue;
        }
        const auto letter = (byte & 0x1FU) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3FU);
        append_letter(folded, letter < 0x410   ? letter + 0x50
                              : letter < 0x430 ? letter + 0x20
                                               : letter);
    }
    return folded;
}

// In place: runs of spaces become one, none at the ends.
void squeeze(std::string& text) {
    std::size_t size = 0;
    for (const char c : text) {
        if (c == ' ' && (size == 0 || text[size - 1] == ' ')) continue;
        text[size++] = c;
    }
    while (size > 0 && text[size - 1] == ' ') --size;
    text.resize(size);
}

}  // namespace

bool is_printable(std::string_view text) {
    return is_plain(text) || (base::is_valid_utf8(text) && !base::has_control_characters(text));
}

std::string in_one_line(std::string_view text) {
    std::string line{text};
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    squeeze(line);
    return line;
}

std::string normal_text(std::string_view text) {
    return is_plain(text) ? std::string{text} : base::to_nfc(text);
}

std::string folded_name(std::string_view name) {
    auto folded = is_plain(name) ? fold_plain(name) : base::fold_case(base::to_nfc(name));
    squeeze(folded);
    return folded;
}

}  // namespace carillon::audience

#include "channels/gsm0338.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "channels/sms_unicode.h"

namespace carillon::channels {

namespace {

constexpr char escape = 0x1B;
constexpr std::size_t septet_bits = 7;

// By code. The escape stands for itself; nothing else in a text maps to it. Code 9 is the capital.
constexpr std::u32string_view alphabet{
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1BÆæßÉ "
    U"!\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVW"
    U"XYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"};
static_assert(alphabet.size() == 128);

struct Extended {
    char code;
    char32_t character;
};
constexpr std::array<Extended, 10> extension{{{0x0A, U'\f'},
                                              {0x14, U'^'},
                                              {0x28, U'{'},
                                              {0x29, U'}'},
                                              {0x2F, U'\\'},
                                              {0x3C, U'['},
                                              {0x3D, U'~'},
                                              {0x3E, U']'},
                                              {0x40, U'|'},
                                              {0x65, U'€'}}};

// Codes of the characters below U+0400: -1 for none, 256 + code for extended ones.
constexpr std::size_t direct_size = 0x400;
constexpr int extended_flag = 256;
constexpr auto direct_codes = [] {
    std::array<std::int16_t, direct_size> codes{};
    codes.fill(-1);
    for (std::size_t code = 0; code < alphabet.size(); ++code)
        if (alphabet[code] != U'\x1B')
            codes[static_cast<std::size_t>(alphabet[code])] = static_cast<std::int16_t>(code);
    for (const auto& [code, character] : extension)
        if (character < direct_size)
            codes[static_cast<std::size_t>(character)] =
                static_cast<std::int16_t>(extended_flag + code);
    return codes;
}();

// As in direct_codes.
int code_of(char32_t character) {
    if (character < direct_size) return direct_codes[character];
    return character == U'€' ? extended_flag + 0x65 : -1;
}

void append_code(std::string& out, int code) {
    if (code >= extended_flag) out += escape;
    out += static_cast<char>(code & 0x7F);
}

void append_utf16(std::string& out, char32_t character) {
    const auto unit = [&](char32_t value) {
        out += static_cast<char>(value >> 8 & 0xFF);
        out += static_cast<char>(value & 0xFF);
    };
    if (character < 0x10000) return unit(character);
    const auto rest = character - 0x10000;
    unit(0xD800 + (rest >> 10));
    unit(0xDC00 + (rest & 0x3FF));
}

// Letters of which each is a cluster of its own: no need to ask where clusters end.
bool stands_alone(char32_t character) {
    return (character >= 0x20 && character < 0x300 && character != 0xAD && character != 0xA9 &&
            character != 0xAE) ||
           (character >= 0x400 && character < 0x483) || (character >= 0x48A && character < 0x530) ||
           (character >= 0x2010 && character < 0x2027) || character == U'№' ||
           character == U'₽' || character == U'€';
}

// What is never cut in two: its text and its octets.
struct Piece {
    std::string text{};
    std::string octets{};
    int units{};
};

std::vector<Piece> gsm_pieces(const std::u32string& text) {
    std::vector<Piece> pieces;
    pieces.reserve(text.size());
    for (const auto character : text) {
        Piece piece;
        append_utf8(piece.text, character);
        append_code(piece.octets, code_of(character));
        piece.units = static_cast<int>(piece.octets.size());
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

Piece ucs2_piece(std::u32string_view characters) {
    Piece piece;
    for (const auto character : characters) {
        append_utf8(piece.text, character);
        append_utf16(piece.octets, character);
    }
    piece.units = static_cast<int>(piece.octets.size() / 2);
    return piece;
}

// `characters` counts clusters, also those too long for a part, which are cut after all.
std::vector<Piece> ucs2_pieces(std::string_view text, const std::u32string& code_points,
                               int& characters) {
    std::vector<Piece> pieces;
    pieces.reserve(code_points.size());
    if (std::ranges::all_of(code_points, stands_alone)) {
        for (const auto& character : code_points) pieces.push_back(ucs2_piece({&character, 1}));
        characters = static_cast<int>(pieces.size());
        return pieces;
    }
    characters = 0;
    for (const auto cluster : graphemes_of(text)) {
        ++characters;
        const auto members = to_code_points(cluster);
        auto piece = ucs2_piece(members);
        if (piece.units <= room_of(SmsEncoding::ucs2).in_part) {
            pieces.push_back(std::move(piece));
            continue;
        }
        for (const auto& character : members) pieces.push_back(ucs2_piece({&character, 1}));
    }
    return pieces;
}

void fill_parts(SmsText& out, const std::vector<Piece>& pieces) {
    int total = 0;
    for (const auto& piece : pieces) total += piece.units;
    const auto room = room_of(out.encoding);
    const int limit = total <= room.alone ? room.alone : room.in_part;
    out.parts.emplace_back();
    for (const auto& piece : pieces) {
        if (out.parts.back().units + piece.units > limit) out.parts.emplace_back();
        auto& part = out.parts.back();
        part.text += piece.text;
        part.octets += piece.octets;
        part.units += piece.units;
    }
    out.units_left = limit - out.parts.back().units;
}

}  // namespace

std::string_view name_of(SmsEncoding encoding) {
    return encoding == SmsEncoding::gsm ? "gsm" : "ucs2";
}

int SmsText::units() const {
    int sum = 0;
    for (const auto& part : parts) sum += part.units;
    return sum;
}

bool is_gsm(char32_t character) {
    return code_of(character) >= 0;
}

base::Result<SmsText> split_sms(std::string_view text) {
    // No text of this size fits; it is not worth taking apart.
    constexpr std::size_t bytes_max = std::size_t{sms_parts_max} * 153 * 4;
    const auto too_long = [] {
        return base::fail("sms.too_long", "A short message has at most " +
                                              std::to_string(sms_parts_max) + " parts.");
    };
    if (text.size() > bytes_max) return too_long();
    if (!base::is_valid_utf8(text)) return base::fail("sms.text_invalid", "The text is not UTF-8.");
    const auto code_points = to_code_points(text);
    SmsText out;
    out.characters = static_cast<int>(code_points.size());
    if (std::ranges::all_of(code_points, is_gsm)) {
        fill_parts(out, gsm_pieces(code_points));
    } else {
        out.encoding = SmsEncoding::ucs2;
        fill_parts(out, ucs2_pieces(text, code_points, out.characters));
    }
    if (out.parts.size() > sms_parts_max) return too_long();
    return out;
}

std::optional<std::string> to_gsm(std::string_view text) {
    std::string out;
    for (const auto character : to_code_points(text)) {
        const int code = code_of(character);
        if (code < 0) return std::nullopt;
        append_code(out, code);
    }
    return out;
}

std::string from_gsm(std::string_view septets) {
    std::string out;
    bool escaped = false;
    for (const char septet : septets) {
        const auto code = static_cast<unsigned char>(septet);
        if (code >= alphabet.size()) {
            append_utf8(out, U'\uFFFD');
            escaped = false;
        } else if (escaped) {
            const auto* found = std::ranges::find(extension, septet, &Extended::code);
            append_utf8(out, found != extension.end() ? found->character : U' ');
            escaped = false;
        } else if (septet == escape) {
            escaped = true;
        } else {
            append_utf8(out, alphabet[code]);
        }
    }
    if (escaped) out += ' ';
    return out;
}

std::string to_utf16(std::string_view text) {
    std::string out;
    for (const auto character : to_code_points(text)) append_utf16(out, character);
    return out;
}

std::string from_utf16(std::string_view octets) {
    const auto unit_at = [&](std::size_t at) -> char32_t {
        return static_cast<char32_t>(static_cast<unsigned char>(octets[at]) << 8 |
                                     static_cast<unsigned char>(octets[at + 1]));
    };
    std::string out;
    std::size_t at = 0;
    for (; at + 2 <= octets.size(); at += 2) {
        const auto unit = unit_at(at);
        const bool is_high = unit >= 0xD800 && unit < 0xDC00;
        if (is_high && at + 4 <= octets.size()) {
            const auto low = unit_at(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
                at += 2;
                continue;
            }
        }
        append_utf8(out, unit);  // a lone surrogate becomes U+FFFD there
    }
    if (at < octets.size()) append_utf8(out, U'\uFFFD');
    return out;
}

std::string from_latin1(std::string_view octets) {
    std::string out;
    for (const char octet : octets)
        append_utf8(out, static_cast<char32_t>(static_cast<unsigned char>(octet)));
    return out;
}

std::string pack_septets(std::string_view septets, int fill_bits) {
    const auto first = static_cast<std::size_t>(fill_bits);
    std::string out((first + septets.size() * septet_bits + 7) / 8, '\0');
    for (std::size_t i = 0; i < septets.size(); ++i) {
        const auto bit = first + i * septet_bits;
        const auto value = static_cast<unsigned>(septets[i] & 0x7F) << bit % 8;
        out[bit / 8] = static_cast<char>(static_cast<unsigned char>(out[bit / 8]) | (value & 0xFF));
        if (value > 0xFF) out[bit / 8 + 1] = static_cast<char>(value >> 8);
    }
    return out;
}

std::string unpack_septets(std::string_view octets, std::size_t count, int fill_bits) {
    const auto octet = [&](std::size_t at) -> unsigned {
        return at < octets.size() ? static_cast<unsigned char>(octets[at]) : 0U;
    };
    const auto first = static_cast<std::size_t>(fill_bits);
    const auto bits = octets.size() * 8;
    const auto there = bits < first ? 0 : (bits - first) / septet_bits;
    std::string out;
    for (std::size_t i = 0; i < std::min(count, there); ++i) {
        const auto bit = first + i * septet_bits;
        const auto pair = octet(bit / 8) | octet(bit / 8 + 1) << 8;
        out += static_cast<char>(pair >> bit % 8 & 0x7F);
    }
    return out;
}

std::string concatenation_header(const SmsPartMark& mark) {
    const auto octet = [](int value) { return static_cast<char>(value & 0xFF); };
    return {0x05, 0x00, 0x03, octet(mark.reference), octet(mark.total), octet(mark.number)};
}

HeaderedText take_header(std::string_view octets) {
    const auto octet = [&](std::size_t at) -> int {
        return static_cast<unsigned char>(octets[at]);
    };
    HeaderedText out;
    if (octets.empty()) return out;
    const auto end = static_cast<std::size_t>(octet(0)) + 1;
    if (end > octets.size()) return out;
    out.header_size = end;
    out.text = octets.substr(end);
    for (std::size_t at = 1; at + 2 <= end;) {
        const int element = octet(at);
        const auto size = static_cast<std::size_t>(octet(at + 1));
        const auto value = at + 2;
        if (value + size > end) break;
        if (element == 0x00 && size == 3)
            out.mark = SmsPartMark{octet(value), octet(value + 1), octet(value + 2)};
        if (element == 0x08 && size == 4)
            out.mark = SmsPartMark{octet(value) << 8 | octet(value + 1), octet(value + 2),
                                   octet(value + 3)};
        at = value + size;
    }
    const bool makes_sense = out.mark && out.mark->total >= 1 && out.mark->number >= 1 &&
                             out.mark->number <= out.mark->total;
    if (!makes_sense) out.mark.reset();
    return out;
}

}  // namespace carillon::channels

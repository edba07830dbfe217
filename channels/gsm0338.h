// What a short message is made of: the GSM alphabet, UTF-16 where it does not suffice, and the cut
// into parts. Pure; safe from several threads.
//
// Sources: 3GPP TS 23.038 section 6.2.1 (default alphabet and its extension), 6.1.2.1 (packing of
// septets); 3GPP TS 23.040 section 9.2.3.24.1 (concatenation with an 8-bit reference).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace carillon::channels {

enum class SmsEncoding { gsm, ucs2 };
std::string_view name_of(SmsEncoding encoding);  // "gsm", "ucs2"

// Septets or 16-bit units that fit. A part of several has 6 octets less, for the header that puts
// the message together again.
struct SmsRoom {
    int alone{};
    int in_part{};
};
constexpr SmsRoom room_of(SmsEncoding encoding) {
    return encoding == SmsEncoding::gsm ? SmsRoom{160, 153} : SmsRoom{70, 67};
}
constexpr int sms_parts_max = 255;  // what an 8-bit count can say

struct SmsPart {
    std::string text{};    // UTF-8
    std::string octets{};  // gsm: one septet in each octet, unpacked; ucs2: UTF-16, big endian
    int units{};           // septets (an extended character has two) or 16-bit units
};

struct SmsText {
    SmsEncoding encoding{SmsEncoding::gsm};
    std::vector<SmsPart> parts{};  // at least one, which may be empty
    int characters{};              // as people count them
    int units_left{};              // in the last part
    int units() const;
};

// Cuts a text into the fewest parts that one encoding gives. No extended character, no surrogate
// pair and no grapheme cluster is cut in two, unless one cluster is longer than a part. The small c
// with cedilla makes a text UCS-2: most centres take code 9 for the capital.
// Errors: sms.text_invalid (no UTF-8), sms.too_long (more than sms_parts_max parts).
base::Result<SmsText> split_sms(std::string_view text);

// The codes of a text, one septet in each octet, extended characters as escape and code; nothing
// when a character is not in the alphabet.
std::optional<std::string> to_gsm(std::string_view text);
bool is_gsm(char32_t character);
// The inverse; what is no code becomes U+FFFD, an escape before an unknown code is a space (TS
// 23.038 section 6.2.1.1).
std::string from_gsm(std::string_view septets);

std::string to_utf16(std::string_view text);  // big endian; `text` is valid UTF-8
// Lone surrogates and an odd octet become U+FFFD.
std::string from_utf16(std::string_view octets);
std::string from_latin1(std::string_view octets);

// Eight septets in seven octets. `fill_bits` zero bits stand first: after a header they bring the
// text to a septet boundary.
std::string pack_septets(std::string_view septets, int fill_bits = 0);
// `octets` too short for `count` septets gives fewer.
std::string unpack_septets(std::string_view octets, std::size_t count, int fill_bits = 0);

// Which part of what: from a user data header or from SAR fields.
struct SmsPartMark {
    int reference{};
    int total{1};
    int number{1};  // from 1
    bool operator==(const SmsPartMark&) const = default;
};
std::string concatenation_header(const SmsPartMark& mark);  // 6 octets, 8-bit reference
constexpr std::size_t concatenation_header_size = 6;

// A text that begins with a user data header, taken apart. Both widths of references are known;
// other elements are skipped. `text` is empty when the header claims more than there is.
struct HeaderedText {
    std::optional<SmsPartMark> mark{};
    std::string_view text{};
    std::size_t header_size{};
};
HeaderedText take_header(std::string_view octets);

}  // namespace carillon::channels

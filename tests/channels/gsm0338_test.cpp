#include "channels/gsm0338.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "base/text.h"
#include "channels/sms_unicode.h"

using namespace carillon;
using namespace carillon::channels;
using namespace std::string_literals;

namespace {

std::string times(int count, std::string_view text) {
    std::string out;
    for (int i = 0; i < count; ++i) out += text;
    return out;
}

SmsText split(std::string_view text) {
    auto result = split_sms(text);
    REQUIRE(result);
    return std::move(*result);
}

struct Expected {
    std::string text;
    SmsEncoding encoding;
    std::size_t parts;
    int characters;
    int units;
};

std::string read_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

TEST_CASE("a text is counted and cut as the networks do", "[channels][sms]") {
    using enum SmsEncoding;
    const auto expected = GENERATE(values<Expected>({
        {"", gsm, 1, 0, 0},
        {times(160, "a"), gsm, 1, 160, 160},
        {times(161, "a"), gsm, 2, 161, 161},
        {times(306, "a"), gsm, 2, 306, 306},
        {times(307, "a"), gsm, 3, 307, 307},
        {times(158, "a") + "€", gsm, 1, 159, 160},
        {times(159, "a") + "€", gsm, 2, 160, 161},
        {times(70, "я"), ucs2, 1, 70, 70},
        {times(71, "я"), ucs2, 2, 71, 71},
        {times(134, "я"), ucs2, 2, 134, 134},
        {times(135, "я"), ucs2, 3, 135, 135},
        {times(35, "😀"), ucs2, 1, 35, 70},
        {times(36, "😀"), ucs2, 2, 36, 72},
        {"Ça va", gsm, 1, 5, 5},
        {"ça va", ucs2, 1, 5, 5},
        {"Δ\f", gsm, 1, 2, 3},
        {"👨‍👩‍👧", ucs2, 1, 1, 8},
    }));
    CAPTURE(expected.text);
    const auto found = split(expected.text);
    CHECK(found.encoding == expected.encoding);
    CHECK(found.parts.size() == expected.parts);
    CHECK(found.characters == expected.characters);
    CHECK(found.units() == expected.units);
}

TEST_CASE("all published vectors hold", "[channels][sms]") {
    const char* data = std::getenv("CARILLON_DATA");
    if (data == nullptr) {
        WARN("skipped: no CARILLON_DATA");
        return;
    }
    const auto json =
        base::Json::parse(read_file(std::string{data} + "/sms/twilio/segment-vectors.json"));
    REQUIRE(json);
    REQUIRE(json->array()->size() == 47);
    for (const auto& vector : *json->array()) {
        CAPTURE(*vector.find("testDescription")->text());
        const auto found = split(*vector.find("body")->text());
        const bool is_gsm_text = *vector.find("encoding")->text() == "GSM-7";
        CHECK((found.encoding == SmsEncoding::gsm) == is_gsm_text);
        const auto parts = static_cast<std::int64_t>(found.parts.size());
        CHECK(parts == *vector.find("segments")->integer());
        const std::int64_t bits = found.units() * (is_gsm_text ? 7 : 16);
        if (const auto* size = vector.find("messageSize")) CHECK(bits == *size->integer());
        const std::int64_t headers = parts > 1 ? parts * 48 : 0;
        if (const auto* size = vector.find("totalSize")) CHECK(bits + headers == *size->integer());
        if (const auto* count = vector.find("characters"))
            CHECK(found.characters == *count->integer());
    }
}

TEST_CASE("the alphabet is the published table but for the small c with cedilla",
          "[channels][sms]") {
    const char* data = std::getenv("CARILLON_DATA");
    if (data == nullptr) {
        WARN("skipped: no CARILLON_DATA");
        return;
    }
    std::ifstream in{std::string{data} + "/sms/GSM0338.TXT"};
    std::string line;
    int rows = 0;
    while (std::getline(in, line)) {
        if (!line.starts_with("0x")) continue;
        const auto cells = base::split(line, '\t');
        const auto code = std::stoul(std::string{cells[0]}, nullptr, 16);
        const auto character =
            static_cast<char32_t>(std::stoul(std::string{cells[1]}, nullptr, 16));
        if (code == 0x1B || code == 0x09) continue;
        std::string septets;
        if (code > 0xFF) septets += static_cast<char>(code >> 8);
        septets += static_cast<char>(code & 0xFF);
        std::string text;
        append_utf8(text, character);
        CAPTURE(line);
        CHECK(to_gsm(text) == septets);
        CHECK(from_gsm(septets) == text);
        ++rows;
    }
    CHECK(rows == 136);
}

TEST_CASE("what belongs together is not cut", "[channels][sms]") {
    // The two septets of the euro sign, a surrogate pair, and a family of three would all lie
    // across the border.
    const auto euro = split(times(152, "a") + "€" + times(20, "b"));
    CHECK(euro.parts[0].text == times(152, "a"));
    CHECK(euro.parts[1].text == "€" + times(20, "b"));
    const auto emoji = split(times(66, "я") + "😀" + times(20, "б"));
    CHECK(emoji.parts[0].text == times(66, "я"));
    CHECK(emoji.parts[1].octets.substr(0, 4) == "\xD8\x3D\xDE\x00"s);
    const auto family = split(times(60, "я") + "👨‍👩‍👧" + times(20, "б"));
    CHECK(family.parts[0].units == 60);
    CHECK(family.parts[1].text == "👨‍👩‍👧" + times(20, "б"));
}

TEST_CASE("a cluster longer than a part is cut between characters", "[channels][sms]") {
    const auto found = split("e" + times(100, "\u0301"));
    CHECK(found.parts.size() == 2);
    CHECK(found.parts[0].units == 67);
    CHECK(found.characters == 1);
}

TEST_CASE("parts put together are the text again", "[channels][sms]") {
    const auto text = GENERATE(as<std::string>{}, times(50, "abc€[]"), times(40, "Привет, 😀! "),
                               times(30, "🇮🇹🏳️‍🌈x"));
    const auto found = split(text);
    std::string together;
    std::string decoded;
    for (const auto& part : found.parts) {
        together += part.text;
        decoded +=
            found.encoding == SmsEncoding::gsm ? from_gsm(part.octets) : from_utf16(part.octets);
        const auto room = room_of(found.encoding);
        CHECK(part.units <= room.in_part);
    }
    CHECK(together == text);
    CHECK(decoded == text);
    CHECK(found.units_left == room_of(found.encoding).in_part - found.parts.back().units);
}

TEST_CASE("a text that no network takes is refused", "[channels][sms]") {
    CHECK(split_sms("\xFF").error().code == "sms.text_invalid");
    CHECK(split_sms(times(153 * 255, "a")));
    CHECK(split_sms(times(153 * 255 + 1, "a")).error().code == "sms.too_long");
    CHECK(split_sms(std::string(10'000'000, 'a')).error().code == "sms.too_long");
}

TEST_CASE("septets are packed as TS 23.038 shows", "[channels][sms]") {
    CHECK(base::Json{pack_septets("hello")}.text()->size() == 5);
    CHECK(pack_septets("hello") == "\xE8\x32\x9B\xFD\x06");
    CHECK(pack_septets("").empty());
    for (int fill = 0; fill < 7; ++fill) {
        for (std::size_t size = 0; size < 20; ++size) {
            const auto septets = std::string{"The quick brown fox!"}.substr(0, size);
            CHECK(unpack_septets(pack_septets(septets, fill), size, fill) == septets);
        }
    }
    CHECK(unpack_septets("\xE8", 5).size() == 1);
    CHECK(unpack_septets("", 5, 3).empty());
}

TEST_CASE("hostile bytes decode to something harmless", "[channels][sms]") {
    CHECK(from_gsm("\x1B") == " ");
    CHECK(from_gsm("\x1B\x01") == " ");
    CHECK(from_gsm("a\xFF") == "a\uFFFD");
    CHECK(from_utf16("\xD8\x3D"s) == "\uFFFD");
    CHECK(from_utf16("\xDC\x00\x00"s) == "\uFFFD\uFFFD");
    CHECK(from_utf16("\x04\x4F"s) == "я");
    CHECK(from_latin1("\xE9") == "é");
}

TEST_CASE("the header of a part is written and read", "[channels][sms]") {
    const SmsPartMark mark{.reference = 0x42, .total = 3, .number = 2};
    const auto octets = concatenation_header(mark) + "text";
    const auto taken = take_header(octets);
    CHECK(taken.mark == mark);
    CHECK(taken.text == "text");
    CHECK(taken.header_size == concatenation_header_size);
    const auto wide = take_header("\x06\x08\x04\x01\x02\x02\x01x"s);
    CHECK(wide.mark == SmsPartMark{0x0102, 2, 1});
    const auto ports_octets = "\x0B\x05\x04\x0B\x84\x23\xF0\x00\x03\x07\x02\x02hi"s;
    const auto with_ports = take_header(ports_octets);
    CHECK(with_ports.mark == SmsPartMark{7, 2, 2});
    CHECK(with_ports.text == "hi");
}

TEST_CASE("a header that lies names no part", "[channels][sms]") {
    const auto octets =
        GENERATE(as<std::string>{}, "", "\xFF", "\x05\x00\x03\x01\x02", "\x05\x00\x03\x01\x02\x03",
                 "\x05\x00\x03\x01\x02\x00"s, "\x05\x00\x09\x01\x02\x01"s, "\x01\x00"s);
    CHECK_FALSE(take_header(octets).mark);
}

#include "channels/font_outlines.h"

#include <catch2/catch.hpp>

#include "channels/durable_file.h"
#include "channels/typesetter.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

unsigned number(std::string_view bytes, std::size_t at, int size) {
    unsigned value = 0;
    for (int i = 0; i < size; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes.at(at + static_cast<std::size_t>(i)));
    return value;
}

std::string_view table(std::string_view font, std::string_view name) {
    for (unsigned i = 0; i < number(font, 4, 2); ++i) {
        const auto entry = font.substr(12 + std::size_t{i} * 16, 16);
        if (entry.substr(0, 4) == name)
            return font.substr(number(entry, 8, 4), number(entry, 12, 4));
    }
    return {};
}

std::string_view glyph(std::string_view font, unsigned index) {
    const bool is_long = number(table(font, "head"), 50, 2) == 1;
    const auto places = table(font, "loca");
    const auto place = [&](std::size_t i) -> std::size_t {
        return is_long ? number(places, i * 4, 4) : std::size_t{number(places, i * 2, 2)} * 2;
    };
    return table(font, "glyf").substr(place(index), place(index + 1) - place(index));
}

std::string font_of(const std::string& name) {
    const auto font = read_whole("/usr/share/fonts/truetype/paratype/" + name + ".ttf");
    REQUIRE(font);
    return *font;
}

}  // namespace

TEST_CASE("a font without instructions has the same shapes and is smaller", "[fonts]") {
    const auto* name = GENERATE("PTS55F", "PTS75F", "PTF55F", "PTF75F");
    const auto font = font_of(name);
    const auto bare = without_instructions(font);
    REQUIRE(!bare.empty());
    CHECK(bare.size() * 5 < font.size() * 4);
    for (const auto* gone : {"fpgm", "prep", "cvt "}) CHECK(table(bare, gone).empty());
    for (const auto* kept : {"cmap", "hmtx", "hhea", "name", "maxp", "GPOS"})
        CHECK(table(bare, kept) == table(font, kept));
    const auto count = number(table(font, "maxp"), 4, 2);
    REQUIRE(count > 600);
    for (unsigned i = 0; i < count; ++i) {
        const auto before = glyph(font, i);
        const auto after = glyph(bare, i);
        REQUIRE(before.empty() == after.empty());
        const bool is_simple = !before.empty() && number(before, 0, 2) < 0x8000;
        if (!is_simple) continue;
        // Header and ends of contours, no instructions, then flags and coordinates as they were.
        const auto ends = 10 + 2 * std::size_t{number(before, 0, 2)};
        const auto points = before.substr(ends + 2 + number(before, ends, 2));
        REQUIRE(after.substr(0, ends) == before.substr(0, ends));
        REQUIRE(number(after, ends, 2) == 0);
        REQUIRE(after.substr(ends + 2).starts_with(points));
        REQUIRE(after.size() - ends - 2 - points.size() < 4);
    }
    CHECK(without_instructions(bare) == bare);
}

TEST_CASE("what is no such font is left alone", "[fonts]") {
    CHECK(without_instructions("").empty());
    CHECK(without_instructions("OTTO").empty());
    CHECK(without_instructions("ttcf").empty());
    const auto font = font_of("PTS55F");
    // Cut anywhere: an answer or none, never a read past the end.
    for (std::size_t size = 0; size < font.size(); size += 1 + size / 50)
        CHECK(without_instructions(font.substr(0, size)).empty());
}

TEST_CASE("a damaged font is read no further than its end", "[fonts]") {
    const auto font = font_of("PTF55F");
    std::size_t understood = 0;
    for (unsigned i = 0; i < 300; ++i) {
        auto damaged = font;
        // The directory and the tables behind it, where every number is an offset or a size.
        for (unsigned k = 0; k < 4; ++k)
            damaged[(i * 7919U + k * 104'729U) % 4096U] = static_cast<char>(i * 31U + k * 197U);
        understood += without_instructions(damaged).empty() ? 0 : 1;
    }
    CHECK(understood < 300);
}

TEST_CASE("a family that the system lacks is named", "[fonts]") {
    CHECK(check_font("PT Sans"));
    const auto missing = check_font("No Such Family");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == "letter.font_missing");
}

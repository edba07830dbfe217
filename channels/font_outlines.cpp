#include "channels/font_outlines.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

namespace carillon::channels {

namespace {

constexpr std::size_t directory_entry = 16;
constexpr std::size_t glyph_header = 10;
constexpr std::size_t loca_format_at = 50;  // in head
constexpr std::size_t glyph_count_at = 4;   // in maxp

// Of a component of a composite glyph.
constexpr unsigned words = 0x0001;
constexpr unsigned scale = 0x0008;
constexpr unsigned more = 0x0020;
constexpr unsigned two_scales = 0x0040;
constexpr unsigned matrix = 0x0080;
constexpr unsigned instructions = 0x0100;

// Throws std::out_of_range behind the end.
unsigned get16(std::string_view bytes, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return unsigned{static_cast<unsigned char>(bytes.at(i))};
    };
    return byte(at) << 8 | byte(at + 1);
}
std::uint32_t get32(std::string_view bytes, std::size_t at) {
    return std::uint32_t{get16(bytes, at)} << 16 | get16(bytes, at + 2);
}
void put16(std::string& bytes, std::size_t at, unsigned value) {
    bytes.at(at) = static_cast<char>(value >> 8);
    bytes.at(at + 1) = static_cast<char>(value);
}
void put32(std::string& bytes, std::size_t at, std::size_t value) {
    put16(bytes, at, static_cast<unsigned>(value >> 16 & 0xFFFF));
    put16(bytes, at + 2, static_cast<unsigned>(value & 0xFFFF));
}
void add32(std::string& bytes, std::size_t value) {
    bytes.append(4, '\0');
    put32(bytes, bytes.size() - 4, value);
}
std::string_view piece(std::string_view bytes, std::size_t from, std::size_t size) {
    if (from > bytes.size() || size > bytes.size() - from) throw std::out_of_range{"font"};
    return bytes.substr(from, size);
}

using Tables = std::map<std::string, std::string, std::less<>>;

Tables tables_of(std::string_view font) {
    Tables tables;
    const auto count = get16(font, 4);
    for (std::size_t i = 0; i < count; ++i) {
        const auto entry = piece(font, 12 + i * directory_entry, directory_entry);
        tables[std::string{entry.substr(0, 4)}] = piece(font, get32(entry, 8), get32(entry, 12));
    }
    return tables;
}

std::string bare_simple(std::string_view glyph, unsigned contours) {
    const auto length_at = glyph_header + 2 * std::size_t{contours};
    const auto points_at = length_at + 2 + get16(glyph, length_at);
    std::string bare{piece(glyph, 0, length_at)};
    bare.append(2, '\0');
    bare += glyph.substr(std::min(points_at, glyph.size()));
    return bare;
}

std::string bare_composite(std::string_view glyph) {
    std::string bare{glyph};
    auto at = glyph_header;
    while (true) {
        const auto flags = get16(glyph, at);
        put16(bare, at, flags & ~instructions);
        at += 4U + ((flags & words) != 0 ? 4U : 2U);
        if ((flags & matrix) != 0)
            at += 8;
        else if ((flags & two_scales) != 0)
            at += 4;
        else if ((flags & scale) != 0)
            at += 2;
        if ((flags & more) == 0) break;
    }
    bare.resize(std::min(at, bare.size()));
    return bare;
}

std::string bare_glyph(std::string_view glyph) {
    if (glyph.empty()) return {};
    constexpr unsigned composite = 0x8000;  // a negative number of contours
    const auto contours = get16(glyph, 0);
    return (contours & composite) != 0 ? bare_composite(glyph) : bare_simple(glyph, contours);
}

// Rewrites glyf and loca, the latter in its long form.
void strip_glyphs(Tables& tables) {
    const auto& old_glyphs = tables.at("glyf");
    const auto& old_places = tables.at("loca");
    const bool is_long = get16(tables.at("head"), loca_format_at) != 0;
    const auto place = [&](std::size_t i) -> std::size_t {
        return is_long ? get32(old_places, i * 4) : std::size_t{get16(old_places, i * 2)} * 2;
    };
    std::string glyphs;
    std::string places;
    const auto count = get16(tables.at("maxp"), glyph_count_at);
    for (std::size_t i = 0; i < count; ++i) {
        add32(places, glyphs.size());
        const auto from = place(i);
        const auto until = place(i + 1);
        if (until < from) throw std::out_of_range{"loca"};
        glyphs += bare_glyph(piece(old_glyphs, from, until - from));
        glyphs.resize((glyphs.size() + 3) / 4 * 4);
    }
    add32(places, glyphs.size());
    tables["glyf"] = std::move(glyphs);
    tables["loca"] = std::move(places);
    put16(tables["head"], loca_format_at, 1);
}

std::string assemble(std::string_view font, const Tables& tables) {
    std::string out{font.substr(0, 4)};
    unsigned power = 0;
    while (2U << power <= tables.size()) ++power;
    out.append(8, '\0');
    put16(out, 4, static_cast<unsigned>(tables.size()));
    put16(out, 6, directory_entry << power);
    put16(out, 8, power);
    put16(out, 10,
          static_cast<unsigned>(directory_entry * tables.size() - (directory_entry << power)));
    auto at = out.size() + tables.size() * directory_entry;
    for (const auto& [name, body] : tables) {
        out += name;
        add32(out, 0);
        add32(out, at);
        add32(out, body.size());
        at += (body.size() + 3) / 4 * 4;
    }
    for (const auto& [name, body] : tables) {
        out += body;
        out.resize((out.size() + 3) / 4 * 4);
    }
    return out;
}

}  // namespace

std::string without_instructions(std::string_view font) {
    using namespace std::string_view_literals;
    if (!font.starts_with("\0\1\0\0"sv) && !font.starts_with("true"sv)) return {};
    try {
        auto tables = tables_of(font);
        // Tables of other screens' sizes go as well; a signature would be wrong from now on.
        for (const auto* name : {"fpgm", "prep", "cvt ", "hdmx", "VDMX", "LTSH", "DSIG", "cvar"})
            tables.erase(name);
        strip_glyphs(tables);
        return assemble(font, tables);
    } catch (const std::out_of_range&) {
        return {};
    }
}

}  // namespace carillon::channels

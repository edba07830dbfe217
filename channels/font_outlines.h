// TrueType fonts without the instructions that fit letters to the pixels of a screen. Paper and fax
// never use them, but they are two thirds of a font, and every PDF would carry and pack them. Pure.
// Source: the OpenType specification, tables glyf, loca and head.
#pragma once

#include <string>
#include <string_view>

namespace carillon::channels {

// The same font with the same shapes and widths; empty when it is no TrueType font of a kind that
// is understood here (a collection, PostScript outlines, damaged). Its checksums are those of the
// original: it is meant for this program's own font library, which reads none.
std::string without_instructions(std::string_view font);

}  // namespace carillon::channels

// Finished pages before they are painted: what stands where, in millimetres. Knows no font library.
// A plan belongs to the thread that set its texts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/local_date.h"
#include "base/result.h"
#include "channels/bar_symbol.h"
#include "channels/page_geometry.h"
#include "channels/typesetter.h"

namespace carillon::channels {

// What an item is there for; each role has its zone on the page.
enum class Role { address, return_line, letterhead, contact, body, footer, fold_mark };
std::string_view to_text(Role role);

struct Colour {
    double red{};
    double green{};
    double blue{};
};
constexpr Colour black{};
constexpr Colour grey{0.45, 0.45, 0.45};
constexpr Colour light_grey{0.78, 0.78, 0.78};

// An image as it was given. Shared: the same logo stands in every letter of a composer.
struct Picture {
    std::string png{};
    std::string digest{};
    int width{};  // pixels
    int height{};
};
// Errors: letter.image_invalid.
base::Result<std::shared_ptr<const Picture>> read_picture(std::string png, std::string_view place);

// `count` lines of a text from line `first` on; `left`/`top` is the corner of the first of them.
// Each line is aligned within `width`.
struct TextItem {
    SetText text{};
    std::size_t first{};
    std::size_t count{};
    double left{};
    double top{};
    double width{};
    Align align{Align::left};
    Colour colour{};

    double shift(std::size_t line) const;  // of an aligned line, mm
};
struct RuleItem {
    Box box{};
    Colour colour{};
};
struct PictureItem {
    Box box{};
    std::shared_ptr<const Picture> picture{};
};
struct SymbolItem {
    Box box{};
    BarSymbol symbol{};
};

struct Item {
    Role role{Role::body};
    std::variant<TextItem, RuleItem, PictureItem, SymbolItem> what{};
    Box ink() const;  // what of the paper it covers
};

struct Page {
    std::vector<Item> items{};
};

struct PagePlan {
    double width{};
    double height{};
    std::vector<Page> pages{};
};

struct PdfInfo {
    std::string title{};
    std::string author{};
    base::LocalDate date{};  // of the document; the same date, the same bytes
    bool in_black{false};    // no greys and colours: for faxes
};

// Fonts are embedded as subsets, text can be copied out. Throws std::runtime_error when the library
// runs out of memory.
std::string paint_pdf(const PagePlan& plan, const PdfInfo& info);

// One page in black and white: a bit a pixel, rows padded to bytes, the leftmost pixel in the
// highest bit, black is 1.
struct Bitmap {
    int width{};
    int height{};
    std::size_t row_bytes{};
    std::string bits{};
};
struct RasterSize {
    int width{};
    int height{};
    double dots_per_inch_x{};
    double dots_per_inch_y{};
    double left_mm{};  // empty paper at the left, where the raster is wider than the page
};
Bitmap paint_bitmap(const Page& page, const RasterSize& size);

}  // namespace carillon::channels

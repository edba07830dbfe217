#include "channels/fax_pages.h"

#include <tiffio.h>
#include <catch2/catch.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "channels/fax_tiff.h"
#include "channels/page_plan.h"

using namespace carillon;
using namespace carillon::channels;

namespace {

std::string temporary_file() {
    return std::filesystem::temp_directory_path() /
           ("carillon-fax-" + base::to_hex(base::random_bytes(6)) + ".tiff");
}

FaxComposer composer(bool cover) {
    auto made = FaxComposer::create({.sender_name = "Банк",
                                     .sender_number = "+7 495 000-00-00",
                                     .cover_page = cover,
                                     .pages_max = 5});
    REQUIRE(made);
    return *made;
}

FaxParts fax(std::size_t paragraphs) {
    FaxParts parts{
        .language = "ru", .recipient_name = "ООО «Ромашка»", .number = "+7 495 111-11-11"};
    parts.document.date = *base::parse_date("2026-11-21");
    parts.document.subject = "Выписка";
    for (std::size_t i = 0; i < paragraphs; ++i)
        parts.document.blocks.push_back(
            Paragraph{{Span{"Остаток на счёте: 1 250 000,00 ₽."}}});
    return parts;
}

}  // namespace

TEST_CASE("a fax is the same pages as PDF and as TIFF of class F", "[fax]") {
    const auto made = composer(true).compose(fax(60));
    REQUIRE(made);
    CHECK(made->pages == 3);
    CHECK(made->pdf.starts_with("%PDF-"));
    CHECK(composer(true).compose(fax(60))->tiff == made->tiff);
    const auto path = temporary_file();
    std::ofstream{path, std::ios::binary} << made->tiff;
    auto* tiff = TIFFOpen(path.c_str(), "r");
    REQUIRE(tiff != nullptr);
    int pages = 0;
    do {
        std::uint32_t width = 0;
        std::uint32_t height = 0;
        std::uint16_t compression = 0;
        std::uint16_t order = 0;
        float x = 0;
        float y = 0;
        TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
        TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
        TIFFGetField(tiff, TIFFTAG_COMPRESSION, &compression);
        TIFFGetField(tiff, TIFFTAG_FILLORDER, &order);
        TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &x);
        TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &y);
        CHECK(width == 1728);
        CHECK(height == 2292);
        CHECK(compression == COMPRESSION_CCITTFAX4);
        CHECK(order == FILLORDER_LSB2MSB);
        CHECK(x == 204.0F);
        CHECK(y == 196.0F);
        ++pages;
    } while (TIFFReadDirectory(tiff) == 1);
    TIFFClose(tiff);
    std::remove(path.c_str());
    CHECK(pages == made->pages);
}

TEST_CASE("a fax page comes back from its TIFF pixel by pixel", "[fax]") {
    Bitmap page{fax_width, fax_height, fax_width / 8, {}};
    for (std::size_t i = 0; i < page.row_bytes * fax_height; ++i)
        page.bits += static_cast<char>((i * 7 + i / 300) & 0xFF);
    const auto path = temporary_file();
    std::ofstream{path, std::ios::binary} << fax_tiff({page});
    auto* tiff = TIFFOpen(path.c_str(), "r");
    REQUIRE(tiff != nullptr);
    std::string read(page.bits.size(), '\0');
    CHECK(TIFFReadEncodedStrip(tiff, 0, read.data(), static_cast<tmsize_t>(read.size())) ==
          static_cast<tmsize_t>(read.size()));
    CHECK(read == page.bits);
    TIFFClose(tiff);
    std::remove(path.c_str());
}

TEST_CASE("a fax that does not fit is refused in the words of faxes", "[fax]") {
    CHECK(composer(false).compose(fax(400)).error().code == "fax.too_many_pages");
    auto wide = fax(1);
    wide.document.blocks.push_back(
        Table{.columns = {Align::left}, .rows = {{{Span{std::string(200, 'W')}}}}});
    CHECK(composer(false).compose(wide).error().code == "fax.outside_page");
    auto strange = fax(0);
    strange.recipient_name = "王";
    CHECK(composer(false).compose(strange).error().code == "fax.glyph_missing");
    CHECK(FaxComposer::create({.family = "Nobody's"}).error().code == "fax.font_missing");
}

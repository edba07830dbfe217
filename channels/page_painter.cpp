// Paints planned pages with cairo: as PDF and as black and white pixels.
#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <stdexcept>

#include "base/digest.h"
#include "channels/page_plan.h"

namespace carillon::channels {

namespace {

constexpr double points_per_mm = 72 / 25.4;
constexpr double points_per_inch = 72;
// Pictures that a thread keeps decoded: a logo and the signatures of a few people.
constexpr std::size_t pictures_kept = 16;
// Ink that covers this much of a fax pixel blackens it: a little under half keeps thin strokes.
constexpr unsigned char fax_threshold = 100;

struct DestroySurface {
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;
struct DestroyContext {
    void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Context = std::unique_ptr<cairo_t, DestroyContext>;

void check(cairo_status_t status, const char* what) {
    if (status != CAIRO_STATUS_SUCCESS)
        throw std::runtime_error(std::string{what} + ": " + cairo_status_to_string(status));
}

Surface decode(const std::string& png) {
    struct Reader {
        const std::string& bytes;
        std::size_t at{};
    } reader{png};
    const auto read = [](void* closure, unsigned char* out, unsigned int size) {
        auto& from = *static_cast<Reader*>(closure);
        if (from.bytes.size() - from.at < size) return CAIRO_STATUS_READ_ERROR;
        std::memcpy(out, from.bytes.data() + from.at, size);
        from.at += size;
        return CAIRO_STATUS_SUCCESS;
    };
    return Surface{cairo_image_surface_create_from_png_stream(read, &reader)};
}

// What of a picture is ink on white paper: an opaque white background must not become black.
Surface ink_of(const Surface& picture) {
    const int width = cairo_image_surface_get_width(picture.get());
    const int height = cairo_image_surface_get_height(picture.get());
    const Surface flat{cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)};
    const Context context{cairo_create(flat.get())};
    cairo_set_source_rgb(context.get(), 1, 1, 1);
    cairo_paint(context.get());
    cairo_set_source_surface(context.get(), picture.get(), 0, 0);
    cairo_paint(context.get());
    cairo_surface_flush(flat.get());
    Surface ink{cairo_image_surface_create(CAIRO_FORMAT_A8, width, height)};
    cairo_surface_flush(ink.get());
    for (int y = 0; y < height; ++y) {
        const auto* from =
            cairo_image_surface_get_data(flat.get()) +
            static_cast<std::ptrdiff_t>(y) * cairo_image_surface_get_stride(flat.get());
        auto* to = cairo_image_surface_get_data(ink.get()) +
                   static_cast<std::ptrdiff_t>(y) * cairo_image_surface_get_stride(ink.get());
        for (int x = 0; x < width; ++x) {
            std::uint32_t pixel{};
            std::memcpy(&pixel, from + static_cast<std::ptrdiff_t>(x) * 4, sizeof pixel);
            const auto red = (pixel >> 16) & 0xFF;
            const auto green = (pixel >> 8) & 0xFF;
            const auto blue = pixel & 0xFF;
            to[x] = static_cast<unsigned char>(255 - (red * 77 + green * 151 + blue * 28) / 256);
        }
    }
    cairo_surface_mark_dirty(ink.get());
    return ink;
}

// Surfaces are not for several threads; each decodes what it paints once.
cairo_surface_t* surface_of(const Picture& picture, bool as_ink) {
    thread_local std::map<std::pair<std::string, bool>, Surface> decoded;
    if (decoded.size() > pictures_kept) decoded.clear();
    auto& found = decoded[{picture.digest, as_ink}];
    if (!found) found = as_ink ? ink_of(decode(picture.png)) : decode(picture.png);
    return found.get();
}

// A bit a module, so that a QR code is one small image and not three hundred rectangles.
Surface mask_of(const BarSymbol& symbol) {
    Surface mask{cairo_image_surface_create(CAIRO_FORMAT_A1, symbol.width, symbol.height)};
    cairo_surface_flush(mask.get());
    auto* data = cairo_image_surface_get_data(mask.get());
    const int stride = cairo_image_surface_get_stride(mask.get());
    for (int y = 0; y < symbol.height; ++y)
        for (int x = 0; x < symbol.width; ++x)
            if (symbol.at(x, y)) {
                // Bits of an A1 word lie in the machine's own order; a word is 32 of them.
                std::uint32_t word{};
                auto* place = data + y * stride + (x / 32) * 4;
                std::memcpy(&word, place, sizeof word);
                word |= G_BYTE_ORDER == G_LITTLE_ENDIAN ? 1U << (x % 32) : 0x80000000U >> (x % 32);
                std::memcpy(place, &word, sizeof word);
            }
    cairo_surface_mark_dirty(mask.get());
    return mask;
}

// Paints items in a coordinate system of points.
class Painter {
public:
    Painter(cairo_t* context, bool in_black) : context_(context), in_black_(in_black) {}

    void paint(const Page& page) {
        for (const auto& item : page.items)
            std::visit([this](const auto& what) { paint(what); }, item.what);
    }

private:
    void colour(const Colour& colour) {
        if (in_black_)
            cairo_set_source_rgb(context_, 0, 0, 0);
        else
            cairo_set_source_rgb(context_, colour.red, colour.green, colour.blue);
    }

    void paint(const TextItem& item) {
        colour(item.colour);
        auto* layout = static_cast<PangoLayout*>(item.text.layout.get());
        for (std::size_t i = 0; i < item.count; ++i) {
            const auto line = item.first + i;
            const double y =
                item.top + static_cast<double>(i) * item.text.leading + item.text.baseline;
            cairo_move_to(context_, (item.left + item.shift(line)) * points_per_mm,
                          y * points_per_mm);
            pango_cairo_show_layout_line(
                context_, pango_layout_get_line_readonly(layout, static_cast<int>(line)));
        }
    }

    void paint(const RuleItem& item) {
        colour(item.colour);
        cairo_rectangle(context_, item.box.left * points_per_mm, item.box.top * points_per_mm,
                        item.box.width * points_per_mm, item.box.height * points_per_mm);
        cairo_fill(context_);
    }

    void paint(const PictureItem& item) {
        paint_scaled(item.box, item.picture->width, item.picture->height, [&] {
            auto* surface = surface_of(*item.picture, in_black_);
            if (in_black_) {
                colour(black);
                cairo_mask_surface(context_, surface, 0, 0);
            } else {
                cairo_set_source_surface(context_, surface, 0, 0);
                cairo_paint(context_);
            }
        });
    }

    void paint(const SymbolItem& item) {
        const auto mask = mask_of(item.symbol);
        colour(black);
        paint_scaled(item.box, item.symbol.width, item.symbol.height, [&] {
            auto* pattern = cairo_pattern_create_for_surface(mask.get());
            cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
            cairo_mask(context_, pattern);
            cairo_pattern_destroy(pattern);
        });
    }

    template <class Paint>
    void paint_scaled(const Box& box, int width, int height, Paint paint_it) {
        cairo_save(context_);
        cairo_translate(context_, box.left * points_per_mm, box.top * points_per_mm);
        cairo_scale(context_, box.width * points_per_mm / width,
                    box.height * points_per_mm / height);
        paint_it();
        cairo_restore(context_);
    }

    cairo_t* context_;
    bool in_black_;
};

}  // namespace

base::Result<std::shared_ptr<const Picture>> read_picture(std::string png, std::string_view place) {
    auto picture = std::make_shared<Picture>();
    const auto surface = decode(png);
    if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
        return base::fail("letter.image_invalid", "This is no PNG image.", std::string{place});
    picture->width = cairo_image_surface_get_width(surface.get());
    picture->height = cairo_image_surface_get_height(surface.get());
    picture->digest = base::sha256(png);
    picture->png = std::move(png);
    return picture;
}

std::string paint_pdf(const PagePlan& plan, const PdfInfo& info) {
    std::string bytes;
    const auto append = [](void* closure, const unsigned char* data, unsigned int size) {
        static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), size);
        return CAIRO_STATUS_SUCCESS;
    };
    const Surface surface{cairo_pdf_surface_create_for_stream(
        append, &bytes, plan.width * points_per_mm, plan.height * points_per_mm)};
    const auto set = [&](cairo_pdf_metadata_t key, const std::string& value) {
        if (!value.empty()) cairo_pdf_surface_set_metadata(surface.get(), key, value.c_str());
    };
    set(CAIRO_PDF_METADATA_TITLE, info.title);
    set(CAIRO_PDF_METADATA_AUTHOR, info.author);
    set(CAIRO_PDF_METADATA_CREATE_DATE, base::to_text(info.date) + "T00:00:00Z");
    const Context context{cairo_create(surface.get())};
    for (const auto& page : plan.pages) {
        Painter{context.get(), info.in_black}.paint(page);
        cairo_show_page(context.get());
    }
    check(cairo_status(context.get()), "painting a PDF page");
    cairo_surface_finish(surface.get());
    check(cairo_surface_status(surface.get()), "writing a PDF");
    return bytes;
}

Bitmap paint_bitmap(const Page& page, const RasterSize& size) {
    const Surface surface{cairo_image_surface_create(CAIRO_FORMAT_A8, size.width, size.height)};
    check(cairo_surface_status(surface.get()), "making a fax page");
    const Context context{cairo_create(surface.get())};
    cairo_scale(context.get(), size.dots_per_inch_x / points_per_inch,
                size.dots_per_inch_y / points_per_inch);
    cairo_translate(context.get(), size.left_mm * points_per_mm, 0);
    Painter{context.get(), true}.paint(page);
    check(cairo_status(context.get()), "painting a fax page");
    cairo_surface_flush(surface.get());
    const auto* data = cairo_image_surface_get_data(surface.get());
    const int stride = cairo_image_surface_get_stride(surface.get());
    Bitmap bitmap{size.width, size.height, static_cast<std::size_t>(size.width + 7) / 8, {}};
    bitmap.bits.assign(bitmap.row_bytes * static_cast<std::size_t>(size.height), '\0');
    for (int y = 0; y < size.height; ++y) {
        const auto* row = data + static_cast<std::ptrdiff_t>(y) * stride;
        auto* out = bitmap.bits.data() + bitmap.row_bytes * static_cast<std::size_t>(y);
        for (int x = 0; x < size.width; ++x)
            if (row[x] >= fax_threshold)
                out[x / 8] = static_cast<char>(out[x / 8] | (0x80 >> (x % 8)));
    }
    return bitmap;
}

}  // namespace carillon::channels

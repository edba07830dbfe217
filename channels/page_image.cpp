#include "channels/page_image.h"

#include <poppler.h>

#include <cmath>
#include <memory>
#include <new>

namespace carillon::channels {

namespace {

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
struct Free {
    void operator()(GBytes* bytes) const { g_bytes_unref(bytes); }
    void operator()(GError* error) const { g_error_free(error); }
    void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
    void operator()(cairo_t* context) const { cairo_destroy(context); }
};

tl::unexpected<base::Failure> unreadable(const std::string& why) {
    return base::fail("page.unreadable", "the pages cannot be drawn: " + why);
}

std::string png_of(cairo_surface_t* surface) {
    std::string png;
    const auto write = [](void* closure, const unsigned char* data, unsigned int size) {
        static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), size);
        return CAIRO_STATUS_SUCCESS;
    };
    if (cairo_surface_write_to_png_stream(surface, write, &png) != CAIRO_STATUS_SUCCESS)
        throw std::bad_alloc{};
    return png;
}

std::string drawn(PopplerPage* page, int width) {
    double points_wide = 0;
    double points_high = 0;
    poppler_page_get_size(page, &points_wide, &points_high);
    const double scale = width / points_wide;
    const int height = static_cast<int>(std::lround(points_high * scale));
    const std::unique_ptr<cairo_surface_t, Free> surface{
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)};
    const std::unique_ptr<cairo_t, Free> context{cairo_create(surface.get())};
    cairo_set_source_rgb(context.get(), 1, 1, 1);
    cairo_paint(context.get());
    cairo_scale(context.get(), scale, scale);
    poppler_page_render(page, context.get());
    return png_of(surface.get());
}

}  // namespace

base::Result<PageImage> page_image(const std::string& pdf, int page, int width) {
    const std::unique_ptr<GBytes, Free> bytes{g_bytes_new_static(pdf.data(), pdf.size())};
    GError* problem = nullptr;
    const std::unique_ptr<PopplerDocument, Unref> document{
        poppler_document_new_from_bytes(bytes.get(), nullptr, &problem)};
    const std::unique_ptr<GError, Free> error{problem};
    if (!document) return unreadable(error ? error->message : "no document");
    const int pages = poppler_document_get_n_pages(document.get());
    if (page < 1 || page > pages)
        return base::fail("page.unknown", "there is no page " + std::to_string(page) + " of " +
                                              std::to_string(pages));
    const std::unique_ptr<PopplerPage, Unref> found{
        poppler_document_get_page(document.get(), page - 1)};
    if (!found) return unreadable("page " + std::to_string(page));
    return PageImage{drawn(found.get(), width), pages};
}

}  // namespace carillon::channels

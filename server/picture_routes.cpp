#include "campaigns/pictures.h"
#include "server/endpoints.h"
#include "server/public_pages.h"

namespace carillon::server {

namespace {

// What an address shows never changes, for its name is the digest of the content. Should a browser
// still take it for a page, it runs nothing there.
Response shown(const campaigns::PictureContent& picture, const std::string& etag,
               const Request& request) {
    const bool is_known = request.header("If-None-Match").find(etag) != std::string_view::npos;
    Response response{is_known ? 304 : 200};
    response.set("ETag", etag)
        .set("Cache-Control", "public, max-age=31536000, immutable")
        .set("X-Content-Type-Options", "nosniff")
        .set("Content-Security-Policy", "default-src 'none'")
        .set("Cross-Origin-Resource-Policy", "cross-origin");
    if (!is_known) response.set_body(media_type_of(picture.format), picture.bytes);
    return response;
}

class Pictures {
public:
    explicit Pictures(const PictureServices& services)
        : database_(services.database),
          pages_({services.bank.name, services.bank.phone, services.bank.url}) {}

    Response answer(const Request& request) const {
        try {
            std::string_view suffix;
            const auto id =
                campaigns::picture_id_in(request.parameters.find("file")->second, suffix);
            if (!id) return page(Page::unknown_link, request, 404);
            const auto picture = campaigns::picture_content(*database_.read(), *id);
            if (!picture || suffix_of(picture->format) != suffix)
                return page(Page::unknown_link, request, 404);
            return shown(*picture, "\"" + *id + "\"", request);
        } catch (const db::DbError&) {
            auto later = page(Page::later, request, 503);
            later.set("Retry-After", "60");
            return later;
        }
    }

private:
    Response page(Page which, const Request& request, int status) const {
        return pages_.show(which, {.locale = locale_of_browser(request.header("Accept-Language"))},
                           status);
    }

    db::Database& database_;
    PublicPages pages_;
};

}  // namespace

std::vector<Route> picture_routes(const PictureServices& services) {
    const auto pictures = std::make_shared<const Pictures>(services);
    return {{"GET", "/i/{file}", Policy::everybody,
             Handler{[pictures](const Request& request) { return pictures->answer(request); }},
             false}};
}

}  // namespace carillon::server

// The specification, for programs and for readers; nothing in the page comes from elsewhere.
#include "server/api.h"
#include "server/openapi_text.h"

namespace carillon::server {

std::vector<Route> specification_routes() {
    const auto answer = [](std::string_view type, std::string_view text) {
        return Handler{[type, text](const Request&) {
            auto response = Response::of(200, type, std::string{text});
            response.set("Cache-Control", "no-cache")
                .set("X-Content-Type-Options", "nosniff")
                .set("Content-Security-Policy",
                     "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
            return response;
        }};
    };
    return {{"GET", "/api/v1/openapi.json", Policy::everybody,
             answer("application/json", openapi_json)},
            {"GET", "/docs", Policy::everybody, answer("text/html; charset=utf-8", openapi_page)}};
}

}  // namespace carillon::server

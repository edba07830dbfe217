// The specification, for programs and for readers; nothing in the page comes from elsewhere.
#include "server/api.h"
#include "server/openapi_text.h"

namespace carillon::server {

namespace {

template <std::size_t count>
std::string joined(const std::array<std::string_view, count>& pieces) {
    std::string text;
    for (const auto piece : pieces) text += piece;
    return text;
}

}  // namespace

const std::string& specification_json() {
    static const std::string text = joined(openapi_json);
    return text;
}

std::vector<Route> specification_routes() {
    const auto answer = [](std::string_view type, std::string text) {
        return Handler{[type, text = std::move(text)](const Request&) {
            auto response = Response::of(200, type, text);
            response.set("Cache-Control", "no-cache")
                .set("X-Content-Type-Options", "nosniff")
                .set("Content-Security-Policy",
                     "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
            return response;
        }};
    };
    return {{"GET", "/api/v1/openapi.json", Policy::everybody,
             answer("application/json", specification_json())},
            {"GET", "/docs", Policy::everybody,
             answer("text/html; charset=utf-8", joined(openapi_page))}};
}

}  // namespace carillon::server

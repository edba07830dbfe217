#include "server/web_assets.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::server {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t bytes_max = 64U << 20;
constexpr std::string_view index_path = "/index.html";
constexpr std::string_view hashed_folder = "/assets/";

// The editor and the component library put style elements into the page; no script ever is. What a
// frame shows of its own page inherits this policy: its pictures load from here or not at all.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src ";

struct Type {
    std::string_view suffix, type;
};
constexpr std::array types{Type{".html", "text/html; charset=utf-8"},
                           Type{".js", "text/javascript; charset=utf-8"},
                           Type{".css", "text/css; charset=utf-8"},
                           Type{".json", "application/json"},
                           Type{".svg", "image/svg+xml"},
                           Type{".png", "image/png"},
                           Type{".ico", "image/x-icon"},
                           Type{".woff2", "font/woff2"},
                           Type{".txt", "text/plain; charset=utf-8"}};

std::string_view type_of(std::string_view path) {
    const auto* known =
        std::ranges::find_if(types, [&](const Type& one) { return path.ends_with(one.suffix); });
    return known == types.end() ? "application/octet-stream" : known->type;
}

// The last segment has a suffix: a file is meant, not a screen.
bool names_a_file(std::string_view path) {
    const auto last = path.substr(path.rfind('/') + 1);
    return std::ranges::any_of(types, [&](const Type& one) { return last.ends_with(one.suffix); });
}

std::string bytes_of(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

bool owned_elsewhere(std::string_view path) {
    constexpr std::array<std::string_view, 14> first_segments{
        "api", "docs", "callbacks", "u", "p",       "w",      "r",
        "o",   "c",    "v",         "i", "healthz", "readyz", "metrics"};
    const auto rest = path.substr(path.empty() ? 0 : 1);
    const auto first = rest.substr(0, rest.find('/'));
    return std::ranges::find(first_segments, first) != first_segments.end();
}

bool takes_gzip(std::string_view accept_encoding) {
    for (const auto one : base::split(accept_encoding, ',')) {
        const auto coding = base::trim(one.substr(0, one.find(';')));
        if (!same_name(coding, "gzip")) continue;
        const auto weight = one.find("q=");
        if (weight == std::string_view::npos) return true;
        // "q=0" and "q=0.0" refuse it, anything above does not.
        return base::trim(one.substr(weight + 2)).find_first_not_of("0.") != std::string_view::npos;
    }
    return false;
}

base::Result<WebAssets> WebAssets::load(const std::string& folder) try {
    WebAssets assets;
    std::uintmax_t total = 0;
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        if (!entry.is_regular_file()) continue;
        total += entry.file_size();
        if (total > bytes_max)
            return base::fail("web.size", "More than 64 MiB: this is not the built app.", folder);
        auto path = "/" + fs::relative(entry.path(), folder).generic_string();
        auto body = bytes_of(entry.path());
        if (path.ends_with(".gz")) {
            path.resize(path.size() - 3);
            assets.files_[path].gzip = std::move(body);
            continue;
        }
        auto& file = assets.files_[path];
        file.etag = "\"" + base::sha256_hex(body).substr(0, 32) + "\"";
        file.type = type_of(path);
        file.body = std::move(body);
    }
    // Compressed leftovers whose original is gone.
    std::erase_if(assets.files_, [](const auto& one) { return one.second.etag.empty(); });
    if (!assets.files_.contains(index_path))
        return base::fail("web.index", "There is no index.html; expected the built app.", folder);
    return assets;
} catch (const fs::filesystem_error& error) {
    return base::fail("web.folder", error.code().message(), folder);
}

void WebAssets::allow_frames(const std::string& origin) {
    frames_ = origin;
}

void WebAssets::protect(Response& response) const {
    response.set("Content-Security-Policy", std::string{content_policy} + frames_)
        .set("X-Content-Type-Options", "nosniff")
        .set("X-Frame-Options", "DENY")
        .set("Referrer-Policy", "same-origin")
        .set("Cross-Origin-Opener-Policy", "same-origin")
        .set("Cross-Origin-Resource-Policy", "same-origin")
        .set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()");
}

Response WebAssets::found(const File& file, bool immutable, const Request& request) const {
    Response response{200};
    protect(response);
    response.set("Cache-Control", immutable ? "public, max-age=31536000, immutable" : "no-cache")
        .set("ETag", file.etag)
        .set("Vary", "Accept-Encoding");
    if (request.header("If-None-Match") == file.etag) {
        Response unchanged{304};
        for (const auto& [name, value] : response.headers()) unchanged.set(name, value);
        return unchanged;
    }
    const bool compressed = !file.gzip.empty() && takes_gzip(request.header("Accept-Encoding"));
    if (compressed) response.set("Content-Encoding", "gzip");
    response.set_body(file.type, compressed ? file.gzip : file.body);
    return response;
}

Response WebAssets::answer(const Request& request) const {
    std::string path;
    // A path that cannot be read is nothing either.
    if (!percent_decode(request.path, false, path) || owned_elsewhere(path))
        return problem(404, "http.path", "There is nothing at this path.");
    if (const auto file = files_.find(path); file != files_.end())
        return found(file->second, path.starts_with(hashed_folder), request);
    if (path.starts_with(hashed_folder) || names_a_file(path))
        return problem(404, "http.path", "There is no such file.");
    return found(files_.find(index_path)->second, false, request);
}

std::vector<Route> web_routes(const std::shared_ptr<const WebAssets>& assets) {
    return {{"GET", "/{*}", Policy::everybody,
             Handler{[assets](const Request& request) { return assets->answer(request); }}, false}};
}

}  // namespace carillon::server

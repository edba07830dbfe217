// The browser app as files: index.html and its assets, compressed when they were built. Read once
// at the start, so that no path a browser asks for ever reaches the file system.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "server/router.h"

namespace carillon::server {

// Immutable once loaded, safe from several threads.
class WebAssets {
public:
    // Everything under `folder`, at most 64 MiB. Errors: web.folder (cannot be read), web.index
    // (no index.html in it), web.size.
    static base::Result<WebAssets> load(const std::string& folder);

    // A file by its path; for the address of a screen ("/campaigns/spring") index.html, so that
    // links into the app work. 404 for what the rest of the server owns (owned_elsewhere) and for
    // an asset that is not there. Files under /assets/ carry their hash in their name and never
    // change; the rest is asked for again each time, with an ETag.
    Response answer(const Request& request) const;

    // Pages may show frames of this origin and of no other: where previews are (docs/server.md).
    void allow_frames(const std::string& origin);

    std::size_t size() const { return files_.size(); }

private:
    struct File {
        std::string body{};
        std::string gzip{};  // empty: not compressed when it was built
        std::string etag{};
        std::string_view type{};
    };
    Response found(const File& file, bool immutable, const Request& request) const;
    void protect(Response& response) const;

    std::string frames_{"'none'"};
    std::map<std::string, File, std::less<>> files_;  // by path, "/assets/main-a1b2c3.js"
};

// Paths of the API, callbacks, public pages and health: never answered with the app.
bool owned_elsewhere(std::string_view path);
// Accept-Encoding names gzip and does not refuse it (RFC 9110, 12.5.3).
bool takes_gzip(std::string_view accept_encoding);

// GET of every path that no other route has.
std::vector<Route> web_routes(const std::shared_ptr<const WebAssets>& assets);

}  // namespace carillon::server

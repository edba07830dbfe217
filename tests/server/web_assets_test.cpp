// The browser app as files: caching, compression, deep links, and nothing outside of its folder.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "server/web_assets.h"

using namespace carillon;
using namespace carillon::server;

namespace {

namespace fs = std::filesystem;

// A built app in a folder of its own, with a secret beside it.
class BuiltApp {
public:
    BuiltApp()
        : base_(fs::temp_directory_path() /
                ("carillon-web-" + base::to_hex(base::random_bytes(8)))) {
        fs::create_directories(base_ / "web/assets");
        write("secret.txt", "nobody's business");
        write("web/index.html", "<!doctype html><title>Carillon</title>");
        write("web/index.html.gz", "compressed index");
        write("web/assets/main-a1b2c3.js", "let a=1");
        write("web/assets/main-a1b2c3.js.gz", "compressed script");
        write("web/assets/gone-000000.js.gz", "its original is gone");
        write("web/icon.svg", "<svg/>");
    }
    ~BuiltApp() { fs::remove_all(base_); }
    BuiltApp(const BuiltApp&) = delete;
    BuiltApp& operator=(const BuiltApp&) = delete;

    void write(const std::string& path, const std::string& text) const {
        std::ofstream{base_ / path, std::ios::binary} << text;
    }
    std::string folder() const { return (base_ / "web").string(); }
    WebAssets assets() const {
        auto loaded = WebAssets::load(folder());
        REQUIRE(loaded);
        return std::move(*loaded);
    }

private:
    fs::path base_;
};

Request get(std::string path, Headers headers = {}) {
    return {.method = "GET", .path = std::move(path), .headers = std::move(headers)};
}

std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers())
        if (same_name(key, name)) return value;
    return {};
}

}  // namespace

TEST_CASE("files with a hash in their name are kept for a year, the page is asked for again") {
    const BuiltApp app;
    const auto assets = app.assets();
    const auto script = assets.answer(get("/assets/main-a1b2c3.js"));
    CHECK(script.status() == 200);
    CHECK(script.body() == "let a=1");
    CHECK(header(script, "Content-Type") == "text/javascript; charset=utf-8");
    CHECK(header(script, "Cache-Control") == "public, max-age=31536000, immutable");

    const auto page = assets.answer(get("/"));
    CHECK(page.status() == 200);
    CHECK(header(page, "Cache-Control") == "no-cache");
    const auto again = assets.answer(get("/", {{"If-None-Match", header(page, "ETag")}}));
    CHECK(again.status() == 304);
    CHECK(again.body().empty());
    CHECK(assets.answer(get("/", {{"If-None-Match", "\"older\""}})).status() == 200);
}

TEST_CASE("what is unchanged is said without a length") {
    std::string said;
    append_response(said, Response{304}, {true, false, "today"});
    CHECK(said == "HTTP/1.1 304 Not Modified\r\nDate: today\r\n\r\n");
}

TEST_CASE("compressed only for those who take it") {
    const BuiltApp app;
    const auto assets = app.assets();
    const auto packed =
        assets.answer(get("/assets/main-a1b2c3.js", {{"Accept-Encoding", "br, gzip"}}));
    CHECK(packed.body() == "compressed script");
    CHECK(header(packed, "Content-Encoding") == "gzip");
    CHECK(header(packed, "Vary") == "Accept-Encoding");
    const auto plain = assets.answer(get("/icon.svg", {{"Accept-Encoding", "gzip"}}));
    CHECK(plain.body() == "<svg/>");
    CHECK(header(plain, "Content-Encoding").empty());

    CHECK(takes_gzip("GZIP"));
    CHECK(takes_gzip("deflate, gzip;q=0.5"));
    CHECK_FALSE(takes_gzip("gzip;q=0"));
    CHECK_FALSE(takes_gzip("gzip; q=0.0"));
    CHECK_FALSE(takes_gzip("gzipped"));
    CHECK_FALSE(takes_gzip(""));
}

TEST_CASE("a link into the app opens the app, what others own is theirs") {
    const BuiltApp app;
    const auto assets = app.assets();
    for (const auto* path : {"/", "/campaigns", "/campaigns/spring-2026", "/clients/C00000007"}) {
        const auto page = assets.answer(get(path));
        CHECK(page.status() == 200);
        CHECK(header(page, "Content-Type") == "text/html; charset=utf-8");
    }
    for (const auto* path : {"/api", "/api/v1/nothing", "/callbacks/x", "/u/1.abc", "/w/1.abc",
                             "/docs/x", "/assets/old-ffffff.js", "/assets/", "/favicon.ico",
                             "/assets/gone-000000.js", "/campaigns/robots.txt"})
        CHECK(assets.answer(get(path)).status() == 404);
}

TEST_CASE("nothing outside of the folder is reached") {
    const BuiltApp app;
    const auto assets = app.assets();
    for (const auto* path : {"/../secret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt",
                             "/..%2fsecret.txt", "//secret.txt", "/%00", "/assets/%2e%2e%2f"}) {
        const auto answer = assets.answer(get(path));
        CHECK(answer.body().find("business") == std::string::npos);
        CHECK(answer.status() >= 400);
    }
}

TEST_CASE("every answer forbids what the app does not need") {
    const BuiltApp app;
    const auto assets = app.assets();
    for (const auto* path : {"/", "/campaigns", "/assets/main-a1b2c3.js"}) {
        const auto answer = assets.answer(get(path));
        const auto policy = header(answer, "Content-Security-Policy");
        CHECK(policy.starts_with("default-src 'none'; script-src 'self';"));
        CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
        CHECK(policy.find("unsafe-eval") == std::string::npos);
        CHECK(header(answer, "X-Content-Type-Options") == "nosniff");
        CHECK(header(answer, "Referrer-Policy") == "same-origin");
    }
}

TEST_CASE("a folder that is not the built app is said at the start") {
    const BuiltApp app;
    CHECK(WebAssets::load(app.folder() + "/assets").error().code == "web.index");
    CHECK(WebAssets::load(app.folder() + "/nowhere").error().code == "web.folder");
}

TEST_CASE("the rest of the paths goes to the app, after every other route") {
    const BuiltApp app;
    auto routes = web_routes(std::make_shared<WebAssets>(app.assets()));
    CHECK(routes.size() == 1);
    CHECK(routes[0].pattern == "/{*}");
    CHECK(routes[0].policy == Policy::everybody);
}

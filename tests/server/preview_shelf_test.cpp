// What somebody looks at: under a ticket nobody guesses, for a while, in bounded memory, and
// without a picture of another host.
#include <catch2/catch.hpp>

#include "server/preview_shelf.h"

using namespace carillon;
using namespace carillon::server;

namespace {

Response asked(PreviewShelf& shelf, const std::string& ticket, std::string query = {}) {
    const auto routes = preview_routes(shelf);
    Request request{.method = "GET", .path = "/v/" + ticket, .query = std::move(query)};
    request.parameters["ticket"] = ticket;
    return std::get<Handler>(routes.front().handler)(request);
}

std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers())
        if (same_name(key, name)) return value;
    return {};
}

}  // namespace

TEST_CASE("a preview is there for its ticket only, and for a while", "[previews]") {
    base::ManualClock clock{base::Instant{std::chrono::hours{1}}};
    PreviewShelf shelf{clock, {.bytes = 1'000, .kept = std::chrono::minutes{5}}};
    const auto first = shelf.put("<p>one");
    clock.advance(std::chrono::minutes{4});
    const auto second = shelf.put("<p>two");
    CHECK(first.size() == 43);
    CHECK(first != second);
    CHECK(shelf.find(first) == "<p>one");
    CHECK_FALSE(shelf.find(first.substr(1)));
    CHECK_FALSE(shelf.find(""));
    clock.advance(std::chrono::minutes{1});
    CHECK_FALSE(shelf.find(first));
    CHECK(shelf.find(second) == "<p>two");
}

TEST_CASE("the oldest previews make room", "[previews]") {
    base::ManualClock clock{base::Instant{}};
    PreviewShelf shelf{clock, {.bytes = 100}};
    const auto first = shelf.put(std::string(60, 'a'));
    const auto second = shelf.put(std::string(40, 'b'));
    CHECK(shelf.find(first));
    const auto third = shelf.put("c");
    CHECK_FALSE(shelf.find(first));
    CHECK(shelf.find(second));
    CHECK(shelf.find(third));
    CHECK(shelf.put(std::string(101, 'd')).empty());
    CHECK(shelf.find(second));
}

TEST_CASE("a preview is shown without a script, an origin or a cookie", "[previews]") {
    base::ManualClock clock{base::Instant{}};
    PreviewShelf shelf{clock};
    const auto ticket = shelf.put("<p>Hello<script>steal()</script>");
    const auto shown = asked(shelf, ticket);
    CHECK(shown.status() == 200);
    CHECK(shown.body() == "<p>Hello<script>steal()</script>");
    const auto policy = header(shown, "Content-Security-Policy");
    CHECK(policy.starts_with("sandbox; default-src 'none';"));
    CHECK(policy.find("allow-") == std::string::npos);
    CHECK(policy.find("script-src") == std::string::npos);
    CHECK(header(shown, "Set-Cookie").empty());
    CHECK(header(shown, "Cache-Control") == "no-store");
    CHECK(asked(shelf, ticket, "view=dark").body().starts_with("<style>"));
    const auto none = asked(shelf, "AAAA");
    CHECK(none.status() == 404);
    CHECK(header(none, "Content-Security-Policy").starts_with("sandbox;"));
}

TEST_CASE("pictures of other hosts are grey fields", "[previews]") {
    const auto field = [](const std::string& html) {
        const auto made = without_foreign_pictures(html);
        return made.find("elsewhere") == std::string::npos &&
               made.find("data:image/svg+xml") != std::string::npos;
    };
    CHECK(field(R"(<img src="https://elsewhere.test/a.png">)"));
    CHECK(field(R"(<IMG alt='a > b' SRC = 'HTTP://elsewhere.test/a.png' width=1>)"));
    CHECK(field(R"(<img width=1 src=//elsewhere.test/a.png>)"));
    CHECK(
        field(R"(<img src=" https://elsewhere.test/a.png" srcset="https://elsewhere.test/b 2x">)"));
    CHECK(field("<!-- it's --><p>5 < 6 it's</p><img\nsrc=\"https://elsewhere.test/a.png\">"));
    for (const std::string same :
         {R"(<img src="data:image/png;base64,AA=="> text)",
          R"(<a href="https://elsewhere.test/">x</a>)", R"(<imgs src="https://elsewhere.test">)",
          R"(<img data-src="https://elsewhere.test">)", "<img", "<", "a < b", R"(<img src=)",
          R"(<img src=")", ""})
        CHECK(without_foreign_pictures(same) == same);
}

TEST_CASE("pictures of our own library come from where previews are", "[previews]") {
    const std::string bank = "https://bank.test";
    const std::string here = "http://127.0.0.1:8081";
    const auto shown = [&](const std::string& html) {
        return without_foreign_pictures(html, bank, here);
    };
    CHECK(shown("<img src=\"https://bank.test/i/a.png\">") ==
          "<img src=\"http://127.0.0.1:8081/i/a.png\">");
    CHECK(shown("<td background='https://bank.test/i/a.png'>") ==
          "<td background='http://127.0.0.1:8081/i/a.png'>");
    for (const std::string foreign :
         {"https://bank.test/o/1.x", "https://bank.test.evil.test/i/a.png", "//bank.test/i/a.png",
          "https://elsewhere.test/?https://bank.test/i/a.png", "http://bank.test/i/a.png",
          "/i/a.png"}) {
        const auto made = shown("<img src=\"" + foreign + "\">");
        INFO(made);
        CHECK(made.find("data:image/svg+xml") != std::string::npos);
    }
    // Without an address of ours every host is foreign, the previews' own as well.
    CHECK(without_foreign_pictures("<img src=\"" + here + "/i/a.png\">", "", here).find("data:") !=
          std::string::npos);
}

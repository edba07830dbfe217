// Which links are tracked, where they lead, and that nothing else of the template changes.
#include <catch2/catch.hpp>

#include "campaigns/link_tracking.h"
#include "campaigns/message_keys.h"

using namespace carillon;
using namespace carillon::campaigns;

namespace {

templates::TemplateDocument document_of(const std::string& html) {
    templates::TemplateDocument document;
    document.locales["en"].html = html;
    return document;
}

std::vector<std::string> links_in(const std::string& html) {
    return tracked_links(document_of(html));
}

}  // namespace

TEST_CASE("links of <a> with a fixed address are tracked") {
    using Links = std::vector<std::string>;
    CHECK(links_in(R"(<a href="https://bank.test/a?x=1&amp;y=2">)") ==
          Links{"https://bank.test/a?x=1&y=2"});
    CHECK(links_in("<A class=b\n HREF = 'HTTP://bank.test/'>") == Links{"HTTP://bank.test/"});
    CHECK(links_in(R"(<a title="a > b" href="https://x/">)") == Links{"https://x/"});
    CHECK(links_in(R"(<a href="https://x/путь">)") == Links{"https://x/%D0%BF%D1%83%D1%82%D1%8C"});
    CHECK(links_in(R"(<a href="https://x/{{client.id}}">)").empty());
    CHECK(
        links_in(R"(<a href="{{unsubscribe_url}}"><a href="mailto:a@b"><a href="#top">)").empty());
    CHECK(links_in(R"(<a href="https://x/a b"><a data-href="https://x/"><abbr href="https://x/">)")
              .empty());
    CHECK(links_in(R"(<link href="https://x/"><img src="https://x/">)").empty());
    CHECK(links_in("<a href=\"https://x/").size() ==
          1);  // checked elsewhere; here it must only end
    CHECK(links_in("<a").empty());
}

TEST_CASE("a link becomes a field between literals, the rest stays") {
    auto document = document_of(
        R"(<body><p>Hi</p><a href="https://x/1">1</a><a href='https://x/2'>2</a></body>)");
    document.locales["ru"].html = R"(<a href="https://x/3">3</a>)";
    document.locales["ru"].text = "https://x/3";
    const auto links = tracked_links(document);
    REQUIRE(links.size() == 3);
    track_links(document, {42}, "https://bank.example");
    const auto& html = document.locales["en"].html;
    CHECK(html.starts_with(
        R"(<body><p>Hi</p><a href="https://bank.example/c/{{tracking_token}}/42.1">1</a>)"
        R"(<a href='https://bank.example/c/{{tracking_token}}/42.2'>2</a><img src=")"
        R"(https://bank.example/o/{{tracking_token}}")"));
    CHECK(html.ends_with("</body>"));
    CHECK(links[2] == "https://x/3");
    CHECK(document.locales["ru"].html.find("42.3") != std::string::npos);
    CHECK(document.locales["ru"].text == "https://x/3");
}

TEST_CASE("tokens of one purpose are none of another") {
    const MessageKeys keys{"secret"};
    const base::MessageId id{17};
    CHECK(keys.message_of_tracking_token(keys.tracking_token(id)) == id);
    CHECK(keys.message_of_token(keys.unsubscribe_token(id)) == id);
    CHECK_FALSE(keys.message_of_tracking_token(keys.unsubscribe_token(id)));
    CHECK_FALSE(keys.message_of_token(keys.tracking_token(id)));
    CHECK(keys.message_of_view_token(keys.view_token(id)) == id);
    for (const auto& other :
         {keys.unsubscribe_token(id), keys.tracking_token(id), keys.message_key(id),
          keys.response_code(id), MessageKeys{"another secret"}.view_token(id)})
        CHECK_FALSE(keys.message_of_view_token(other));
    CHECK_FALSE(keys.message_of_token(keys.view_token(id)));
    CHECK_FALSE(keys.message_of_tracking_token(keys.view_token(id)));
    auto cut = keys.view_token(id);
    cut.pop_back();
    CHECK_FALSE(keys.message_of_view_token(cut));
    auto forged = keys.tracking_token(id);
    forged[0] = '2';
    CHECK_FALSE(keys.message_of_tracking_token(forged));
    for (const char* token : {"", ".", "17", "17.", "x.y", "17.x", "99999999999999999999.x"})
        CHECK_FALSE(keys.message_of_token(token));
}

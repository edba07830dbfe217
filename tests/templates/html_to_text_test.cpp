#include "templates/html_to_text.h"

#include <catch2/catch.hpp>

#include "templates/compiled_template.h"

using namespace carillon;
using namespace carillon::templates;

namespace {

std::string text_of(const std::string& html,
                    std::string_view values = R"({"vip":true,"name":"Anna"})") {
    const auto tree = parse({"t", html}, {}, {});
    REQUIRE(tree);
    const auto text = html_to_text(*tree);
    const auto program = compile_untyped(text, {.escape = EscapeMode::text});
    base::Pieces pieces;
    REQUIRE(render(program, base::Json::parse(values).value(), pieces));
    return pieces.flat();
}

}  // namespace

TEST_CASE("a letter without a text gets one from its HTML", "[templates]") {
    CHECK(text_of("<!doctype html><html><head><title>T</title><style>p > a {x:y}</style></head>\n"
                  "<body>\n <h1>Hello,\n {{name}}!</h1><p>One &amp; two&nbsp;&#8212; "
                  "&#x41;.</p><p>Three<br>four</p>\n"
                  "<!-- <p>no</p> --><script>if (a < b) { x = '</p>' }</script></body></html>") ==
          "Hello, Anna!\n\nOne & two\u00A0— A.\n\nThree\nfour");
}

TEST_CASE("lists, rows and links stay readable", "[templates]") {
    CHECK(text_of("<p>Due:</p><ul>{{#l}}<li>{{n}}, <b>{{m}}</b></li>{{/l}}</ul><p>End</p>",
                  R"({"l":[{"n":1,"m":"a"},{"n":2,"m":"b"}]})") == "Due:\n\n- 1, a\n- 2, b\n\nEnd");
    CHECK(text_of("<table><tr><td>a</td> <td>b</td></tr><tr><td>c</td><td>d</td></tr></table>") ==
          "a  b\nc  d");
    CHECK(text_of("<a class='x' href=\"https://b.test/?q={{name}}\">Open  it</a>, <a "
                  "href='#top'>up</a>") == "Open it (https://b.test/?q=Anna), up");
}

TEST_CASE("sections keep their gaps outside", "[templates]") {
    for (const auto& [values, expected] :
         {std::pair{R"({"vip":true})", "A B!\n\nC"}, std::pair{R"({"vip":false})", "A D!\n\nC"}})
        CHECK(text_of("<p>A {{#vip}}B{{/vip}}{{^vip}}D{{/vip}}!</p>{{#x}}<p>no</p>{{/x}}<p>C</p>",
                      values) == expected);
    CHECK(text_of("<td {{#vip}}class=\"a>b\"{{/vip}} title=\"{{name}}\">x</td>") == "x");
}

TEST_CASE("odd HTML ends in text, not in trouble", "[templates]") {
    for (const auto* html : {"<", "<a", "<a href=", "<a href='", "&", "&amp", "&#;", "&#x110000;",
                             "<!--", "<style>", "</", "<>", "<a href=\"x{{name}}", "&{{name}};"})
        CHECK(text_of(html).size() < 20);
    CHECK(text_of("AT&T &unknown; R&amp;D") == "AT&T &unknown; R&D");
}

TEST_CASE("fields in the links of a derived text are percent-encoded", "[templates]") {
    TemplateDocument document{.name = "t", .default_locale = "en"};
    document.locales["en"] = {
        "s", "<p>{{name}} <a href=\"https://b.test/?n={{name}}\">open</a></p>", {}};
    const auto compiled = compile(document, {{"name"}});
    REQUIRE(compiled);
    RenderData data{compiled->fields()};
    data.set_text(0, "Я & Co");
    RenderedMessage message;
    REQUIRE(compiled->render(data, "en", message));
    CHECK(message.text.flat() == "Я & Co open (https://b.test/?n=%D0%AF%20%26%20Co)");
}

// The language in our own words, for machines without the specification's data.
#include <catch2/catch.hpp>
#include <string>

#include "templates/program.h"
#include "templates/reference.h"

using namespace carillon;
using namespace carillon::templates;

namespace {

base::Json json(std::string_view text) {
    return base::Json::parse(text).value();
}

// Both renderers, which must agree.
std::string rendered(std::string_view source, std::string_view data,
                     const Partials& partials = {}) {
    const auto tree = parse({"t", std::string{source}}, partials, {});
    if (!tree) return tree.error().text();
    base::Pieces pieces;
    const auto program = compile_untyped(*tree, {});
    const auto done = render(program, json(data), pieces);
    if (!done) return done.error().text();
    CHECK(*render_reference(*tree, json(data), EscapeMode::html) == pieces.flat());
    return pieces.flat();
}

}  // namespace

TEST_CASE("sections, lists and inverted sections follow the truth of their value", "[templates]") {
    using Row = std::tuple<const char*, const char*>;
    const auto [data, expected] = GENERATE(table<const char*, const char*>(
        {Row{R"({})", "no"}, Row{R"({"v":null})", "no"}, Row{R"({"v":false})", "no"},
         Row{R"({"v":[]})", "no"}, Row{R"({"v":""})", "no"}, Row{R"({"v":0})", "yes(0)"},
         Row{R"({"v":true})", "yes(true)"}, Row{R"({"v":"false"})", "yes(false)"},
         Row{R"({"v":{}})", "yes()"}, Row{R"({"v":[1,2]})", "yes(1)yes(2)"}}));
    CHECK(rendered("{{#v}}yes({{.}}){{/v}}{{^v}}no{{/v}}", data) == expected);
}

TEST_CASE("a section that is left out takes its standalone lines with it", "[templates]") {
    CHECK(rendered("a\n{{#w}}\nx\n{{/w}}\nb\n", R"({"w":false})") == "a\nb\n");
    CHECK(rendered("a\r\n  {{#w}}  \r\nx\r\n{{/w}}", R"({"w":true})") == "a\r\nx\r\n");
    CHECK(rendered("a\n{{! x }} {{! y }}\nb", "{}") == "a\n \nb");
}

TEST_CASE("a text of blanks survives, also at the end", "[templates]") {
    CHECK(rendered("{{#a}}  {{/a}}", R"({"a":true})") == "  ");
    CHECK(rendered("{{^a}}\t{{/a}}\n", R"({})") == "\t\n");
}

TEST_CASE("braces in style sheets are ordinary text", "[templates]") {
    CHECK(rendered("@media{a{b:c}}{{x}}}{ {{{x}}}", R"({"x":"1"})") == "@media{a{b:c}}1}{ 1");
}

TEST_CASE("a partial that stands alone lends its indentation to each of its lines", "[templates]") {
    const Partials partials{{"list", {"list", "{{#l}}\n- {{.}}\n{{/l}}\n"}}};
    CHECK(rendered("x\n  {{>list}}\ny", R"({"l":["a","b"]})", partials) == "x\n  - a\n  - b\ny");
}

TEST_CASE("the innermost scope that knows the first part of a dotted name decides", "[templates]") {
    CHECK(rendered("{{#a}}[{{b.c}}]{{/a}}", R"({"a":{"b":{}},"b":{"c":"wrong"}})") == "[]");
    CHECK(rendered("{{#a}}[{{b.c}}]{{/a}}", R"({"a":{"d":1},"b":{"c":"right"}})") == "[right]");
}

TEST_CASE("literals are shared and values are not", "[templates]") {
    const auto tree = parse({"t", "Dear {{n}}, hello {{n}}."}, {}, {});
    REQUIRE(tree);
    const auto program = compile_untyped(*tree, {.encode_literal = [](std::string_view text) {
        return "<" + std::string{text} + ">";
    }});
    base::Pieces pieces;
    REQUIRE(render(program, json(R"({"n":"Bo & Co"})"), pieces));
    REQUIRE(pieces.pieces().size() == 5);
    CHECK(pieces.pieces()[0].literal == &program.literals[0]);
    CHECK(program.literals[0].quoted_printable == "<Dear >");
    CHECK(pieces.text_of(pieces.pieces()[1]) == "Bo &amp; Co");
}

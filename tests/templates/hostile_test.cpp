// Templates and values made to hurt: every one ends in a Failure with a place, or harmless text,
// within 50 ms.
#include <catch2/catch.hpp>
#include <ctime>
#include <string>

#include "templates/compiled_template.h"
#include "templates/program.h"
#include "templates/reference.h"

using namespace carillon;
using namespace carillon::templates;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double milliseconds_max = 1000;
#else
constexpr double milliseconds_max = 50;
#endif

std::string repeated(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i) result += text;
    return result;
}

struct Attempt {
    std::string code{};
    std::string text{};
    double milliseconds{};
};

// Parses, compiles and renders without a catalog; CPU time, because other tests run beside this
// one.
Attempt attempt(const std::string& source, const Partials& partials = {},
                const base::Json& data = {}) {
    const Source given{"template.html", source};
    const auto started = std::clock();
    Attempt result;
    const auto tree = parse(given, partials, {});
    if (!tree) {
        result.code = tree.error().code;
        result.text = tree.error().text();
    } else {
        base::Pieces pieces;
        const auto program = compile_untyped(*tree, {});
        const auto done = render(program, data, pieces);
        result.code = done ? "" : done.error().code;
        result.text = done ? pieces.flat() : done.error().text();
    }
    result.milliseconds = 1000.0 * static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC;
    return result;
}

Partials eight_way(int depth, const std::string& leaf) {
    Partials partials;
    for (int i = 0; i < depth; ++i) {
        const auto name = "p" + std::to_string(i);
        const auto inner =
            i + 1 == depth ? leaf : repeated("{{>p" + std::to_string(i + 1) + "}}", 8);
        partials[name] = {name, inner};
    }
    return partials;
}

}  // namespace

using Hostile =
    std::tuple<const char*, std::string, const char*, const char*>;  // story, template, code, text

const std::vector<Hostile> hostile_templates = {
    Hostile{"unclosed section", "<p>\n  {{#x}}hello", "template.syntax",
            "template.html:2:3: section 'x' is never closed"},
    Hostile{"unclosed tag", "one\ntwo {{name", "template.syntax",
            "template.html:2:5: the tag that begins here is never closed by '}}'"},
    Hostile{"unclosed triple", "{{{name}}", "template.syntax",
            "template.html:1:1: the tag that begins here is never closed by '}}}'"},
    Hostile{"only an opening", "{{", "template.syntax", "template.html:1:1: "},
    Hostile{"only a triple opening", "{{{", "template.syntax", "template.html:1:1: "},
    Hostile{"closed twice", "{{#a}}{{/a}}\n{{/a}}", "template.syntax",
            "template.html:2:1: {{/a}} closes a section that was never opened"},
    Hostile{"crossed", "{{#a}}\n{{#b}}\n{{/a}}{{/b}}", "template.syntax",
            "template.html:3:1: {{/a}} stands where section 'b' of line 2 should be closed"},
    Hostile{"no name", "héé {{}}", "template.syntax", "template.html:1:5: the tag has no name"},
    Hostile{"bad name", "{{a b}}", "template.syntax", "template.html:1:1: 'a b' is not a name"},
    Hostile{"empty part", "{{a..b}}", "template.syntax", "template.html:1:1: 'a..b' is not a name"},
    Hostile{"deep path", "{{" + repeated("a.", 20) + "b}}", "template.syntax",
            "template.html:1:1: "},
    Hostile{"very deep path", "{{" + repeated("a.", 100'000) + "b}}", "template.syntax",
            "template.html:1:1: "},
    Hostile{"inheritance, parent", "{{<layout}}{{/layout}}", "template.unsupported",
            "template.html:1:1: "},
    Hostile{"inheritance, block", "{{$title}}{{/title}}", "template.unsupported",
            "template.html:1:1: "},
    Hostile{"dynamic name", "{{>*kind}}", "template.unsupported", "template.html:1:1: "},
    Hostile{"a million sections", repeated("{{#a}}", 1'000'000), "template.too_large",
            "template.html:1:1: "},
    Hostile{"sections to the size limit", repeated("{{#a}}", 40'000), "template.too_deep",
            "template.html:1:193: sections are nested deeper than 32"},
    Hostile{"tags to the size limit", repeated("{{a}}", 50'000), "template.too_large",
            "template.html:1:100001: more than 20000 tags"},
    Hostile{"100 MB literal", std::string(100'000'000, 'x'), "template.too_large",
            "template.html:1:1: "},
    Hostile{"NUL", std::string{"a\nb\0c", 5}, "template.encoding", "template.html:2:2: "},
    Hostile{"broken UTF-8", "abc\n\xC3(", "template.encoding", "template.html:2:1: "},
    Hostile{"UTF-16 surrogate", "\xED\xA0\x80", "template.encoding", "template.html:1:1: "},
    Hostile{"delimiters with '='", "{{=<= =>=}}", "template.syntax", "template.html:1:1: "},
    Hostile{"one delimiter", "{{=<%=}}", "template.syntax", "template.html:1:1: "},
    Hostile{"three delimiters", "{{=<% %> %%=}}", "template.syntax", "template.html:1:1: "},
    Hostile{"long delimiters", "{{=<<<<<<<<< >>>>>>>>>=}}", "template.syntax",
            "template.html:1:1: "},
    Hostile{"delimiters never closed", "{{=<% %>}}", "template.syntax", "template.html:1:1: "},
    Hostile{"unknown partial", "x{{>footer}}", "template.partial_unknown",
            "template.html:1:2: there is no partial 'footer'"}};

TEST_CASE("a hostile template is refused with the place of its first mistake", "[templates]") {
    const auto [story, source, code, text] = GENERATE(from_range(hostile_templates));
    INFO(story);
    const auto result = attempt(source);
    CHECK(result.code == code);
    CHECK(result.text.substr(0, std::string_view{text}.size()) == text);
    CHECK(result.milliseconds < milliseconds_max);
}

TEST_CASE("hostile partials are refused with a place", "[templates]") {
    using Row = std::tuple<const char*, Partials, const char*>;
    const auto [story, partials, code] = GENERATE(table<const char*, Partials, const char*>(
        {Row{"itself",
             {{"p0", {"p0", "\n {{>p0}}"}}},
             "template.partial_recursive"},
         Row{"in a circle",
             {{"p0", {"p0", "{{>b}}"}}, {"b", {"b", "{{>p0}}"}}},
             "template.partial_recursive"},
         Row{"8^10 expansions", eight_way(10, "x"), "template.too_large"},
         Row{"8^10 expansions of a comment",
             eight_way(10, "{{!" + std::string(200'000, '-') + "}}"),
             "template.too_large"},
         Row{"20 deep",
             [] {
                 Partials chain;
                 for (int i = 0; i < 20; ++i) {
                     const auto next = "{{>p" + std::to_string(i + 1) + "}}";
                     chain["p" + std::to_string(i)] = {"chain", next};
                 }
                 return chain;
             }(),
             "template.too_deep"},
         Row{"gigabytes of indentation",
             {{"p0", {"p0", std::string(200'000, ' ') + "{{>p1}}"}},
              {"p1", {"p1", std::string(200'000, '\n')}}},
             "template.too_large"},
         Row{"broken inside", {{"p0", {"p0", "\n\n   {{#x}}"}}}, "template.syntax"}}));
    INFO(story);
    const auto result = attempt("{{>p0}}", partials);
    CHECK(result.code == code);
    CHECK(result.text.find(':') != std::string::npos);
    CHECK(result.milliseconds < milliseconds_max);
}

TEST_CASE("a document full of mistakes is checked quickly", "[templates]") {
    FieldCatalog catalog;
    for (int i = 0; i < 100; ++i)
        catalog.push_back({"client.attribute_number_" + std::to_string(i)});
    std::string unknown;
    for (int i = 0; i < 10'000; ++i) unknown += "{{client.atribute" + std::to_string(i) + "}}";
    TemplateDocument document{.name = "t", .default_locale = "en"};
    for (const auto* locale : {"en", "ru", "cs", "de"})
        document.locales[locale] = {"s", unknown, unknown};
    for (const auto& [prefix, filler] :
         {std::pair{"", unknown}, std::pair{"<a ", std::string(250'000, 'x')},
          std::pair{"<p title=\"", repeated("{{client.attribute_number_1}} ", 8'000)},
          std::pair{"{{>p}}", std::string{}}}) {
        for (auto& [locale, parts] : document.locales) parts.html = prefix + filler;
        document.partials["p"] = repeated("<a href='", 20'000);
        const auto started = std::clock();
        const auto problems = check(document, catalog);
        CHECK(1000.0 * static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC <
              4 * milliseconds_max);
        CHECK(problems.size() <= 110);
    }
}

TEST_CASE("the parts of a document share one budget", "[templates]") {
    TemplateDocument document{.name = "t", .default_locale = "en"};
    document.partials["p"] = std::string(200'000, 'x');
    for (const auto* locale : {"en", "ru", "cs", "de"})
        document.locales[locale] = {"s", repeated("{{>p}}", 9), "x"};
    const auto problems = check(document, {});
    REQUIRE_FALSE(problems.empty());
    CHECK(problems.back().code == "template.too_large");
}

TEST_CASE("a mistake inside an indented partial is placed where its author sees it",
          "[templates]") {
    const Partials partials{{"p", {"footer", "first\n  {{#x}}\n"}}};
    CHECK(attempt("        {{>p}}\n", partials).text == "footer:2:3: section 'x' is never closed");
}

TEST_CASE("output and work are bounded whatever the data is", "[templates]") {
    const base::Json many{base::Json::Array(2000, base::Json{"x"})};
    base::Json data;
    data.set("l", many);
    const auto deep = attempt("{{#l}}{{#l}}{{#l}}{{.}}{{/l}}{{/l}}{{/l}}", {}, data);
    CHECK(deep.code == "template.step_limit");
    CHECK(deep.text.starts_with("template.html:1:"));
    CHECK(deep.milliseconds < milliseconds_max);
    const auto wide = attempt("{{#l}}" + std::string(2000, 'x') + "{{.}}{{/l}}", {}, data);
    CHECK(wide.code == "template.output_limit");
    CHECK(wide.milliseconds < milliseconds_max);
}

TEST_CASE("a change of delimiters ends with its partial and does not leak", "[templates]") {
    base::Json data;
    data.set("a", "A");
    const Partials partials{{"p", {"p", "{{=| |=}}|a|"}}};
    CHECK(attempt("{{>p}} |a| {{a}}", partials, data).text == "A |a| A");
    CHECK(attempt("{{={{{ }}}=}}{{{a}}} {{a}}", {}, data).text == "A {{a}}");
    CHECK(attempt("{{=}} {{=}} }}a{{ a{{", {}, data).text == " A a{{");
}

TEST_CASE("what stands in a value is never expanded, in no mode", "[templates]") {
    const auto value = GENERATE(as<std::string>(), "{{a}}", "{{{a}}}", "{{#a}}", "{{>p}}",
                                "{{=| |=}}", "</script><script>alert(1)</script>", "\" onload=\"x",
                                "' or '", "&lt;", "javascript:alert(1)", "{{l:n}}");
    base::Json data;
    data.set("a", value);
    const auto tree = parse({"t", "[{{a}}]"}, {}, {});
    REQUIRE(tree);
    std::string escaped;
    append_escaped_html(escaped, value);
    for (const auto mode : {EscapeMode::html, EscapeMode::text}) {
        base::Pieces pieces;
        const auto program = compile_untyped(*tree, {.escape = mode});
        REQUIRE(render(program, data, pieces));
        CHECK(pieces.flat() == "[" + (mode == EscapeMode::html ? escaped : value) + "]");
        CHECK(*render_reference(*tree, data, mode) == pieces.flat());
        if (mode == EscapeMode::html)
            CHECK(pieces.flat().find_first_of("<>\"'") == std::string::npos);
    }
}

// Where escaping is not enough, a field is percent-encoded or refused.
#include <catch2/catch.hpp>

#include "templates/compiled_template.h"

using namespace carillon;
using namespace carillon::templates;

namespace {

const FieldCatalog fields{
    {"name"}, {"vip", FieldType::boolean}, {"link", FieldType::text, Origin::program}};

TemplateDocument with_html(const std::string& html) {
    TemplateDocument document{.name = "t", .default_locale = "en"};
    document.locales["en"] = {"subject", html, {}};
    return document;
}

std::string rendered(const std::string& html, const std::string& name) {
    const auto compiled = compile(with_html(html), fields);
    if (!compiled) return compiled.error().text();
    RenderData data{compiled->fields()};
    base::Problems problems;
    base::Json values;
    values.set("name", name);
    values.set("vip", true);
    values.set("link", "https://bank.test/a?b=1&c=2");
    data.read_json(values, problems);
    RenderedMessage message;
    const auto done = compiled->render(data, "en", message);
    return done ? message.html.flat() : done.error().text();
}

}  // namespace

TEST_CASE("a client's value may not stand where it could become code or a foreign page",
          "[templates]") {
    const auto html = GENERATE(
        as<std::string>(), "<script>var a = '{{name}}'</script>", "<STYLE>{{name}}</STYLE>",
        "<a {{name}}>", "<{{name}}>", "<a href={{name}}>", "<a href = {{name}}>",
        "<a href=x{{name}}>", "<a href=\"{{name}}\">", "<a HREF='{{name}}'>",
        "<a href=\" {{name}}\">", "<a href=\"javascript:{{name}}\">",
        "<a href=\"https://{{name}}\">", "<a href=\"https://bank.test{{name}}\">",
        "<a href=\"/{{name}}\">", "<img src=\"//{{name}}\">", "<p onclick=\"f('{{name}}')\">",
        "<p style=\"color:{{name}}\">", "<meta http-equiv=refresh content=\"0;{{name}}\">",
        "<form action=\"{{name}}\">", "<a\nhref\n=\n\"{{name}}\">", "<a/href=\"{{name}}\">",
        "<script>x</scrip>{{name}}", "<a href=\"{{#vip}}{{name}}{{/vip}}\">",
        "<!--[if mso]><a href=\"{{name}}\"><![endif]-->",
        "<a href=\"{{#vip}}https://b.test/{{/vip}}{{name}}\">", "<a =\"{{name}}\">");
    INFO(html);
    const auto problems = check(with_html(html), fields);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].code == "template.html_place");
    CHECK(problems[0].place.starts_with("t.en.html:"));
}

TEST_CASE("a client's value is made harmless where it may stand", "[templates]") {
    using Row = std::tuple<const char*, const char*>;
    const auto [html, expected] = GENERATE(table<const char*, const char*>(
        {Row{"<p>{{name}}</p>", "<p>&quot;&gt;&lt;a b=&#39;/&amp;Я</p>"},
         Row{"<p title=\"{{name}}\">", "<p title=\"&quot;&gt;&lt;a b=&#39;/&amp;Я\">"},
         Row{"<a href=\"https://b.test/?q={{name}}&r=1\">",
             "<a href=\"https://b.test/?q=%22%3E%3Ca%20b%3D%27%2F%26%D0%AF&r=1\">"},
         Row{"<a href=\"https://b.test/{{name}}\">",
             "<a href=\"https://b.test/%22%3E%3Ca%20b%3D%27%2F%26%D0%AF\">"},
         Row{"<a href='mailto:{{name}}'>", "<a href='mailto:%22%3E%3Ca%20b%3D%27%2F%26%D0%AF'>"},
         Row{"<a href=\"{{link}}&n={{name}}\">",
             "<a href=\"https://bank.test/a?b=1&amp;c=2&n=%22%3E%3Ca%20b%3D%27%2F%26%D0%AF\">"},
         Row{"<a href=\"{{{link}}}\">", "<a href=\"https://bank.test/a?b=1&c=2\">"},
         Row{"<!-- {{name}} -->", "<!-- &quot;&gt;&lt;a b=&#39;/&amp;Я -->"},
         Row{"1 < 2 {{name}}", "1 < 2 &quot;&gt;&lt;a b=&#39;/&amp;Я"},
         Row{"<script>x<y</script><p>{{name}}",
             "<script>x<y</script><p>&quot;&gt;&lt;a b=&#39;/&amp;Я"},
         Row{"<!--[if mso]><td>{{name}}</td><![endif]-->",
             "<!--[if mso]><td>&quot;&gt;&lt;a b=&#39;/&amp;Я</td><![endif]-->"}}));
    CHECK(rendered(html, "\"><a b='/&Я") == expected);
}

TEST_CASE("a section must leave the HTML as it found it", "[templates]") {
    CHECK(check(with_html("<td {{#vip}}class=\"vip\"{{/vip}}>{{name}}</td>"), fields).empty());
    CHECK(check(with_html("{{#vip}}<b>{{/vip}}{{name}}{{#vip}}</b>{{/vip}}"), fields).empty());
    for (const std::string html :
         {"{{#vip}}<a href=\"{{/vip}}{{name}}\">", "<p {{^vip}}title=\"{{/vip}}\">",
          "{{#vip}}<script>{{/vip}}", "<p title {{#vip}}onclick {{/vip}}=\"{{name}}\">",
          "<!--{{#vip}}[if {{/vip}}mso]><a href=\"{{name}}\">"}) {
        const auto problems = check(with_html(html), fields);
        REQUIRE_FALSE(problems.empty());
        CHECK(problems[0].code == "template.html_place");
        CHECK(problems[0].detail.find("section 'vip'") != std::string::npos);
    }
}

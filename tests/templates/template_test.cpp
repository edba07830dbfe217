// Whole documents: reading, checking against merge fields, rendering, storing what was rendered.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "templates/compiled_template.h"

using namespace carillon;
using namespace carillon::templates;
using namespace std::chrono_literals;

namespace {

base::Json json(std::string_view text) {
    return base::Json::parse(text).value();
}

FieldCatalog bank_fields() {
    return {{"client.first_name"},
            {"client.middle_name"},
            {"client.birth_date", FieldType::date},
            {"client.is_vip", FieldType::boolean},
            {"debt", FieldType::money},
            {"days", FieldType::number},
            {"link", FieldType::text, Origin::program},
            {"contracts",
             FieldType::list,
             {},
             {{"number"}, {"debt", FieldType::money}, {"tags", FieldType::list, {}, {{"."}}}}}};
}

TemplateDocument letter(std::string html, std::string text = "text") {
    TemplateDocument document{.name = "notice", .default_locale = "en"};
    document.locales["en"] = {"Hello", std::move(html), std::move(text)};
    return document;
}

std::vector<std::string> mistakes(const std::string& html) {
    std::vector<std::string> texts;
    for (const auto& problem : check(letter(html), bank_fields())) texts.push_back(problem.text());
    return texts;
}

// The html of a letter with these values, or the failure.
std::string rendered(const std::string& html, std::string_view values,
                     std::string_view locale = "en") {
    const auto compiled = compile(letter(html), bank_fields());
    if (!compiled) return compiled.error().text();
    RenderData data{compiled->fields()};
    base::Problems problems;
    data.read_json(json(values), problems);
    if (!problems.empty()) return problems.front().text();
    RenderedMessage message;
    const auto done = compiled->render(data, locale, message);
    return done ? message.html.flat() : done.error().text();
}

}  // namespace

TEST_CASE("every unknown field is named with its place and the nearest known name", "[templates]") {
    const auto found = mistakes(
        "<p>{{client.frist_name}}</p>\n<p>{{#contracts}}{{nubmer}}{{/contracts}}</p>{{zzz}}");
    REQUIRE(found.size() == 3);
    CHECK(found[0] ==
          "notice.en.html:1:4: there is no field 'client.frist_name'; did you mean "
          "'client.first_name'?");
    CHECK(found[1] == "notice.en.html:2:18: there is no field 'nubmer'; did you mean 'number'?");
    CHECK(found[2] == "notice.en.html:2:46: there is no field 'zzz'");
}

TEST_CASE("a field used against its type is a mistake", "[templates]") {
    using Row = std::tuple<const char*, const char*>;
    const auto [html, mistake] = GENERATE(table<const char*, const char*>(
        {Row{"{{contracts}}", "'contracts' is a list and has no text"},
         Row{"{{client.is_vip}}", "'client.is_vip' is a bool and has no text"},
         Row{"{{client}}", "'client' is a group of fields"},
         Row{"{{days.few}}", "'days.few' is a condition and has no text"},
         Row{"{{debt.short}}",
             "'debt' is a money and has no form '.short'; its forms: .plain, .amount"},
         Row{"{{client.first_name.x}}",
             "'client.first_name' is a text and has no form '.x'; its forms: none"},
         Row{"{{.}}", "{{.}} means nothing here"},
         Row{"{{^debt}}{{debt}}{{/debt}}", "'debt' stands inside {{^debt}}, where it has no value"},
         Row{"{{{client.first_name}}}", "'client.first_name' comes from a client's data"},
         Row{"{{&debt}}", "'debt' comes from a client's data"}}));
    INFO(html);
    const auto found = mistakes(html);
    REQUIRE(found.size() == 1);
    CHECK(found[0].find(mistake) != std::string::npos);
}

TEST_CASE("what the program makes itself may be written unescaped, and text parts never escape",
          "[templates]") {
    CHECK(rendered("{{{link}}} {{link}}", R"({"link":"https://b.example/?a=1&b=2"})") ==
          "https://b.example/?a=1&b=2 https://b.example/?a=1&amp;b=2");
    CHECK(check(letter("x", "{{{client.first_name}}}"), bank_fields()).empty());
}

TEST_CASE("values are written for the client's locale", "[templates]") {
    constexpr auto values = R"({"debt":"1234.50 RUB","client.birth_date":"1980-02-01","days":3})";
    constexpr auto html =
        "{{debt}}|{{debt.plain}}|{{client.birth_date}}|{{client.birth_date.iso}}|{{days}}";
    CHECK(rendered(html, values, "en") ==
          "RUB\u00A01,234.50|1234.50|February 1, 1980|1980-02-01|3");
    CHECK(rendered(html, values, "en-GB") ==
          "RUB\u00A01,234.50|1234.50|1 February 1980|1980-02-01|3");
    // The template speaks no Czech, so its amounts must not either.
    CHECK(rendered(html, values, "cs") ==
          "RUB\u00A01,234.50|1234.50|February 1, 1980|1980-02-01|3");
}

TEST_CASE("plural categories choose among sections", "[templates]") {
    auto document = letter("x");
    document.locales["ru"] = {"Долг", "",
                              "{{days}} {{#days.one}}день{{/days.one}}{{#days.few}}дня{{/days.few}}"
                              "{{#days.many}}дней{{/days.many}}{{^days.one}}!{{/days.one}}"};
    const auto compiled = compile(document, bank_fields());
    REQUIRE(compiled);
    RenderData data{compiled->fields()};
    RenderedMessage message;
    using Row = std::pair<std::int64_t, const char*>;
    for (const auto& [days, expected] :
         {Row{1, "1 день"}, {3, "3 дня!"}, {11, "11 дней!"}, {21, "21 день"}}) {
        data.clear();
        data.set_integer(0, days);
        REQUIRE(compiled->render(data, "ru-RU", message));
        CHECK(message.text.flat() == expected);
        CHECK(message.locale == "ru");
    }
}

TEST_CASE("a missing value stops the message and is named, unless its own section guards it",
          "[templates]") {
    CHECK(rendered("Dear {{client.first_name}}", "{}") ==
          "notice.en.html:1:6: the field 'client.first_name' has no value for this message");
    CHECK(rendered("Dear {{client.first_name}}", R"({"client.first_name":""})")
              .find("has no value") != std::string::npos);
    constexpr auto guarded =
        "{{#client.first_name}}{{.}} {{client.first_name}}{{/client.first_name}}"
        "{{^client.first_name}}client{{/client.first_name}}";
    CHECK(rendered(guarded, "{}") == "client");
    CHECK(rendered(guarded, R"({"client.first_name":"Anna"})") == "Anna Anna");
    CHECK(rendered("{{#days}}{{days}}{{/days}}", R"({"days":0})") == "0");
}

TEST_CASE("groups and lists open scopes", "[templates]") {
    constexpr auto values = R"({"client.first_name":"A&B","client.is_vip":true,"debt":"9.00 USD",
        "contracts":[{"number":"1","debt":"1.00 USD","tags":["x","y"]},{"number":"2","debt":"2.00 USD"}]})";
    CHECK(rendered("{{#client}}{{first_name}}{{#is_vip}}*{{/is_vip}}{{/client}}", values) ==
          "A&amp;B*");
    CHECK(rendered("{{contracts.count}}:{{#contracts}}{{number}}={{debt}}/{{client.first_name}}"
                   "{{#tags}}({{.}}{{number}}){{/tags}}{{^tags}}-{{/tags}};{{/contracts}}",
                   values) == "2:1=$1.00/A&amp;B(x1)(y1);2=$2.00/A&amp;B-;");
    CHECK(rendered("{{#contracts.other}}many{{/contracts.other}}", values) == "many");
    CHECK(rendered("{{contracts.count}}{{#contracts}}x{{/contracts}}", "{}") == "0");
}

TEST_CASE("a template loads only the fields it uses and knows which it cannot do without",
          "[templates]") {
    const auto compiled = compile(letter("{{link}}{{#client.is_vip}}{{debt}}{{/client.is_vip}}"
                                         "{{#contracts}}{{number}}{{/contracts}}",
                                         "{{client.first_name}}"),
                                  bank_fields());
    REQUIRE(compiled);
    CHECK(compiled->field_names() == std::vector<std::string>{"client.first_name", "client.is_vip",
                                                              "debt", "link", "contracts"});
    CHECK(compiled->fields()[4].elements.size() == 1);
    CHECK(compiled->required_slots("en") == std::vector<std::size_t>{0, 3});
    RenderData data{compiled->fields()};
    data.set_text(3, "https://b.example");
    CHECK(data.missing(compiled->required_slots("en")) ==
          std::vector<std::string>{"client.first_name"});
}

TEST_CASE("a subject with a line end is refused, whoever put it there", "[templates]") {
    auto document = letter("x");
    document.locales["en"].subject = "Hello {{client.first_name}}";
    const auto compiled = compile(document, bank_fields());
    REQUIRE(compiled);
    RenderData data{compiled->fields()};
    RenderedMessage message;
    data.set_text(0, "Anna\r\nBcc: everyone@example.test");
    const auto refused = compiled->render(data, "en", message);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "template.subject_control");
    data.clear();
    data.set_text(0, "Anna <&>");
    REQUIRE(compiled->render(data, "en", message));
    CHECK(message.subject == "Hello Anna <&>");
}

TEST_CASE("what a client received can be rendered again from the stored values", "[templates]") {
    const auto compiled =
        compile(letter("{{client.first_name}} {{client.birth_date}} {{debt}} {{days}}"
                       "{{#client.is_vip}}!{{/client.is_vip}}"
                       "{{#contracts}}{{number}} {{debt}}{{#tags}}{{.}},{{/tags}};{{/contracts}}"),
                bank_fields());
    REQUIRE(compiled);
    RenderData data{compiled->fields()};
    data.set_text(0, "Ан\"на\\\n<b>");
    data.set_date(1, 1980y / std::chrono::February / 29d);
    data.set_boolean(2, true);
    data.set_money(3, -1234567, "JPY");
    data.set_number(4, 0.1);
    for (int i = 0; i < 3; ++i) {
        const auto row = data.add_row(5);
        data.set_text(0, "№" + std::to_string(i), row);
        data.set_money(1, i, "KWD", row);
        for (int tag = 0; tag < i; ++tag)
            data.set_text(0, "t" + std::to_string(tag), data.add_row(2, row));
    }
    std::string stored;
    data.append_json(stored);
    RenderData again{compiled->fields()};
    base::Problems problems;
    again.read_json(json(stored), problems);
    REQUIRE(problems.empty());
    std::string stored_again;
    again.append_json(stored_again);
    CHECK(stored_again == stored);
    RenderedMessage first;
    RenderedMessage second;
    REQUIRE(compiled->render(data, "ru-RU", first));
    REQUIRE(compiled->render(again, "ru-RU", second));
    CHECK(first.html.flat() == second.html.flat());
    CHECK(first.html.flat().find("№2") != std::string::npos);
}

TEST_CASE("values of the wrong type are all reported with their paths", "[templates]") {
    const auto compiled =
        compile(letter("{{client.first_name}}{{debt}}{{days}}{{client.birth_date}}"
                       "{{#contracts}}{{number}}{{/contracts}}"),
                bank_fields());
    REQUIRE(compiled);
    RenderData data{compiled->fields()};
    base::Problems problems;
    data.read_json(
        json(R"({"client.first_name":1,"debt":"12","days":"x","client.birth_date":"2026-02-30",
                            "contracts":[{"number":true}],"another":1})"),
        problems);
    std::vector<std::string> places;
    for (const auto& problem : problems) places.push_back(problem.place);
    CHECK(places == std::vector<std::string>{"$.client.first_name", "$.client.birth_date", "$.debt",
                                             "$.days", "$.contracts[0].number"});
    CHECK_THROWS_AS(data.set_text(2, "x"), std::logic_error);
}

TEST_CASE("a document is read with all its mistakes at once", "[templates]") {
    const auto document = json(R"({"name":"","channel":"emial","default_locale":"fr","colour":1,
        "locales":{"en":{"subject":"s","html":"<p>","html_file":"x.html"},"qq":{"subject":"s"},
                   "ru":{"subject":"s","text_file":"../secret"}}})");
    base::Problems problems;
    static_cast<void>(read_document(document, files_in("/nowhere"), problems));
    std::vector<std::string> places;
    for (const auto& problem : problems) places.push_back(problem.place);
    for (const auto* place : {"$.name", "$.channel", "$.default_locale", "$.colour",
                              "$.locales.en.html_file", "$.locales.qq", "$.locales.ru.text_file"})
        CHECK_THAT(places, Catch::VectorContains(std::string{place}));
}

TEST_CASE("a document keeps its files inside and survives a round trip", "[templates]") {
    const auto source =
        json(R"({"name":"n","channel":"email","default_locale":"en","description":"d",
        "locales":{"en":{"subject":"s","html_file":"a.html","text":"t"}},"partials":{"foot":{"file":"f.html"}}})");
    const FileReader reader = [](std::string_view file) -> base::Result<std::string> {
        return "<p>" + std::string{file};
    };
    base::Problems problems;
    const auto document = read_document(source, reader, problems);
    const auto again = read_document(document.to_json(), no_files(), problems);
    REQUIRE(problems.empty());
    CHECK(document.locales.at("en").html == "<p>a.html");
    CHECK(again.partials.at("foot") == "<p>f.html");
    CHECK(again.to_json().canonical() == document.to_json().canonical());
}

TEST_CASE("a text message has only a text, and no subject is asked of it", "[templates]") {
    const auto source = json(R"({"name":"code","channel":"sms","default_locale":"en",
        "locales":{"en":{"text":"Code {{client.first_name}} & \"more\""}}})");
    base::Problems problems;
    const auto document = read_document(source, no_files(), problems);
    REQUIRE(problems.empty());
    const auto compiled = compile(document, bank_fields());
    REQUIRE(compiled);
    RenderData data{compiled->fields()};
    data.set_text(0, "O'Hara & Söhne");
    RenderedMessage message;
    REQUIRE(compiled->render(data, "en", message));
    CHECK(message.text.flat() == "Code O'Hara & Söhne & \"more\"");
}

TEST_CASE("a short message may ask for Latin letters, nothing else may", "[templates]") {
    const auto read = [](const std::string& channel, const std::string& more,
                         base::Problems& problems) {
        const auto source = json(R"({"name":"code","channel":")" + channel + R"(",)" + more +
                                 R"("default_locale":"en","locales":{"en":{"text":"Code"}}})");
        return read_document(source, no_files(), problems);
    };
    base::Problems problems;
    for (const auto& [more, wanted] : std::vector<std::pair<std::string, std::optional<bool>>>{
             {"", std::nullopt},
             {R"("transliterate":true,)", true},
             {R"("transliterate":false,)", false}}) {
        const auto document = read("sms", more, problems);
        REQUIRE(problems.empty());
        CHECK(document.transliterate == wanted);
        CHECK(compile(document, bank_fields())->transliterate() == wanted);
        const auto stored = read_document(document.to_json(), no_files(), problems);
        CHECK(stored.transliterate == wanted);
        REQUIRE(problems.empty());
    }
    read("call", R"("transliterate":true,)", problems);
    CHECK(problems.size() == 1);
}

TEST_CASE("one compiled template serves several threads", "[templates]") {
    const auto compiled = compile(
        letter("{{debt}} {{client.birth_date}} {{#days.one}}1{{/days.one}}"), bank_fields());
    REQUIRE(compiled);
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int worker = 0; worker < 4; ++worker) {
        threads.emplace_back([&, worker] {
            RenderData data{compiled->fields()};
            RenderedMessage message;
            for (int i = 0; i < 500; ++i) {
                data.clear();
                data.set_date(0, 2026y / std::chrono::January / 5d);
                data.set_money(1, worker * 1000 + i, "USD");
                data.set_integer(2, 1);
                const auto expected =
                    base::plain_text({worker * 1000 + i, "USD"}) + " January 5, 2026 1";
                if (!compiled->render(data, "en", message) || message.html.flat() != "$" + expected)
                    ++wrong;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

TEST_CASE("a template can be shown with sample values before there is any client", "[templates]") {
    const auto compiled = compile(
        letter("{{client.first_name}} {{debt}} {{#contracts}}{{number}}{{#tags}}{{.}}{{/tags}}"
               "{{/contracts}}{{#client.is_vip}}!{{/client.is_vip}}"),
        bank_fields());
    REQUIRE(compiled);
    RenderData data{compiled->fields()};
    base::Problems problems;
    data.read_json(sample_values(compiled->fields()), problems);
    CHECK(problems.empty());
    RenderedMessage message;
    CHECK(compiled->render(data, "en", message));
}

// Two renderers that share only the tree must agree on thousands of random templates and values.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "templates/compiled_template.h"
#include "templates/reference.h"

using namespace carillon;
using namespace carillon::templates;

namespace {

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    int below(int end) { return std::uniform_int_distribution<int>{0, end - 1}(engine_); }
    template <class Items>
    auto& pick(Items& items) {
        return items[static_cast<std::size_t>(below(static_cast<int>(std::size(items))))];
    }

private:
    std::mt19937_64 engine_;
};

constexpr std::string_view names[] = {"a", "b", "c", "a.b", "b.c.a", ".", "c.a"};
constexpr std::string_view texts[] = {"x",  " ",    "\n",  "\r\n", "\t",      "{",    "}",
                                      "}}", "{ {",  "<b>", "é ",   "\n\n",    "  \n", "|",
                                      "[",  "\"&'", "\r",  "=",    "{{! c }}"};

std::string random_template(Random& random, int depth) {
    std::string text;
    for (int i = random.below(7); i >= 0; --i) {
        const std::string name{random.pick(names)};
        switch (random.below(8)) {
            case 0: text += "{{" + name + "}}"; break;
            case 1: text += "{{{ " + name + " }}}"; break;
            case 2: text += "{{& " + name + "}}"; break;
            case 3:
            case 4:
                if (depth == 0) break;
                text += (random.below(3) == 0 ? "{{^" : "{{#") + name + "}}" +
                        random_template(random, depth - 1) + "{{/" + name + "}}";
                break;
            case 5: text += random.below(2) == 0 ? "{{>p}}" : "\n  {{> q }}\n"; break;
            default: text += random.pick(texts);
        }
    }
    return text;
}

base::Json random_value(Random& random, int depth) {
    switch (random.below(depth == 0 ? 6 : 9)) {
        case 0: return {};
        case 1: return random.below(2) == 0;
        case 2: return random.below(1000) - 500;
        case 3: return 0.25 * random.below(100);
        case 4: return "";
        case 5: return std::string{random.pick(texts)} + "<{{a}}>";
        case 6: {
            base::Json::Array list;
            for (int i = random.below(4); i > 0; --i)
                list.push_back(random_value(random, depth - 1));
            return list;
        }
        default: {
            base::Json object{base::Json::Object{}};
            for (const auto* name : {"a", "b", "c"})
                if (random.below(3) != 0) object.set(name, random_value(random, depth - 1));
            return object;
        }
    }
}

const FieldCatalog& typed_catalog() {
    static const FieldCatalog catalog{
        {"a"},
        {"b.t"},
        {"b.m", FieldType::money},
        {"n", FieldType::number},
        {"d", FieldType::date},
        {"f", FieldType::boolean},
        {"l",
         FieldType::list,
         {},
         {{"a"}, {"m", FieldType::money}, {"w", FieldType::list, {}, {{"."}}}}}};
    return catalog;
}

// Only what the checker accepts is worth comparing; the rest of the random templates must be
// refused, not crash.
std::string random_typed_template(Random& random, int depth) {
    static constexpr std::string_view values[] = {
        "a",     "b.t",     "b.m",     "b.m.plain", "n",        "n.plain", "n.percent", "d",
        "d.iso", "d.short", "l.count", "m",         "m.amount", ".",       "t"};
    static constexpr std::string_view sections[] = {"a", "b", "b.m", "n", "n.few", "n.one",
                                                    "d", "f", "l",   "w", "l.one", "m"};
    std::string text;
    for (int i = random.below(5); i >= 0; --i) {
        const std::string section{random.pick(sections)};
        switch (random.below(4)) {
            case 0: text += "{{" + std::string{random.pick(values)} + "}}"; break;
            case 1:
                if (depth == 0) break;
                text += (random.below(4) == 0 ? "{{^" : "{{#") + section + "}}" +
                        random_typed_template(random, depth - 1) + "{{/" + section + "}}";
                break;
            case 2:
                if (random.below(4) == 0) {
                    text += "<a title='{{a}}' href=\"https://b.test/?q={{b.m}}" +
                            random_typed_template(random, 0) + "\">";
                    break;
                }
                [[fallthrough]];
            default: text += random.pick(texts);
        }
    }
    return text;
}

base::Json random_typed_values(Random& random) {
    base::Json values{base::Json::Object{}};
    const auto maybe = [&](base::Json& into, const char* name, base::Json value) {
        if (random.below(6) != 0) into.set(name, std::move(value));
    };
    const auto money = [&] { return std::to_string(random.below(2'000'000)) + ".07 RUB"; };
    maybe(values, "a", std::string{random.pick(texts)} + "&");
    maybe(values, "b.t", "text");
    maybe(values, "b.m", money());
    maybe(values, "n",
          random.below(2) == 0 ? base::Json{random.below(30)} : base::Json{0.5 * random.below(9)});
    maybe(values, "d",
          "20" + std::to_string(10 + random.below(80)) + "-02-2" + std::to_string(random.below(9)));
    maybe(values, "f", random.below(2) == 0);
    base::Json::Array list;
    for (int i = random.below(4); i > 0; --i) {
        base::Json element{base::Json::Object{}};
        maybe(element, "a", "e" + std::to_string(i));
        maybe(element, "m", money());
        base::Json::Array words;
        for (int k = random.below(3); k > 0; --k) words.emplace_back("w" + std::to_string(k));
        maybe(element, "w", words);
        list.push_back(element);
    }
    maybe(values, "l", list);
    return values;
}

}  // namespace

TEST_CASE("both renderers agree on random templates and values", "[templates]") {
    Random random{20261121};
    int rendered = 0;
    for (int i = 0; i < 6000; ++i) {
        const auto source = random_template(random, 4);
        const Partials partials{{"p", {"p", "({{b}}\n{{#c}}\n!\n{{/c}})"}},
                                {"q", {"q", "[\n{{a}}\n]"}}};
        const auto data = random_value(random, 4);
        INFO("seed step " << i << "\ntemplate: " << source << "\ndata: " << data.dump());
        const auto tree = parse({"t", source}, partials, {});
        if (!tree) continue;  // "{" beside a tag may make a name that is none
        const auto mode = i % 2 == 0 ? EscapeMode::html : EscapeMode::text;
        const auto program = compile_untyped(*tree, {.escape = mode, .raw_tags = RawTags::allowed});
        base::Pieces pieces;
        REQUIRE(render(program, data, pieces));
        const auto reference = render_reference(*tree, data, mode);
        REQUIRE(reference);
        REQUIRE(pieces.flat() == *reference);
        ++rendered;
    }
    CHECK(rendered > 4000);
    std::cout << "differential, by name: " << rendered << " random templates agree\n";
}

TEST_CASE("both renderers agree on random templates with typed fields", "[templates]") {
    Random random{42};
    int rendered = 0;
    int refused = 0;
    int missing = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto source = random_typed_template(random, 3);
        const auto values = random_typed_values(random);
        const auto* locale = random.below(2) == 0 ? "ru" : "en-GB";
        INFO("seed step " << i << "\ntemplate: " << source << "\nvalues: " << values.dump());
        auto tree = parse({"t", source}, {}, {});
        if (!tree) continue;
        base::Problems problems;
        auto typed = compile_typed(*tree, typed_catalog(), {}, problems);
        if (!problems.empty()) {
            ++refused;
            continue;
        }
        const auto fields = assign_slots(typed_catalog(), {&typed});
        RenderData data{fields};
        data.read_json(values, problems);
        REQUIRE(problems.empty());
        base::Pieces pieces;
        const auto done = render(typed.program, data, locale, pieces);
        if (!done) {
            REQUIRE(done.error().code == "template.value_missing");
            ++missing;
            continue;
        }
        RenderData whole{typed_catalog()};  // the reference looks names up and needs no slots
        whole.read_json(values, problems);
        const auto reference = render_reference(*tree, whole, locale, EscapeMode::html);
        REQUIRE(reference);
        REQUIRE(pieces.flat() == *reference);
        ++rendered;
    }
    std::cout << "differential, by slot: " << rendered << " agree, " << missing << " lack a value, "
              << refused << " refused\n";
    CHECK(rendered > 4000);
    CHECK(missing > 500);
    CHECK(refused > 500);
}

TEST_CASE("real e-mail templates render on both renderers", "[templates]") {
    const auto* root = std::getenv("CARILLON_DATA");
    if (root == nullptr) {
        std::cout << "real templates: skipped: no CARILLON_DATA\n";
        return;
    }
    int rendered = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{std::string{root} + "/templates"}) {
        if (entry.path().extension() != ".html") continue;
        std::ostringstream text;
        text << std::ifstream{entry.path()}.rdbuf();
        auto source = text.str();
        // They carry no merge fields of ours: a greeting and a list go where their body begins.
        const auto body = source.find("<body");
        REQUIRE(body != std::string::npos);
        source.insert(source.find('>', body) + 1, "\n{{#l}}\n<p>{{.}}, {{name}}</p>\n{{/l}}\n");
        const auto tree = parse({entry.path().filename(), source}, {}, {});
        REQUIRE(tree);
        const auto program = compile_untyped(*tree, {});
        const auto data = base::Json::parse(R"({"l":["Ms","Mr"],"name":"O'Neil <&>"})").value();
        base::Pieces pieces;
        REQUIRE(render(program, data, pieces));
        CHECK(pieces.flat() == *render_reference(*tree, data, EscapeMode::html));
        CHECK(pieces.flat().find("<p>Mr, O&#39;Neil &lt;&amp;&gt;</p>") != std::string::npos);
        ++rendered;
    }
    CHECK(rendered == 8);
}

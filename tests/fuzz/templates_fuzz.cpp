// Any bytes as a template, a partial and values (parted by 0xFF): reading either fails with a
// place, or rendering is deterministic, bounded, and the same on both renderers.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "base/json.h"
#include "templates/compiled_template.h"
#include "templates/reference.h"

namespace {

using namespace carillon;
using namespace carillon::templates;

void expect(bool holds, std::string_view what) {
    if (holds) return;
    std::cerr << "broken property: " << what << '\n';
    std::abort();
}

std::string_view next_part(std::string_view& rest) {
    const auto end = rest.find('\xFF');
    const auto part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    return part;
}

bool has_place(const base::Failure& failure) {
    const auto colon = failure.place.find(':');
    return colon != std::string::npos && failure.place.find(':', colon + 1) != std::string::npos;
}

const base::Json& usual_values() {
    static const auto values = base::Json::parse(
        R"({"a":"<&>","b":{"c":[1,2,{"a":"x"}],"a":""},"c":[[],["{{a}}"]],"t":true,"n":0.5})");
    return *values;
}

void check_untyped(const Tree& tree, const base::Json& values, EscapeMode escape,
                   std::size_t output_max) {
    const auto program = compile_untyped(tree, {.escape = escape, .raw_tags = RawTags::allowed});
    base::Pieces first;
    base::Pieces second;
    const auto done = render(program, values, first);
    const auto again = render(program, values, second);
    expect(done.has_value() == again.has_value(), "the same outcome twice");
    if (!done) return expect(has_place(done.error()), "a failed rendering has a place");
    expect(first.flat() == second.flat(), "the same bytes twice");
    expect(first.flat().size() <= output_max, "bounded output");
    const auto reference = render_reference(tree, values, escape);
    expect(reference.has_value(), "the reference renders too");
    expect(*reference == first.flat(), "both renderers agree");
}

void check_document(std::string_view html, std::string_view partial) {
    static const FieldCatalog catalog{{"a"},
                                      {"b.m", FieldType::money},
                                      {"n", FieldType::number},
                                      {"t", FieldType::boolean},
                                      {"c", FieldType::list, {}, {{"a"}, {"d", FieldType::date}}}};
    TemplateDocument document{
        .name = "fuzz", .default_locale = "en", .partials = {{"p", std::string{partial}}}};
    document.locales["en"] = {"subject", std::string{html}, std::string{html}};
    const auto problems = check(document, catalog);
    const auto compiled = compile(document, catalog);
    expect(compiled.has_value() == problems.empty(), "check and compile agree");
    for (const auto& problem : problems)
        expect(!problem.place.empty(), "every problem has a place");
    if (!compiled) return;
    RenderData data{compiled->fields()};
    base::Problems ignored;
    data.read_json(sample_values(compiled->fields()), ignored);
    expect(ignored.empty(), "samples fit their fields");
    RenderedMessage message;
    static_cast<void>(compiled->render(data, "ru-RU", message));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    std::string_view rest{reinterpret_cast<const char*>(bytes), size};
    const auto source = next_part(rest);
    const auto partial = next_part(rest);
    const auto values = base::Json::parse(next_part(rest));
    const Partials partials{{"p", {"p", std::string{partial}}}};
    const ParseOptions options{.recursion =
                                   size % 2 == 0 ? Recursion::refused : Recursion::bounded};
    const auto tree = parse({"t", std::string{source}}, partials, options);
    if (tree) {
        const auto escape = size % 3 == 0 ? EscapeMode::text : EscapeMode::html;
        check_untyped(*tree, values ? *values : usual_values(), escape,
                      options.limits.output_bytes);
    } else {
        expect(has_place(tree.error()), "a refused template has a place");
    }
    check_document(source, partial);
    return 0;
}

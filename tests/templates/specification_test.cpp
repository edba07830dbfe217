// The official Mustache specification, on the op-list and on the reference renderer.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/json.h"
#include "templates/program.h"
#include "templates/reference.h"

using namespace carillon;
using namespace carillon::templates;

namespace {

std::string file_text(const std::string& path) {
    std::ifstream stream{path, std::ios::binary};
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

struct Rendered {
    std::string by_op_list{};
    std::string by_reference{};
};

// As the specification wants it: unknown partials are empty, recursion is bounded by the data, no
// merge-field guard.
Rendered render_both(const base::Json& test) {
    Partials partials;
    if (const auto* given = test.find("partials"); given != nullptr && given->object() != nullptr)
        for (const auto& [name, text] : *given->object()) partials[name] = {name, *text.text()};
    const auto tree =
        parse({"template", *test.find("template")->text()}, partials,
              {.recursion = Recursion::bounded, .unknown_partial = UnknownPartial::empty});
    if (!tree) return {tree.error().text(), tree.error().text()};
    const auto program = compile_untyped(*tree, {.raw_tags = RawTags::allowed});
    base::Pieces pieces;
    const auto done = render(program, *test.find("data"), pieces);
    const auto reference = render_reference(*tree, *test.find("data"), EscapeMode::html);
    return {done ? pieces.flat() : done.error().text(),
            reference ? *reference : reference.error().text()};
}

}  // namespace

TEST_CASE("all 136 tests of the core specification pass on both renderers", "[templates]") {
    const auto* data = std::getenv("CARILLON_DATA");
    if (data == nullptr) {
        std::cout << "specification: skipped: no CARILLON_DATA\n";
        return;
    }
    int passed_by_op_list = 0;
    int passed_by_reference = 0;
    for (const std::string module :
         {"comments", "delimiters", "interpolation", "inverted", "partials", "sections"}) {
        const auto path = std::string{data} + "/mustache-spec/" + module + ".json";
        const auto specification = base::Json::parse(file_text(path), path);
        REQUIRE(specification);
        for (const auto& test : *specification->find("tests")->array()) {
            INFO(module << ": " << *test.find("name")->text());
            const auto& expected = *test.find("expected")->text();
            const auto rendered = render_both(test);
            CHECK(rendered.by_op_list == expected);
            CHECK(rendered.by_reference == expected);
            passed_by_op_list += rendered.by_op_list == expected ? 1 : 0;
            passed_by_reference += rendered.by_reference == expected ? 1 : 0;
        }
    }
    std::cout << "specification: " << passed_by_op_list << " of 136 by op-list, "
              << passed_by_reference << " of 136 by reference\n";
    CHECK(passed_by_op_list == 136);
    CHECK(passed_by_reference == 136);
}

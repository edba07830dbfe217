// A template ready to render: a flat list of operations whose field names are already slots.
// Compiling walks the tree once; rendering walks the list, with neither maps nor recursion.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/pieces.h"
#include "base/result.h"
#include "templates/fields.h"
#include "templates/html_context.h"
#include "templates/tree.h"

namespace carillon::templates {

enum class EscapeMode { html, text };

// Who may write {{{name}}} in HTML. program_fields: only what this program makes itself
// (Origin::program).
enum class RawTags { program_fields, allowed };

struct ProgramOptions {
    EscapeMode escape{EscapeMode::html};
    RawTags raw_tags{RawTags::program_fields};
    Limits limits{};
    // Fills Literal::quoted_printable; a channel hands in its encoder.
    std::function<std::string(std::string_view)> encode_literal{};
};

// Variants of a field, written behind its name: {{due.short}}, {{debt.plain}}, {{#days.few}}.
enum class Style : std::uint8_t {
    standard,
    plain,
    amount,
    iso,
    short_form,
    percent,
    count,
    zero,
    one,
    two,
    few,
    many,
    other,  // plural categories: conditions, never text
};

struct Op {
    enum class Kind : std::uint8_t {
        literal,   // index: into literals
        value,     // slot or name
        if_true,   // else continue at target
        if_false,  // else continue at target
        loop,      // enter the list, or continue at target
        next,      // back to target while there are elements
        too_deep,  // a recursive partial that reached Limits::partial_depth
    };

    Kind kind{Kind::literal};
    Escape escape{Escape::none};
    Style style{Style::standard};
    std::uint8_t up{0};      // rows outwards: 0 is the innermost list element
    std::uint32_t index{0};  // literal, or name
    std::uint32_t slot{0};
    std::uint32_t target{0};
    Place place{};
};

// Immutable after compiling: render from any number of threads. Pieces point into `literals`.
struct Program {
    std::vector<Op> ops{};
    std::vector<base::Literal> literals{};
    std::vector<std::string> names{};
    std::vector<std::string> sources{};
    Limits limits{};

    std::string text_of(const Place& place) const;
};

// A program whose fields still point into the catalog; fix_slots() finishes it once all parts of a
// document are read, because they share their slots.
struct TypedProgram {
    Program program{};
    std::vector<const Field*> fields{};    // of each op, nullptr where it has none
    std::vector<const Field*> required{};  // needed whatever the values are
};

// Gives every field the programs use a slot, in the order of the catalog, and writes the slots into
// the operations.
Fields assign_slots(const FieldCatalog& catalog, const std::vector<TypedProgram*>& programs);

// Every mistake is added to `problems` with its place; the result is meaningless when there was
// one. template.field_unknown, template.field_misuse, template.raw_refused, template.html_place.
// Marks in the tree which variables are percent-encoded.
TypedProgram compile_typed(Tree& tree, const FieldCatalog& catalog, const ProgramOptions& options,
                           base::Problems& problems);

// Without a catalog: names are looked up in the data while rendering, as the specification
// describes it.
Program compile_untyped(const Tree& tree, const ProgramOptions& options);

// Errors: template.value_missing (names the field), template.output_limit, template.step_limit,
// template.too_deep. `out` is added to, not cleared.
base::Result<void> render(const Program& program, const RenderData& data, std::string_view locale,
                          base::Pieces& out);

// The untyped form: a missing name is "", as the specification asks. False are: false, null,
// absent, "" and the empty list; 0 is a value like any other.
base::Result<void> render(const Program& program, const base::Json& data, base::Pieces& out);

// The pieces point into the program.
base::Result<void> render(Program&& program, const RenderData& data, std::string_view locale,
                          base::Pieces& out) = delete;
base::Result<void> render(Program&& program, const base::Json& data, base::Pieces& out) = delete;

// "&amp;" and friends for the five characters that can end a text or an attribute; appended.
void append_escaped_html(std::string& out, std::string_view text);

// How a value of a field reads in a message; appended. False when it has no value.
class Formatter;
bool append_formatted(std::string& out, const RenderData& data, const RenderData::Value& value,
                      Style style, const Formatter& formatter);
// Whether {{#field.style}} is entered.
bool is_true(const RenderData::Value& value, Style style, const Formatter& formatter);

// As it reads behind a field's name; "" for standard.
std::string_view name_of(Style style);
// The styles a type has, besides standard.
const std::vector<Style>& styles_of(FieldType type);
constexpr bool is_plural(Style style) {
    return style >= Style::zero;
}

}  // namespace carillon::templates

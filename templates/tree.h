// A template after reading: Mustache text becomes a tree without delimiters, comments, partials or
// white space rules, so that both renderers (the op-list and the reference one) start from the same
// meaning.
//
// Language: Mustache 1.4 core (comments, delimiters, interpolation, inverted sections, partials,
// sections). Lambdas, inheritance and dynamic names are refused: a bank's message must not depend
// on code in its data. Source of the rules: the official specification,
// https://github.com/mustache/spec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace carillon::templates {

// A template comes from an editor or over the API, so every cost of it is bounded.
struct Limits {
    std::size_t source_bytes{256 * 1024};         // one part or partial as written
    std::size_t scanned_bytes{2 * 1024 * 1024};   // a part with every expansion of its partials
    std::size_t document_bytes{4 * 1024 * 1024};  // all parts of all languages, scanned
    std::size_t nodes{20'000};                    // tags and texts after expansion
    std::size_t section_depth{32};
    std::size_t partial_depth{16};
    std::size_t output_bytes{1024 * 1024};  // one rendered part
    std::size_t steps{200'000};             // operations of one rendering
};

struct Source {
    std::string name{};  // how messages call it: "birthday.ru.html"
    std::string text{};
};

using Partials = std::map<std::string, Source, std::less<>>;

// Position in a source, counted from 1; columns are characters.
struct Place {
    std::uint32_t source{};  // index into Tree::sources
    int line{1};
    int column{1};
};

struct Node {
    // too_deep stands where a recursive partial was cut off at Limits::partial_depth.
    enum class Kind { text, variable, section, inverted, too_deep };

    Kind kind{Kind::text};
    bool raw{false};               // {{{name}}} or {{&name}}: not to be escaped
    bool in_link{false};           // to be percent-encoded; found out by compile_typed
    std::string text{};            // the literal, or the name of the tag
    Place place{};                 // of the tag
    std::vector<Node> children{};  // of a section
};

struct Tree {
    std::vector<std::string> sources{};  // names
    std::vector<Node> nodes{};
    std::size_t scanned_bytes{};  // what reading cost, partials as often as they were expanded

    std::string text_of(const Place& place) const;  // "birthday.ru.html:12:7"
};

enum class Recursion { refused, bounded };  // bounded: up to Limits::partial_depth, then a Failure
enum class UnknownPartial { refused, empty };  // empty: what the specification says

struct ParseOptions {
    Recursion recursion{Recursion::refused};
    UnknownPartial unknown_partial{UnknownPartial::refused};
    Limits limits{};
};

// Pure; safe from several threads. Every Failure has a place.
// Errors: template.encoding (not UTF-8, or NUL), template.syntax, template.unsupported,
// template.too_large, template.too_deep, template.partial_unknown, template.partial_recursive.
base::Result<Tree> parse(const Source& source, const Partials& partials,
                         const ParseOptions& options);

}  // namespace carillon::templates

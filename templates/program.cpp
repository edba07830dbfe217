#include "templates/program.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "templates/resolver.h"

namespace carillon::templates {

namespace {

// Nobody reads more, and looking for the nearest name of each would take long.
constexpr std::size_t problems_max = 100;

// What both kinds of program share: literals, names, and the list itself.
class Builder {
public:
    Builder(const Tree& tree, const ProgramOptions& options) : options_(options) {
        program.sources = tree.sources;
        program.limits = options.limits;
    }

    void add_literal(const std::string& text) {
        base::Literal literal{text, {}};
        if (options_.encode_literal) literal.quoted_printable = options_.encode_literal(text);
        program.literals.push_back(std::move(literal));
        add({.kind = Op::Kind::literal,
             .index = static_cast<std::uint32_t>(program.literals.size() - 1)});
    }

    std::uint32_t add(Op op) {
        program.ops.push_back(op);
        return end() - 1;
    }

    std::uint32_t name(const std::string& name) {
        const auto [found, is_new] =
            name_indexes_.try_emplace(name, static_cast<std::uint32_t>(program.names.size()));
        if (is_new) program.names.push_back(name);
        return found->second;
    }

    std::uint32_t end() const { return static_cast<std::uint32_t>(program.ops.size()); }
    void jump_here(std::uint32_t op) { program.ops[op].target = end(); }

    Program program{};

private:
    const ProgramOptions& options_;
    std::unordered_map<std::string, std::uint32_t> name_indexes_;
};

Op::Kind kind_of(const Node& node, bool loops) {
    if (node.kind == Node::Kind::inverted) return Op::Kind::if_false;
    return loops ? Op::Kind::loop : Op::Kind::if_true;
}

class UntypedCompiler {
public:
    UntypedCompiler(const Tree& tree, const ProgramOptions& options)
        : builder_(tree, options), html_(options.escape == EscapeMode::html) {}

    Program compile(const std::vector<Node>& nodes) {
        add_all(nodes);
        return std::move(builder_.program);
    }

private:
    void add_all(const std::vector<Node>& nodes) {
        for (const auto& node : nodes) add(node);
    }

    void add(const Node& node) {
        switch (node.kind) {
            case Node::Kind::text: return builder_.add_literal(node.text);
            case Node::Kind::variable:
                builder_.add({.kind = Op::Kind::value,
                              .escape = html_ && !node.raw ? Escape::html : Escape::none,
                              .index = builder_.name(node.text),
                              .place = node.place});
                return;
            case Node::Kind::too_deep:
                builder_.add({.kind = Op::Kind::too_deep, .place = node.place});
                return;
            case Node::Kind::section:
            case Node::Kind::inverted: break;
        }
        const auto start = builder_.add(
            {.kind = kind_of(node, true), .index = builder_.name(node.text), .place = node.place});
        add_all(node.children);
        if (node.kind == Node::Kind::section)
            builder_.add({.kind = Op::Kind::next, .target = start + 1});
        builder_.jump_here(start);
    }

    Builder builder_;
    bool html_;
};

class TypedCompiler {
public:
    TypedCompiler(Tree& tree, const FieldCatalog& catalog, const ProgramOptions& options,
                  base::Problems& problems)
        : tree_(tree),
          options_(options),
          problems_(problems),
          builder_(tree, options),
          resolver_(catalog) {}

    TypedProgram compile() {
        add_all(tree_.nodes);
        result_.program = std::move(builder_.program);
        result_.fields.resize(result_.program.ops.size());
        return std::move(result_);
    }

private:
    void add_all(std::vector<Node>& nodes) {
        for (auto& node : nodes) {
            switch (node.kind) {
                case Node::Kind::text:
                    builder_.add_literal(node.text);
                    if (is_html()) html_.feed(node.text);
                    break;
                case Node::Kind::variable: add_variable(node); break;
                case Node::Kind::section: add_section(node); break;
                case Node::Kind::inverted: add_inverted(node); break;
                case Node::Kind::too_deep:
                    builder_.add({.kind = Op::Kind::too_deep, .place = node.place});
                    break;
            }
        }
    }

    void add_variable(Node& node) {
        const auto found = find(node);
        if (!found || !may_be_text(*found, node)) return;
        const auto& field = *found->field;
        add_op(Op::Kind::value, *found, node,
               is_html() ? escape_in_html(node, field) : escape_in_text(node));
        const bool always = conditions_ == 0 && found->up == resolver_.depth();
        if (always && field.type != FieldType::list) result_.required.push_back(&field);
    }

    // With the guard on, only what the program makes itself may go unescaped, and only into a safe
    // place.
    Escape escape_in_html(Node& node, const Field& field) {
        const auto unguarded = node.raw ? Escape::none : Escape::html;
        if (options_.raw_tags == RawTags::allowed) return unguarded;
        const auto verdict = html_.pass_field(field.origin);
        if (!verdict.refused_because.empty())
            wrong(node, "template.html_place",
                  "'" + node.text + "' stands " + std::string{verdict.refused_because});
        if (node.raw && field.origin == Origin::client)
            wrong(node, "template.raw_refused",
                  "'" + node.text +
                      "' comes from a client's data and may not be written unescaped; write {{" +
                      node.text + "}}");
        node.in_link = !node.raw && verdict.escape == Escape::url;
        return node.in_link ? Escape::url : unguarded;
    }

    // Text made from HTML keeps its links encoded.
    static Escape escape_in_text(const Node& node) {
        return node.in_link ? Escape::url : Escape::none;
    }

    bool is_html() const { return options_.escape == EscapeMode::html; }

    // What may be left out or repeated must not leave a tag or a quote open; and what it said of a
    // link does not count behind it.
    void leave_html_section(const Node& node, const HtmlContext& before) {
        if (!is_html() || options_.raw_tags == RawTags::allowed) return;
        if (!html_.same_place(before))
            wrong(node, "template.html_place",
                  "section '" + node.text +
                      "' begins and ends in different places of the HTML, such as with a tag or a "
                      "quote left open");
        html_ = before;
    }

    bool may_be_text(const Resolved& found, const Node& node) {
        if (found.field == nullptr) {
            wrong(node, "template.field_misuse",
                  "'" + node.text + "' is a group of fields; name one of them");
            return false;
        }
        const auto type = found.field->type;
        const bool counted = found.style == Style::count;
        if (type == FieldType::boolean || is_plural(found.style) ||
            (type == FieldType::list && !counted)) {
            wrong(node, "template.field_misuse",
                  "'" + node.text + "' is a " +
                      (is_plural(found.style) ? "condition" : std::string{name_of(type)}) +
                      " and has no text; use it as a section {{#" + node.text + "}}");
            return false;
        }
        if (std::ranges::find(absent_, found.field) != absent_.end() && !counted) {
            wrong(node, "template.field_misuse",
                  "'" + node.text + "' stands inside {{^" + found.field->name +
                      "}}, where it has no value");
            return false;
        }
        return true;
    }

    void add_section(Node& node) {
        const auto found = find(node);
        if (!found) return;
        if (found->field == nullptr) return add_body(node, *found);  // a group is always there
        const bool loops = found->field->type == FieldType::list && found->style == Style::standard;
        const auto start = add_op(kind_of(node, loops), *found, node, Escape::none);
        const auto before = html_;
        ++conditions_;
        add_body(node, *found);
        --conditions_;
        leave_html_section(node, before);
        if (loops) builder_.add({.kind = Op::Kind::next, .target = start + 1});
        builder_.jump_here(start);
    }

    void add_body(Node& node, const Resolved& section) {
        resolver_.enter(section);
        add_all(node.children);
        resolver_.leave();
    }

    void add_inverted(Node& node) {
        const auto found = find(node);
        if (!found) return;
        if (found->field == nullptr)
            return wrong(node, "template.field_misuse",
                         "'" + node.text + "' is a group of fields and always there");
        const auto start = add_op(Op::Kind::if_false, *found, node, Escape::none);
        const auto before = html_;
        ++conditions_;
        if (!is_plural(found->style)) absent_.push_back(found->field);
        add_all(node.children);
        if (!is_plural(found->style)) absent_.pop_back();
        --conditions_;
        leave_html_section(node, before);
        builder_.jump_here(start);
    }

    std::uint32_t add_op(Op::Kind kind, const Resolved& found, const Node& node, Escape escape) {
        const auto at = builder_.add({.kind = kind,
                                      .escape = escape,
                                      .style = found.style,
                                      .up = found.up,
                                      .index = builder_.name(node.text),
                                      .place = node.place});
        result_.fields.resize(at + 1);
        result_.fields[at] = found.field;
        return at;
    }

    base::Result<Resolved> find(const Node& node) {
        if (problems_.size() >= problems_max) return base::fail(problems_.back());
        auto found = resolver_.find(node.text);
        if (!found) wrong(node, found.error().code, found.error().detail);
        return found;
    }

    void wrong(const Node& node, std::string code, std::string detail) {
        problems_.push_back({std::move(code), std::move(detail), tree_.text_of(node.place)});
    }

    Tree& tree_;
    const ProgramOptions& options_;
    base::Problems& problems_;
    Builder builder_;
    Resolver resolver_;
    HtmlContext html_;
    TypedProgram result_;
    std::size_t conditions_{0};           // sections around this place that may be left out
    std::vector<const Field*> absent_{};  // fields whose inverted sections are around this place
};

using Used = std::unordered_set<const Field*>;
using Slots = std::unordered_map<const Field*, std::uint32_t>;

Fields used_fields(const std::vector<Field>& catalog, const Used& used, Slots& slots) {
    Fields fields;
    for (const auto& field : catalog) {
        if (!used.contains(&field)) continue;
        slots[&field] = static_cast<std::uint32_t>(fields.size());
        fields.push_back(field);
        fields.back().elements = used_fields(field.elements, used, slots);
    }
    return fields;
}

}  // namespace

Fields assign_slots(const FieldCatalog& catalog, const std::vector<TypedProgram*>& programs) {
    Used used;
    for (const auto* typed : programs) used.insert(typed->fields.begin(), typed->fields.end());
    Slots slots;
    auto fields = used_fields(catalog, used, slots);
    for (auto* typed : programs)
        for (std::size_t i = 0; i < typed->fields.size(); ++i)
            if (typed->fields[i] != nullptr)
                typed->program.ops[i].slot = slots.at(typed->fields[i]);
    return fields;
}

std::string Program::text_of(const Place& place) const {
    return sources[place.source] + ":" + std::to_string(place.line) + ":" +
           std::to_string(place.column);
}

TypedProgram compile_typed(Tree& tree, const FieldCatalog& catalog, const ProgramOptions& options,
                           base::Problems& problems) {
    return TypedCompiler{tree, catalog, options, problems}.compile();
}

Program compile_untyped(const Tree& tree, const ProgramOptions& options) {
    return UntypedCompiler{tree, options}.compile(tree.nodes);
}

}  // namespace carillon::templates

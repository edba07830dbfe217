#include "templates/tree.h"

#include <algorithm>

#include "base/text.h"
#include "templates/scanner.h"

namespace carillon::templates {

namespace {

using base::fail;
using base::Failure;
using base::Result;

std::string kilobytes(std::size_t bytes) {
    return std::to_string(bytes / 1024) + " KB";
}

// Every line that begins gets the indentation, as the specification asks of a partial that stands
// alone.
std::string indented(std::string_view text, std::string_view indentation) {
    std::string result;
    result.reserve(text.size() + indentation.size());
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins) result += indentation;
        result += c;
        line_begins = c == '\n';
    }
    return result;
}

void append_text(std::vector<Node>& nodes, std::string_view text) {
    if (text.empty()) return;
    if (nodes.empty() || nodes.back().kind != Node::Kind::text)
        nodes.push_back({.kind = Node::Kind::text});
    nodes.back().text += text;
}

class Parser {
public:
    Parser(const Partials& partials, const ParseOptions& options)
        : partials_(partials), options_(options), limits_(options.limits) {}

    Result<Tree> parse(const Source& source) {
        if (auto done = parse_source(source, {}, tree_.nodes); !done) return fail(done.error());
        tree_.scanned_bytes = scanned_bytes_;
        return std::move(tree_);
    }

private:
    Result<void> parse_source(const Source& source, std::string_view indentation,
                              std::vector<Node>& into) {
        if (auto fits = check_source(source); !fits) return fits;
        // Counted before anything is copied: long indentation times many lines can be gigabytes.
        const auto lines = static_cast<std::size_t>(std::ranges::count(source.text, '\n')) + 1;
        scanned_bytes_ += source.text.size() + lines * indentation.size();
        if (scanned_bytes_ > limits_.scanned_bytes)
            return fail("template.too_large",
                        "the partials expand to more than " + kilobytes(limits_.scanned_bytes),
                        source.name + ":1:1");
        const auto index = index_of(source.name);
        const auto copy = indentation.empty() ? std::string{} : indented(source.text, indentation);
        const std::string_view text = indentation.empty() ? std::string_view{source.text} : copy;
        return parse_text({index, text, indentation.size()}, into);
    }

    struct Text {
        std::uint32_t source;
        std::string_view text;
        std::size_t indentation;
    };

    Result<void> parse_text(const Text& text, std::vector<Node>& into) {
        Scanner scanner{text.text, text.indentation};
        std::vector<Node> open;  // sections begun and not yet closed
        while (true) {
            auto token = scanner.next();
            if (!token) return fail(placed(token.error(), text.source));
            auto& nodes = open.empty() ? into : open.back().children;
            append_text(nodes, token->before);
            const Place place{text.source, token->line, token->column};
            if (token->kind == TagKind::end_of_text)
                return open.empty() ? Result<void>{} : unclosed(open.back());
            if (++nodes_ > limits_.nodes)
                return wrong(
                    "template.too_large",
                    "more than " + std::to_string(limits_.nodes) + " tags, partials expanded",
                    place);
            auto added = token->kind == TagKind::close ? close_section(*token, place, open, into)
                                                       : add(*token, place, open, nodes);
            if (!added) return added;
        }
    }

    Result<void> add(const Token& token, const Place& place, std::vector<Node>& open,
                     std::vector<Node>& nodes) {
        switch (token.kind) {
            case TagKind::variable:
            case TagKind::raw:
                nodes.push_back({.kind = Node::Kind::variable,
                                 .raw = token.kind == TagKind::raw,
                                 .text = std::string{token.name},
                                 .place = place});
                return {};
            case TagKind::section:
            case TagKind::inverted: return open_section(token, place, open);
            case TagKind::partial: return expand(token, place, nodes);
            case TagKind::ignored:
            case TagKind::close:
            case TagKind::end_of_text: return {};
        }
        return {};
    }

    Result<void> open_section(const Token& token, const Place& place, std::vector<Node>& open) {
        if (++depth_ > limits_.section_depth)
            return wrong("template.too_deep",
                         "sections are nested deeper than " + std::to_string(limits_.section_depth),
                         place);
        const auto kind =
            token.kind == TagKind::section ? Node::Kind::section : Node::Kind::inverted;
        open.push_back({.kind = kind, .text = std::string{token.name}, .place = place});
        return {};
    }

    Result<void> close_section(const Token& token, const Place& place, std::vector<Node>& open,
                               std::vector<Node>& into) {
        const std::string name{token.name};
        if (open.empty())
            return wrong("template.syntax",
                         "{{/" + name + "}} closes a section that was never opened", place);
        auto section = std::move(open.back());
        if (section.text != name)
            return wrong("template.syntax",
                         "{{/" + name + "}} stands where section '" + section.text + "' of line " +
                             std::to_string(section.place.line) + " should be closed",
                         place);
        open.pop_back();
        --depth_;
        (open.empty() ? into : open.back().children).push_back(std::move(section));
        return {};
    }

    Result<void> unclosed(const Node& section) const {
        return wrong("template.syntax", "section '" + section.text + "' is never closed",
                     section.place);
    }

    Result<void> expand(const Token& token, const Place& place, std::vector<Node>& nodes) {
        const auto found = partials_.find(token.name);
        if (found == partials_.end()) return unknown_partial(token.name, place);
        const auto& [name, source] = *found;
        const bool repeats = std::ranges::find(active_, name) != active_.end();
        if (repeats && options_.recursion == Recursion::refused)
            return wrong("template.partial_recursive", "partial '" + name + "' includes itself",
                         place);
        if (active_.size() >= limits_.partial_depth) {
            if (options_.recursion == Recursion::refused)
                return wrong(
                    "template.too_deep",
                    "partials are nested deeper than " + std::to_string(limits_.partial_depth),
                    place);
            nodes.push_back({.kind = Node::Kind::too_deep, .text = name, .place = place});
            return {};
        }
        active_.push_back(name);
        auto expanded = parse_source(source, token.indentation, nodes);
        active_.pop_back();
        return expanded;
    }

    Result<void> unknown_partial(std::string_view name, const Place& place) const {
        if (options_.unknown_partial == UnknownPartial::empty) return {};
        std::vector<std::string_view> known;
        for (const auto& [other, source] : partials_) known.push_back(other);
        auto detail = "there is no partial '" + std::string{name} + "'";
        if (const auto close = base::nearest(name, known); !close.empty())
            detail += "; did you mean '" + close + "'?";
        return wrong("template.partial_unknown", detail, place);
    }

    Result<void> check_source(const Source& source) const {
        const auto& text = source.text;
        if (text.size() > limits_.source_bytes)
            return fail("template.too_large",
                        "the text is longer than " + kilobytes(limits_.source_bytes),
                        source.name + ":1:1");
        if (const auto nul = text.find('\0'); nul != std::string::npos)
            return fail("template.encoding", "the text contains a NUL byte", place_in(source, nul));
        if (!base::is_valid_utf8(text))
            return fail("template.encoding", "the text is not valid UTF-8",
                        place_in(source, valid_prefix(text)));
        return {};
    }

    static std::string place_in(const Source& source, std::size_t offset) {
        const auto at = base::line_column(source.text, offset);
        return source.name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
    }

    // Bytes in front of the first broken character, by halving over prefixes that end between
    // characters.
    static std::size_t valid_prefix(std::string_view text) {
        std::size_t good = 0;
        std::size_t bad = text.size();
        while (bad - good > 1) {
            auto middle = good + (bad - good) / 2;
            auto cut = middle;
            while (cut > good && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
            if (base::is_valid_utf8(text.substr(0, cut)))
                good = middle;
            else
                bad = middle;
        }
        while (good > 0 && (static_cast<unsigned char>(text[good]) & 0xC0) == 0x80) --good;
        return good;
    }

    std::uint32_t index_of(const std::string& name) {
        const auto found = std::ranges::find(tree_.sources, name);
        const auto index = static_cast<std::uint32_t>(found - tree_.sources.begin());
        if (found == tree_.sources.end()) tree_.sources.push_back(name);
        return index;
    }

    Failure placed(Failure failure, std::uint32_t source) const {
        failure.place = tree_.sources[source] + ":" + failure.place;
        return failure;
    }

    tl::unexpected<Failure> wrong(std::string code, std::string detail, const Place& place) const {
        return fail(std::move(code), std::move(detail), tree_.text_of(place));
    }

    const Partials& partials_;
    const ParseOptions& options_;
    const Limits& limits_;
    Tree tree_;
    std::vector<std::string_view> active_;  // partials being expanded, outermost first
    std::size_t depth_{0};                  // open sections, those around the partials included
    std::size_t nodes_{0};
    std::size_t scanned_bytes_{0};
};

}  // namespace

std::string Tree::text_of(const Place& place) const {
    return sources[place.source] + ":" + std::to_string(place.line) + ":" +
           std::to_string(place.column);
}

Result<Tree> parse(const Source& source, const Partials& partials, const ParseOptions& options) {
    return Parser{partials, options}.parse(source);
}

}  // namespace carillon::templates

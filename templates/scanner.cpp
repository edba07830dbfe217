#include "templates/scanner.h"

#include <algorithm>

#include "base/text.h"

namespace carillon::templates {

namespace {

constexpr std::size_t delimiter_bytes_max = 8;
constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t segments_max = 16;
constexpr std::string_view blanks = " \t";

bool is_name_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_segment(std::string_view segment) {
    return !segment.empty() && std::ranges::all_of(segment, is_name_character);
}

bool is_field_name(std::string_view name) {
    if (name == ".") return true;
    const auto segments = base::split(name, '.');
    return segments.size() <= segments_max && std::ranges::all_of(segments, is_segment);
}

bool is_partial_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return is_name_character(c) || c == '.' || c == '/';
    });
}

std::string quoted(std::string_view text) {
    constexpr std::size_t shown = 40;
    if (text.size() <= shown) return "'" + std::string{text} + "'";
    auto end = shown;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return "'" + std::string{text.substr(0, end)} + "...'";
}

struct Sigil {
    char mark;
    TagKind kind;
};

constexpr Sigil sigils[] = {
    {'#', TagKind::section}, {'^', TagKind::inverted}, {'/', TagKind::close},
    {'>', TagKind::partial}, {'&', TagKind::raw},      {'{', TagKind::raw},
    {'!', TagKind::ignored}, {'=', TagKind::ignored},
};

bool may_stand_alone(TagKind kind) {
    return kind != TagKind::variable && kind != TagKind::raw;
}

}  // namespace

base::Result<Token> Scanner::next() {
    Token token;
    const auto start = text_.find(open_, at_);
    if (start == std::string_view::npos) {
        token.before = text_.substr(at_);
        move_to(text_.size());
        at_ = text_.size();
        return token;
    }
    move_to(start);
    token.line = line_;
    token.column = column_;
    token.before = text_.substr(at_, start - at_);
    const auto tag = read_tag(start);
    if (!tag) return base::fail(tag.error());
    token.kind = tag->kind;
    token.name = tag->content;
    if (const auto checked = check_name(*tag); !checked) return base::fail(checked.error());
    at_ = tag->end;
    if (may_stand_alone(tag->kind)) trim_standalone_line(start, tag->end, token);
    if (text_.substr(start + open_.size()).starts_with('=')) {
        if (const auto set = set_delimiters(tag->content); !set) return base::fail(set.error());
    }
    return token;
}

base::Result<Scanner::Tag> Scanner::read_tag(std::size_t start) const {
    auto content_at = start + open_.size();
    Tag tag{.kind = TagKind::variable};
    std::string close = close_;
    if (content_at < text_.size()) {
        const char mark = text_[content_at];
        const auto* sigil = std::ranges::find(sigils, mark, &Sigil::mark);
        if (sigil != std::end(sigils)) {
            tag.kind = sigil->kind;
            ++content_at;
        }
        if (mark == '{') close = "}" + close_;
        if (mark == '=') close = "=" + close_;
    }
    const auto end = text_.find(close, content_at);
    if (end == std::string_view::npos)
        return wrong("template.syntax",
                     "the tag that begins here is never closed by " + quoted(close));
    tag.content = base::trim(text_.substr(content_at, end - content_at));
    tag.end = end + close.size();
    return tag;
}

base::Result<void> Scanner::check_name(const Tag& tag) const {
    if (tag.kind == TagKind::ignored) return {};
    const auto name = tag.content;
    if (name.empty()) return wrong("template.syntax", "the tag has no name");
    if (name.size() > name_bytes_max)
        return wrong("template.syntax", "the name " + quoted(name) + " is longer than " +
                                            std::to_string(name_bytes_max) + " bytes");
    if (name[0] == '<' || name[0] == '$')
        return wrong("template.unsupported",
                     "template inheritance " + quoted(name) + " is not supported");
    if (name[0] == '*')
        return wrong("template.unsupported",
                     "dynamic names " + quoted(name) + " are not supported");
    if (tag.kind == TagKind::partial ? is_partial_name(name) : is_field_name(name)) return {};
    return wrong("template.syntax",
                 quoted(name) + " is not a name; expected letters, digits, '_' and '-', at most " +
                     std::to_string(segments_max) + " parts joined by '.'");
}

base::Result<void> Scanner::set_delimiters(std::string_view content) {
    const auto gap = content.find_first_of(" \t\r\n");
    const auto open = content.substr(0, gap);
    const auto close =
        gap == std::string_view::npos ? std::string_view{} : base::trim(content.substr(gap));
    const auto fits = [](std::string_view delimiter) {
        return !delimiter.empty() && delimiter.size() <= delimiter_bytes_max &&
               delimiter.find_first_of("= \t\r\n\v\f") == std::string_view::npos;
    };
    if (!fits(open) || !fits(close))
        return wrong(
            "template.syntax",
            "a change of delimiters needs two marks of at most 8 bytes without '=': {{=<% %>=}}");
    open_ = open;
    close_ = close;
    return {};
}

// A tag alone on its line takes the whole line with it, blanks and line end included.
void Scanner::trim_standalone_line(std::size_t start, std::size_t end, Token& token) {
    const auto left = text_.substr(0, start).find_last_not_of(blanks);
    const auto line_start = left == std::string_view::npos ? 0 : left + 1;
    if (line_start > 0 && text_[left] != '\n') return;
    auto right = std::min(text_.find_first_not_of(blanks, end), text_.size());
    if (right < text_.size()) {
        if (text_.substr(right).starts_with("\r\n"))
            right += 2;
        else if (text_[right] == '\n')
            right += 1;
        else
            return;
    }
    token.indentation = text_.substr(line_start, start - line_start);
    token.before.remove_suffix(token.indentation.size());
    at_ = right;
}

void Scanner::move_to(std::size_t offset) {
    for (const char c : text_.substr(placed_at_, offset - placed_at_)) {
        if (c == '\n') {
            ++line_;
            column_ = 1 - static_cast<int>(indentation_);
        } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
            ++column_;
        }
    }
    placed_at_ = offset;
}

tl::unexpected<base::Failure> Scanner::wrong(std::string code, std::string detail) const {
    return base::fail(std::move(code), std::move(detail),
                      std::to_string(line_) + ":" + std::to_string(column_));
}

}  // namespace carillon::templates

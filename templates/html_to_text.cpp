#include "templates/html_to_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace carillon::templates {

namespace {

constexpr std::array<std::string_view, 31> block_elements{
    "p",      "div",    "table", "tr",  "ul",    "ol",    "li",    "h1",
    "h2",     "h3",     "h4",    "h5",  "h6",    "hr",    "br",    "section",
    "main",   "nav",    "aside", "dl",  "dt",    "dd",    "tbody", "article",
    "header", "footer", "form",  "pre", "thead", "tfoot", "figure"};
constexpr std::array<std::string_view, 7> spaced_elements{"p",  "h1",    "h2", "h3",
                                                          "h4", "table", "ul"};
constexpr std::array<std::string_view, 4> hidden_elements{"head", "style", "script", "title"};

struct Entity {
    std::string_view name;
    std::string_view text;
};
constexpr std::array<Entity, 20> entities{
    {{"amp", "&"},       {"lt", "<"},    {"gt", ">"},     {"quot", "\""}, {"apos", "'"},
     {"nbsp", "\u00A0"}, {"mdash", "—"}, {"ndash", "–"},  {"laquo", "«"}, {"raquo", "»"},
     {"copy", "©"},      {"reg", "®"},   {"hellip", "…"}, {"bull", "•"},  {"euro", "€"},
     {"middot", "·"},    {"rsquo", "’"}, {"zwnj", ""},    {"shy", ""},    {"numero", "№"}}};

template <class Names>
bool is_among(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto add = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xC0 | (code >> 6));
    } else {
        if (code < 0x10000) {
            add(0xE0 | (code >> 12));
        } else {
            add(0xF0 | (code >> 18));
            add(0x80 | ((code >> 12) & 0x3F));
        }
        add(0x80 | ((code >> 6) & 0x3F));
    }
    add(0x80 | (code & 0x3F));
}

bool is_entity_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '#';
}

// "amp", "#38", "#x26" -> its text; nothing when there is no such character.
std::string entity_text(std::string_view name) {
    std::string text;
    if (!name.starts_with('#')) {
        const auto* found = std::ranges::find(entities, name, &Entity::name);
        return found == entities.end() ? "&" + std::string{name} + ";" : std::string{found->text};
    }
    name.remove_prefix(1);
    const bool hex = name.starts_with('x') || name.starts_with('X');
    if (hex) name.remove_prefix(1);
    std::uint32_t code = 0;
    std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
    const bool is_character = code >= 0x20 && code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
    if (is_character) append_utf8(text, code);
    return text;
}

class Converter {
public:
    Tree convert(const Tree& html) {
        Tree text{.sources = html.sources};
        add_all(html.nodes, text.nodes);
        return text;
    }

private:
    enum class State { text, entity, tag, left_out, comment };

    void add_all(const std::vector<Node>& from, std::vector<Node>& to) {
        for (const auto& node : from) {
            if (node.kind == Node::Kind::text)
                add_text(node.text, to);
            else if (state_ == State::tag)
                keep_in_tag(node);
            else if (state_ == State::text || state_ == State::entity)
                add_node(node, to);
        }
    }

    void add_node(const Node& node, std::vector<Node>& to) {
        state_ = State::text;
        write({}, to);  // gaps stand outside of what may be left out or repeated
        auto copy = node;
        copy.children.clear();
        if (node.kind == Node::Kind::section || node.kind == Node::Kind::inverted) {
            add_all(node.children, copy.children);
            write({}, copy.children);
        } else {
            line_is_empty_ = false;
            ended_lines_ = 0;
        }
        to.push_back(std::move(copy));
    }

    void add_text(std::string_view text, std::vector<Node>& to) {
        for (const char c : text) {
            switch (state_) {
                case State::text: step_text(c, to); break;
                case State::entity: step_entity(c, to); break;
                case State::tag: step_tag(c, to); break;
                case State::left_out: step_left_out(c); break;
                case State::comment: step_comment(c); break;
            }
        }
    }

    void step_text(char c, std::vector<Node>& to) {
        if (c == '<') {
            begin_tag();
        } else if (c == '&') {
            state_ = State::entity;
            word_.clear();
        } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            space_ = true;
        } else {
            write({&c, 1}, to);
        }
    }

    void begin_tag() {
        state_ = State::tag;
        word_.clear();
        link_.clear();
        quote_ = '\0';
    }

    void step_entity(char c, std::vector<Node>& to) {
        constexpr std::size_t entity_max = 10;
        if (c == ';') {
            write(entity_text(word_), to);
            state_ = State::text;
        } else if (word_.size() < entity_max && is_entity_character(c)) {
            word_ += c;
        } else {
            write("&" + word_, to);
            state_ = State::text;
            step_text(c, to);
        }
    }

    // word_ is everything between "<" and ">", with a NUL for each field that stands inside.
    void keep_in_tag(const Node& node) {
        link_.push_back(node);
        word_ += '\0';
    }

    void step_tag(char c, std::vector<Node>& to) {
        if (word_ == "!-" && c == '-') {
            state_ = State::comment;
            word_.clear();
            return;
        }
        const bool in_quotes = quote_ != '\0';
        if (in_quotes && c == quote_)
            quote_ = '\0';
        else if (!in_quotes && (c == '"' || c == '\'') && word_.ends_with('='))
            quote_ = c;
        if (c == '>' && !in_quotes)
            end_tag(to);
        else
            word_ += c;
    }

    void end_tag(std::vector<Node>& to) {
        state_ = State::text;
        const auto name = base::fold_case(word_.substr(0, word_.find_first_of(" \t\r\n/", 1)));
        const bool closes = name.starts_with('/');
        const auto element = std::string_view{name}.substr(closes ? 1 : 0);
        if (!closes && is_among(hidden_elements, element)) {
            state_ = State::left_out;
            left_out_until_ = "</" + name;
            word_.clear();
        } else if (is_among(block_elements, element)) {
            break_line(is_among(spaced_elements, element) ? 2 : 1);
            if (!closes && element == "li") pending_ = "- ";
        } else if ((element == "td" || element == "th") && !line_is_empty_) {
            pending_ = "  ";
        } else if (element == "a") {
            closes ? write_link(to) : remember_link();
        }
    }

    void break_line(int lines) {
        lines_ = std::max(lines_, lines - ended_lines_);
        line_is_empty_ = true;
        space_ = false;
        pending_.clear();
    }

    // href="..." with its fields, if it can be shown: sections inside it cannot.
    void remember_link() {
        address_.clear();
        const auto start = base::fold_case(word_).find("href=");
        if (start == std::string::npos || start + 6 > word_.size()) return;
        const char quote = word_[start + 5];
        const auto end = word_.find(quote, start + 6);
        if ((quote != '"' && quote != '\'') || end == std::string::npos) return;
        auto field = static_cast<std::size_t>(
            std::count(word_.begin(), word_.begin() + static_cast<long>(start), '\0'));
        for (const char c : word_.substr(start + 6, end - start - 6)) {
            if (c != '\0') {
                if (address_.empty() || address_.back().kind != Node::Kind::text)
                    address_.push_back({});
                address_.back().text += c;
            } else if (link_[field].kind == Node::Kind::variable) {
                address_.push_back(link_[field++]);
            } else {
                address_.clear();
                return;
            }
        }
    }

    void write_link(std::vector<Node>& to) {
        const bool shown = !address_.empty() && !(address_[0].kind == Node::Kind::text &&
                                                  (address_[0].text.starts_with('#') ||
                                                   address_[0].text.starts_with("mailto:") ||
                                                   address_[0].text.starts_with("tel:")));
        if (shown) {
            space_ = true;
            write("(", to);
            to.insert(to.end(), address_.begin(), address_.end());
            write(")", to);
        }
        address_.clear();
    }

    void step_left_out(char c) {
        word_ += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
        if (word_.ends_with(left_out_until_)) begin_tag();
        constexpr std::size_t kept = 32;
        if (word_.size() > 2 * kept) word_.erase(0, kept);
    }

    void step_comment(char c) {
        word_ += c;
        if (word_.ends_with("-->")) state_ = State::text;
        if (word_.size() > 8) word_.erase(0, 4);
    }

    // Text with what has to come before it: line ends, a bullet, a cell's gap, or a space.
    void write(std::string_view text, std::vector<Node>& to) {
        std::string all(static_cast<std::size_t>(started_ ? lines_ : 0), '\n');
        if (!pending_.empty())
            all += pending_;
        else if (space_ && !line_is_empty_)
            all += ' ';
        all += text;
        ended_lines_ = text.empty() && pending_.empty() ? ended_lines_ + lines_ : 0;
        lines_ = 0;
        pending_.clear();
        space_ = false;
        started_ = true;
        line_is_empty_ = line_is_empty_ && text.empty();
        if (all.empty()) return;
        if (to.empty() || to.back().kind != Node::Kind::text) to.push_back({});
        to.back().text += all;
    }

    State state_{State::text};
    std::string word_;  // the tag, entity or end of a comment being read
    std::string left_out_until_;
    char quote_{'\0'};
    std::vector<Node> link_;     // fields and sections inside the tag being read
    std::vector<Node> address_;  // of the link being read
    bool started_{false};
    bool line_is_empty_{true};
    bool space_{false};
    int lines_{0};        // line ends to write before the next text
    int ended_lines_{0};  // line ends written since the last text
    std::string pending_;
};

}  // namespace

Tree html_to_text(const Tree& html) {
    return Converter{}.convert(html);
}

}  // namespace carillon::templates

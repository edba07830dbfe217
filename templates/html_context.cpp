#include "templates/html_context.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace carillon::templates {

namespace {

constexpr std::size_t remembered_max =
    512;  // of a value or a name: hosts are shorter (RFC 1035: 253)
constexpr std::size_t tail_max = 16;

constexpr std::array<std::string_view, 13> url_attributes{
    "href", "src",    "action",     "formaction", "background", "cite", "poster",
    "data", "srcset", "xlink:href", "usemap",     "longdesc",   "ping"};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// Attributes whose text is a program or decides where the reader is taken.
bool is_code(std::string_view tag, std::string_view attribute) {
    return attribute.starts_with("on") || attribute == "style" || attribute == "srcdoc" ||
           (tag == "meta" && attribute == "content");
}

}  // namespace

void HtmlContext::feed(std::string_view literal) {
    for (const char c : literal) step(c);
}

void HtmlContext::step(char c) {
    switch (state_) {
        case State::text: return step_text(c);
        case State::tag_name: return step_tag_name(c);
        case State::tag:
        case State::attribute_name:
        case State::before_value: return step_tag(c);
        case State::double_quoted:
        case State::single_quoted:
        case State::unquoted: return step_value(c);
        case State::comment: return step_comment(c);
        case State::raw_text: return step_raw_text(c);
    }
}

void HtmlContext::step_text(char c) {
    if (c != '<') return;
    state_ = State::tag_name;
    tag_.clear();
    attribute_.clear();
}

void HtmlContext::step_tag_name(char c) {
    if (tag_.empty() && !is_letter(c) && c != '/' && c != '!' && c != '?') {
        state_ = State::text;  // "a < b"
        return step_text(c);
    }
    if (c == '>') return end_tag();
    if (is_space(c)) {
        state_ = State::tag;
        return;
    }
    if (tag_.size() < remembered_max) tag_ += lower(c);
    if (tag_ == "!--") {
        state_ = State::comment;
        tail_.clear();
        value_.clear();
    }
}

void HtmlContext::step_tag(char c) {
    if (c == '>') return end_tag();
    if (state_ == State::before_value) {
        if (is_space(c)) return;
        value_.clear();
        after_link_ = false;
        state_ = c == '"'    ? State::double_quoted
                 : c == '\'' ? State::single_quoted
                             : State::unquoted;
        return;
    }
    if (c == '=') {
        state_ = State::before_value;
    } else if (is_space(c) || c == '/') {
        state_ = State::tag;
    } else {
        if (state_ == State::tag) attribute_.clear();
        state_ = State::attribute_name;
        if (attribute_.size() < remembered_max) attribute_ += lower(c);
    }
}

void HtmlContext::step_value(char c) {
    const bool closes = (state_ == State::double_quoted && c == '"') ||
                        (state_ == State::single_quoted && c == '\'') ||
                        (state_ == State::unquoted && is_space(c));
    if (state_ == State::unquoted && c == '>') return end_tag();
    if (closes) {
        state_ = State::tag;
        attribute_.clear();
    } else if (value_.size() < remembered_max) {
        value_ += c;
    }
}

// Outlook reads what stands in <!--[if mso]> ... <![endif]--> as HTML, so we do as well.
void HtmlContext::step_comment(char c) {
    remember(c);
    if (value_.size() < 3) value_ += c;
    if (tail_.ends_with("-->") || (value_ == "[if" && tail_.ends_with("]>"))) state_ = State::text;
}

void HtmlContext::step_raw_text(char c) {
    remember(lower(c));
    if (!tail_.ends_with("</" + tag_)) return;
    state_ = State::tag;
    tag_ = "/" + tag_;
}

void HtmlContext::end_tag() {
    state_ = tag_ == "script" || tag_ == "style" ? State::raw_text : State::text;
    tail_.clear();
}

void HtmlContext::remember(char c) {
    tail_ += c;
    if (tail_.size() > tail_max) tail_.erase(0, 1);
}

bool HtmlContext::in_url() const {
    return std::ranges::find(url_attributes, attribute_) != url_attributes.end();
}

// Behind the host nothing decides any more whose page is opened.
bool HtmlContext::past_host() const {
    if (after_link_) return true;
    const auto value = base::fold_case(base::trim(value_));
    if (value.starts_with("mailto:") || value.starts_with("tel:")) return true;
    if (!value.starts_with("https://") && !value.starts_with("http://")) return false;
    return value.find_first_of("/?#", value.find("://") + 3) != std::string::npos;
}

HtmlContext::Verdict HtmlContext::pass_attribute(Origin origin) {
    if (attribute_.empty()) return {.refused_because = "in an attribute without a name"};
    if (is_code(tag_, attribute_) && origin == Origin::client)
        return {.refused_because = "in an attribute that is code or style"};
    if (!in_url()) return {};
    if (past_host()) return {.escape = Escape::url};
    if (origin == Origin::client)
        return {.refused_because =
                    "where it decides whose page a link opens; write https://host/ before it"};
    after_link_ = true;
    return {};
}

HtmlContext::Verdict HtmlContext::pass_field(Origin origin) {
    switch (state_) {
        case State::text:
        case State::comment: return {};
        case State::double_quoted:
        case State::single_quoted: return pass_attribute(origin);
        case State::before_value:
        case State::unquoted: return {.refused_because = "in an attribute without quotes"};
        case State::tag_name:
        case State::tag:
        case State::attribute_name:
            return {.refused_because = "inside a tag, outside of an attribute's value"};
        case State::raw_text: return {.refused_because = "inside <script> or <style>"};
    }
    return {};
}

bool HtmlContext::same_place(const HtmlContext& other) const {
    if (state_ != other.state_) return false;
    if (state_ == State::text) return true;
    if (state_ == State::comment) return value_ == other.value_;
    return attribute_ == other.attribute_ && tag_ == other.tag_;
}

void append_escaped_url(std::string& out, std::string_view text) {
    static constexpr char hex[] = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
            c == '~') {
            out += c;
            continue;
        }
        out += '%';
        out += hex[byte >> 4];
        out += hex[byte & 15];
    }
}

}  // namespace carillon::templates

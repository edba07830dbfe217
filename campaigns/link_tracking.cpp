#include "campaigns/link_tracking.h"

#include <functional>
#include <optional>

namespace carillon::campaigns {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool has_at(std::string_view text, std::size_t at, std::string_view word) {
    if (at + word.size() > text.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
        if (lower(text[at + i]) != word[i]) return false;
    return true;
}

struct Span {
    std::size_t begin{};
    std::size_t end{};
};

// Past the attribute that begins at `at`; its value, if it is a quoted href.
std::optional<Span> read_attribute(std::string_view html, std::size_t& at) {
    const auto name = at;
    while (at < html.size() && !is_space(html[at]) && html[at] != '=' && html[at] != '>') ++at;
    const bool is_href = at - name == 4 && has_at(html, name, "href");
    while (at < html.size() && is_space(html[at])) ++at;
    if (at >= html.size() || html[at] != '=') return {};
    ++at;
    while (at < html.size() && is_space(html[at])) ++at;
    if (at >= html.size() || (html[at] != '"' && html[at] != '\'')) return {};
    const auto quote = html[at++];
    const auto begin = at;
    while (at < html.size() && html[at] != quote) ++at;
    const Span value{begin, at};
    if (at < html.size()) ++at;
    return is_href ? std::optional{value} : std::nullopt;
}

// The href of the <a> whose attributes begin at `at`.
std::optional<Span> find_href(std::string_view html, std::size_t at) {
    while (at < html.size() && html[at] != '>') {
        if (is_space(html[at]) || html[at] == '/') {
            ++at;
            continue;
        }
        const auto before = at;
        const auto value = read_attribute(html, at);
        if (value) return value;
        if (at == before) ++at;
    }
    return {};
}

bool is_tracked(std::string_view link) {
    if (link.find("{{") != std::string_view::npos) return false;
    if (!has_at(link, 0, "http://") && !has_at(link, 0, "https://")) return false;
    for (const char c : link)
        if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '<' || c == '>')
            return false;
    return true;
}

// The address behind an attribute's value, fit for a Location header.
std::string destination_of(std::string_view value) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto byte = static_cast<unsigned char>(value[i]);
        if (byte >= 0x80) {
            out += {'%', digits[byte >> 4], digits[byte & 15]};
            continue;
        }
        out += value[i];
        for (const std::string_view entity : {"&amp;", "&#38;"})
            if (value.substr(i).starts_with(entity)) {
                i += entity.size() - 1;
                break;
            }
    }
    return out;
}

void for_each_href(std::string_view html, const std::function<void(const Span&)>& act) {
    for (std::size_t at = html.find('<'); at != std::string_view::npos;
         at = html.find('<', at + 1)) {
        if (!has_at(html, at, "<a") || at + 2 >= html.size() || !is_space(html[at + 2])) continue;
        if (const auto href = find_href(html, at + 2)) act(*href);
    }
}

// Calls `replace` for every tracked link; what it answers takes the link's place.
std::string rewrite(std::string_view html,
                    const std::function<std::string(std::string_view)>& replace) {
    std::string out;
    std::size_t copied = 0;
    for_each_href(html, [&](const Span& href) {
        const auto link = html.substr(href.begin, href.end - href.begin);
        if (!is_tracked(link)) return;
        out.append(html.substr(copied, href.begin - copied)).append(replace(link));
        copied = href.end;
    });
    return out.append(html.substr(copied));
}

}  // namespace

std::vector<std::string> links_of(std::string_view html) {
    std::vector<std::string> links;
    for_each_href(html, [&](const Span& href) {
        links.emplace_back(html.substr(href.begin, href.end - href.begin));
    });
    return links;
}

std::vector<std::string> tracked_links(const templates::TemplateDocument& document) {
    std::vector<std::string> links;
    for (const auto& [locale, parts] : document.locales)
        rewrite(parts.html, [&](std::string_view link) {
            links.push_back(destination_of(link));
            return std::string{link};
        });
    return links;
}

void track_links(templates::TemplateDocument& document, base::DocumentId id,
                 const std::string& url) {
    int number = 0;
    const auto version = std::to_string(id.value) + ".";
    for (auto& [locale, parts] : document.locales) {
        if (parts.html.empty()) continue;
        parts.html = rewrite(parts.html, [&](std::string_view) {
            return url + "/c/{{tracking_token}}/" + version + std::to_string(++number);
        });
        const auto pixel = "<img src=\"" + url +
                           "/o/{{tracking_token}}\" width=\"1\" height=\"1\" alt=\"\" "
                           "style=\"display:block;border:0\">";
        const auto end = parts.html.rfind("</body>");
        parts.html.insert(end == std::string::npos ? parts.html.size() : end, pixel);
    }
}

}  // namespace carillon::campaigns

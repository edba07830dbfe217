#include "server/preview_shelf.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::server {

namespace {

constexpr std::size_t ticket_bytes = 32;

// "sandbox" without any permission: no script, no form, no window, and an origin that is nobody's,
// also when the address is opened outside of a frame.
constexpr std::string_view content_policy =
    "sandbox; default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'; font-src data:; "
    "base-uri 'none'; form-action 'none'";

// What a mail program in dark mode does to a mail that says nothing about it.
constexpr std::string_view dark =
    "<style>html{background:#1f1f1f;filter:invert(.88) hue-rotate(180deg)}"
    "img{filter:invert(1) hue-rotate(180deg)}</style>";

constexpr std::string_view stand_in =
    "data:image/svg+xml,%3Csvg%20xmlns%3D%22http%3A%2F%2Fwww.w3.org%2F2000%2Fsvg%22%20"
    "viewBox%3D%220%200%2016%209%22%3E%3Cpath%20fill%3D%22%23d5d9dc%22%20d%3D%22M0%200h16v9H0z%22"
    "%2F%3E%3C%2Fsvg%3E";

constexpr std::string_view expired =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Preview</title>"
    "<p>This preview was kept for a few minutes only. Open it again.</p>"
    "<p lang=\"ru\">Этот просмотр хранился лишь несколько минут. Откройте его ещё раз.</p></html>";

bool starts_like(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && same_name(text.substr(0, start.size()), start);
}

bool is_foreign(std::string_view address) {
    const auto trimmed = base::trim(address);
    return starts_like(trimmed, "http:") || starts_like(trimmed, "https:") ||
           trimmed.starts_with('/');  // of no host: no mail program finds it, so nor do we
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

// Where what begins with '<' at `at` ends, behind its '>'; a '>' in quotes does not end a tag.
std::size_t end_of_tag(std::string_view html, std::size_t at) {
    if (html.substr(at).starts_with("<!--")) {
        const auto end = html.find("-->", at);
        return end == std::string_view::npos ? html.size() : end + 3;
    }
    const bool is_tag =
        at + 1 < html.size() && (html[at + 1] == '/' || html[at + 1] == '!' ||
                                 std::isalpha(static_cast<unsigned char>(html[at + 1])) != 0);
    if (!is_tag) return at + 1;
    char quote = '\0';
    for (; at < html.size(); ++at) {
        const char c = html[at];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return at + 1;
    }
    return html.size();
}

struct Value {
    std::size_t begin{};
    std::size_t end{};  // begin and end without quotes; begin == npos: there is none
};

// The value of `name="..."` in a tag.
Value attribute_in(std::string_view tag, std::string_view name) {
    for (std::size_t at = 1; at + name.size() < tag.size(); ++at) {
        if (!is_space(tag[at - 1]) && tag[at - 1] != '"' && tag[at - 1] != '\'') continue;
        if (!same_name(tag.substr(at, name.size()), name)) continue;
        auto value = at + name.size();
        while (value < tag.size() && is_space(tag[value])) ++value;
        if (value >= tag.size() || tag[value] != '=') continue;
        do ++value;
        while (value < tag.size() && is_space(tag[value]));
        if (value >= tag.size()) break;
        const char quote = tag[value];
        if (quote == '"' || quote == '\'')
            return {value + 1, std::min(tag.find(quote, value + 1), tag.size())};
        return {value, std::min(tag.find_first_of(" \t\r\n\f>", value), tag.size())};
    }
    return {std::string_view::npos, std::string_view::npos};
}

// `own`: how addresses of our own pictures begin, "" for none.
void append_picture(std::string& out, std::string_view tag, std::string_view own) {
    std::string kept{tag};
    for (const std::string_view name : {"src", "srcset"}) {
        const auto value = attribute_in(kept, name);
        if (value.begin == std::string_view::npos) continue;
        const auto length = value.end - value.begin;
        const auto address = std::string_view{kept}.substr(value.begin, length);
        const bool is_own = !own.empty() && address.starts_with(own);
        if (name == "src" ? is_foreign(address) && !is_own : true)
            kept.replace(value.begin, length, name == "src" ? stand_in : std::string_view{});
    }
    out += kept;
}

std::string with_pictures_from(std::string_view html, std::string_view there,
                               std::string_view here) {
    std::string out;
    out.reserve(html.size());
    std::size_t copied = 0;
    for (auto at = html.find(there); at != html.npos; at = html.find(there, copied)) {
        out += html.substr(copied, at - copied);
        out += here;
        copied = at + there.size();
    }
    out += html.substr(copied);
    return out;
}

Response shown(int status, std::string html) {
    auto response = Response::of(status, "text/html; charset=utf-8", std::move(html));
    response.set("Content-Security-Policy", content_policy)
        .set("X-Content-Type-Options", "nosniff")
        .set("Referrer-Policy", "no-referrer")
        .set("Cache-Control", "no-store")
        .set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()");
    return response;
}

}  // namespace

std::string PreviewShelf::put(std::string html) {
    if (html.size() > limits_.bytes) return {};
    auto ticket = base::to_base64url(base::random_bytes(ticket_bytes));
    const std::scoped_lock lock{mutex_};
    drop_expired();
    while (bytes_ + html.size() > limits_.bytes) drop_first();
    bytes_ += html.size();
    items_.push_back({ticket, std::move(html), clock_.now() + limits_.kept});
    by_ticket_.emplace(ticket, std::prev(items_.end()));
    return ticket;
}

std::optional<std::string> PreviewShelf::find(std::string_view ticket) {
    const std::scoped_lock lock{mutex_};
    drop_expired();
    const auto found = by_ticket_.find(ticket);
    if (found == by_ticket_.end()) return std::nullopt;
    return found->second->html;
}

void PreviewShelf::drop_first() {
    bytes_ -= items_.front().html.size();
    by_ticket_.erase(items_.front().ticket);
    items_.pop_front();
}

void PreviewShelf::drop_expired() {
    const auto now = clock_.now();
    while (!items_.empty() && items_.front().until <= now) drop_first();
}

std::string without_foreign_pictures(std::string_view html, std::string_view public_url,
                                     std::string_view here) {
    const auto own = public_url.empty() ? std::string{} : std::string{here} + "/i/";
    std::string moved;
    if (!own.empty()) {
        moved = with_pictures_from(html, std::string{public_url} + "/i/", own);
        html = moved;
    }
    std::string out;
    out.reserve(html.size());
    std::size_t copied = 0;
    while (true) {
        const auto tag = html.find('<', copied);
        if (tag == std::string_view::npos) break;
        const auto end = end_of_tag(html, tag);
        out += html.substr(copied, tag - copied);
        const auto whole = html.substr(tag, end - tag);
        const bool is_picture = starts_like(whole, "<img") && whole.size() > 4 &&
                                (is_space(whole[4]) || whole[4] == '/');
        if (is_picture)
            append_picture(out, whole, own);
        else
            out += whole;
        copied = end;
    }
    out += html.substr(copied);
    return out;
}

std::vector<Route> preview_routes(PreviewShelf& shelf) {
    return {{"GET", "/v/{ticket}", Policy::link, Handler{[&shelf](const Request& request) {
                 const auto html = shelf.find(request.parameters.at("ticket"));
                 if (!html) return shown(404, std::string{expired});
                 const bool in_dark = field_of(form_fields(request.query), "view") == "dark";
                 return shown(200, in_dark ? std::string{dark} + *html : *html);
             }},
             false}};
}

}  // namespace carillon::server

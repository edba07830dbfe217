#include "server/http_message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <stdexcept>

namespace carillon::server {

namespace {

constexpr std::size_t fields_max = 100;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token_character(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

bool is_value_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7f;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    out.append(digits.data(), end);
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (same_name(key, name)) return value;
    return {};
}

Response Response::of(int status, std::string_view type, std::string body) {
    Response response{status};
    response.set_body(type, std::move(body));
    return response;
}

Response Response::redirect(std::string_view to) {
    Response response{302};
    response.set("Location", to).set("Cache-Control", "no-store");
    return response;
}

Response& Response::set(std::string_view name, std::string_view value) {
    if (name.empty() || !std::ranges::all_of(name, is_token_character))
        throw std::invalid_argument{"a header's name is not a token"};
    if (!std::ranges::all_of(value, is_value_character))
        throw std::invalid_argument{"a header's value has a control character"};
    for (auto& [key, old] : headers_) {
        if (!same_name(key, name)) continue;
        old = value;
        return *this;
    }
    headers_.emplace_back(name, value);
    return *this;
}

Response& Response::set_body(std::string_view type, std::string body) {
    set("Content-Type", type);
    body_ = std::move(body);
    return *this;
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 428: return "Precondition Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Other";
    }
}

void append_response(std::string& out, const Response& response, const Delivery& delivery) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status()));
    out.append(" ").append(reason_of(response.status())).append("\r\nDate: ").append(delivery.date);
    for (const auto& [name, value] : response.headers())
        out.append("\r\n").append(name).append(": ").append(value);
    // Neither has a body; the length of a 304 would be that of the 200 (RFC 9110 8.6).
    const bool has_body = response.status() != 204 && response.status() != 304;
    if (has_body) {
        out += "\r\nContent-Length: ";
        append_number(out, response.body().size());
    }
    out += delivery.keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
    if (!delivery.head_only && has_body) out += response.body();
}

std::string http_date(std::int64_t seconds) {
    static constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed",
                                                          "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::chrono::sys_seconds at{std::chrono::seconds{seconds}};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{at - day};
    const auto two = [](auto number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return std::string{days[std::chrono::weekday{day}.c_encoding()]} + ", " +
           two(static_cast<unsigned>(date.day())) + " " +
           std::string{months[static_cast<unsigned>(date.month()) - 1]} + " " +
           std::to_string(static_cast<int>(date.year())) + " " + two(time.hours().count()) + ":" +
           two(time.minutes().count()) + ":" + two(time.seconds().count()) + " GMT";
}

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += plus_is_space && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        if (i + 2 >= text.size()) return false;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0 || high + low == 0) return false;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out.find('\0') == std::string::npos;
}

std::vector<std::pair<std::string, std::string>> form_fields(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> fields;
    while (!text.empty() && fields.size() < fields_max) {
        const auto field = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), field.size() + 1));
        const auto equals = field.find('=');
        std::string name;
        std::string value;
        const auto raw =
            equals == std::string_view::npos ? std::string_view{} : field.substr(equals + 1);
        if (percent_decode(field.substr(0, equals), true, name) && percent_decode(raw, true, value))
            fields.emplace_back(std::move(name), std::move(value));
    }
    return fields;
}

std::string field_of(const std::vector<std::pair<std::string, std::string>>& fields,
                     std::string_view name) {
    for (const auto& [key, value] : fields)
        if (key == name) return value;
    return {};
}

}  // namespace carillon::server

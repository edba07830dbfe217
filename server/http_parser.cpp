#include "server/http_parser.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace carillon::server {

namespace {

constexpr std::size_t chunk_line_max = 128;
constexpr std::size_t chunk_digits_max = 8;
constexpr std::size_t length_digits_max = 12;

constexpr std::array<bool, 256> token_table() {
    std::array<bool, 256> table{};
    for (const char c : std::string_view{"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr auto token_characters = token_table();

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return token_characters[static_cast<unsigned char>(c)];
    });
}

// VCHAR, obs-text, space and tab.
bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0x20 && byte != 0x7f) || c == '\t';
    });
}

std::string_view without_white_space(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// reg-name, IPv4, [IPv6], with a port; empty is allowed by RFC 9110 7.2.
bool is_host(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view{"-._~!$&'()*+,;=:[]%"}.find(c) != std::string_view::npos;
    });
}

bool mentions(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const auto item = list.substr(0, list.find(','));
        if (same_name(without_white_space(item), word)) return true;
        list.remove_prefix(std::min(list.size(), item.size() + 1));
    }
    return false;
}

}  // namespace

void RequestParser::receive(std::string_view bytes) {
    if (state_ == State::failed) return;
    buffer_ += bytes;
    advance();
}

bool RequestParser::take_continue() {
    return std::exchange(wants_continue_, false) && state_ == State::body;
}

Request RequestParser::take() {
    auto request = std::exchange(request_, {});
    state_ = State::head;
    part_ = Part::head;
    scanned_ = 0;
    skipped_line_ = false;
    trailer_bytes_ = 0;
    wants_continue_ = false;
    if (!buffer_.empty()) advance();
    return request;
}

void RequestParser::advance() {
    while (state_ != State::complete && state_ != State::failed && step()) {
    }
}

bool RequestParser::step() {
    switch (part_) {
        case Part::head: return read_head();
        case Part::sized_body: return read_sized_body();
        case Part::chunk_size: return read_chunk_size();
        case Part::chunk_data: return read_chunk_data();
        case Part::chunk_end: return read_chunk_end();
        case Part::trailers: return read_trailers();
    }
    return false;
}

bool RequestParser::fail(int status) {
    status_ = status;
    state_ = State::failed;
    buffer_.clear();
    return false;
}

bool RequestParser::complete() {
    state_ = State::complete;
    return false;
}

// Looks for the empty line; every line end on the way must be CR LF, so that nobody waits for the
// end of what can have none.
bool RequestParser::read_head() {
    while (buffer_.starts_with("\r\n")) {  // one empty line in front is forgiven (RFC 9112 2.2)
        if (std::exchange(skipped_line_, true)) return fail(400);
        buffer_.erase(0, 2);
        scanned_ = 0;
    }
    for (auto at = buffer_.find('\n', scanned_); at != std::string::npos;
         at = buffer_.find('\n', at + 1)) {
        if (at >= limits_.head_bytes) break;
        if (at == 0 || buffer_[at - 1] != '\r') return fail(400);
        if (at >= 3 && buffer_[at - 2] == '\n') {
            const auto head = buffer_.substr(0, at - 1);
            buffer_.erase(0, at + 1);
            return parse_head(head) && begin_body();
        }
    }
    if (buffer_.size() > limits_.head_bytes)
        return fail(buffer_.find('\n') >= limits_.head_bytes ? 414 : 431);
    scanned_ = buffer_.size();
    return false;
}

bool RequestParser::parse_head(std::string_view head) {
    bool first = true;
    while (!head.empty()) {
        const auto end = head.find('\r');
        if (end == std::string_view::npos || head.substr(end, 2) != "\r\n") return fail(400);
        const auto line = head.substr(0, end);
        if (first ? !parse_request_line(line) : !parse_header(line)) return false;
        first = false;
        head.remove_prefix(end + 2);
    }
    return true;
}

bool RequestParser::parse_request_line(std::string_view line) {
    const auto space = line.find(' ');
    const auto second = line.find(' ', space == std::string_view::npos ? space : space + 1);
    if (second == std::string_view::npos) return fail(400);
    const auto method = line.substr(0, space);
    const auto version = line.substr(second + 1);
    if (!is_token(method)) return fail(400);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
        const bool other = version.size() == 8 && version.starts_with("HTTP/") &&
                           version[5] >= '0' && version[5] <= '9' && version[6] == '.' &&
                           version[7] >= '0' && version[7] <= '9';
        return fail(other ? 505 : 400);
    }
    is_1_0_ = version == "HTTP/1.0";
    request_.keep_alive = !is_1_0_;
    request_.method = method;
    return parse_target(line.substr(space + 1, second - space - 1));
}

bool RequestParser::parse_target(std::string_view target) {
    const bool printable = std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7f; });
    if (target.empty() || !printable || target.find('#') != std::string_view::npos)
        return fail(400);
    if (target.starts_with("http://") || target.starts_with("https://")) {
        const auto slash = target.find_first_of("/?", target.find("//") + 2);
        if (slash != std::string_view::npos && target[slash] == '?') return fail(400);
        target = slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
    }
    if (target == "*") {
        if (request_.method != "OPTIONS") return fail(400);
    } else if (!target.starts_with('/')) {
        return fail(request_.method == "CONNECT" ? 501 : 400);
    }
    const auto question = target.find('?');
    request_.path = target.substr(0, question);
    if (question != std::string_view::npos) request_.query = target.substr(question + 1);
    return true;
}

bool RequestParser::parse_header(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return fail(400);
    const auto value = without_white_space(line.substr(colon + 1));
    if (!is_field_value(value)) return fail(400);
    if (request_.headers.size() == limits_.headers) return fail(431);
    request_.headers.emplace_back(line.substr(0, colon), value);
    return true;
}

bool RequestParser::begin_body() {
    const std::string* length = nullptr;
    const std::string* coding = nullptr;
    int hosts = 0;
    for (const auto& [name, value] : request_.headers) {
        if (same_name(name, "content-length")) {
            if (length != nullptr) return fail(400);
            length = &value;
        } else if (same_name(name, "transfer-encoding")) {
            if (coding != nullptr) return fail(400);
            coding = &value;
        } else if (same_name(name, "host")) {
            if (++hosts > 1 || !is_host(value)) return fail(400);
        } else if (same_name(name, "connection")) {
            if (mentions(value, "close")) request_.keep_alive = false;
        } else if (same_name(name, "expect")) {
            if (!same_name(value, "100-continue")) return fail(417);
            wants_continue_ = !is_1_0_;
        }
    }
    if (hosts == 0 && !is_1_0_) return fail(400);
    if (coding != nullptr) {
        if (length != nullptr || is_1_0_) return fail(400);
        if (!same_name(*coding, "chunked")) return fail(501);
        part_ = Part::chunk_size;
        state_ = State::body;
        return true;
    }
    remaining_ = 0;
    if (length != nullptr) {
        const auto* end = length->data() + length->size();
        const auto [stop, error] = std::from_chars(length->data(), end, remaining_);
        if (length->empty() || length->front() == '-' || error != std::errc{} || stop != end)
            return fail(400);
        if (length->size() > length_digits_max || remaining_ > body_max()) return fail(413);
    }
    if (remaining_ == 0) return complete();
    part_ = Part::sized_body;
    state_ = State::body;
    return true;
}

// Who is nobody has no large body to send; whether the credential is good is asked later.
std::size_t RequestParser::body_max() const {
    const bool may_upload =
        request_.method == "POST" &&
        (!request_.header("Authorization").empty() || !request_.header("Cookie").empty());
    const auto* upload = std::ranges::find(limits_.uploads, std::string_view{request_.path},
                                           &ParserLimits::Upload::path);
    if (!may_upload || upload == limits_.uploads.end()) return limits_.body_bytes;
    return std::max(upload->bytes, limits_.body_bytes);
}

bool RequestParser::read_sized_body() {
    const auto taken = std::min(remaining_, buffer_.size());
    request_.body.append(buffer_, 0, taken);
    buffer_.erase(0, taken);
    remaining_ -= taken;
    return remaining_ == 0 ? complete() : false;
}

bool RequestParser::read_chunk_size() {
    const auto end = buffer_.find('\n');
    if (end == std::string::npos) return buffer_.size() > chunk_line_max ? fail(400) : false;
    if (end == 0 || end > chunk_line_max || buffer_[end - 1] != '\r') return fail(400);
    const auto line = std::string_view{buffer_}.substr(0, end - 1);
    std::size_t size = 0;
    const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    const auto digits = static_cast<std::size_t>(stop - line.data());
    const auto extension = line.substr(digits);
    if (error != std::errc{} || digits == 0 || digits > chunk_digits_max || line[0] == '-')
        return fail(400);
    // Extensions are allowed and mean nothing to us.
    if (!extension.empty() && (extension[0] != ';' || !is_field_value(extension))) return fail(400);
    if (request_.body.size() + size > body_max()) return fail(413);
    buffer_.erase(0, end + 1);
    remaining_ = size;
    part_ = size == 0 ? Part::trailers : Part::chunk_data;
    return true;
}

bool RequestParser::read_chunk_data() {
    const auto taken = std::min(remaining_, buffer_.size());
    request_.body.append(buffer_, 0, taken);
    buffer_.erase(0, taken);
    remaining_ -= taken;
    if (remaining_ > 0) return false;
    part_ = Part::chunk_end;
    return true;
}

bool RequestParser::read_chunk_end() {
    if (buffer_.size() < 2) return buffer_.empty() || buffer_[0] == '\r' ? false : fail(400);
    if (!buffer_.starts_with("\r\n")) return fail(400);
    buffer_.erase(0, 2);
    part_ = Part::chunk_size;
    return true;
}

// Checked like headers and dropped: a trailer must not change what the head said.
bool RequestParser::read_trailers() {
    const auto end = buffer_.find('\n');
    const auto seen = end == std::string::npos ? buffer_.size() : end + 1;
    if (trailer_bytes_ + seen > limits_.head_bytes) return fail(431);
    if (end == std::string::npos) return false;
    if (end == 0 || buffer_[end - 1] != '\r') return fail(400);
    const auto line = buffer_.substr(0, end - 1);
    buffer_.erase(0, end + 1);
    trailer_bytes_ += seen;
    if (line.empty()) return complete();
    const auto colon = line.find(':');
    const auto text = std::string_view{line};
    if (colon == std::string::npos || !is_token(text.substr(0, colon)) ||
        !is_field_value(text.substr(colon + 1)))
        return fail(400);
    return true;
}

}  // namespace carillon::server

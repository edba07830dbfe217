#include "channels/hfaxd_reply.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace carillon::channels {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "213", "213 text", "213-text"; 0 when the line is nothing of the kind.
int code_of(std::string_view line) {
    const bool shaped = line.size() >= 3 && line[0] >= '1' && line[0] <= '5' && is_digit(line[1]) &&
                        is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
    if (!shaped) return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

std::string_view text_of(std::string_view line) {
    return line.substr(std::min<std::size_t>(line.size(), 4));
}

std::string_view after(std::string_view text, std::string_view word) {
    const auto at = text.find(word);
    return at == std::string_view::npos ? std::string_view{} : text.substr(at + word.size());
}

}  // namespace

std::string describe(const HfaxdReply& reply) {
    constexpr std::size_t text_max = 290;
    auto line = std::to_string(reply.code);
    if (!reply.text.empty()) line.append(" ").append(reply.text, 0, text_max);
    for (char& c : line)
        if (c < 0x20 || c >= 0x7F) c = c == '\n' ? ' ' : '?';
    return line;
}

void HfaxdReplyParser::feed(std::string_view bytes) {
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_ += bytes;
}

HfaxdReplyParser::Found HfaxdReplyParser::next(HfaxdReply& reply) {
    while (true) {
        const auto rest = std::string_view{buffer_}.substr(at_);
        const auto end = rest.find('\n');
        if (std::min(end, rest.size()) > line_max) return Found::garbage;
        if (end == std::string_view::npos) return Found::nothing;
        auto line = rest.substr(0, end);
        at_ += end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto found = take_line(line, reply);
        if (found != Found::nothing) return found;
    }
}

HfaxdReplyParser::Found HfaxdReplyParser::take_line(std::string_view line, HfaxdReply& reply) {
    const int code = code_of(line);
    if (code_ == 0 && code == 0) return Found::garbage;
    const bool continues = line.size() > 3 && line[3] == '-';
    const bool last = code != 0 && !continues && (code_ == 0 || code == code_);
    if (code_ != 0) lines_ += '\n';
    lines_ += code != 0 && (code_ == 0 || code == code_) ? text_of(line) : line;
    if (lines_.size() > reply_max) return Found::garbage;
    if (!last) {
        if (code_ == 0) code_ = code;
        return Found::nothing;
    }
    reply.code = code;
    reply.text = std::move(lines_);
    lines_.clear();
    code_ = 0;
    return Found::reply;
}

std::optional<int> passive_port(const HfaxdReply& reply) {
    if (reply.code != 227) return std::nullopt;
    auto text = after(reply.text, "(");
    text = text.substr(0, text.find(')'));
    std::array<int, 6> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const auto* end = text.data() + text.size();
        const auto [next, error] = std::from_chars(text.data(), end, numbers[i]);
        const bool is_last = i + 1 == numbers.size();
        if (error != std::errc{} || numbers[i] < 0 || numbers[i] > 255) return std::nullopt;
        if (is_last ? next != end : (next == end || *next != ',')) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(next - text.data()) + (is_last ? 0 : 1));
    }
    const int port = numbers[4] * 256 + numbers[5];
    return port > 0 ? std::optional{port} : std::nullopt;
}

std::optional<std::string> stored_name(const HfaxdReply& reply) {
    constexpr std::size_t name_max = 200;
    if (!reply.preliminary()) return std::nullopt;
    auto name = base::trim(after(reply.text, "FILE:"));
    name = name.substr(0, name.find(' '));
    const bool plain = std::ranges::all_of(name, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '/' ||
               c == '.' || c == '_' || c == '-';
    });
    if (name.empty() || name.size() > name_max || !plain) return std::nullopt;
    return std::string{name};
}

std::optional<std::string> created_job(const HfaxdReply& reply) {
    constexpr std::size_t digits_max = 10;
    if (!reply.positive()) return std::nullopt;
    const auto rest = base::trim(after(reply.text, "jobid:"));
    const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    if (digits.empty() || digits.size() > digits_max) return std::nullopt;
    return std::string{digits};
}

}  // namespace carillon::channels

#include "channels/smtp_reply.h"

#include <algorithm>

#include "base/text.h"

namespace carillon::channels {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The number of digits (1 to 3) at the front, or 0.
std::size_t digits_at(std::string_view text) {
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) ++count;
    return count <= 3 ? count : 0;
}

// "550", "550 text", "550-text"; 0 when the line is nothing of the kind.
int code_of(std::string_view line) {
    const bool shaped = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
                        is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
    if (!shaped) return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

std::string_view SmtpReply::enhanced() const {
    const std::string_view view = text;
    if (view.size() < 5 || (view[0] != '2' && view[0] != '4' && view[0] != '5') || view[1] != '.')
        return {};
    const auto subject = digits_at(view.substr(2));
    if (subject == 0 || 2 + subject >= view.size() || view[2 + subject] != '.') return {};
    const auto detail = digits_at(view.substr(3 + subject));
    const auto size = 3 + subject + detail;
    const bool ended = size == view.size() || view[size] == ' ' || view[size] == '\n';
    return detail > 0 && ended ? view.substr(0, size) : std::string_view{};
}

std::string describe(const SmtpReply& reply) {
    constexpr std::size_t text_max = 290;
    auto line = std::to_string(reply.code);
    if (!reply.text.empty()) line.append(" ").append(reply.text, 0, text_max);
    const bool plain = std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7F; });
    if (plain) return line;
    // A server may answer in any bytes; what is not printable ASCII must not reach logs and
    // reports.
    std::ranges::replace(line, '\n', ' ');
    std::ranges::replace_if(
        line, [](char c) { return c < 0x20 || c >= 0x7F; }, '?');
    return line;
}

void SmtpReplyParser::feed(std::string_view bytes) {
    if (at_ > 0) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    buffer_ += bytes;
}

SmtpReplyParser::Found SmtpReplyParser::next(SmtpReply& reply) {
    while (true) {
        const auto rest = std::string_view{buffer_}.substr(at_);
        const auto end = rest.find('\n');
        if (end == std::string_view::npos)
            return rest.size() > line_max ? Found::garbage : Found::nothing;
        if (end > line_max) return Found::garbage;
        auto line = rest.substr(0, end);
        at_ += end + 1;
        // A lone LF is not what RFC 5321 asks for, yet harmless in a reply.
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto found = take_line(line, reply);
        if (found != Found::nothing) return found;
    }
}

SmtpReplyParser::Found SmtpReplyParser::take_line(std::string_view line, SmtpReply& reply) {
    const int code = code_of(line);
    if (code == 0 || (code_ != 0 && code != code_)) return Found::garbage;
    if (code_ != 0) lines_ += '\n';
    if (line.size() > 4) lines_ += line.substr(4);
    if (lines_.size() > reply_max) return Found::garbage;
    if (line.size() > 3 && line[3] == '-') {
        code_ = code;
        return Found::nothing;
    }
    reply.code = code;
    reply.text.swap(lines_);
    lines_.clear();
    code_ = 0;
    return Found::reply;
}

void SmtpReplyParser::clear() {
    buffer_.clear();
    lines_.clear();
    at_ = 0;
    code_ = 0;
}

}  // namespace carillon::channels

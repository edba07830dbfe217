// Replies of an SMTP server (RFC 5321 section 4.2), read from bytes that may be cut anywhere.
#pragma once

#include <string>
#include <string_view>

namespace carillon::channels {

struct SmtpReply {
    int code{};          // 200..599
    std::string text{};  // lines after their codes, joined by '\n'; whatever bytes the server sent
    std::string_view enhanced() const;  // "5.1.1" (RFC 3463) when the text begins with one, else ""

    bool positive() const { return code / 100 == 2; }
    bool transient() const { return code / 100 == 4; }
    bool permanent() const { return code / 100 == 5; }
};

// One printable line for logs and people, at most 300 bytes: "550 5.1.1 no such user".
std::string describe(const SmtpReply& reply);

// Not thread-safe. Memory stays bounded whatever the server sends.
class SmtpReplyParser {
public:
    static constexpr std::size_t line_max = 2048;  // RFC 5321 says 512; some servers are talkative
    static constexpr std::size_t reply_max = 16384;  // all lines of one reply

    enum class Found { nothing, reply, garbage };

    void feed(std::string_view bytes);
    // The next whole reply. `garbage`: this is no SMTP; the parser is of no further use.
    Found next(SmtpReply& reply);
    bool empty() const { return at_ == buffer_.size() && lines_.empty(); }
    void clear();

private:
    Found take_line(std::string_view line, SmtpReply& reply);

    std::string buffer_;
    std::size_t at_{0};  // bytes of buffer_ already read
    std::string lines_;  // of the reply being collected
    int code_{0};        // 0: between replies
};

}  // namespace carillon::channels

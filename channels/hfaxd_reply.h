// Replies of a HylaFAX server (hfaxd), read from bytes that may be cut anywhere. The protocol is
// FTP's with other verbs: RFC 959 section 4.2 for the form of replies, hfaxd(8) for the verbs. Two
// peculiarities: a final reply may have no text at all ("213 "), and the lines of a long reply need
// not begin with its code.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace carillon::channels {

struct HfaxdReply {
    int code{};          // 100..599
    std::string text{};  // lines after their codes, joined by '\n'; whatever bytes the server sent

    bool preliminary() const { return code / 100 == 1; }
    bool positive() const { return code / 100 == 2; }
};

// One printable line for logs and people, at most 300 bytes: "504 Job 7 not submitted".
std::string describe(const HfaxdReply& reply);

// Not thread-safe. Memory stays bounded whatever the server sends.
class HfaxdReplyParser {
public:
    static constexpr std::size_t line_max = 4096;
    static constexpr std::size_t reply_max = 65536;  // all lines of one reply

    enum class Found { nothing, reply, garbage };

    void feed(std::string_view bytes);
    // The next whole reply. `garbage`: this is no hfaxd; the parser is of no further use.
    Found next(HfaxdReply& reply);

private:
    Found take_line(std::string_view line, HfaxdReply& reply);

    std::string buffer_;
    std::size_t at_{0};  // bytes of buffer_ already read
    std::string lines_;  // of the reply being collected
    int code_{0};        // 0: between replies
};

// What single replies tell; nothing when they are not of the expected form.
// "227 Entering passive mode (127,0,0,1,200,31)". The address in it is not used: data goes to the
// machine that was connected to, and to nobody else.
std::optional<int> passive_port(const HfaxdReply& reply);
// "150 FILE: /tmp/doc2.tif (Opening new data connection).": a path that can stand in a command.
std::optional<std::string> stored_name(const HfaxdReply& reply);
// "200 New job created: jobid: 2 groupid: 2."
std::optional<std::string> created_job(const HfaxdReply& reply);

}  // namespace carillon::channels

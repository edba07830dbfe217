// The lines an SMTP client writes, and what a server says it can do. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "channels/channel.h"

namespace carillon::channels {

// The keywords of an EHLO reply that matter to us.
struct SmtpExtensions {
    bool pipelining{false};  // RFC 2920
    bool starttls{false};    // RFC 3207
    bool eight_bit{false};   // RFC 6152
    bool smtputf8{false};    // RFC 6531
    bool dsn{false};         // RFC 3461
    bool auth_plain{false};  // RFC 4616
    bool auth_login{false};
    bool size{false};           // RFC 1870
    std::uint64_t size_max{0};  // bytes; 0: no limit told

    static SmtpExtensions parse(std::string_view ehlo_text);
    std::string text() const;  // "PIPELINING SIZE=20480000 ...", for people
};

// What the bytes of a message need, found in one pass.
struct BodyTraits {
    bool stuffing{false};  // a line begins with '.'
    bool eight_bit{false};
    bool ends_with_crlf{false};
};

// Errors: email.bytes_invalid for anything that could end a message early or that RFC 5321
// section 4.5.3.1.6 or 2.3.8 forbids: a bare CR or LF, a NUL, a line of more than 998 bytes.
base::Result<BodyTraits> inspect_body(std::string_view bytes);

// Errors: email.address_unsafe for bytes that could end the command or its path.
base::Result<void> check_path(std::string_view address);

void append_mail(std::string& out, const Message& message, const SmtpExtensions& extensions,
                 const BodyTraits& traits);
void append_rcpt(std::string& out, const Message& message, const SmtpExtensions& extensions);
// With dots stuffed and a CRLF at the end, without the final dot.
void append_data(std::string& out, std::string_view bytes, const BodyTraits& traits);

std::string auth_plain_line(std::string_view user, std::string_view password);

}  // namespace carillon::channels

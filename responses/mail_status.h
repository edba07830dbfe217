// Enhanced mail system status codes (RFC 3463 and the IANA registry "SMTP Enhanced Status Codes")
// and SMTP reply codes (RFC 5321), as kinds of bounces. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "responses/mail_rules.h"

namespace carillon::responses {

struct StatusCode {
    int type{};  // 2, 4 or 5
    int subject{};
    int detail{};
    bool operator==(const StatusCode&) const = default;
    std::string text() const;
};

struct StatusMeaning {
    MailKind kind{};
    std::string_view reason{};
    bool exact{};  // false: used for so much that the words beside it are better
};

// The first "5.1.1" in the text that is no part of a number or an address.
std::optional<StatusCode> find_status(std::string_view text);
// The first reply code 400..599 that stands where one stands: before ' ', '-', '_', '#' or the end.
std::optional<int> find_reply_code(std::string_view text);

// Every code means something: what is not registered, what its subject and type mean.
StatusMeaning meaning_of(const StatusCode& code);
StatusMeaning meaning_of_reply(int code);

}  // namespace carillon::responses

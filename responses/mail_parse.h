// Foreign mail taken apart into plain structures. The only user of GMime.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "responses/mail_fields.h"
#include "responses/mail_tame.h"

namespace carillon::responses {

// Everything is UTF-8; nothing of it is to be trusted.
struct ParsedMail {
    MailFields headers{};  // decoded (RFC 2047)
    std::optional<base::Instant> date{};
    std::string content_type{};  // "multipart/report", lower case
    std::string report_type{};   // its parameter: "delivery-status", "feedback-report", ...
    // The text of a person or of a mail system, at most 256 KB: text/plain, or HTML as lines. What
    // is a copy of the returned mail is left out.
    std::string text{};
    std::vector<MailFields> delivery_status{};  // RFC 3464: of the report, then of each recipient
    MailFields feedback{};                      // RFC 5965
    bool has_disposition{false};                // RFC 8098: somebody has opened a mail
    // The header of the mail that came back or that is complained about: a part of its own, or
    // found in the text.
    MailFields original{};
    bool cut{false};  // something was beyond the limits and was not looked at
};

// Never fails: what cannot be understood is left out. At most about 20 times the memory of
// `limits.bytes_max`, linear time. Safe from several threads.
ParsedMail parse_mail(std::string_view bytes, const MailLimits& limits = {});

}  // namespace carillon::responses

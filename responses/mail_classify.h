// What a mail that came back is: decided from the parsed mail and the rules alone. In this order:
// the fields of RFC 3464, enhanced status codes, SMTP replies and their words, then the notices
// that mail systems write for people; docs/responses.md has the table. Pure.
#pragma once

#include <string>
#include <vector>

#include "responses/mail_parse.h"
#include "responses/mail_rules.h"

namespace carillon::responses {

// What became of the mail to one recipient.
struct RecipientReport {
    MailKind kind{MailKind::unknown};
    std::string original{};    // address as we wrote it, where the report tells; may be empty
    std::string final{};       // address that failed in the end; may be no e-mail address
    std::string status{};      // "5.1.1"; may be empty
    std::string diagnostic{};  // in the words of the mail system, at most 500 bytes
    std::string reason{};      // in our words
    std::string rule{};        // that decided; empty: a code did
};

struct MailVerdict {
    MailKind kind{MailKind::unknown};  // of several recipients the gravest
    std::vector<RecipientReport> recipients{};
    std::string feedback_type{};  // "abuse", "not-spam", ... (RFC 5965)
    std::string reason{};
};

MailVerdict classify(const ParsedMail& mail, const MailRules& rules);

// Does this feedback say that the client does not want the mail? ("not-spam" and reports about
// authentication do not.)
bool is_complaint(std::string_view feedback_type);

}  // namespace carillon::responses

// Makes finished e-mails (RFC 5322, MIME) from rendered pieces. The same parts always make the same
// bytes, and nothing from a client's data can become a header or end the message early.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/pieces.h"
#include "base/result.h"
#include "channels/channel.h"
#include "channels/dkim.h"

namespace carillon::channels {

// `address` has passed base::EmailAddress; `name` may be empty.
struct Mailbox {
    std::string name{};
    std::string address{};
};

// A file that travels with the message. Inline ones are shown by <img src="cid:..."> of the HTML
// part.
struct Attachment {
    std::string file_name{};
    std::string content_type{};  // "application/pdf", without parameters
    std::string bytes{};
    std::string content_id{};  // inline only: letters, digits, '.', '-', '_' and at most one '@'
};

// RFC 2369 and RFC 8058. Both may be empty: then the message carries no List-Unsubscribe.
struct Unsubscribe {
    std::string url{};      // https://... (http:// too unless one_click), at most 900 characters
    std::string mailto{};   // "mailto:..." or a plain address
    bool one_click{false};  // a mail program may POST to the url without asking
};

struct EmailParts {
    std::string key{};            // of the Message: makes the Message-ID
    std::string envelope_from{};  // RFC 5321 reverse-path, usually Verp::address_of()
    Mailbox from{};
    Mailbox to{};
    std::optional<Mailbox> reply_to{};
    std::string subject{};
    const base::Pieces*
        text{};  // borrowed for the call; nullptr: no such part, one of both is needed
    const base::Pieces* html{};
    base::Instant date{};  // of the first attempt, so that a repeated one makes the same message
    Unsubscribe unsubscribe{};
    bool auto_submitted{true};  // RFC 3834: out-of-office programs then stay silent
    std::vector<Attachment> inline_images{};
    std::vector<Attachment> attachments{};
    std::vector<std::pair<std::string, std::string>> extra_headers{};  // not those composed here
};

struct ComposerSettings {
    std::string message_id_domain{};  // right of the '@' in Message-ID
    std::vector<DkimSigner> dkim{};   // a signature of each, in this order
};

// Immutable and safe from several threads.
class EmailComposer {
public:
    explicit EmailComposer(ComposerSettings settings) : settings_(std::move(settings)) {}

    // Errors name the part: email.header_unsafe, email.address_unsafe, email.no_body,
    // email.content_type_invalid, email.content_id_invalid, email.header_reserved,
    // email.header_invalid, email.unsubscribe_invalid.
    base::Result<EmailPayload> compose(const EmailParts& parts) const;

    // "<key@domain>"; a key that is no dot-atom is replaced by its digest.
    std::string message_id(std::string_view key) const;

private:
    ComposerSettings settings_;
};

}  // namespace carillon::channels

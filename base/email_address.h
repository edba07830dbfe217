// A deliverable e-mail address, parsed at the door. RFC 5321 section 4.1.2 (dot-string local parts
// only: quoted local parts, comments, source routes and address literals are refused), RFC 6531 for
// non-ASCII local parts, domains in IDNA 2008 A-labels.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::base {

class EmailAddress {
public:
    // Surrounding white space is not accepted. Errors: contact.email_invalid with what was
    // expected.
    static Result<EmailAddress> parse(std::string_view text);

    const std::string& text() const {
        return text_;
    }  // local part as given, domain lower-case A-labels
    std::string_view local() const { return std::string_view{text_}.substr(0, at_); }
    std::string_view domain() const { return std::string_view{text_}.substr(at_ + 1); }
    bool needs_smtputf8() const;  // a non-ASCII local part
    bool operator==(const EmailAddress&) const = default;

private:
    EmailAddress(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}
    std::string text_;
    std::size_t at_;
};

}  // namespace carillon::base

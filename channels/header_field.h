// Header fields of RFC 5322, safe by construction: no value can end its field, whatever data it
// came from.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::channels {

// Refuses what could end a field or hide text: control characters (also C1, U+2028, U+2029) and
// broken UTF-8. Errors: email.header_unsafe at `place`.
base::Result<void> check_header_text(std::string_view text, std::string_view place);

// Refuses all but local@domain without white space, controls and specials; who may be mailed is
// decided by base::EmailAddress long before. Errors: email.address_unsafe at `place`.
base::Result<void> check_header_address(std::string_view address, std::string_view place);

// The functions below append to a message and expect checked texts.

// "Name: text CRLF", folded at 76 columns; what is not plain ASCII becomes encoded-words (RFC 2047)
// that never split a character.
void append_text_field(std::string& out, std::string_view name, std::string_view text);

// "Name: Display Name <address> CRLF".
void append_mailbox_field(std::string& out, std::string_view name, std::string_view display_name,
                          std::string_view address);

// `; name="value"` on a line of its own, or the forms of RFC 2231 for non-ASCII and long values.
void append_parameter(std::string& out, std::string_view name, std::string_view value);

bool is_ascii(std::string_view text);

}  // namespace carillon::channels

// Blocks of "Name: value" lines, as they stand in headers, delivery reports and complaints
// (RFC 5322, RFC 3464, RFC 5965), read without minding what is broken in them. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::responses {

// Names in lower case, values unfolded and trimmed, in the order written.
using MailFields = std::vector<std::pair<std::string, std::string>>;

// The value of the first field of that name, or "".
std::string_view field(const MailFields& fields, std::string_view name);
bool has_field(const MailFields& fields, std::string_view name);

// Blocks parted by blank lines; lines that are no fields are passed over, blocks without any field
// are left out. At most 200 blocks.
std::vector<MailFields> parse_field_blocks(std::string_view text);

// "Name:" at the beginning of a line, RFC 5322 characters only: the length of the name, or 0.
std::size_t field_name_size(std::string_view line);

// "rfc822; <User@Example.com>" -> "User@example.com"; "" when it holds no address.
std::string address_in(std::string_view value);
// All of them, each once, in the order written; at most `most`.
std::vector<std::string> addresses_in(std::string_view text, std::size_t most);

}  // namespace carillon::responses

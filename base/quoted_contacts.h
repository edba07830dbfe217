// What providers and clients wrote, without the addresses and telephone numbers they quote. Pure.
#pragma once

#include <string>
#include <string_view>

namespace carillon::base {

bool quotes_contact(std::string_view text);
// "550 <***>: no such user"; a text that quotes nobody stays as it is.
std::string without_contacts(std::string_view text);

}  // namespace carillon::base

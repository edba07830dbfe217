// Reasons of the rows as a person would say them, and addresses as much of them as may be shown.
#pragma once

#include <string>
#include <string_view>

#include "base/channel_kind.h"

namespace carillon::desk {

// Itself when nobody has put it into words.
std::string in_words(std::string_view reason);
// "email no_contact, sms no_consent" as a sentence behind the choice of a channel.
std::string route_in_words(std::string_view route);

// "a***@bank.example", "+7 *** 45 67" without the spaces, the town of a postal address.
std::string masked(std::string_view address, base::ChannelKind channel);

// What a provider calls a message: numbers are kept, unless they are the message's own.
std::string reference_masked(std::string_view reference, std::string_view address);

}  // namespace carillon::desk

// Which message of ours a mail is about: by the keyed addresses and Message-IDs that stand in it,
// never by who it says it is from. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "campaigns/message_keys.h"
#include "channels/verp.h"
#include "responses/mail_parse.h"

namespace carillon::responses {

enum class MatchedBy { address, message_id, forged, nothing };
std::string_view name_of(MatchedBy by);

struct MailMatch {
    MatchedBy by{MatchedBy::nothing};
    std::optional<base::MessageId> message{};
};

// The keys under which messages went out. Immutable.
struct MailKeys {
    campaigns::MessageKeys messages;
    std::vector<channels::Verp> return_addresses{};  // of each e-mail channel
};

// `envelope`: recipients as the mail server names them; may be empty. Return addresses first, then
// Message-IDs of the mail that came back or is answered. forged: something looks like ours and is
// not.
MailMatch match(const ParsedMail& mail, const std::vector<std::string>& envelope,
                const MailKeys& keys);

}  // namespace carillon::responses

// What a refusal means for the message: the one table from SMTP replies (RFC 5321, enhanced codes
// of RFC 3463 and RFC 7505) to outcomes. Pure.
#pragma once

#include "channels/channel.h"
#include "channels/smtp_reply.h"

namespace carillon::channels {

// The command a reply answers. `dot` is the end of the data.
enum class SmtpStage { mail, rcpt, data, dot };

// For replies that do not let the message go on. The server's word on the address counts at RCPT
// and, with an enhanced code, at the dot; a refusal of our account is no fault of the client, so
// the message stays Deferred.
Outcome refusal_of(SmtpStage stage, const SmtpReply& reply);

}  // namespace carillon::channels

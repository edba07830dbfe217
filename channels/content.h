// From rendered text to what a channel sends: one function for every kind of channel, so that
// whoever dispatches messages need not know which kind it is.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/channel_kind.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/pieces.h"
#include "channels/channel.h"

namespace carillon::channels {

struct Attachment;

// How a letter or a fax ends.
struct ContentEnding {
    std::string_view words{};
    std::string_view name{};
    std::string_view position{};
    std::string_view signature_png{};
    std::vector<std::string> enclosures{};
};

// One rendered message and what surrounds it. Borrowed for the call. The same parts give the same
// payload, always.
struct ContentParts {
    base::MessageId id{};
    std::string_view key{};
    std::string_view address{};  // of the channel's kind
    std::string_view display_name{};
    std::string_view locale{};
    std::string_view time_zone{};  // IANA; empty: unknown
    base::Purpose purpose{base::Purpose::marketing};
    std::string_view subject{};
    const base::Pieces* text{};  // nullptr: the template has no such part
    const base::Pieces* html{};
    ContentEnding ending{};
    base::Instant date{};  // of the first attempt, so that a repeated one makes the same message
    std::optional<base::Instant> valid_until{};
    std::optional<bool> transliterate{};  // short messages; nothing: as the channel's settings say
    std::string_view unsubscribe_url{};   // empty: none
    std::string_view response_code{};     // short, keyed: what a client types or reads out
    std::string_view response_url{};      // where the code leads
    const std::vector<Attachment>* attachments{};  // e-mails only; nullptr: none
};

// Immutable, safe from several threads. Errors are those of the channel's composer.
using ContentComposer = std::function<base::Result<Payload>(const ContentParts& parts)>;

class EmailComposer;
class Verp;
struct Mailbox;
class SmsComposer;
class LetterComposer;
class FaxComposer;

// The same sender and return addresses for every e-mail.
ContentComposer email_content(EmailComposer composer, Verp verp, Mailbox from,
                              std::optional<Mailbox> reply_to);
ContentComposer sms_content(SmsComposer composer);
// The address of a contact is a postal line (channels/address_block.h). Errors also:
// letter.address_incomplete, page.*.
ContentComposer letter_content(LetterComposer composer);
ContentComposer fax_content(FaxComposer composer);
// The script of a call. Errors: call.script_empty, call.script_too_long.
ContentComposer call_content();

}  // namespace carillon::channels

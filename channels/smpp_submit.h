// A message to the submit_sm units it takes. Pure: the same message, the same units.
//
// Sources: SMPP 3.4 sections 4.4.1, 5.2.5 (TON), 5.2.6 (NPI), 5.2.12 (esm_class), 5.2.19
// (data_coding), 7.1.1 (time format); 3GPP TS 23.040 section 9.2.3.24.
#pragma once

#include <vector>

#include "channels/channel.h"
#include "channels/smpp_pdu.h"

namespace carillon::channels {

// How the parts of a long text find together again.
enum class SmppConcatenation {
    udh,     // a header inside the text
    sar,     // optional parameters; the centre writes the header
    payload  // the whole text in one unit (message_payload); the centre cuts it
};

enum class SmppReceipts { none, all, failures };

struct SmppSubmitRules {
    std::string service_type{};
    SmppConcatenation concatenation{SmppConcatenation::udh};
    SmppReceipts receipts{SmppReceipts::all};
    bool packed_septets{false};     // for the rare centre that wants seven bits in each character
    bool absolute_validity{false};  // a date instead of a duration
    bool message_reference{false};  // user_message_reference, from the message's key
};

struct SmppSubmission {
    std::vector<SmppSm> units{};
    int parts{};  // what is paid for; more than one unit, or one message_payload
};

// `wall`: now, for how long the message is valid. Errors: sms.text_invalid, sms.too_long,
// sms.sender_invalid, sms.address_invalid, sms.not_valid_any_more, sms.payload_invalid (no SMS).
base::Result<SmppSubmission> make_submission(const Message& message, const SmppSubmitRules& rules,
                                             base::Instant wall);

// "000000020000000R" or "231115120000000+"; at most 30 days ahead.
std::string smpp_validity(base::Instant valid_until, base::Instant wall, bool absolute);

// E.164 without its plus; a short code; a name.
base::Result<SmppAddress> smpp_sender(std::string_view sender);
base::Result<SmppAddress> smpp_recipient(std::string_view number);

// The text of a short message by its data_coding. Binary ones become hexadecimal digits.
std::string smpp_text(std::string_view octets, std::uint8_t data_coding);

}  // namespace carillon::channels

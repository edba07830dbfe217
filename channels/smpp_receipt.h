// Delivery receipts of SMPP centres: a text that no standard fixes, and optional parameters. Pure.
//
// Source: SMPP 3.4 sections 2.11 and 5.2.28 (message_state), Appendix B (the usual text).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "channels/channel.h"
#include "channels/smpp_pdu.h"

namespace carillon::channels {

// "id:42 sub:001 dlvrd:001 submit date:... done date:... stat:DELIVRD err:000 text:..." with its
// keys in any case and order; what comes after "text:" is left alone. Keys are lower case.
std::map<std::string, std::string> parse_receipt_text(std::string_view text);

// Some centres write an id in submit_sm_resp in hexadecimal and in receipts in decimal, or the
// other way round. Ids that are no such number stay as they are.
enum class ReceiptIds { as_is, hex_to_decimal, decimal_to_hex };
// What is applied to the id of submit_sm_resp, so that it reads as receipts have it. Decimal ids
// lose leading zeros, hexadecimal ones become lower case without them.
std::string normalised_ref(std::string_view id, ReceiptIds ids);
// What is applied to the id of a receipt.
std::string normalised_receipt_ref(std::string_view id, ReceiptIds ids);

struct ReceiptRules {
    ReceiptIds ids{ReceiptIds::as_is};
    // "err" values of a failed message that mean: this number does not exist.
    std::vector<std::string> bad_address_errors{};
};

// Receipts and intermediate notifications (esm_class, section 5.2.12).
bool is_receipt(std::uint8_t esm_class);

// `text`: the short message or payload as it came. `raw`: the whole unit. Errors:
// smpp.receipt_unreadable when it names no message or no state.
base::Result<Receipt> make_receipt(std::string_view text, const SmppTlvs& tlvs,
                                   const ReceiptRules& rules, std::string_view raw);

}  // namespace carillon::channels

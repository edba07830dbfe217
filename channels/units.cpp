#include "channels/units.h"

#include <algorithm>

#include "channels/gsm0338.h"

namespace carillon::channels {

int units_of(const Payload& payload) {
    if (const auto* fax = std::get_if<FaxPayload>(&payload)) return std::max(fax->pages, 1);
    const auto* sms = std::get_if<SmsPayload>(&payload);
    const auto split = sms != nullptr ? split_sms(sms->text) : base::Result<SmsText>{};
    return split ? std::max(static_cast<int>(split->parts.size()), 1) : 1;
}

int pages_of(const Payload& payload) {
    if (const auto* fax = std::get_if<FaxPayload>(&payload)) return fax->pages;
    if (const auto* letter = std::get_if<LetterPayload>(&payload)) return letter->pages;
    return 0;
}

}  // namespace carillon::channels

#include "base/phone_number.h"

#include <phonenumbers/phonenumberutil.h>

namespace carillon::base {

namespace {

using i18n::phonenumbers::PhoneNumberUtil;

std::string_view reason_of(PhoneNumberUtil::ErrorType error) {
    switch (error) {
        case PhoneNumberUtil::NO_PARSING_ERROR: return "a number that exists in its numbering plan";
        case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return "a known country code";
        case PhoneNumberUtil::NOT_A_NUMBER: return "digits";
        case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
        case PhoneNumberUtil::TOO_SHORT_NSN: return "more digits";
        case PhoneNumberUtil::TOO_LONG_NSN: return "fewer digits";
    }
    return "a telephone number";
}

}  // namespace

Result<PhoneNumber> PhoneNumber::parse(std::string_view text, std::string_view region) {
    const auto& util = *PhoneNumberUtil::GetInstance();
    i18n::phonenumbers::PhoneNumber number;
    const auto wrong = [&](std::string_view expected) {
        return fail("contact.phone_invalid", "'" + std::string{text.substr(0, 40)} +
                                                 "' is not a telephone number; expected " +
                                                 std::string{expected} + ".");
    };
    if (text.size() > 64) return wrong("fewer digits");
    const auto error = util.Parse(std::string{text}, std::string{region}, &number);
    if (error != PhoneNumberUtil::NO_PARSING_ERROR) return wrong(reason_of(error));
    if (!util.IsValidNumber(number)) return wrong(reason_of(PhoneNumberUtil::NO_PARSING_ERROR));
    if (number.has_extension()) return wrong("no extension");
    std::string e164;
    util.Format(number, PhoneNumberUtil::E164, &e164);
    return PhoneNumber{std::move(e164), util.GetNumberType(number) == PhoneNumberUtil::FIXED_LINE};
}

}  // namespace carillon::base

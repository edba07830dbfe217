// A telephone number in E.164 form ("+79161234567"), parsed and validated by libphonenumber.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::base {

class PhoneNumber {
public:
    // `region`: ISO 3166 code that national forms are read in ("RU": 8 916 ..., 916 ...).
    // Errors: contact.phone_invalid with what was expected.
    static Result<PhoneNumber> parse(std::string_view text, std::string_view region);

    const std::string& e164() const { return e164_; }
    bool operator==(const PhoneNumber&) const = default;

private:
    explicit PhoneNumber(std::string e164) : e164_(std::move(e164)) {}
    std::string e164_;
};

}  // namespace carillon::base

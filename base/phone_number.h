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
    // True only when the numbering plan says so: takes calls, not short messages.
    bool is_fixed_line() const { return fixed_line_; }
    bool operator==(const PhoneNumber&) const = default;

private:
    PhoneNumber(std::string e164, bool fixed_line)
        : e164_(std::move(e164)), fixed_line_(fixed_line) {}
    std::string e164_;
    bool fixed_line_{};
};

}  // namespace carillon::base

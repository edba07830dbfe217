// Telephone numbers of a file: libphonenumber decides, and its decisions about Russian numbers are
// remembered by prefix, because the numbering plan of +7 never looks behind the fifth digit of a
// number (a test holds this against the library).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/phone_number.h"

namespace carillon::audience {

// Not thread-safe.
class PhoneReader {
public:
    PhoneReader();
    struct Number {
        std::string e164{};
        bool fixed_line{};
    };
    // Errors as base::PhoneNumber::parse.
    base::Result<Number> read(std::string_view text, std::string_view region);

private:
    enum class Decision : char { unknown, mobile, fixed_line, invalid };
    std::vector<Decision> decisions_;  // by form and the first five national digits
};

}  // namespace carillon::audience

// Whatever passes EmailAddress::parse prints to text that parses to the same address, goes to the
// domain that was written, and cannot leave the brackets of an SMTP command.
#include <cstdint>
#include <cstdlib>

#include "base/email_address.h"
#include "base/text.h"

using carillon::base::EmailAddress;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_ascii(std::string_view text) {
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80) return false;
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view given{reinterpret_cast<const char*>(data), size};
    const auto address = EmailAddress::parse(given);
    if (!address) return 0;
    const auto again = EmailAddress::parse(address->text());
    require(again.has_value() && *again == *address);
    require(address->local() == given.substr(0, given.find('@')));
    const auto domain = given.substr(given.find('@') + 1);
    if (is_ascii(domain)) require(address->domain() == carillon::base::fold_case(domain));
    require(address->text().find_first_of(" \t\r\n<>()[],;:\\\"") == std::string::npos);
    require(address->text().size() <= 320);
    return 0;
}

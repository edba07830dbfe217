// The second factor: time-based codes of RFC 6238 (SHA-1, 6 digits, 30 s), as authenticator apps
// make them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace carillon::access {

std::string to_base32(std::string_view bytes);  // RFC 4648 section 6, no padding
std::optional<std::string> from_base32(std::string_view text);

std::string new_totp_secret();  // 160 bits, base32
std::string totp_code(std::string_view secret_bytes, std::int64_t step);
inline std::int64_t totp_step(base::Instant now) {
    return base::to_millis(now) / 30'000;
}

// The step whose code this is: now, the one before or the one after. A step that was used (up to
// `used`) does not count again, so that an overheard code is worth nothing.
std::optional<std::int64_t> fitting_step(std::string_view secret, std::string_view code,
                                         base::Instant now, std::int64_t used);

// What a QR code carries.
std::string totp_uri(std::string_view secret, std::string_view user, std::string_view issuer);

}  // namespace carillon::access

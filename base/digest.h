// Hashes, keyed hashes and random bytes. Thin over OpenSSL; safe from several threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace carillon::base {

std::string sha256(std::string_view data);                             // 32 raw bytes
std::string sha256_hex(std::string_view data);                         // 64 characters
std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 raw bytes
std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);  // RFC 4648 section 4, padded
// Errors: base64.invalid.
Result<std::string> from_base64(std::string_view text);
std::string to_base64url(std::string_view bytes);  // RFC 4648 section 5, no padding
bool equal_in_constant_time(std::string_view a, std::string_view b);
std::string random_bytes(std::size_t count);
std::int64_t random_id();  // uniform in 1 .. 2^63 - 1

// The client's own coordinate for every reproducible draw: uniform in 0 .. 2^31 - 2, from the
// external id.
std::int64_t mix_of(std::string_view external_id);

// A draw of `salt` is share = ((a * mix + b) mod (2^31 - 1)) mod 10000, the pairwise independent
// family of Carter and Wegman (1979): the same arithmetic runs in SQL on both engines and in C++.
struct Draw {
    std::int64_t a{1};
    std::int64_t b{0};
    static constexpr std::int64_t prime = 2'147'483'647;
    static constexpr std::int64_t parts = 10'000;
    std::int64_t operator()(std::int64_t mix) const { return ((a * mix + b) % prime) % parts; }
};
Draw draw_of(std::string_view salt);

}  // namespace carillon::base

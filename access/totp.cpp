#include "access/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "base/digest.h"

namespace carillon::access {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// Only unreserved characters of RFC 3986 stay as they are.
std::string percent_encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

}  // namespace

std::string to_base32(std::string_view bytes) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char byte : bytes) {
        bits = bits << 8U | static_cast<unsigned char>(byte);
        count += 8;
        for (; count >= 5; count -= 5)
            out += alphabet[bits >> static_cast<unsigned>(count - 5) & 31U];
    }
    if (count > 0) out += alphabet[bits << static_cast<unsigned>(5 - count) & 31U];
    return out;
}

std::optional<std::string> from_base32(std::string_view text) {
    std::string out;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto digit = alphabet.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 5U | static_cast<std::uint32_t>(digit);
        count += 5;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> static_cast<unsigned>(count) & 255U);
    }
    return out;
}

std::string new_totp_secret() {
    return to_base32(base::random_bytes(20));
}

std::string totp_code(std::string_view secret_bytes, std::int64_t step) {
    std::array<unsigned char, 8> counter{};
    for (std::size_t i = 0; i < counter.size(); ++i)
        counter[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    unsigned int length = 0;
    if (HMAC(EVP_sha1(), secret_bytes.data(), static_cast<int>(secret_bytes.size()), counter.data(),
             counter.size(), sum.data(), &length) == nullptr ||
        length != 20)
        throw std::runtime_error{"HMAC-SHA-1 is not available"};
    const std::size_t at = sum[19] & 15U;
    const std::uint32_t number = (sum[at] & 127U) << 24U |
                                 static_cast<std::uint32_t>(sum[at + 1]) << 16U |
                                 static_cast<std::uint32_t>(sum[at + 2]) << 8U | sum[at + 3];
    return fmt::format("{:06}", number % 1'000'000);
}

std::optional<std::int64_t> fitting_step(std::string_view secret, std::string_view code,
                                         base::Instant now, std::int64_t used) {
    const auto bytes = from_base32(secret);
    if (!bytes || code.size() != 6) return std::nullopt;
    for (const std::int64_t shift : {0, -1, 1}) {
        const auto step = totp_step(now) + shift;
        if (step > used && base::equal_in_constant_time(totp_code(*bytes, step), code)) return step;
    }
    return std::nullopt;
}

std::string totp_uri(std::string_view secret, std::string_view user, std::string_view issuer) {
    return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}&algorithm=SHA1&digits=6&period=30",
                       percent_encoded(issuer), percent_encoded(user), secret,
                       percent_encoded(issuer));
}

}  // namespace carillon::access

#include "channels/verp.h"

#include <cstdint>
#include <stdexcept>

#include "base/digest.h"
#include "base/text.h"

namespace carillon::channels {

namespace {

constexpr std::size_t key_bytes_min = 16;
constexpr std::size_t id_bytes = 8;
constexpr std::size_t hash_bytes = 12;  // 96 bits: far beyond guessing by mail
constexpr std::size_t token_size = (id_bytes + hash_bytes) * 8 / 5;  // 32 characters of 5 bits

// RFC 4648 base32 in lower case: mail systems may change the case of a local part.
constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

std::string to_base32(std::string_view bytes) {
    std::string text;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 5; held -= 5) text += alphabet[bits >> (held - 5) & 31];
    }
    return text;
}

// "" when a character is not of the alphabet.
std::string from_base32(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const auto digit = std::string_view{alphabet}.find(c);
        if (digit == std::string_view::npos) return {};
        bits = bits << 5 | static_cast<std::uint32_t>(digit);
        held += 5;
        if (held < 8) continue;
        held -= 8;
        bytes += static_cast<char>(bits >> held & 255);
    }
    return bytes;
}

}  // namespace

Verp::Verp(std::string key, const std::string& domain, const std::string& mailbox)
    : key_(std::move(key)),
      domain_(base::fold_case(domain)),
      prefix_(base::fold_case(mailbox) + "+") {
    if (key_.size() < key_bytes_min)
        throw std::invalid_argument("VERP needs a key of at least 16 bytes");
}

std::string Verp::token_of(base::MessageId id) const {
    std::string bytes;
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes += static_cast<char>(static_cast<std::uint64_t>(id.value) >> shift & 255);
    // The word keeps this use of the key apart from any other.
    bytes += base::hmac_sha256(key_, "verp " + bytes).substr(0, hash_bytes);
    return to_base32(bytes);
}

std::string Verp::address_of(base::MessageId id) const {
    return prefix_ + token_of(id) + "@" + domain_;
}

base::Result<base::MessageId> Verp::parse(std::string_view address) const {
    const auto text = base::fold_case(address);
    const auto expected_size = prefix_.size() + token_size + 1 + domain_.size();
    const bool ours =
        text.size() == expected_size && text.starts_with(prefix_) && text.ends_with("@" + domain_);
    const auto bytes = ours ? from_base32(std::string_view{text}.substr(prefix_.size(), token_size))
                            : std::string{};
    if (bytes.size() != id_bytes + hash_bytes)
        return base::fail("verp.foreign", "Not a return address of ours.",
                          std::string{address.substr(0, 80)});
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < id_bytes; ++i)
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    const base::MessageId id{static_cast<std::int64_t>(number)};
    if (!base::equal_in_constant_time(address_of(id), text))
        return base::fail("verp.forged", "The hash of this return address is wrong.",
                          std::string{address.substr(0, 80)});
    return id;
}

}  // namespace carillon::channels

#include "base/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <limits>

#include <memory>
#include <stdexcept>

namespace carillon::base {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

struct FreeMac {
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// Looking the algorithm up costs several times what the sum itself does, so each thread does it
// once.
EVP_MAC_CTX* hmac_context() {
    static const std::unique_ptr<EVP_MAC, FreeMac> mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
    thread_local const auto context = [] {
        std::unique_ptr<EVP_MAC_CTX, FreeMac> fresh{EVP_MAC_CTX_new(mac.get())};
        char name[] = "SHA256";
        const OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
            OSSL_PARAM_construct_end()};
        if (!fresh || EVP_MAC_CTX_set_params(fresh.get(), params) != 1)
            throw std::runtime_error("HMAC-SHA-256 is not available");
        return fresh;
    }();
    return context.get();
}

// The first eight bytes as a number without sign bit.
std::int64_t leading_number(std::string_view digest) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i)
        number = number << 8 | static_cast<unsigned char>(digest[i]);
    return static_cast<std::int64_t>(number >> 1);
}

}  // namespace

std::string sha256(std::string_view data) {
    std::string digest(32, '\0');
    unsigned int length = 0;
    if (EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(digest.data()),
                   &length, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return digest;
}

std::string sha256_hex(std::string_view data) {
    return to_hex(sha256(data));
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    std::string digest(32, '\0');
    std::size_t length = 0;
    auto* context = hmac_context();
    // A null key would keep the one before.
    const auto* key_bytes = bytes_of(key.empty() ? std::string_view{""} : key);
    if (EVP_MAC_init(context, key_bytes, key.size(), nullptr) != 1 ||
        EVP_MAC_update(context, bytes_of(data), data.size()) != 1 ||
        EVP_MAC_final(context, reinterpret_cast<unsigned char*>(digest.data()), &length,
                      digest.size()) != 1)
        throw std::runtime_error("HMAC-SHA-256 is not available");
    return digest;
}

std::string to_hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(bytes.size() * 2, '\0');
    auto* out = text.data();
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    return text;
}

std::string to_base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3), '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes_of(bytes),
                    static_cast<int>(bytes.size()));
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    const auto invalid = [] { return fail("base64.invalid", "is not base64 (RFC 4648)"); };
    if (text.size() % 4 != 0 || text.size() > std::numeric_limits<int>::max()) return invalid();
    std::string bytes(text.size() / 4 * 3, '\0');
    const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
    if (size < 0) return invalid();
    const auto padding = text.ends_with("==") ? 2U : text.ends_with('=') ? 1U : 0U;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    if (to_base64(bytes) != text) return invalid();  // white space and stray bits are not taken
    return bytes;
}

std::string to_base64url(std::string_view bytes) {
    auto text = to_base64(bytes);
    for (char& c : text) {
        if (c == '+') c = '-';
        if (c == '/') c = '_';
    }
    while (text.ends_with('=')) text.pop_back();
    return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        throw std::runtime_error("no random bytes from the system");
    return bytes;
}

std::int64_t random_id() {
    const auto id = leading_number(random_bytes(8));
    return id == 0 ? 1 : id;
}

std::int64_t mix_of(std::string_view external_id) {
    return leading_number(sha256(external_id)) % Draw::prime;
}

Draw draw_of(std::string_view salt) {
    const auto digest = sha256(salt);
    const std::string_view view = digest;
    return {leading_number(view) % (Draw::prime - 1) + 1,
            leading_number(view.substr(8)) % Draw::prime};
}

}  // namespace carillon::base

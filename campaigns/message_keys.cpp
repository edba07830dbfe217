#include "campaigns/message_keys.h"

#include <charconv>

#include "base/digest.h"

namespace carillon::campaigns {

namespace {

constexpr std::size_t key_hex_digits = 16;
constexpr std::size_t token_bytes = 15;
// Digits and letters that are not mistaken for one another on paper.
constexpr std::string_view code_letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t code_check_letters = 4;

std::string in_code_letters(std::uint64_t number) {
    std::string text;
    do {
        text.insert(text.begin(), code_letters[number % 32]);
        number /= 32;
    } while (number != 0);
    return text;
}

// What a person may have made of the letters.
char read_as(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') return '0';
    if (c == 'I' || c == 'L') return '1';
    return c;
}

}  // namespace

std::string MessageKeys::message_key(base::MessageId id) const {
    const auto number = std::to_string(id.value);
    return number + "." +
           base::to_hex(base::hmac_sha256(secret_, "message " + number)).substr(0, key_hex_digits);
}

std::optional<base::MessageId> MessageKeys::message_of_key(std::string_view key) const {
    base::MessageId id;
    const auto dot = key.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto [end, error] = std::from_chars(key.data(), key.data() + dot, id.value);
    if (error != std::errc{} || end != key.data() + dot || message_key(id) != key)
        return std::nullopt;
    return id;
}

std::string MessageKeys::token(std::string_view purpose, base::MessageId id) const {
    const auto number = std::to_string(id.value);
    const auto mac = base::hmac_sha256(secret_, std::string{purpose} + " " + number);
    return number + "." + base::to_base64url(mac.substr(0, token_bytes));
}

std::optional<base::MessageId> MessageKeys::read_token(std::string_view purpose,
                                                       std::string_view text) const {
    base::MessageId id;
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + dot, id.value);
    if (error != std::errc{} || end != text.data() + dot ||
        !base::equal_in_constant_time(token(purpose, id), text))
        return std::nullopt;
    return id;
}

std::string MessageKeys::unsubscribe_token(base::MessageId id) const {
    return token("unsubscribe", id);
}

std::optional<base::MessageId> MessageKeys::message_of_token(std::string_view text) const {
    return read_token("unsubscribe", text);
}

std::string MessageKeys::view_token(base::MessageId id) const {
    return token("view", id);
}

std::optional<base::MessageId> MessageKeys::message_of_view_token(std::string_view text) const {
    return read_token("view", text);
}

std::string MessageKeys::tracking_token(base::MessageId id) const {
    return token("tracking", id);
}

std::optional<base::MessageId> MessageKeys::message_of_tracking_token(std::string_view text) const {
    return read_token("tracking", text);
}

std::string MessageKeys::response_code(base::MessageId id) const {
    const auto mac = base::hmac_sha256(secret_, "response " + std::to_string(id.value));
    std::string check;
    for (std::size_t i = 0; i < code_check_letters; ++i)
        check += code_letters[static_cast<unsigned char>(mac[i]) % 32];
    return in_code_letters(static_cast<std::uint64_t>(id.value)) + "-" + check;
}

std::optional<base::MessageId> MessageKeys::message_of_code(std::string_view code) const {
    std::string letters;
    for (const char c : code)
        if (c != '-' && c != ' ') letters += read_as(c);
    constexpr std::size_t letters_max = 12 + code_check_letters;
    if (letters.size() <= code_check_letters || letters.size() > letters_max) return std::nullopt;
    base::MessageId id;
    for (const char c : letters.substr(0, letters.size() - code_check_letters)) {
        const auto value = code_letters.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        id.value = id.value * 32 + static_cast<std::int64_t>(value);
    }
    auto expected = response_code(id);
    std::erase(expected, '-');
    if (expected != letters) return std::nullopt;
    return id;
}

}  // namespace carillon::campaigns

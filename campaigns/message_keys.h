// Keys, tokens and codes of messages: derived from the message's id and the installation's secret,
// so that they are the same on every attempt, need no table, and cannot be guessed or forged.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace carillon::campaigns {

// Immutable; safe from several threads.
class MessageKeys {
public:
    explicit MessageKeys(std::string secret) : secret_(std::move(secret)) {}

    // Idempotency key towards providers: "17.1f3c..."; digits, '.', small hex.
    std::string message_key(base::MessageId id) const;
    // Nothing when the key was not made here.
    std::optional<base::MessageId> message_of_key(std::string_view key) const;

    // For links that only the recipient has: "17.AbC_..."
    std::string unsubscribe_token(base::MessageId id) const;
    // Nothing when the token was not made here.
    std::optional<base::MessageId> message_of_token(std::string_view text) const;

    // In the link that shows an e-mail in a browser: "17.AbC_..."
    std::string view_token(base::MessageId id) const;
    std::optional<base::MessageId> message_of_view_token(std::string_view text) const;

    // In tracked links and the pixel: "17.AbC_..."; knows which message, not what it links to.
    std::string tracking_token(base::MessageId id) const;
    std::optional<base::MessageId> message_of_tracking_token(std::string_view text) const;

    // "2F-7Q4M": what a client types, reads out or scans. Read without regard to case, hyphens and
    // spaces, and with O, I and L taken for 0, 1 and 1 (Crockford's base 32).
    std::string response_code(base::MessageId id) const;
    std::optional<base::MessageId> message_of_code(std::string_view code) const;

private:
    std::string token(std::string_view purpose, base::MessageId id) const;
    std::optional<base::MessageId> read_token(std::string_view purpose,
                                              std::string_view text) const;

    std::string secret_;
};

}  // namespace carillon::campaigns

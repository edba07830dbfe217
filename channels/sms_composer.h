// A text and a sender to a finished short message, and what it will cost before it is sent.
// The same text, the same message.
#pragma once

#include "channels/channel.h"
#include "channels/gsm0338.h"

namespace carillon::channels {

struct SmsComposerSettings {
    std::string sender{};  // alphanumeric (at most 11 GSM characters), short code or E.164
    // Write what the GSM alphabet lacks in Latin letters, where that can be done for the whole
    // text.
    bool transliterate{false};
    int parts_max{6};
};

// For the preview of a template and the estimate of a campaign.
struct SmsPreview {
    std::string text{};  // as it will be sent
    SmsEncoding encoding{SmsEncoding::gsm};
    int parts{};       // what is paid for
    int characters{};  // as people count
    int units_left{};  // until the next part begins
    // The characters that make it UCS-2, each once, in order of appearance (at most 20).
    std::vector<std::string> outside_gsm{};
};

// Immutable; safe from several threads.
class SmsComposer {
public:
    // Errors: sms.sender_invalid, sms.parts_max_invalid.
    static base::Result<SmsComposer> create(SmsComposerSettings settings);

    // `transliterate` goes before the settings. Errors: sms.text_invalid, sms.text_empty,
    // sms.control_character, sms.too_long.
    base::Result<SmsPayload> compose(std::string_view text,
                                     std::optional<base::Instant> valid_until = {},
                                     std::optional<bool> transliterate = {}) const;
    // The same, but a text longer than parts_max is described, not refused.
    base::Result<SmsPreview> describe(std::string_view text,
                                      std::optional<bool> transliterate = {}) const;

    const SmsComposerSettings& settings() const { return settings_; }

private:
    explicit SmsComposer(SmsComposerSettings settings) : settings_(std::move(settings)) {}
    SmsComposerSettings settings_;
};

// What a sender address is, by its form (3GPP TS 23.040 section 9.1.2.5).
enum class SmsSenderKind { international, short_code, alphanumeric };
// Errors: sms.sender_invalid.
base::Result<SmsSenderKind> sms_sender_kind(std::string_view sender);

}  // namespace carillon::channels

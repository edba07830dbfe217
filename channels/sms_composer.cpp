#include "channels/sms_composer.h"

#include <algorithm>

#include "base/text.h"
#include "channels/sms_unicode.h"

namespace carillon::channels {

namespace {

constexpr std::size_t alphanumeric_max = 11;
constexpr std::size_t short_code_max = 8;
constexpr std::size_t international_digits_max = 15;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// One kind of line end, no tabs: both would be paid for and shown as something else. No no-break
// spaces either: a telephone breaks its lines where it likes, and the one in "RUB 1,234.50" alone
// would make two parts of one.
std::string with_plain_breaks(std::string_view text) {
    constexpr std::string_view no_break = "\u00A0";
    constexpr std::string_view narrow_no_break = "\u202F";
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto rest = text.substr(i);
        if (rest.starts_with(no_break) || rest.starts_with(narrow_no_break)) {
            i += (rest.starts_with(no_break) ? no_break : narrow_no_break).size() - 1;
            out += ' ';
            continue;
        }
        const bool is_return = text[i] == '\r';
        if (is_return && i + 1 < text.size() && text[i + 1] == '\n') continue;
        out += is_return ? '\n' : text[i] == '\t' ? ' ' : text[i];
    }
    return out;
}

base::Result<std::string> cleaned(std::string_view text) {
    if (!base::is_valid_utf8(text)) return base::fail("sms.text_invalid", "The text is not UTF-8.");
    auto out = with_plain_breaks(base::to_nfc(text));
    std::string without_breaks = out;
    std::ranges::replace(without_breaks, '\n', ' ');
    if (base::has_control_characters(without_breaks))
        return base::fail("sms.control_character",
                          "The text has a control character that no telephone shows.");
    if (base::trim(out).empty()) return base::fail("sms.text_empty", "There is nothing to send.");
    return out;
}

std::vector<std::string> characters_outside_gsm(std::string_view text) {
    constexpr std::size_t named_max = 20;
    std::vector<std::string> out;
    for (const auto character : to_code_points(text)) {
        if (is_gsm(character) || out.size() == named_max) continue;
        std::string name;
        append_utf8(name, character);
        if (std::ranges::find(out, name) == out.end()) out.push_back(std::move(name));
    }
    return out;
}

}  // namespace

base::Result<SmsSenderKind> sms_sender_kind(std::string_view sender) {
    const auto wrong = [&] {
        return base::fail("sms.sender_invalid",
                          "'" + std::string{sender.substr(0, 40)} +
                              "' is no sender; expected at most 11 GSM characters, a short code, "
                              "or a number with its country code (+79161234567).");
    };
    const auto digits = sender.starts_with('+') ? sender.substr(1) : sender;
    if (!digits.empty() && std::ranges::all_of(digits, is_digit)) {
        if (sender.starts_with('+') || digits.size() > short_code_max) {
            constexpr std::size_t international_digits_min = 7;
            if (digits.size() < international_digits_min ||
                digits.size() > international_digits_max)
                return wrong();
            return SmsSenderKind::international;
        }
        return SmsSenderKind::short_code;
    }
    if (!base::is_valid_utf8(sender) || base::has_control_characters(sender)) return wrong();
    const auto codes = to_gsm(sender);
    if (!codes || codes->empty() || codes->size() > alphanumeric_max || base::trim(sender).empty())
        return wrong();
    return SmsSenderKind::alphanumeric;
}

base::Result<SmsComposer> SmsComposer::create(SmsComposerSettings settings) {
    if (auto kind = sms_sender_kind(settings.sender); !kind)
        return base::fail(std::move(kind.error()));
    if (settings.parts_max < 1 || settings.parts_max > sms_parts_max)
        return base::fail("sms.parts_max_invalid", "A message has 1 to 255 parts.");
    return SmsComposer{std::move(settings)};
}

base::Result<SmsPreview> SmsComposer::describe(std::string_view text,
                                               std::optional<bool> transliterate) const {
    auto clean = cleaned(text);
    if (!clean) return base::fail(std::move(clean.error()));
    SmsPreview preview;
    if (transliterate.value_or(settings_.transliterate)) {
        auto latin = to_latin(*clean);
        if (latin.unwritable.empty())
            *clean = std::move(latin.text);
        else
            preview.outside_gsm = std::move(latin.unwritable);
    }
    auto split = split_sms(*clean);
    if (!split) return base::fail(std::move(split.error()));
    if (split->encoding == SmsEncoding::ucs2 && preview.outside_gsm.empty())
        preview.outside_gsm = characters_outside_gsm(*clean);
    preview.text = std::move(*clean);
    preview.encoding = split->encoding;
    preview.parts = static_cast<int>(split->parts.size());
    preview.characters = split->characters;
    preview.units_left = split->units_left;
    return preview;
}

base::Result<SmsPayload> SmsComposer::compose(std::string_view text,
                                              std::optional<base::Instant> valid_until,
                                              std::optional<bool> transliterate) const {
    auto preview = describe(text, transliterate);
    if (!preview) return base::fail(std::move(preview.error()));
    if (preview->parts > settings_.parts_max)
        return base::fail("sms.too_long", "The text takes " + std::to_string(preview->parts) +
                                              " parts; " + std::to_string(settings_.parts_max) +
                                              " are allowed.");
    return SmsPayload{
        .from = settings_.sender, .text = std::move(preview->text), .valid_until = valid_until};
}

}  // namespace carillon::channels

#include "channels/content.h"

#include "base/local_date.h"
#include "base/text.h"
#include "channels/fax_pages.h"
#include "channels/letter_layout.h"
#include "channels/mime.h"
#include "channels/page_document.h"
#include "channels/sms_composer.h"
#include "channels/verp.h"

namespace carillon::channels {

namespace {

// What a person can take in while the telephone rings.
constexpr std::size_t script_bytes_max = 8000;

// Letters and faxes are dated by the day in the recipient's zone, or in UTC.
base::LocalDate date_of(const ContentParts& parts) {
    auto zone = base::TimeZone::utc();
    if (!parts.time_zone.empty())
        zone = base::TimeZone::find(std::string{parts.time_zone}).value_or(zone);
    return zone.date_at(parts.date);
}

base::Result<PageDocument> document_of(const ContentParts& parts) {
    static const base::Pieces nothing;
    auto blocks = parse_blocks(parts.text == nullptr ? nothing : *parts.text);
    if (!blocks) return base::fail(blocks.error());
    PageDocument document;
    document.date = date_of(parts);
    document.subject = parts.subject;
    document.blocks = std::move(*blocks);
    document.closing = {std::string{parts.ending.words}, std::string{parts.ending.signature_png},
                        std::string{parts.ending.name}, std::string{parts.ending.position}};
    document.enclosures = parts.ending.enclosures;
    return document;
}

// Only offers ask for an answer; a notice does not.
ResponsePanel panel_of(const ContentParts& parts) {
    if (parts.purpose != base::Purpose::marketing || parts.response_url.empty()) return {};
    return {std::string{parts.response_url}, std::string{parts.response_code}};
}

}  // namespace

ContentComposer email_content(EmailComposer composer, Verp verp, Mailbox from,
                              std::optional<Mailbox> reply_to) {
    return [composer = std::move(composer), verp = std::move(verp), from = std::move(from),
            reply_to = std::move(reply_to)](const ContentParts& parts) -> base::Result<Payload> {
        EmailParts email;
        email.key = parts.key;
        email.envelope_from = verp.address_of(parts.id);
        email.from = from;
        email.to = {std::string{parts.display_name}, std::string{parts.address}};
        email.reply_to = reply_to;
        email.subject = parts.subject;
        if (parts.text != nullptr && !parts.text->empty()) email.text = parts.text;
        if (parts.html != nullptr && !parts.html->empty()) email.html = parts.html;
        email.date = parts.date;
        if (parts.attachments != nullptr) email.attachments = *parts.attachments;
        email.unsubscribe.url = parts.unsubscribe_url;
        email.unsubscribe.one_click = parts.unsubscribe_url.starts_with("https://");
        auto payload = composer.compose(email);
        if (!payload) return base::fail(payload.error());
        return Payload{std::move(*payload)};
    };
}

ContentComposer sms_content(SmsComposer composer) {
    return [composer = std::move(composer)](const ContentParts& parts) -> base::Result<Payload> {
        const auto text = parts.text == nullptr ? std::string{} : parts.text->flat();
        auto payload = composer.compose(text, parts.valid_until, parts.transliterate);
        if (!payload) return base::fail(payload.error());
        return Payload{std::move(*payload)};
    };
}

ContentComposer letter_content(LetterComposer composer) {
    return [composer = std::move(composer)](const ContentParts& parts) -> base::Result<Payload> {
        auto document = document_of(parts);
        if (!document) return base::fail(document.error());
        auto address =
            parse_postal_line(parts.address, composer.settings().address_rules.home_country);
        if (!address) return base::fail(address.error());
        address->name = parts.display_name;
        LetterParts letter;
        letter.key = parts.key;
        letter.language = parts.locale;
        letter.to = std::move(*address);
        letter.document = std::move(*document);
        letter.response = panel_of(parts);
        auto payload = composer.compose(letter);
        if (!payload) return base::fail(payload.error());
        return Payload{std::move(*payload)};
    };
}

ContentComposer fax_content(FaxComposer composer) {
    return [composer = std::move(composer)](const ContentParts& parts) -> base::Result<Payload> {
        auto document = document_of(parts);
        if (!document) return base::fail(document.error());
        FaxParts fax;
        fax.language = parts.locale;
        fax.recipient_name = parts.display_name;
        fax.number = parts.address;
        fax.document = std::move(*document);
        fax.response = panel_of(parts);
        auto payload = composer.compose(fax);
        if (!payload) return base::fail(payload.error());
        payload->valid_until = parts.valid_until;
        return Payload{std::move(*payload)};
    };
}

ContentComposer call_content() {
    return [](const ContentParts& parts) -> base::Result<Payload> {
        CallPayload call;
        if (parts.text != nullptr) call.script = parts.text->flat();
        if (base::trim(call.script).empty())
            return base::fail("call.script_empty", "the script of the call is empty");
        if (call.script.size() > script_bytes_max)
            return base::fail("call.script_too_long",
                              "the script is longer than 8,000 bytes; nobody can read it out");
        call.client_name = parts.display_name;
        call.locale = parts.locale;
        call.time_zone = parts.time_zone;
        call.not_before = parts.date;
        call.not_after = parts.valid_until;
        return Payload{std::move(call)};
    };
}

}  // namespace carillon::channels

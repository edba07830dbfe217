#include "channels/mime.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/digest.h"
#include "base/text.h"
#include "channels/header_field.h"
#include "channels/quoted_printable.h"

namespace carillon::channels {

namespace {

using base::Result;

// "=_" occurs neither in quoted-printable nor in base64 (RFC 2045 section 6.7 recommends it), so
// constant boundaries cannot meet a body, and none of these is the beginning of another.
constexpr std::string_view mixed_boundary = "=_mixed_carillon";
constexpr std::string_view alternative_boundary = "=_alternative_carillon";
constexpr std::string_view related_boundary = "=_related_carillon";

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c > ' ' && c < 0x7F &&
               std::string_view{"()<>@,;:\\\"/[]?="}.find(c) == std::string_view::npos;
    });
}

bool is_dot_atom(std::string_view text) {
    const bool dots_fine = !text.empty() && text.front() != '.' && text.back() != '.' &&
                           text.find("..") == std::string_view::npos;
    return dots_fine && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view{".!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
           });
}

bool is_content_id(std::string_view text) {
    constexpr std::size_t id_max = 200;
    if (text.size() > id_max) return false;
    const auto at = text.find('@');
    if (at == std::string_view::npos) return is_dot_atom(text);
    return is_dot_atom(text.substr(0, at)) && is_dot_atom(text.substr(at + 1));
}

Result<void> check_mailbox(const Mailbox& mailbox, std::string_view place) {
    if (auto checked = check_header_address(mailbox.address, place); !checked) return checked;
    return check_header_text(mailbox.name, place);
}

Result<void> check_attachment(const Attachment& attachment, const std::string& place) {
    if (auto checked = check_header_text(attachment.file_name, place); !checked) return checked;
    const std::string_view type = attachment.content_type;
    constexpr std::size_t type_max = 127;  // RFC 6838 section 4.2
    const auto slash = type.find('/');
    if (type.size() > type_max || slash == std::string_view::npos ||
        !is_token(type.substr(0, slash)) || !is_token(type.substr(slash + 1)))
        return base::fail("email.content_type_invalid", "Expected a type like application/pdf.",
                          place);
    return {};
}

Result<void> check_files(const EmailParts& parts) {
    for (std::size_t i = 0; i < parts.attachments.size(); ++i) {
        const auto place = "attachments[" + std::to_string(i) + "]";
        if (auto checked = check_attachment(parts.attachments[i], place); !checked) return checked;
    }
    for (std::size_t i = 0; i < parts.inline_images.size(); ++i) {
        const auto place = "inline_images[" + std::to_string(i) + "]";
        if (auto checked = check_attachment(parts.inline_images[i], place); !checked)
            return checked;
        if (!is_content_id(parts.inline_images[i].content_id))
            return base::fail("email.content_id_invalid",
                              "Expected letters, digits and dots, at most one '@'.", place);
    }
    return {};
}

bool is_url_text(std::string_view url) {
    constexpr std::size_t url_max = 900;  // a field line may hold 998 (RFC 5322 2.1.1)
    return url.size() <= url_max && std::ranges::all_of(url, [](char c) {
               return c > ' ' && c < 0x7F && c != '<' && c != '>' && c != '"';
           });
}

Result<void> check_unsubscribe(const Unsubscribe& unsubscribe) {
    const auto& url = unsubscribe.url;
    const bool secure = url.starts_with("https://");
    const bool url_fine =
        url.empty() || (is_url_text(url) && (secure || url.starts_with("http://")));
    if (!url_fine || (unsubscribe.one_click && !secure))
        return base::fail("email.unsubscribe_invalid",
                          "Expected an https address of at most 900 printable ASCII characters.",
                          "unsubscribe.url");
    if (!is_url_text(unsubscribe.mailto) ||
        (!unsubscribe.mailto.empty() && unsubscribe.mailto.find('@') == std::string::npos))
        return base::fail("email.unsubscribe_invalid", "Expected mailto:name@example.com.",
                          "unsubscribe.mailto");
    return {};
}

// Fields that the composer or the mail system itself writes.
constexpr std::array<std::string_view, 21> reserved_fields{"from",
                                                           "sender",
                                                           "to",
                                                           "cc",
                                                           "bcc",
                                                           "reply-to",
                                                           "subject",
                                                           "date",
                                                           "message-id",
                                                           "mime-version",
                                                           "content-type",
                                                           "content-transfer-encoding",
                                                           "content-disposition",
                                                           "content-id",
                                                           "list-unsubscribe",
                                                           "list-unsubscribe-post",
                                                           "auto-submitted",
                                                           "dkim-signature",
                                                           "return-path",
                                                           "received",
                                                           "resent-from"};

Result<void> check_extra_headers(const EmailParts& parts) {
    for (const auto& [name, value] : parts.extra_headers) {
        const bool shaped =
            !name.empty() && name.size() <= 60 &&
            std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7F && c != ':'; });
        if (!shaped)
            return base::fail("email.header_invalid",
                              "A header name is 1 to 60 printable ASCII characters without ':'.",
                              "extra_headers");
        if (std::ranges::find(reserved_fields, base::fold_case(name)) != reserved_fields.end())
            return base::fail("email.header_reserved", "This header is written by the composer.",
                              "extra_headers." + name);
        if (auto checked = check_header_text(value, "extra_headers." + name); !checked)
            return checked;
    }
    return {};
}

Result<void> check(const EmailParts& parts) {
    if (parts.text == nullptr && parts.html == nullptr)
        return base::fail("email.no_body", "A message needs a text part or an HTML part.", "text");
    if (auto checked = check_header_address(parts.envelope_from, "envelope_from"); !checked)
        return checked;
    if (auto checked = check_mailbox(parts.from, "from"); !checked) return checked;
    if (auto checked = check_mailbox(parts.to, "to"); !checked) return checked;
    if (parts.reply_to)
        if (auto checked = check_mailbox(*parts.reply_to, "reply_to"); !checked) return checked;
    if (auto checked = check_header_text(parts.subject, "subject"); !checked) return checked;
    if (auto checked = check_unsubscribe(parts.unsubscribe); !checked) return checked;
    if (auto checked = check_extra_headers(parts); !checked) return checked;
    return check_files(parts);
}

void append_two_digits(std::string& out, unsigned number) {
    out += static_cast<char>('0' + number / 10);
    out += static_cast<char>('0' + number % 10);
}

// "Sat, 21 Nov 2026 18:21:27 +0000" (RFC 5322 section 3.3), always in UTC.
void append_date(std::string& out, base::Instant instant) {
    static constexpr std::array<std::string_view, 7> days{"Sun, ", "Mon, ", "Tue, ", "Wed, ",
                                                          "Thu, ", "Fri, ", "Sat, "};
    static constexpr std::array<std::string_view, 12> months{" Jan ", " Feb ", " Mar ", " Apr ",
                                                             " May ", " Jun ", " Jul ", " Aug ",
                                                             " Sep ", " Oct ", " Nov ", " Dec "};
    const auto day = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(instant - day)};
    out += days[std::chrono::weekday{day}.c_encoding()];
    append_two_digits(out, static_cast<unsigned>(date.day()));
    out += months[static_cast<unsigned>(date.month()) - 1];
    out += std::to_string(static_cast<int>(date.year()));
    out += ' ';
    append_two_digits(out, static_cast<unsigned>(time.hours().count()));
    out += ':';
    append_two_digits(out, static_cast<unsigned>(time.minutes().count()));
    out += ':';
    append_two_digits(out, static_cast<unsigned>(time.seconds().count()));
    out += " +0000";
}

void append_unsubscribe(std::string& out, const Unsubscribe& unsubscribe) {
    if (unsubscribe.url.empty() && unsubscribe.mailto.empty()) return;
    out += "List-Unsubscribe: ";
    if (!unsubscribe.url.empty()) out.append("<").append(unsubscribe.url).append(">");
    if (!unsubscribe.mailto.empty()) {
        if (!unsubscribe.url.empty()) out += ",\r\n ";
        out += unsubscribe.mailto.starts_with("mailto:") ? "<" : "<mailto:";
        out.append(unsubscribe.mailto).append(">");
    }
    out += "\r\n";
    if (unsubscribe.one_click) out += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
}

void append_fields(std::string& out, const EmailParts& parts, std::string_view message_id) {
    out += "Date: ";
    append_date(out, parts.date);
    out += "\r\n";
    append_mailbox_field(out, "From", parts.from.name, parts.from.address);
    if (parts.reply_to)
        append_mailbox_field(out, "Reply-To", parts.reply_to->name, parts.reply_to->address);
    append_mailbox_field(out, "To", parts.to.name, parts.to.address);
    append_text_field(out, "Subject", parts.subject);
    out.append("Message-ID: ").append(message_id).append("\r\n");
    append_unsubscribe(out, parts.unsubscribe);
    if (parts.auto_submitted) out += "Auto-Submitted: auto-generated\r\n";
    for (const auto& [name, value] : parts.extra_headers) append_text_field(out, name, value);
    out += "MIME-Version: 1.0\r\n";
}

void append_delimiter(std::string& out, std::string_view boundary) {
    out.append("--").append(boundary).append("\r\n");
}

void append_close(std::string& out, std::string_view boundary) {
    out.append("--").append(boundary).append("--\r\n");
}

void append_multipart(std::string& out, std::string_view kind, std::string_view boundary) {
    out.append("Content-Type: multipart/").append(kind);
    out.append(";\r\n boundary=\"").append(boundary).append("\"\r\n\r\n");
}

void append_text_part(std::string& out, std::string_view subtype, const base::Pieces& pieces) {
    out.append("Content-Type: text/").append(subtype).append("; charset=utf-8\r\n");
    out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    append_quoted_printable(out, pieces);
}

void append_base64(std::string& out, std::string_view bytes) {
    constexpr std::size_t bytes_per_line = 57;  // 76 characters
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes_per_line, bytes.size()))) {
        out += base::to_base64(bytes.substr(0, bytes_per_line));
        out += "\r\n";
    }
}

void append_file(std::string& out, const Attachment& file, std::string_view disposition) {
    out.append("Content-Type: ").append(file.content_type);
    out += "\r\nContent-Transfer-Encoding: base64\r\n";
    if (!file.content_id.empty())
        out.append("Content-ID: <").append(file.content_id).append(">\r\n");
    out.append("Content-Disposition: ").append(disposition);
    if (!file.file_name.empty()) append_parameter(out, "filename", file.file_name);
    out += "\r\n\r\n";
    append_base64(out, file.bytes);
}

// The HTML together with the images it shows (RFC 2387).
void append_html(std::string& out, const EmailParts& parts) {
    if (parts.inline_images.empty()) {
        append_text_part(out, "html", *parts.html);
        return;
    }
    append_multipart(out, "related; type=\"text/html\"", related_boundary);
    append_delimiter(out, related_boundary);
    append_text_part(out, "html", *parts.html);
    for (const auto& image : parts.inline_images) {
        append_delimiter(out, related_boundary);
        append_file(out, image, "inline");
    }
    append_close(out, related_boundary);
}

void append_content(std::string& out, const EmailParts& parts) {
    if (parts.html == nullptr) return append_text_part(out, "plain", *parts.text);
    if (parts.text == nullptr) return append_html(out, parts);
    append_multipart(out, "alternative", alternative_boundary);
    append_delimiter(out, alternative_boundary);
    append_text_part(out, "plain", *parts.text);
    append_delimiter(out, alternative_boundary);
    append_html(out, parts);
    append_close(out, alternative_boundary);
}

void append_body(std::string& out, const EmailParts& parts) {
    if (parts.attachments.empty()) return append_content(out, parts);
    append_multipart(out, "mixed", mixed_boundary);
    append_delimiter(out, mixed_boundary);
    append_content(out, parts);
    for (const auto& file : parts.attachments) {
        append_delimiter(out, mixed_boundary);
        append_file(out, file, "attachment");
    }
    append_close(out, mixed_boundary);
}

std::size_t encoded_size(const base::Pieces* pieces) {
    if (pieces == nullptr) return 0;
    std::size_t size = 0;
    for (const auto& piece : pieces->pieces())
        size += piece.literal != nullptr && !piece.literal->quoted_printable.empty()
                    ? piece.literal->quoted_printable.size() + 8
                    : pieces->text_of(piece).size() * 3 / 2 + 8;
    return size;
}

// A guess that makes one allocation enough for nearly every message.
std::size_t expected_size(const EmailParts& parts) {
    std::size_t size = 2048 + encoded_size(parts.text) + encoded_size(parts.html);
    for (const auto* files : {&parts.inline_images, &parts.attachments})
        for (const auto& file : *files) size += file.bytes.size() * 7 / 5 + 512;
    return size;
}

bool needs_smtputf8(const EmailParts& parts) {
    return !is_ascii(parts.from.address) || !is_ascii(parts.to.address) ||
           !is_ascii(parts.envelope_from) || (parts.reply_to && !is_ascii(parts.reply_to->address));
}

}  // namespace

std::string EmailComposer::message_id(std::string_view key) const {
    constexpr std::size_t key_max = 64;
    std::string id = "<";
    if (is_dot_atom(key) && key.size() <= key_max)
        id += key;
    else
        id += base::sha256_hex(key).substr(0, 40);
    return id.append("@").append(settings_.message_id_domain).append(">");
}

Result<EmailPayload> EmailComposer::compose(const EmailParts& parts) const {
    if (auto checked = check(parts); !checked) return base::fail(std::move(checked.error()));
    EmailPayload payload{.envelope_from = parts.envelope_from, .smtputf8 = needs_smtputf8(parts)};
    auto& bytes = payload.bytes;
    bytes.reserve(expected_size(parts));
    append_fields(bytes, parts, message_id(parts.key));
    append_body(bytes, parts);
    if (!settings_.dkim.empty()) {
        std::string signatures;
        for (const auto& signer : settings_.dkim) signatures += signer.sign(bytes, parts.date);
        bytes.insert(0, signatures);
    }
    return payload;
}

}  // namespace carillon::channels

#include "responses/mail_parse.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/text.h"
#include "responses/mail_text.h"

namespace carillon::responses {

namespace {

constexpr std::size_t text_max = 256 * 1024;
// A copy of a mail without a part of its own begins with at least so many fields.
constexpr int copied_fields_min = 3;

struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

struct Free {
    void operator()(char* text) const { g_free(text); }
};

void init_once() {
    static std::once_flag once;
    std::call_once(once, [] { g_mime_init(); });
}

std::string decoded_text(const std::string& flat) {
    const std::unique_ptr<char, Free> decoded{
        g_mime_utils_header_decode_text(nullptr, flat.c_str())};
    return decoded ? decoded.get() : flat;
}

// GMime joins neighbouring base64 words before it decodes them, and stops at the padding of the
// first one ("...L0=?= =?utf-8?b?0Lg..."): such words are decoded one by one.
std::string decoded_words(const std::string& flat) {
    constexpr std::string_view padded_end{"=?="};
    std::string text;
    std::size_t from = 0;
    for (auto at = flat.find(padded_end); at != std::string::npos;
         at = flat.find(padded_end, at + 1)) {
        const auto next = flat.find_first_not_of(' ', at + padded_end.size());
        if (next == std::string::npos || flat.compare(next, 2, "=?") != 0) continue;
        text += decoded_text(flat.substr(from, at + padded_end.size() - from));
        from = next;
    }
    return text + decoded_text(flat.substr(from));
}

std::string decoded_header(const char* raw) {
    std::string flat;
    for (const char c : std::string_view{raw == nullptr ? "" : raw})
        if (c != '\r' && c != '\n') flat += c == '\t' ? ' ' : c;
    // Eight-bit headers name no charset; encoded words are pure ASCII.
    auto text = std::string{base::trim(decoded_words(to_utf8(flat, {})))};
    if (!base::is_valid_utf8(text)) text = to_utf8(text, {});
    std::ranges::replace(text, '\n', ' ');
    return text;
}

MailFields headers_of(GMimeObject* object) {
    MailFields fields;
    auto* list = g_mime_object_get_header_list(object);
    const int count = g_mime_header_list_get_count(list);
    for (int i = 0; i < count; ++i) {
        auto* header = g_mime_header_list_get_header_at(list, i);
        fields.emplace_back(base::fold_case(to_utf8(g_mime_header_get_name(header), {})),
                            decoded_header(g_mime_header_get_raw_value(header)));
    }
    return fields;
}

std::string parameter(GMimeObject* object, const char* name) {
    const char* value = g_mime_object_get_content_type_parameter(object, name);
    return value == nullptr ? std::string{} : std::string{value};
}

std::string type_of(GMimeObject* object) {
    auto* type = g_mime_object_get_content_type(object);
    if (type == nullptr) return {};
    const std::unique_ptr<char, Free> text{g_mime_content_type_get_mime_type(type)};
    return text ? base::fold_case(to_utf8(text.get(), {})) : std::string{};
}

std::optional<base::Instant> date_in(std::string_view text) {
    if (text.empty()) return std::nullopt;
    auto* date = g_mime_utils_header_decode_date(std::string{text}.c_str());
    if (date == nullptr) return std::nullopt;
    const auto seconds = g_date_time_to_unix(date);
    g_date_time_unref(date);
    return base::from_millis(seconds * 1000);
}

// Decoded by its transfer encoding, not by its charset.
std::string bytes_of(GMimeObject* object) {
    if (!GMIME_IS_PART(object)) return {};
    auto* content = g_mime_part_get_content(GMIME_PART(object));
    if (content == nullptr) return {};
    const Owned<GMimeStream> out{g_mime_stream_mem_new()};
    g_mime_data_wrapper_write_to_stream(content, out.get());
    const auto* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out.get()));
    return {reinterpret_cast<const char*>(array->data), array->len};
}

// Where a copy of a mail begins in `text`: a run of fields among which there are those that every
// mail has. npos: nowhere.
std::size_t copy_begins(std::string_view text) {
    std::size_t at = 0;
    std::size_t begin = 0;
    int fields = 0;
    int telling = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        const auto size = field_name_size(line);
        const bool continues = fields > 0 && !line.empty() && (line[0] == ' ' || line[0] == '\t');
        if (size > 0) {
            if (fields++ == 0) begin = at;
            const auto name = base::fold_case(line.substr(0, size));
            for (const std::string_view known :
                 {"from", "subject", "date", "message-id", "received", "return-path", "to",
                  "mime-version", "dkim-signature"})
                telling += name == known ? 1 : 0;
            if (fields >= copied_fields_min && telling >= 2) return begin;
        } else if (!continues) {
            fields = telling = 0;
        }
        at = end + 1;
    }
    return std::string_view::npos;
}

class Walker {
public:
    explicit Walker(ParsedMail& mail) : mail_(mail) {}

    void walk(GMimeObject* object) {
        if (GMIME_IS_MULTIPART(object)) {
            auto* multipart = GMIME_MULTIPART(object);
            const int count = g_mime_multipart_get_count(multipart);
            for (int i = 0; i < count; ++i) walk(g_mime_multipart_get_part(multipart, i));
        } else if (GMIME_IS_MESSAGE_PART(object)) {
            if (auto* message = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object)))
                keep_original(headers_of(GMIME_OBJECT(message)));
        } else {
            leaf(object, type_of(object));
        }
    }

    void finish() {
        if (mail_.text.empty()) mail_.text = std::move(html_);
        const auto begin = copy_begins(mail_.text);
        if (begin == std::string::npos) return;
        const bool is_whole = begin == 0;
        const auto blocks = parse_field_blocks(std::string_view{mail_.text}.substr(begin));
        if (mail_.original.empty() && !blocks.empty()) mail_.original = blocks.front();
        if (!is_whole) mail_.text.erase(begin);
    }

private:
    void leaf(GMimeObject* object, const std::string& type) {
        if (type == "message/delivery-status" || type == "message/global-delivery-status") {
            for (auto& block : parse_field_blocks(to_utf8(bytes_of(object), "utf-8")))
                mail_.delivery_status.push_back(std::move(block));
        } else if (type == "message/feedback-report") {
            for (auto& block : parse_field_blocks(to_utf8(bytes_of(object), "utf-8")))
                for (auto& one : block) mail_.feedback.push_back(std::move(one));
        } else if (type == "message/disposition-notification" ||
                   type == "message/global-disposition-notification") {
            mail_.has_disposition = true;
        } else if (type == "text/rfc822-headers" || type == "message/rfc822-headers" ||
                   type == "message/global-headers") {
            const auto blocks = parse_field_blocks(to_utf8(bytes_of(object), "utf-8"));
            if (!blocks.empty()) keep_original(blocks.front());
        } else if (type.starts_with("text/") && !is_attachment(object)) {
            text(object, type == "text/html");
        }
    }

    static bool is_attachment(GMimeObject* object) {
        const char* disposition = g_mime_object_get_disposition(object);
        return disposition != nullptr && base::fold_case(to_utf8(disposition, {})) == "attachment";
    }

    void text(GMimeObject* object, bool is_html) {
        auto& place = is_html ? html_ : mail_.text;
        if (!place.empty()) return;
        const auto bytes = bytes_of(object);
        const auto charset = parameter(object, "charset");
        auto text = to_utf8(bytes, charset);
        if (is_html) text = html_to_lines(text);
        if (base::trim(text).empty()) return;
        mail_.cut = mail_.cut || text.size() > text_max;
        place = base::cut_utf8(text, text_max);
    }

    void keep_original(MailFields fields) {
        if (mail_.original.empty()) mail_.original = std::move(fields);
    }

    ParsedMail& mail_;
    std::string html_;
};

}  // namespace

ParsedMail parse_mail(std::string_view bytes, const MailLimits& limits) {
    init_once();
    const auto tamed = tame(bytes, limits);
    ParsedMail mail;
    mail.cut = tamed.cut;
    const Owned<GMimeStream> stream{
        g_mime_stream_mem_new_with_buffer(tamed.bytes.data(), tamed.bytes.size())};
    const Owned<GMimeParser> parser{g_mime_parser_new_with_stream(stream.get())};
    // As a part, not as a message: a message reads its addresses anew with every field it meets.
    const Owned<GMimeObject> object{g_mime_parser_construct_part(parser.get(), nullptr)};
    if (!object) return mail;
    mail.headers = headers_of(object.get());
    mail.date = date_in(field(mail.headers, "date"));
    mail.content_type = type_of(object.get());
    mail.report_type = base::fold_case(to_utf8(parameter(object.get(), "report-type"), {}));
    Walker walker{mail};
    walker.walk(object.get());
    walker.finish();
    return mail;
}

}  // namespace carillon::responses

// Values of a message by name, and texts with places for them: "{{to}}". What a value becomes is
// decided by where it stands (URL, form, JSON, header), so that no value can break out. Pure.
//
// Every message has: to, to_digits (without the plus), key, key_hex (for a URL within a value). A
// short message: from, text, encoding (gsm or ucs2), coding (0 or 2, as Kannel counts), parts,
// valid_minutes (empty without an end). A fax: pages, pdf_base64,
// tiff_base64, recipient_name, sender_name. secret.NAME is a secret of the settings.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "channels/channel.h"

namespace carillon::channels {

using HttpFields = std::map<std::string, std::string, std::less<>>;
HttpFields fields_of(const Message& message, base::Instant wall);
// The names that fields_of() may give for this kind, for checking settings.
std::vector<std::string> field_names_of(base::ChannelKind kind);

enum class HttpPlace { plain, url };

// A text with places, parsed once. Immutable.
class FieldText {
public:
    FieldText() = default;
    // Errors: http.template_invalid.
    static base::Result<FieldText> parse(std::string_view text);

    // `fields` lacks a name: it is empty there. url percent-encodes all but the unreserved
    // characters of RFC 3986.
    std::string render(const HttpFields& fields, HttpPlace place) const;
    std::vector<std::string> names() const;

private:
    struct Piece {
        std::string literal{};
        std::string name{};  // empty: only the literal
    };
    std::vector<Piece> pieces_;
};

struct NamedField {
    std::string name{};
    FieldText value{};
};

std::string percent_encoded(std::string_view text);
// "a=1&b=2", names and values encoded (application/x-www-form-urlencoded with %20).
std::string form_of(const std::vector<NamedField>& fields, const HttpFields& values);

// A JSON value whose texts have places. Numbers, lists and objects stay what they are.
class JsonTemplate {
public:
    // Errors: http.template_invalid, with the JSON path below `path`.
    static base::Result<JsonTemplate> parse(const base::Json& json, const std::string& path);
    std::string render(const HttpFields& fields) const;
    const std::vector<std::string>& names() const { return names_; }

private:
    base::Json json_;
    std::vector<std::string> names_;
};

// RFC 6901; nullptr when there is nothing.
const base::Json* at_pointer(const base::Json& json, std::string_view pointer);
// A text, number or boolean as text; "" for all else.
std::string scalar_text(const base::Json* json);

}  // namespace carillon::channels

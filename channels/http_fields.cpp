#include "channels/http_fields.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "channels/gsm0338.h"

namespace carillon::channels {

namespace {

using base::Json;

void add_sms(HttpFields& out, const SmsPayload& sms, base::Instant wall) {
    out["from"] = sms.from;
    out["text"] = sms.text;
    if (const auto split = split_sms(sms.text)) {
        out["encoding"] = name_of(split->encoding);
        out["coding"] = split->encoding == SmsEncoding::gsm ? "0" : "2";
        out["parts"] = std::to_string(split->parts.size());
    }
    out["valid_minutes"] = "";
    if (sms.valid_until) {
        const auto left = std::chrono::ceil<std::chrono::minutes>(*sms.valid_until - wall).count();
        out["valid_minutes"] = std::to_string(std::max<std::int64_t>(left, 1));
    }
}

void add_fax(HttpFields& out, const FaxPayload& fax) {
    out["pages"] = std::to_string(fax.pages);
    out["pdf_base64"] = base::to_base64(fax.pdf);
    out["tiff_base64"] = base::to_base64(fax.tiff);
    out["recipient_name"] = fax.recipient_name;
    out["sender_name"] = fax.sender_name;
}

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    });
}

base::Result<void> collect_names(const Json& json, const std::string& path,
                                 std::vector<std::string>& names) {
    if (const auto* text = json.text()) {
        auto parsed = FieldText::parse(*text);
        if (!parsed) {
            parsed.error().place = path;
            return base::fail(std::move(parsed.error()));
        }
        std::ranges::move(parsed->names(), std::back_inserter(names));
    } else if (const auto* list = json.array()) {
        for (std::size_t i = 0; i < list->size(); ++i)
            if (auto done = collect_names((*list)[i], path + "[" + std::to_string(i) + "]", names);
                !done)
                return done;
    } else if (const auto* object = json.object()) {
        for (const auto& [key, value] : *object)
            if (auto done = collect_names(value, path + "." + key, names); !done) return done;
    }
    return {};
}

Json filled(const Json& json, const HttpFields& fields) {
    if (const auto* text = json.text())
        return Json{FieldText::parse(*text)->render(fields, HttpPlace::plain)};
    if (const auto* list = json.array()) {
        Json::Array out;
        for (const auto& item : *list) out.push_back(filled(item, fields));
        return Json{std::move(out)};
    }
    if (const auto* object = json.object()) {
        Json::Object out;
        for (const auto& [key, value] : *object) out.emplace_back(key, filled(value, fields));
        return Json{std::move(out)};
    }
    return json;
}

}  // namespace

HttpFields fields_of(const Message& message, base::Instant wall) {
    HttpFields out;
    out["to"] = message.to;
    out["to_digits"] = message.to.substr(message.to.starts_with('+') ? 1 : 0);
    out["key"] = message.key;
    out["key_hex"] = base::to_hex(message.key);
    if (const auto* sms = std::get_if<SmsPayload>(&message.payload)) add_sms(out, *sms, wall);
    if (const auto* fax = std::get_if<FaxPayload>(&message.payload)) add_fax(out, *fax);
    return out;
}

std::vector<std::string> field_names_of(base::ChannelKind kind) {
    Message message;
    if (kind == base::ChannelKind::sms) message.payload = SmsPayload{};
    if (kind == base::ChannelKind::fax) message.payload = FaxPayload{};
    std::vector<std::string> names;
    for (const auto& [name, value] : fields_of(message, {})) names.push_back(name);
    return names;
}

base::Result<FieldText> FieldText::parse(std::string_view text) {
    FieldText out;
    while (true) {
        const auto begin = text.find("{{");
        Piece piece{.literal = std::string{text.substr(0, begin)}};
        if (begin == std::string_view::npos) {
            if (!piece.literal.empty()) out.pieces_.push_back(std::move(piece));
            return out;
        }
        const auto end = text.find("}}", begin);
        const auto name = end == std::string_view::npos
                              ? std::string_view{}
                              : base::trim(text.substr(begin + 2, end - begin - 2));
        if (!is_name(name))
            return base::fail("http.template_invalid",
                              "A place is written {{name}}, with small letters.");
        piece.name = name;
        out.pieces_.push_back(std::move(piece));
        text.remove_prefix(end + 2);
    }
}

std::string FieldText::render(const HttpFields& fields, HttpPlace place) const {
    std::string out;
    for (const auto& piece : pieces_) {
        out += piece.literal;
        const auto field = fields.find(piece.name);
        if (piece.name.empty() || field == fields.end()) continue;
        switch (place) {
            case HttpPlace::plain: out += field->second; break;
            case HttpPlace::url: out += percent_encoded(field->second); break;
        }
    }
    return out;
}

std::vector<std::string> FieldText::names() const {
    std::vector<std::string> out;
    for (const auto& piece : pieces_)
        if (!piece.name.empty()) out.push_back(piece.name);
    return out;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                   (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                                   c == '~';
        if (is_unreserved) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 0xF];
    }
    return out;
}

std::string form_of(const std::vector<NamedField>& fields, const HttpFields& values) {
    std::string out;
    for (const auto& field : fields) {
        if (!out.empty()) out += '&';
        // The whole value is encoded, not only what fills the places.
        out += percent_encoded(field.name) + '=' +
               percent_encoded(field.value.render(values, HttpPlace::plain));
    }
    return out;
}

base::Result<JsonTemplate> JsonTemplate::parse(const Json& json, const std::string& path) {
    JsonTemplate out;
    if (auto collected = collect_names(json, path, out.names_); !collected)
        return base::fail(std::move(collected.error()));
    out.json_ = json;
    return out;
}

std::string JsonTemplate::render(const HttpFields& fields) const {
    return filled(json_, fields).dump();
}

const Json* at_pointer(const Json& json, std::string_view pointer) {
    const Json* at = &json;
    if (pointer.empty()) return at;
    if (!pointer.starts_with('/')) return nullptr;
    for (const auto token : base::split(pointer.substr(1), '/')) {
        std::string key;
        for (std::size_t i = 0; i < token.size(); ++i) {
            const bool is_escape = token[i] == '~' && i + 1 < token.size();
            key += is_escape ? (token[++i] == '1' ? '/' : '~') : token[i];
        }
        if (const auto* list = at->array()) {
            const bool is_index =
                !key.empty() && key.size() < 6 &&
                std::ranges::all_of(key, [](char c) { return c >= '0' && c <= '9'; });
            const auto index = is_index ? std::stoul(key) : list->size();
            at = index < list->size() ? &(*list)[index] : nullptr;
        } else {
            at = at->find(key);
        }
        if (at == nullptr) return nullptr;
    }
    return at;
}

std::string scalar_text(const Json* json) {
    if (json == nullptr || json->is_null() || json->array() != nullptr || json->object() != nullptr)
        return {};
    if (const auto* text = json->text()) return *text;
    return json->dump();
}

}  // namespace carillon::channels

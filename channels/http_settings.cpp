#include "channels/http_settings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>

#include "base/text.h"
#include "channels/text_pattern.h"

namespace carillon::channels {

namespace {

using base::Json;
using base::ObjectReader;
using std::chrono::milliseconds;

constexpr std::string_view secret_prefix = "secret.";

class HttpReader {
public:
    HttpReader(ObjectReader& outer, const Json& json, base::ChannelKind kind,
               const std::string& folder, base::Problems& problems)
        : reader_(json, outer.path_of("http"), problems),
          problems_(problems),
          folder_(folder),
          names_(field_names_of(kind)) {
        out_.provider.kind = kind;
    }

    HttpProviderDescription read() {
        read_secrets();
        read_request();
        read_authentication();
        read_rules();
        read_connection();
        read_callbacks();
        reader_.finish();
        return std::move(out_);
    }

private:
    void read_secrets() {
        const auto* json = reader_.object("secrets");
        if (json == nullptr) return;
        for (const auto& [name, value] : *json->object()) {
            ObjectReader secret{value, reader_.path_of("secrets") + "." + name, problems_};
            SecretSource source{.environment = secret.text("env"), .file = secret.text("file")};
            if (source.environment.empty() == source.file.empty())
                secret.problem("env", "channel.secret_twice", "either env or file is required");
            if (!source.file.empty())
                source.file = (std::filesystem::path{folder_} / source.file).string();
            secret.finish();
            names_.push_back(std::string{secret_prefix} + name);
            out_.secrets.emplace_back(name, std::move(source));
        }
    }

    void check_names(ObjectReader& reader, std::string_view key,
                     const std::vector<std::string>& used) {
        for (const auto& name : used) {
            if (std::ranges::find(names_, name) != names_.end()) continue;
            const std::vector<std::string_view> known{names_.begin(), names_.end()};
            const auto near = base::nearest(name, known);
            reader.problem(key, "http.field_unknown",
                           "no field is called '" + name + "'" +
                               (near.empty() ? "" : "; did you mean '" + near + "'?"));
        }
    }

    FieldText field_text(ObjectReader& reader, std::string_view key, const std::string& text) {
        auto parsed = FieldText::parse(text);
        if (!parsed) {
            reader.problem(key, parsed.error().code, parsed.error().detail);
            return {};
        }
        check_names(reader, key, parsed->names());
        return std::move(*parsed);
    }

    std::vector<NamedField> named_fields(std::string_view key) {
        std::vector<NamedField> out;
        const auto* json = reader_.object(key);
        if (json == nullptr) return out;
        ObjectReader reader{*json, reader_.path_of(key), problems_};
        for (const auto& [name, value] : *json->object())
            out.push_back({name, field_text(reader, name, reader.text(name))});
        return out;
    }

    void read_request() {
        auto& provider = out_.provider;
        constexpr std::array<std::string_view, 3> methods{"POST", "GET", "PUT"};
        provider.method = methods[static_cast<std::size_t>(
            reader_.choice("method", {methods.begin(), methods.end()}, 0))];
        const auto url = reader_.required_text("url");
        provider.allow_http = reader_.boolean("allow_http", false);
        provider.url = field_text(reader_, "url", url);
        const bool is_clear = url.starts_with("http://");
        if (!url.empty() && !is_clear && !url.starts_with("https://"))
            reader_.problem("url", "http.url_invalid", "begins with https://");
        if (is_clear && !provider.allow_http)
            reader_.problem("url", "http.in_clear",
                            "messages and secrets do not go without TLS unless allow_http is true");
        provider.query = named_fields("query");
        provider.headers = named_fields("headers");
        for (const auto& header : provider.headers)
            if (header.name.find_first_of("\r\n: ") != std::string::npos)
                reader_.problem("headers", "http.header_invalid",
                                "'" + header.name + "' is no header name");
        provider.form = named_fields("form");
        if (const auto* json = reader_.any("json"); json != nullptr) read_json_body(*json);
        provider.idempotency_header = reader_.text("idempotency_header");
        provider.rules.idempotent = !provider.idempotency_header.empty();
    }

    void read_json_body(const Json& json) {
        auto body = JsonTemplate::parse(json, reader_.path_of("json"));
        if (!body) {
            problems_.push_back(std::move(body.error()));
            return;
        }
        check_names(reader_, "json", body->names());
        if (!out_.provider.form.empty())
            reader_.problem("json", "http.body_twice", "either form or json, not both");
        out_.provider.json = std::move(*body);
    }

    void read_authentication() {
        out_.provider.user = reader_.text("user");
        out_.token = read_secret_source(reader_, "token", folder_);
        if (!out_.provider.user.empty() && !out_.token.given())
            reader_.problem("user", "channel.password_missing", "needs token_env or token_file");
    }

    HttpExtract extract(const Json& json, const std::string& path,
                        const std::function<void(ObjectReader&)>& more = {}) {
        ObjectReader reader{json, path, problems_};
        HttpExtract out{.pointer = reader.text("pointer"), .pattern = reader.text("pattern")};
        if (out.pointer.empty() == out.pattern.empty())
            reader.problem("pointer", "http.extract_invalid",
                           "either pointer or pattern is required");
        if (!out.pointer.empty() && !out.pointer.starts_with('/'))
            reader.problem("pointer", "http.extract_invalid", "begins with /");
        if (!is_pattern(out.pattern))
            reader.problem("pattern", "http.extract_invalid", "is no regular expression");
        if (more) more(reader);
        reader.finish();
        return out;
    }

    // [200, [500, 599]]
    void read_statuses(std::string_view key, std::vector<std::pair<int, int>>& out) {
        const auto* list = reader_.list(key);
        if (list == nullptr) return;
        out.clear();
        for (const auto& item : *list) {
            const auto* pair = item.array();
            const bool is_pair = pair != nullptr && pair->size() == 2;
            const auto* low = is_pair ? (*pair)[0].integer() : item.integer();
            const auto* high = is_pair ? (*pair)[1].integer() : low;
            if (low == nullptr || high == nullptr || *low < 100 || *high > 599 || *low > *high) {
                reader_.problem(key, "http.status_invalid",
                                "a status is a number like 200 or a pair like [500, 599]");
                continue;
            }
            out.emplace_back(static_cast<int>(*low), static_cast<int>(*high));
        }
    }

    void read_rules() {
        auto& rules = out_.provider.rules;
        read_statuses("success_status", rules.success_status);
        read_statuses("retry_status", rules.retry_status);
        if (const auto* json = reader_.object("success"))
            rules.success_value =
                extract(*json, reader_.path_of("success"), [&](ObjectReader& reader) {
                    rules.success_equals = reader.texts("equals");
                    if (rules.success_equals.empty())
                        reader.problem("equals", "json.missing", "is required");
                });
        if (const auto* json = reader_.object("id"))
            rules.id = extract(*json, reader_.path_of("id"));
        if (const auto* json = reader_.object("errors"))
            rules.error_code = extract(*json, reader_.path_of("errors"), [&](ObjectReader& reader) {
                rules.bad_address = reader.texts("bad_address");
                rules.rejected = reader.texts("rejected");
                rules.throttled = reader.texts("throttled");
            });
    }

    void read_connection() {
        auto& provider = out_.provider;
        if (const auto ca = reader_.text("ca_file"); !ca.empty())
            provider.ca_file = (std::filesystem::path{folder_} / ca).string();
        provider.connections = static_cast<std::size_t>(reader_.integer("connections", 8, 1, 100));
        const auto seconds = [&](std::string_view key, milliseconds& limit) {
            const auto fallback = std::chrono::duration<double>(limit).count();
            const std::chrono::duration<double> given{reader_.number(key, fallback, 0.01, 600)};
            limit = std::chrono::ceil<milliseconds>(given);
        };
        seconds("connect_seconds", provider.connect_timeout);
        seconds("total_seconds", provider.total_timeout);
    }

    void read_callbacks() {
        const auto* json = reader_.object("callbacks");
        if (json == nullptr) return;
        out_.has_callbacks = true;
        ObjectReader reader{*json, reader_.path_of("callbacks"), problems_};
        auto& guard = out_.callbacks.guard;
        guard.kind = static_cast<CallbackGuard::Kind>(
            std::max(reader.choice("guard", {"twilio", "hmac_sha256", "parameter"}, -1), 0));
        out_.callback_secret = read_secret_source(reader, "secret", folder_);
        if (!out_.callback_secret.given())
            reader.problem("secret_file", "json.missing", "secret_env or secret_file is required");
        guard.public_url = reader.text("public_url");
        if (guard.kind == CallbackGuard::Kind::twilio && guard.public_url.empty())
            reader.problem("public_url", "json.missing", "is required when guard is twilio");
        guard.signature_header = reader.text("signature_header", guard.signature_header);
        guard.timestamp_header = reader.text("timestamp_header", guard.timestamp_header);
        guard.age_max = std::chrono::seconds{
            reader.integer("age_max_seconds", guard.age_max.count(), 1, 86'400)};
        guard.parameter = reader.text("parameter", guard.parameter);
        if (const auto* receipt = reader.object("receipt"))
            read_receipt(*receipt, reader.path_of("receipt"));
        if (const auto* inbound = reader.object("inbound")) {
            ObjectReader fields{*inbound, reader.path_of("inbound"), problems_};
            out_.callbacks.inbound = {.from = fields.required_text("from"),
                                      .to = fields.text("to"),
                                      .text = fields.required_text("text"),
                                      .id = fields.text("id")};
            fields.finish();
        }
        reader.finish();
    }

    void read_receipt(const Json& json, const std::string& path) {
        ObjectReader reader{json, path, problems_};
        auto& mapping = out_.callbacks.receipt;
        mapping.ref = reader.text("ref");
        mapping.key = reader.text("key");
        mapping.key_is_hex = reader.boolean("key_is_hex", false);
        if (mapping.ref.empty() == mapping.key.empty())
            reader.problem("ref", "http.mapping_invalid", "either ref or key is required");
        mapping.state = reader.required_text("state");
        mapping.bits = reader.boolean("bits", false);
        mapping.reason = reader.text("reason");
        mapping.error = reader.text("error");
        mapping.bad_address = reader.texts("bad_address");
        if (const auto* states = reader.object("states")) {
            ObjectReader names{*states, reader.path_of("states"), problems_};
            for (const auto& [name, value] : *states->object()) {
                const auto state = names.choice(
                    name, {"in_progress", "delivered", "failed", "expired", "bad_address"}, -1);
                mapping.states.emplace_back(name, static_cast<Receipt::State>(std::max(state, 0)));
            }
        } else {
            reader.problem("states", "json.missing", "is required");
        }
        reader.finish();
    }

    ObjectReader reader_;
    base::Problems& problems_;
    const std::string& folder_;
    std::vector<std::string> names_;
    HttpProviderDescription out_;
};

}  // namespace

HttpProviderDescription parse_http_provider(ObjectReader& outer, const Json& json,
                                            base::ChannelKind kind, const std::string& folder,
                                            base::Problems& problems) {
    return HttpReader{outer, json, kind, folder, problems}.read();
}

base::Result<HttpProviderSettings> with_secrets(const HttpProviderDescription& description) {
    auto out = description.provider;
    if (description.token.given()) {
        auto token = description.token.read();
        if (!token) return base::fail(std::move(token.error()));
        out.token = std::move(*token);
    }
    for (const auto& [name, source] : description.secrets) {
        auto secret = source.read();
        if (!secret) return base::fail(std::move(secret.error()));
        out.secrets[std::string{secret_prefix} + name] = std::move(*secret);
    }
    return out;
}

base::Result<CallbackConfig> make_callbacks(const HttpProviderDescription& description) {
    auto out = description.callbacks;
    auto secret = description.callback_secret.read();
    if (!secret) return base::fail(std::move(secret.error()));
    out.guard.secret = std::move(*secret);
    return out;
}

}  // namespace carillon::channels

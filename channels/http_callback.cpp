#include "channels/http_callback.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/digest.h"
#include "base/text.h"
#include "channels/http_fields.h"

namespace carillon::channels {

namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t body_max = 64 * 1024;
constexpr std::size_t parameters_max = 100;

std::string hmac_sha1(std::string_view key, std::string_view data) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data(), &size);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_header(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string header(const HttpRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers)
        if (same_header(key, name)) return value;
    return {};
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char low = lower(c);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// "" for what is no hexadecimal text.
std::string from_hex(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return {};
        out += static_cast<char>(high * 16 + low);
    }
    return text.size() % 2 == 0 ? out : std::string{};
}

std::string url_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

Parameters decoded_form(std::string_view text) {
    Parameters out;
    if (text.empty()) return out;
    for (const auto field : base::split(text, '&')) {
        if (out.size() == parameters_max) break;
        const auto equals = field.find('=');
        out.emplace_back(url_decoded(field.substr(0, equals)),
                         equals == std::string_view::npos ? std::string{}
                                                          : url_decoded(field.substr(equals + 1)));
    }
    return out;
}

std::string_view query_of(std::string_view url) {
    const auto question = url.find('?');
    if (question == std::string_view::npos) return {};
    return url.substr(question + 1, url.find('#') - question - 1);
}

bool is_form(const HttpRequest& request) {
    auto type = header(request, "Content-Type");
    std::ranges::transform(type, type.begin(), lower);
    return type.starts_with("application/x-www-form-urlencoded");
}

std::string value_of(const Parameters& parameters, std::string_view name) {
    for (const auto& [key, value] : parameters)
        if (key == name) return value;
    return {};
}

// Everything a request says, to be asked by name.
class Facts {
public:
    static base::Result<Facts> of(const HttpRequest& request) {
        if (request.body.size() > body_max)
            return base::fail("callback.malformed", "The request is too large.");
        Facts facts;
        facts.parameters_ = decoded_form(query_of(request.url));
        if (request.body.empty()) return facts;
        if (is_form(request)) {
            std::ranges::move(decoded_form(request.body), std::back_inserter(facts.parameters_));
            return facts;
        }
        auto json = base::Json::parse(request.body);
        if (!json) return base::fail("callback.malformed", "The body is neither a form nor JSON.");
        facts.json_ = std::move(*json);
        return facts;
    }
    std::string value(const std::string& name) const {
        if (name.starts_with('/')) return scalar_text(at_pointer(json_, name));
        return name.empty() ? std::string{} : value_of(parameters_, name);
    }

private:
    Parameters parameters_;
    base::Json json_;
};

base::Result<void> wrong_signature() {
    return base::fail("callback.signature_wrong", "The signature does not fit the request.");
}

base::Result<void> check_twilio(const CallbackGuard& guard, const HttpRequest& request,
                                const std::string& given) {
    auto signed_text = (request.url.starts_with('/') ? guard.public_url : "") + request.url;
    if (is_form(request)) {
        auto fields = decoded_form(request.body);
        std::ranges::sort(fields);
        for (const auto& [name, value] : fields) signed_text += name + value;
    } else if (!request.body.empty()) {
        const auto digest = value_of(decoded_form(query_of(request.url)), "bodySHA256");
        if (!base::equal_in_constant_time(digest, base::sha256_hex(request.body)))
            return wrong_signature();
    }
    const auto expected = base::to_base64(hmac_sha1(guard.secret, signed_text));
    if (!base::equal_in_constant_time(expected, given)) return wrong_signature();
    return {};
}

base::Result<void> check_hmac(const CallbackGuard& guard, const HttpRequest& request,
                              std::string given, base::Instant wall) {
    const auto stamp = header(request, guard.timestamp_header);
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), seconds);
    constexpr std::int64_t seconds_max = 100'000'000'000;
    if (error != std::errc{} || end != stamp.data() + stamp.size() || stamp.empty() ||
        seconds < 0 || seconds > seconds_max)
        return base::fail("callback.signature_missing", "The request carries no time.");
    const auto digest = base::hmac_sha256(guard.secret, stamp + "." + request.body);
    constexpr std::string_view prefix = "sha256=";
    if (given.starts_with(prefix)) given.erase(0, prefix.size());
    const bool fits = base::equal_in_constant_time(base::to_hex(digest), given);
    const bool fits_base64 = base::equal_in_constant_time(base::to_base64(digest), given);
    if (!fits && !fits_base64) return wrong_signature();
    const auto age = wall - base::from_millis(seconds * 1000);
    if (age > guard.age_max || age < -guard.age_max)
        return base::fail("callback.too_old", "The request was signed at another time.");
    return {};
}

// Whole number or nothing.
std::optional<std::uint32_t> number_of(const std::string& text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        return std::nullopt;
    return value;
}

Receipt::State state_of(const ReceiptMapping& mapping, const std::string& value) {
    const auto number = mapping.bits ? number_of(value) : std::nullopt;
    for (const auto& [name, state] : mapping.states) {
        if (!mapping.bits && name == value) return state;
        const auto mask = number ? number_of(name) : std::nullopt;
        if (mask && (*number & *mask) == *mask) return state;
    }
    return Receipt::State::in_progress;
}

// The address as it was asked for, without the value of the parameter that lets a provider in.
std::string without_secret(const CallbackGuard& guard, std::string_view url) {
    const auto query = url.find('?');
    if (guard.kind != CallbackGuard::Kind::parameter || query == std::string_view::npos)
        return std::string{url};
    std::string kept{url.substr(0, query)};
    char before = '?';
    for (auto rest = url.substr(query + 1); !rest.empty(); before = '&') {
        const auto pair = rest.substr(0, rest.find('&'));
        const auto named = decoded_form(pair);
        const bool secret = !named.empty() && named.front().first == guard.parameter;
        kept += before;
        kept += secret ? guard.parameter + "=***" : std::string{pair};
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    }
    return kept;
}

std::string raw_of(const CallbackGuard& guard, const HttpRequest& request) {
    return request.method + " " + without_secret(guard, request.url) +
           (request.body.empty() ? "" : "\n") + request.body;
}

std::string bounded_id(const std::string& id) {
    constexpr std::size_t id_max = 120;
    return id.size() > id_max ? base::sha256_hex(id) : id;
}

}  // namespace

base::Result<void> check_caller(const CallbackGuard& guard, const HttpRequest& request,
                                base::Instant wall) {
    const auto missing = [] {
        return base::fail("callback.signature_missing", "The request carries no signature.");
    };
    // An empty secret would let everybody in.
    if (guard.secret.empty()) return wrong_signature();
    if (guard.kind == CallbackGuard::Kind::parameter) {
        const auto given = value_of(decoded_form(query_of(request.url)), guard.parameter);
        if (given.empty()) return missing();
        if (!base::equal_in_constant_time(given, guard.secret)) return wrong_signature();
        return {};
    }
    const bool is_twilio = guard.kind == CallbackGuard::Kind::twilio;
    const auto given = header(request, is_twilio ? "X-Twilio-Signature" : guard.signature_header);
    if (given.empty()) return missing();
    return is_twilio ? check_twilio(guard, request, given)
                     : check_hmac(guard, request, given, wall);
}

base::Result<std::vector<Receipt>> parse_receipts(const CallbackConfig& config,
                                                  const HttpRequest& request, base::Instant wall) {
    if (auto known = check_caller(config.guard, request, wall); !known)
        return base::fail(std::move(known.error()));
    const auto facts = Facts::of(request);
    if (!facts) return base::fail(facts.error());
    const auto& mapping = config.receipt;
    Receipt receipt;
    receipt.key = facts->value(mapping.key);
    if (mapping.key_is_hex) receipt.key = from_hex(receipt.key);
    if (receipt.key.empty()) receipt.receipt_ref = facts->value(mapping.ref);
    const auto state = facts->value(mapping.state);
    if (state.empty() || (receipt.key.empty() && receipt.receipt_ref.empty()))
        return base::fail("callback.field_missing", "The receipt names no message or no state.");
    receipt.state = state_of(mapping, state);
    const auto error = facts->value(mapping.error);
    const auto reason = facts->value(mapping.reason);
    const bool is_bad = receipt.state == Receipt::State::failed && !error.empty() &&
                        std::ranges::find(mapping.bad_address, error) != mapping.bad_address.end();
    if (is_bad) receipt.state = Receipt::State::bad_address;
    receipt.reason =
        state + (error.empty() ? "" : " " + error) + (reason.empty() ? "" : ": " + reason);
    receipt.external_id = bounded_id((receipt.key.empty() ? receipt.receipt_ref : receipt.key) +
                                     ":" + state + ":" + error);
    receipt.raw = raw_of(config.guard, request);
    return std::vector<Receipt>{std::move(receipt)};
}

base::Result<std::vector<Inbound>> parse_inbound(const CallbackConfig& config,
                                                 const HttpRequest& request, base::Instant wall) {
    if (auto known = check_caller(config.guard, request, wall); !known)
        return base::fail(std::move(known.error()));
    const auto facts = Facts::of(request);
    if (!facts) return base::fail(facts.error());
    const auto& mapping = config.inbound;
    Inbound message{.from = facts->value(mapping.from),
                    .to = facts->value(mapping.to),
                    .text = facts->value(mapping.text),
                    .raw = raw_of(config.guard, request)};
    if (message.from.empty())
        return base::fail("callback.field_missing", "The message names no sender.");
    if (!base::is_valid_utf8(message.text) || !base::is_valid_utf8(message.from))
        return base::fail("callback.malformed", "The message is not UTF-8.");
    const auto id = facts->value(mapping.id);
    message.external_id = id.empty() ? base::sha256_hex(message.raw) : bounded_id(id);
    const bool is_international =
        message.from.size() > 8 && message.from[0] >= '1' && message.from[0] <= '9';
    if (is_international) message.from.insert(0, "+");
    return std::vector<Inbound>{std::move(message)};
}

}  // namespace carillon::channels

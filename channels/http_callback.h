// What a provider tells us over HTTP: receipts and messages of people, by configured names. Pure
// functions; the endpoint that hears the requests belongs to whoever listens.
//
// A parameter is named as in the query or the form body, or by a JSON pointer ("/data/status") when
// the body is JSON.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "channels/channel.h"

namespace carillon::channels {

struct HttpRequest {
    std::string method{};
    std::string url{};  // as asked for: "/receipts/sms?key=..."; may be absolute
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
};

// Who may call us. Without one of these everybody could suppress our clients' addresses.
struct CallbackGuard {
    enum class Kind {
        // X-Twilio-Signature: base64 of HMAC-SHA1 over the public URL and the sorted form fields;
        // for other bodies over the URL, which then carries bodySHA256.
        twilio,
        // HMAC-SHA256 over "<timestamp>.<body>", in hexadecimal or base64, each in a header.
        hmac_sha256,
        // A parameter of the URL that only the provider knows.
        parameter
    };
    Kind kind{Kind::parameter};
    std::string secret{};
    std::string public_url{};  // twilio: what stands before the path where the provider calls
    std::string signature_header{"X-Signature"};
    std::string timestamp_header{"X-Timestamp"};  // seconds since 1970
    std::chrono::seconds age_max{300};
    std::string parameter{"secret"};
};

// Errors: callback.signature_missing, callback.signature_wrong, callback.too_old.
base::Result<void> check_caller(const CallbackGuard& guard, const HttpRequest& request,
                                base::Instant wall);

struct ReceiptMapping {
    std::string ref{};       // the provider's id; or
    std::string key{};       // our own, which we had put into the callback's URL
    bool key_is_hex{false};  // as key_hex
    std::string state{};
    // Values of `state`, the first that fits counts. With `bits` they are numbers of which all bits
    // are set in the value.
    std::vector<std::pair<std::string, Receipt::State>> states{};
    bool bits{false};
    std::string reason{};
    std::string error{};  // of failures: these values mean that the number does not exist
    std::vector<std::string> bad_address{};
};

struct InboundMapping {
    std::string from{};
    std::string to{};
    std::string text{};
    std::string id{};  // may be empty: then the same request is the same message
};

struct CallbackConfig {
    CallbackGuard guard{};
    ReceiptMapping receipt{};
    InboundMapping inbound{};
};

// The caller is checked first. A state that is not mapped is in_progress. Errors: those of
// check_caller, callback.malformed, callback.field_missing.
base::Result<std::vector<Receipt>> parse_receipts(const CallbackConfig& config,
                                                  const HttpRequest& request, base::Instant wall);
base::Result<std::vector<Inbound>> parse_inbound(const CallbackConfig& config,
                                                 const HttpRequest& request, base::Instant wall);

}  // namespace carillon::channels

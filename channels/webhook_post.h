// POSTs of webhooks by libcurl, many at once from one thread. Redirects are not followed, proxies
// of the environment are not used, what a receiver answers is not kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "channels/webhook_target.h"

namespace carillon::channels {

// The headers of Standard Webhooks 1.0.0 (standardwebhooks.com): webhook-id, webhook-timestamp and
// webhook-signature, which is "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".
struct WebhookMessage {
    std::string id{};
    std::int64_t timestamp{};  // seconds since 1970, of this attempt
    std::string body{};
};
// `secret`: "whsec_" and base64. Errors: webhook.secret.
base::Result<std::string> webhook_signature(const std::string& secret,
                                            const WebhookMessage& message);
std::string new_webhook_secret();  // 32 random bytes

struct WebhookRequest {
    std::int64_t receiver{};
    std::int64_t delivery{};
    std::string url{};
    WebhookMessage message{};
    std::string signature{};
};

struct WebhookAnswer {
    std::int64_t receiver{};
    std::int64_t delivery{};
    int status{};           // 0: there was none
    std::string problem{};  // "" for 2xx; holds nothing that the receiver wrote
    std::optional<std::chrono::seconds> retry_after{};
    bool good() const { return status >= 200 && status < 300; }
};

struct WebhookLimits {
    WebhookRules rules{};
    std::chrono::milliseconds connect_timeout{std::chrono::seconds{5}};
    std::chrono::milliseconds total_timeout{std::chrono::seconds{15}};
    std::string ca_file{};  // PEM; empty: the authorities the system trusts
};

// Used from one thread.
class WebhookPost {
public:
    explicit WebhookPost(WebhookLimits limits);
    ~WebhookPost();  // gives up what is under way
    WebhookPost(const WebhookPost&) = delete;
    WebhookPost& operator=(const WebhookPost&) = delete;

    void start(WebhookRequest request);
    std::size_t under_way() const;
    // What has ended, at once when there is something, else after `patience` at the latest.
    std::vector<WebhookAnswer> wait(std::chrono::milliseconds patience);

private:
    struct Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace carillon::channels

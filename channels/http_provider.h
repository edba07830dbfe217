// A provider that takes messages over HTTP, described by settings: one thread drives all
// connections, which are kept alive. Knows no payload but by the names of its fields
// (http_fields.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "channels/channel.h"
#include "channels/http_fields.h"
#include "channels/http_outcome.h"
#include "channels/send_queue.h"

namespace carillon::channels {

struct HttpProviderSettings {
    std::string name{"sms"};
    base::ChannelKind kind{base::ChannelKind::sms};
    std::string method{"POST"};
    FieldText url{};
    std::vector<NamedField> query{};
    std::vector<NamedField> headers{};
    std::vector<NamedField> form{};  // a body of either form or json, or none
    std::optional<JsonTemplate> json{};
    std::string idempotency_header{};  // carries the message's key
    std::string user{};                // with it: Basic; without: Bearer
    std::string token{};               // password or token; empty: no authentication
    HttpFields secrets{};              // "secret.NAME", for providers that want them elsewhere
    HttpResponseRules rules{};
    std::string ca_file{};   // PEM; empty: the authorities the system trusts
    bool allow_http{false};  // without TLS: only for gateways on the same machine
    std::size_t connections{8};
    QueueSettings queue{};
    std::chrono::milliseconds connect_timeout{std::chrono::seconds{10}};
    std::chrono::milliseconds total_timeout{std::chrono::seconds{60}};
    std::chrono::milliseconds backoff_first{500};
    std::chrono::milliseconds backoff_max{std::chrono::minutes{2}};
};

// Safe from several threads. A request is never sent twice by itself: what was on its way when a
// line broke is Uncertain, also on a line that had been kept alive. Redirects are not followed.
// Receipts and inbound messages come through callbacks (http_callback.h), not through this class.
class HttpProvider final : public Channel {
public:
    // The sink and the clock must outlive the channel; the sink must not throw or call stop().
    // Errors: http.library.
    static base::Result<std::unique_ptr<HttpProvider>> create(HttpProviderSettings settings,
                                                              const base::Clock& clock,
                                                              OutcomeSink sink,
                                                              BeginSink begins = {});
    ~HttpProvider() override;  // stop() without patience

    base::ChannelKind kind() const override;
    const std::string& name() const override;
    std::size_t capacity() const override;
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override;
    void recall() override;
    // Connects, with TLS where configured, and asks nothing.
    base::Result<std::string> probe() override;
    bool tells_beginnings() const override { return true; }

private:
    class Loop;
    explicit HttpProvider(std::unique_ptr<Loop> loop);
    std::unique_ptr<Loop> loop_;
};

}  // namespace carillon::channels

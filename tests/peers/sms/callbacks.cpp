#include "callbacks.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "channels/http_callback.h"
#include "channels/sms_settings.h"
#include "conformance.h"

namespace carillon::testing {

namespace {

channels::HttpRequest request_of(const base::Json& json) {
    channels::HttpRequest request{.method = *json.find("method")->text(),
                                  .url = *json.find("url")->text(),
                                  .body = *json.find("body")->text()};
    for (const auto& [name, value] : *json.find("headers")->object())
        request.headers.emplace_back(name, *value.text());
    return request;
}

template <class T>
void take(base::Result<std::vector<T>> parsed, std::vector<T>& out) {
    if (!parsed) throw std::runtime_error("a callback was refused: " + parsed.error().text());
    std::ranges::move(*parsed, std::back_inserter(out));
}

}  // namespace

Callbacks take_callbacks(const Peer& peer) {
    static const auto config = [&] {
        const auto settings =
            channels::parse_sms_settings(peer.settings("settings"), peer.folder());
        if (!settings) throw std::runtime_error(settings.error().front().text());
        auto made = channels::make_callbacks(settings->http);
        if (!made) throw std::runtime_error(made.error().text());
        return std::move(*made);
    }();
    const base::SystemClock clock;
    Callbacks out;
    const auto taken = base::Json::parse(http_get(peer.callbacks_port(), "/taken"));
    for (const auto& json : *taken->array()) {
        const auto request = request_of(json);
        // The same request with another secret or another word must not pass.
        auto forged = request;
        forged.url += forged.url.find('?') == std::string::npos ? "?x=1" : "1";
        auto stripped = forged;
        stripped.headers.clear();
        stripped.url = stripped.url.substr(0, stripped.url.find('?'));
        if (channels::check_caller(config.guard, stripped, clock.now()))
            throw std::runtime_error("a callback without a signature was taken");
        if (config.guard.kind == channels::CallbackGuard::Kind::twilio &&
            channels::check_caller(config.guard, forged, clock.now()))
            throw std::runtime_error("a forged callback was taken");
        if (request.url.starts_with("/receipt"))
            take(channels::parse_receipts(config, request, clock.now()), out.receipts);
        else
            take(channels::parse_inbound(config, request, clock.now()), out.inbound);
    }
    return out;
}

}  // namespace carillon::testing

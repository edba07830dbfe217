#include "subject.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace carillon::testing {

namespace net = Poco::Net;
using namespace std::chrono_literals;
using channels::Receipt;

namespace {

std::string http_get(int port, const std::string& path) {
    net::HTTPClientSession session{"127.0.0.1", static_cast<Poco::UInt16>(port)};
    session.setTimeout(Poco::Timespan{90, 0});
    net::HTTPRequest request{net::HTTPRequest::HTTP_GET, path, net::HTTPMessage::HTTP_1_1};
    session.sendRequest(request);
    net::HTTPResponse response;
    std::string body;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
    if (response.getStatus() != net::HTTPResponse::HTTP_OK)
        throw std::runtime_error("the peer answers " + path + ": " + body);
    return body;
}

base::Json read_json(const char* path) {
    std::ifstream in{path};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    auto json = base::Json::parse(text, path);
    if (!json) throw std::runtime_error(json.error().text());
    return std::move(*json);
}

channels::HttpRequest request_of(const base::Json& json) {
    channels::HttpRequest request{.method = *json.find("method")->text(),
                                  .url = *json.find("url")->text(),
                                  .body = *json.find("body")->text()};
    for (const auto& [name, value] : *json.find("headers")->object())
        request.headers.emplace_back(name, *value.text());
    return request;
}

}  // namespace

std::string escaped(const std::string& text) {
    std::string out;
    Poco::URI::encode(text, "&=+#?%;/ ", out);
    return out;
}

const Peer& Peer::instance() {
    static const Peer peer = [] {
        const char* path = std::getenv("CARILLON_PEER");
        if (path == nullptr) throw std::runtime_error("CARILLON_PEER names no peer");
        Peer made;
        made.description_ = read_json(path);
        return made;
    }();
    return peer;
}

std::string Peer::text(const std::string& name) const {
    return *description_.find(name)->text();
}

base::Json Peer::settings(const std::string& which) const {
    return *description_.find("settings")->find(which);
}

bool Peer::has_settings(const std::string& which) const {
    return description_.find("settings")->find(which) != nullptr;
}

std::string Peer::form(const std::string& of, const std::string& usual) const {
    const auto* form = description_.find("forms")->find(of);
    return form != nullptr ? *form->text() : usual;
}

std::string Peer::skipped(const std::string& of_case) const {
    const auto* why = description_.find("skip")->find(of_case);
    return why != nullptr ? *why->text() : std::string{};
}

std::string Peer::address(const std::string& behaviour) const {
    static int next =
        1000000 + static_cast<int>(base::to_millis(base::SystemClock{}.now()) % 89 * 100000);
    const auto* addresses = description_.find("addresses");
    const auto* found = addresses->find(behaviour);
    auto address = *(found != nullptr ? found : addresses->find("good"))->text();
    if (const auto place = address.find("{n}"); place != std::string::npos)
        address.replace(place, 3, std::to_string(++next));
    return address;
}

base::Json Peer::control(const std::string& path) const {
    const auto port = static_cast<int>(*description_.find("control")->integer());
    auto json = base::Json::parse(http_get(port, path));
    if (!json) throw std::runtime_error(json.error().text());
    return std::move(*json);
}

std::vector<Peer::Seen> Peer::seen(const std::string& mark) const {
    std::vector<Seen> out;
    const auto all = control("/seen?mark=" + escaped(mark));
    for (const auto& one : *all.array())
        out.push_back({*one.find("text")->text(), *one.find("key")->text()});
    return out;
}

Subject::Subject(const std::string& which) {
    const auto& peer = Peer::instance();
    const auto config = channels::parse_channel(peer.settings(which), peer.folder());
    if (!config) throw std::runtime_error(config.error().front().text());
    channels::ChannelSinks sinks;
    sinks.outcomes = [this](std::vector<channels::Report> reports) {
        const std::scoped_lock lock{mutex_};
        for (auto& report : reports) reports_[report.id.value].push_back(std::move(report.outcome));
        changed_.notify_all();
    };
    sinks.receipts = [this](std::vector<Receipt> receipts) {
        const std::scoped_lock lock{mutex_};
        std::ranges::move(receipts, std::back_inserter(receipts_));
        changed_.notify_all();
        return true;
    };
    auto callbacks = channels::callbacks_of(*config);
    if (!callbacks) throw std::runtime_error(callbacks.error().text());
    callbacks_ = std::move(*callbacks);
    auto opened = channels::open_channel(
        *config, clock_, std::move(sinks),
        {.installation_key = "0123456789abcdef0123456789abcdef", .durable = true});
    if (!opened) throw std::runtime_error(opened.error().text());
    opened_ = std::move(*opened);
}

Subject::~Subject() {
    opened_.channel->stop(2s);
    opened_.channel.reset();
}

base::Result<base::MessageId> Subject::try_send(const std::string& to, const Words& words) {
    static std::int64_t next = 1;
    static const auto run = std::to_string(base::to_millis(clock_.now()));
    const base::MessageId id{next++};
    channels::Message message;
    message.id = id;
    message.key =
        words.key.empty() ? "conformance-" + run + "-" + std::to_string(id.value) : words.key;
    message.to = to;
    message.purpose = base::Purpose::service;
    base::Pieces text;
    text.add_value(words.text);
    channels::ContentParts parts{};
    parts.id = id;
    parts.key = message.key;
    parts.address = to;
    parts.display_name = words.name;
    parts.locale = "ru";
    parts.time_zone = "Europe/Moscow";
    parts.purpose = message.purpose;
    parts.subject = words.subject;
    parts.text = &text;
    parts.date = clock_.now();
    auto payload = opened_.compose(parts);
    if (!payload) return base::fail(payload.error());
    message.payload = std::move(*payload);
    {
        const std::scoped_lock lock{mutex_};
        keys_[id.value] = message.key;
    }
    opened_.channel->send({std::move(message)});
    return id;
}

base::MessageId Subject::send(const std::string& to, const Words& words) {
    const auto id = try_send(to, words);
    if (!id) throw std::runtime_error("cannot be composed: " + id.error().text());
    return *id;
}

bool Subject::wait(Millis patience, const std::function<bool()>& done) {
    const auto until = base::steady_now() + patience;
    while (true) {
        if (callbacks_) take_callbacks();
        std::unique_lock lock{mutex_};
        if (done()) return true;
        if (base::steady_now() >= until) return false;
        changed_.wait_for(lock, 50ms);
    }
}

channels::Outcome Subject::outcome(base::MessageId id, Millis patience) {
    if (!wait(patience, [&] { return reports_.contains(id.value); }))
        throw std::runtime_error("no report of the message");
    const std::scoped_lock lock{mutex_};
    return reports_.at(id.value).front();
}

std::size_t Subject::reports_of(base::MessageId id) const {
    const std::scoped_lock lock{mutex_};
    const auto found = reports_.find(id.value);
    return found == reports_.end() ? 0 : found->second.size();
}

// Holding the mutex.
bool Subject::belongs_to(const Receipt& receipt, base::MessageId id) const {
    if (!receipt.key.empty()) return receipt.key == keys_.at(id.value);
    const auto found = reports_.find(id.value);
    if (found == reports_.end()) return false;
    const auto* accepted = std::get_if<channels::Accepted>(&found->second.front());
    return accepted != nullptr && std::ranges::find(accepted->receipt_refs, receipt.receipt_ref) !=
                                      accepted->receipt_refs.end();
}

std::optional<Receipt> Subject::receipt(base::MessageId id, Receipt::State state, Millis patience) {
    std::optional<Receipt> out;
    wait(patience, [&] {
        for (const auto& receipt : receipts_)
            if (receipt.state == state && belongs_to(receipt, id)) out = receipt;
        return out.has_value();
    });
    return out;
}

std::vector<Receipt> Subject::receipts_of(base::MessageId id) {
    if (callbacks_) take_callbacks();
    const std::scoped_lock lock{mutex_};
    std::vector<Receipt> out;
    std::ranges::copy_if(receipts_, std::back_inserter(out),
                         [&](const Receipt& receipt) { return belongs_to(receipt, id); });
    return out;
}

// What the server would be told by the provider, checked as the server checks it.
void Subject::take_callbacks() {
    const auto taken = Peer::instance().control("/callbacks");
    for (const auto& json : *taken.array()) {
        auto receipts = channels::parse_receipts(*callbacks_, request_of(json), clock_.now());
        if (!receipts)
            throw std::runtime_error("a callback was refused: " + receipts.error().text());
        const std::scoped_lock lock{mutex_};
        std::ranges::move(*receipts, std::back_inserter(receipts_));
    }
}

}  // namespace carillon::testing

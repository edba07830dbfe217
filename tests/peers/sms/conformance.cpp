#include "conformance.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "callbacks.h"
#include "channels/sms_settings.h"

namespace carillon::testing {

namespace net = Poco::Net;
using namespace std::chrono_literals;
using channels::Receipt;

std::string http_get(int port, const std::string& path_and_query) {
    net::HTTPClientSession session{"127.0.0.1", static_cast<Poco::UInt16>(port)};
    net::HTTPRequest request{net::HTTPRequest::HTTP_GET, path_and_query,
                             net::HTTPMessage::HTTP_1_1};
    session.sendRequest(request);
    net::HTTPResponse response;
    std::string body;
    Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
    if (response.getStatus() != net::HTTPResponse::HTTP_OK)
        throw std::runtime_error("the peer answers " + std::to_string(response.getStatus()));
    return body;
}

std::string url_escaped(const std::string& text) {
    std::string out;
    Poco::URI::encode(text, "&=+#?%;/ ", out);
    return out;
}

const Peer& Peer::instance() {
    static const Peer peer = [] {
        const char* path = std::getenv("CARILLON_PEER");
        if (path == nullptr) throw std::runtime_error("CARILLON_PEER names no peer");
        std::ifstream in{path};
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        auto json = base::Json::parse(text, path);
        if (!json) throw std::runtime_error(json.error().text());
        Peer made;
        made.description_ = std::move(*json);
        made.name_ = *made.description_.find("name")->text();
        return made;
    }();
    return peer;
}

base::Json Peer::settings(const std::string& which) const {
    return *description_.find(which);
}

std::string Peer::form_of(const std::string& refusal) const {
    const auto* expect = description_.find("expect");
    const auto* form = expect != nullptr ? expect->find(refusal) : nullptr;
    return form != nullptr ? *form->text() : "outcome";
}

bool Peer::skips(const std::string& test) const {
    const auto* list = description_.find("skip");
    return list != nullptr && std::ranges::any_of(*list->array(), [&](const base::Json& name) {
               return *name.text() == test;
           });
}

std::string Peer::folder() const {
    return *description_.find("folder")->text();
}

int Peer::callbacks_port() const {
    const auto* port = description_.find("callbacks");
    return port != nullptr ? static_cast<int>(*port->integer()) : 0;
}

base::Json Peer::control(const std::string& command) const {
    const auto port = static_cast<int>(*description_.find("control")->integer());
    return *base::Json::parse(http_get(port, command));
}

std::vector<Peer::Seen> Peer::seen(const std::string& to) const {
    const auto digits = to.substr(to.starts_with('+') ? 1 : 0);
    const auto all = control("/seen");
    std::map<std::int64_t, std::map<std::int64_t, std::string>> open;  // by reference
    std::vector<Seen> out;
    for (const auto& entry : *all.array()) {
        const auto recipient = *entry.find("to")->text();
        if (recipient.substr(recipient.starts_with('+') ? 1 : 0) != digits) continue;
        const auto total = *entry.find("total")->integer();
        const auto reference = *entry.find("reference")->integer();
        auto& parts = open[reference];
        parts[*entry.find("number")->integer()] = *entry.find("text")->text();
        if (static_cast<std::int64_t>(parts.size()) < total) continue;
        Seen message{.from = *entry.find("from")->text(), .to = to, .parts = total};
        for (const auto& [number, text] : parts) message.text += text;
        message.reference = std::to_string(reference);
        if (const auto* key = entry.find("key"); key != nullptr) message.reference = *key->text();
        out.push_back(std::move(message));
        open.erase(reference);
    }
    return out;
}

Subject::Subject(const std::string& which, const std::function<void(base::Json&)>& change) {
    auto json = Peer::instance().settings(which);
    if (change) change(json);
    const auto settings = channels::parse_sms_settings(json, Peer::instance().folder());
    if (!settings) throw std::runtime_error(settings.error().front().text());
    channels::ChannelSinks sinks;
    sinks.outcomes = [this](std::vector<channels::Report> reports) {
        const std::scoped_lock lock{mutex_};
        for (auto& report : reports) reports_[report.id.value].push_back(std::move(report.outcome));
        changed_.notify_all();
    };
    sinks.receipts = [this](std::vector<Receipt> receipts) {
        const std::scoped_lock lock{mutex_};
        if (refusals_left_ > 0) {
            --refusals_left_;
            ++refused_;
            return false;
        }
        std::ranges::move(receipts, std::back_inserter(receipts_));
        changed_.notify_all();
        return true;
    };
    sinks.inbound = [this](std::vector<channels::Inbound> messages) {
        const std::scoped_lock lock{mutex_};
        if (refusals_left_ > 0) {
            --refusals_left_;
            ++refused_;
            return false;
        }
        std::ranges::move(messages, std::back_inserter(inbound_));
        changed_.notify_all();
        return true;
    };
    auto made = channels::make_sms_channel(*settings, clock_, std::move(sinks));
    if (!made) throw std::runtime_error(made.error().text());
    channel_ = std::move(*made);
}

Subject::~Subject() {
    channel_->stop(2s);
    channel_.reset();
}

std::string Subject::number(const std::string& behaviour) {
    static std::atomic<int> next{1000000};
    return "+79" + std::to_string(next++) + behaviour;
}

base::MessageId Subject::send(const std::string& to, std::string text, std::string key) {
    static std::atomic<std::int64_t> next{1};
    channels::Message message;
    message.id.value = next++;
    message.key = key.empty() ? "conformance-" + std::to_string(base::to_millis(clock_.now())) +
                                    "-" + std::to_string(message.id.value)
                              : std::move(key);
    message.to = to;
    message.purpose = base::Purpose::transactional;
    message.payload = channels::SmsPayload{.from = "BANK", .text = std::move(text)};
    const auto id = message.id;
    {
        const std::scoped_lock lock{mutex_};
        keys_[id.value] = message.key;
    }
    channel_->send({std::move(message)});
    return id;
}

bool Subject::wait(std::chrono::milliseconds patience, const std::function<bool()>& done) {
    const auto until = base::steady_now() + patience;
    while (true) {
        if (Peer::instance().callbacks_port() != 0) poll_callbacks();
        std::unique_lock lock{mutex_};
        if (done()) return true;
        if (base::steady_now() >= until) return false;
        changed_.wait_for(lock, 50ms);
    }
}

channels::Outcome Subject::outcome(base::MessageId id, std::chrono::milliseconds patience) {
    const bool came = wait(patience, [&] { return reports_.contains(id.value); });
    if (!came) throw std::runtime_error("no report of the message");
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

std::optional<Receipt> Subject::receipt(base::MessageId id, Receipt::State state,
                                        std::chrono::milliseconds patience) {
    std::optional<Receipt> out;
    wait(patience, [&] {
        for (const auto& receipt : receipts_)
            if (receipt.state == state && belongs_to(receipt, id)) out = receipt;
        return out.has_value();
    });
    return out;
}

std::vector<Receipt> Subject::receipts_of(base::MessageId id) {
    const std::scoped_lock lock{mutex_};
    std::vector<Receipt> out;
    std::ranges::copy_if(receipts_, std::back_inserter(out),
                         [&](const Receipt& receipt) { return belongs_to(receipt, id); });
    return out;
}

std::optional<channels::Inbound> Subject::inbound(const std::string& text,
                                                  std::chrono::milliseconds patience) {
    std::optional<channels::Inbound> out;
    wait(patience, [&] {
        for (const auto& message : inbound_)
            if (message.text == text) out = message;
        return out.has_value();
    });
    return out;
}

void Subject::refuse_to_store(int times) {
    const std::scoped_lock lock{mutex_};
    refusals_left_ = times;
}

void Subject::poll_callbacks() {
    auto taken = take_callbacks(Peer::instance());
    const std::scoped_lock lock{mutex_};
    std::ranges::move(taken.receipts, std::back_inserter(receipts_));
    std::ranges::move(taken.inbound, std::back_inserter(inbound_));
}

}  // namespace carillon::testing

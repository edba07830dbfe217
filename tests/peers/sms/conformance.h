// What every channel of short messages must do, whatever stands behind it. A subject is an adapter
// with its settings; its peer does what the last digits of a recipient ask for (centre.js says
// which) and tells over HTTP what it has seen.
//
// Described by a JSON file named in CARILLON_PEER:
//   {"name": "smpp", "folder": "...", "control": 21076,
//    "settings": {...}, "bad_tls": {...}, "callbacks": 21088,
//    "expect": {"no such number": "receipt"}, "skip": ["late answer"]}
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "channels/channel.h"

namespace carillon::testing {

// One GET to 127.0.0.1; throws std::runtime_error when nobody answers 200.
std::string http_get(int port, const std::string& path_and_query);
std::string url_escaped(const std::string& text);

class Peer {
public:
    static const Peer& instance();  // read from CARILLON_PEER

    const std::string& name() const { return name_; }
    base::Json settings(const std::string& which) const;  // "settings", "bad_tls"
    bool has(const std::string& which) const { return description_.find(which) != nullptr; }
    // What a refusal looks like through this adapter: "outcome" or "receipt".
    std::string form_of(const std::string& refusal) const;
    bool skips(const std::string& test) const;
    std::string folder() const;

    base::Json control(const std::string& command) const;
    struct Seen {
        std::string from{};
        std::string to{};
        std::string text{};
        std::int64_t parts{1};
        std::string reference{};
    };
    // Messages for `to`, put together from their parts; incomplete ones are left out.
    std::vector<Seen> seen(const std::string& to) const;
    // Requests the provider has made to us since the last call, as receipts and inbound messages.
    int callbacks_port() const;

private:
    std::string name_;
    base::Json description_;
};

// A channel under test and everything it reports.
class Subject {
public:
    // `change` edits the settings before they are parsed.
    explicit Subject(const std::string& which = "settings",
                     const std::function<void(base::Json&)>& change = {});
    ~Subject();

    channels::Channel& channel() { return *channel_; }
    // A number of its own that asks the peer for `behaviour` (two digits).
    std::string number(const std::string& behaviour);
    base::MessageId send(const std::string& to, std::string text, std::string key = {});
    channels::Outcome outcome(base::MessageId id, std::chrono::milliseconds patience);
    std::size_t reports_of(base::MessageId id) const;

    // The first receipt of the message in this state.
    std::optional<channels::Receipt> receipt(base::MessageId id, channels::Receipt::State state,
                                             std::chrono::milliseconds patience);
    std::vector<channels::Receipt> receipts_of(base::MessageId id);
    std::optional<channels::Inbound> inbound(const std::string& text,
                                             std::chrono::milliseconds patience);
    void refuse_to_store(int times);
    int refused() const { return refused_; }

private:
    bool wait(std::chrono::milliseconds patience, const std::function<bool()>& done);
    void poll_callbacks();
    bool belongs_to(const channels::Receipt& receipt, base::MessageId id) const;

    base::SystemClock clock_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::int64_t, std::vector<channels::Outcome>> reports_;
    std::map<std::int64_t, std::string> keys_;
    std::vector<channels::Receipt> receipts_;
    std::vector<channels::Inbound> inbound_;
    int refusals_left_{0};
    int refused_{0};
    std::unique_ptr<channels::Channel> channel_;
};

}  // namespace carillon::testing

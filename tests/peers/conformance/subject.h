// An adapter under test, made from settings as the program makes it, and what it reports. Its peer
// is described by a JSON file named in CARILLON_PEER and spoken to over HTTP (see peers.py):
//   {"adapter": "ipp", "folder": "...", "control": 21900, "settings": {"main": {...}, "bad_tls":
//   {...}},
//    "addresses": {"good": "+79{n}99"}, "forms": {"deferred": "receipt"}, "skip": {"late receipt":
//    "why"}}
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "channels/open.h"

namespace carillon::testing {

using Millis = std::chrono::milliseconds;

std::string escaped(const std::string& text);  // for a query

class Peer {
public:
    static const Peer& instance();

    std::string adapter() const { return text("adapter"); }
    base::Json settings(const std::string& which) const;
    bool has_settings(const std::string& which) const;
    // How this adapter shows what a case is about; `usual` where nothing is said.
    std::string form(const std::string& of, const std::string& usual) const;
    // Why a case cannot apply; empty: it does.
    std::string skipped(const std::string& of_case) const;
    std::string folder() const { return text("folder"); }
    // A new address that asks the peer for `behaviour`.
    std::string address(const std::string& behaviour) const;

    base::Json control(const std::string& path) const;
    struct Seen {
        std::string text{};
        std::string key{};  // whatever the peer recognises a repeated message by
    };
    // What the peer has got and has `mark` in it.
    std::vector<Seen> seen(const std::string& mark) const;

private:
    std::string text(const std::string& name) const;
    base::Json description_;
};

struct Words {
    std::string text{};
    std::string subject{"Notice"};
    std::string name{"Anna Kim"};
    std::string key{};  // empty: a new one
};

class Subject {
public:
    explicit Subject(const std::string& which = "main");
    ~Subject();
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    // Errors: those of the composer.
    base::Result<base::MessageId> try_send(const std::string& to, const Words& words);
    base::MessageId send(const std::string& to, const Words& words);
    channels::Outcome outcome(base::MessageId id, Millis patience);
    std::size_t reports_of(base::MessageId id) const;
    // The first receipt of the message that has ended it, or any in this state.
    std::optional<channels::Receipt> receipt(base::MessageId id, channels::Receipt::State state,
                                             Millis patience);
    std::vector<channels::Receipt> receipts_of(base::MessageId id);
    channels::Channel& channel() { return *opened_.channel; }

private:
    bool wait(Millis patience, const std::function<bool()>& done);
    void take_callbacks();
    bool belongs_to(const channels::Receipt& receipt, base::MessageId id) const;

    base::SystemClock clock_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::int64_t, std::vector<channels::Outcome>> reports_;
    std::map<std::int64_t, std::string> keys_;
    std::vector<channels::Receipt> receipts_;
    std::optional<channels::CallbackConfig> callbacks_;
    channels::OpenedChannel opened_;
};

}  // namespace carillon::testing

// The seam to the outside: messages in, one Outcome each out. A channel knows no campaign, no
// client, no SQL.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/channel_kind.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace carillon::channels {

// A finished e-mail: what channels::EmailComposer makes.
struct EmailPayload {
    std::string envelope_from{};  // RFC 5321 reverse-path without <>, may be VERP
    std::string bytes{};          // RFC 5322 message, CRLF lines, not yet dot-stuffed
    bool smtputf8{false};         // headers or addresses need RFC 6531
    bool dsn_failure_only{true};  // ask for NOTIFY=FAILURE (RFC 3461) where the server offers DSN
};

using Payload = std::variant<EmailPayload>;

struct Message {
    base::MessageId id{};
    std::string key{};  // idempotency key: the same on every attempt, unique among messages;
                        // printable ASCII
    std::string to{};   // parsed address of the channel's kind
    base::Purpose purpose{
        base::Purpose::marketing};  // transactional overtakes service, debt, marketing
    Payload payload{};
    // No decisive byte may be written after this; such a message is reported as Deferred, not sent.
    base::Steady deadline{base::Steady::max()};
};

// The provider took responsibility.
struct Accepted {
    std::string provider_ref{};  // "250 2.0.0 Ok: queued as 4F1..." or the provider's id
};
// Definitely not taken now; worth another try.
struct Deferred {
    std::string reason{};
    bool consumed_attempt{
        true};  // false: throttled, stopped or never tried; does not count as an attempt
    std::optional<std::chrono::milliseconds> retry_after{};
};
// Definitely refused for good; the same message to the same address will not succeed.
struct Rejected {
    std::string reason{};
    bool address_is_bad{false};  // the address itself does not exist: worth suppressing
};
// The decisive bytes went out and no answer came: nobody knows.
struct Uncertain {
    std::string reason{};
};
using Outcome = std::variant<Accepted, Deferred, Rejected, Uncertain>;

struct Report {
    base::MessageId id{};
    Outcome outcome{};
};

// Called from the channel's own threads, several reports at a time; must not block for long.
using OutcomeSink = std::function<void(std::vector<Report> reports)>;

// A way to reach people. Safe to call from several threads.
// Every message given to send() gets exactly one Report, in any order, also after stop().
class Channel {
public:
    virtual ~Channel() = default;
    virtual base::ChannelKind kind() const = 0;
    virtual const std::string& name() const = 0;  // of the configured channel: "email", "email-eu"
    // How many messages it likes to hold at once (queued and in flight); giving it more is allowed,
    // not useful.
    virtual std::size_t capacity() const = 0;
    // Takes the messages and returns at once.
    virtual void send(std::vector<Message> batch) = 0;
    // Finishes what is in flight within `patience`; what was not begun is reported as Deferred.
    virtual void stop(std::chrono::milliseconds patience) = 0;
    // Can the provider be reached and would it take mail from us? For `carillon doctor`. Sends
    // nothing.
    virtual base::Result<std::string> probe() = 0;
};

}  // namespace carillon::channels

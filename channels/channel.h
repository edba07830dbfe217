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

// A short message. The adapter divides it into parts (3GPP TS 23.038, 23.040).
struct SmsPayload {
    std::string from{};  // sender: alphanumeric (at most 11 GSM characters), short code or E.164
    std::string text{};  // UTF-8, NFC
    // What is not delivered by then is not to be delivered at all.
    std::optional<base::Instant> valid_until{};
};

// A finished fax document. Both forms show the same pages.
struct FaxPayload {
    std::string pdf{};
    std::string tiff{};  // class F, CCITT G4, 204x196 dpi, 1728 columns
    int pages{};
    std::string recipient_name{};  // for cover pages and lists; may be empty
    std::string sender_name{};
    // No call may be begun after that.
    std::optional<base::Instant> valid_until{};
};

// A finished letter, ready to be printed.
struct LetterPayload {
    std::string pdf{};  // A4 or Letter pages, fonts embedded
    int pages{};
    std::vector<std::string> address{};  // lines as printed in the window
    std::string country{};               // ISO 3166-1 alpha-2 of the destination
    std::string window{};                // name of the window profile it was laid out for
    std::string response_code{};         // printed in the letter; may be empty
};

// A task for a person or a dialler to telephone a client.
struct CallPayload {
    std::string script{};  // UTF-8, what to say
    std::string client_name{};
    std::string locale{};
    std::string time_zone{};  // IANA; empty: unknown
    std::optional<base::Instant> not_before{};
    std::optional<base::Instant> not_after{};
};

using Payload = std::variant<EmailPayload, SmsPayload, FaxPayload, LetterPayload, CallPayload>;

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
    // Ids that receipts will name, where the provider gives them: one for each part of an SMS.
    std::vector<std::string> receipt_refs{};
    int units{1};  // what is paid for: parts of an SMS, pages of a fax, letters
};
// Definitely not taken now; worth another try.
struct Deferred {
    std::string reason{};
    bool consumed_attempt{
        true};  // false: throttled, stopped or never tried; does not count as an attempt
    std::optional<std::chrono::milliseconds> retry_after{};
    // It is this message or address that is not wanted now (greylisting, a full mailbox), or we did
    // not offer it: no sign that the provider is in trouble.
    bool provider_is_well{false};
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

// What the provider tells later of a message it has accepted. Receipts come late, twice, in any
// order, and even before the outcome; whoever takes them in must not mind.
struct Receipt {
    // All are final but in_progress; bad_address: never again to this address.
    enum class State { in_progress, delivered, failed, expired, bad_address };

    std::string external_id{};  // unique for this channel: a second one of the same id is a repeat
    // One of both tells which message: an id out of Accepted::receipt_refs, or the message's key.
    std::string receipt_ref{};
    std::string key{};
    State state{State::in_progress};
    std::string reason{};               // in the provider's words
    int units{};                        // pages sent so far; 0: not told
    std::optional<base::Instant> at{};  // by the provider's clock; absent: now
    std::string raw{};                  // as received, kept as proof
};

// A message that a person sent to us: a reply, STOP, a received fax.
struct Inbound {
    std::string external_id{};  // unique for this channel
    std::string from{};         // E.164 for telephones
    std::string to{};           // our number or short code
    std::string text{};         // UTF-8; of a fax: empty
    std::string document{};     // of a fax: TIFF or PDF
    std::optional<base::Instant> at{};
    std::string raw{};
};

// Called from the channel's own threads. True: stored for good, the provider may be told so. False:
// could not be stored now; the provider is not told, and gives them again.
using ReceiptSink = std::function<bool(std::vector<Receipt> receipts)>;
using InboundSink = std::function<bool(std::vector<Inbound> messages)>;

// Called before the first byte of a message leaves, from the channel's own threads; must be quick.
using BeginSink = std::function<void(base::MessageId id)>;

// Where a channel reports. All may be called at the same time from several threads.
struct ChannelSinks {
    OutcomeSink outcomes{};
    ReceiptSink receipts{};
    InboundSink inbound{};
    BeginSink begins{};
};

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
    // Gives back what has not begun: it is reported as Deferred, and another provider may have it.
    // What is given later is taken as ever.
    virtual void recall() {}
    // Calls one back that was accepted and has not gone on; when this succeeds nobody gets it.
    // Errors: channel.cannot_cancel, and those of the adapter.
    virtual base::Result<void> cancel(const std::string& key) {
        return base::fail("channel.cannot_cancel", "what it has accepted has gone", key);
    }
    // Can the provider be reached and would it take mail from us? For `carillon doctor`. Sends
    // nothing.
    virtual base::Result<std::string> probe() = 0;
    // Whether the same key may be given again when nobody knows what became of it: the provider
    // then answers what it has, and nothing is sent twice.
    virtual bool remembers_keys() const { return false; }
    // Whether it calls ChannelSinks::begins for every message. What was given to send() and has not
    // begun is then known to be with nobody, also after a crash.
    virtual bool tells_beginnings() const { return false; }
};

}  // namespace carillon::channels

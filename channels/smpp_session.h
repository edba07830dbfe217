// One SMPP 3.4 connection as a pure state machine: bytes, time and messages go in; bytes to write,
// reports and what the centre delivers come out. No sockets, no clock.
//
// The parts of a message are answered one by one and reported together (smpp_outcome.h). A part the
// centre is too busy for is tried again here while its sisters are on their way; a message of which
// nothing was taken is given back.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "channels/channel.h"
#include "channels/rate_limit.h"
#include "channels/smpp_outcome.h"
#include "channels/smpp_pdu.h"
#include "channels/smpp_receipt.h"
#include "channels/smpp_submit.h"

namespace carillon::channels {

// Section 2.2.
enum class SmppMode { transceiver, transmitter, receiver };

// Section 7.2.
struct SmppTimeouts {
    std::chrono::milliseconds connect{std::chrono::seconds{30}};
    std::chrono::milliseconds bind{std::chrono::seconds{30}};
    std::chrono::milliseconds response{std::chrono::seconds{60}};
    std::chrono::milliseconds enquire{std::chrono::seconds{30}};  // of silence, then enquire_link
    std::chrono::milliseconds block{std::chrono::seconds{30}};    // for the centre to take bytes
    std::chrono::milliseconds unbind{std::chrono::seconds{5}};
};

struct SmppDialogue {
    std::string system_id{};
    std::string password{};
    std::string system_type{};
    SmppAddress address_range{};
    std::size_t window{50};  // units without an answer at one time
    SmppSubmitRules submit{};
    ReceiptIds receipt_ids{ReceiptIds::as_is};
    SmppVerdicts verdicts{};
    SmppTimeouts timeouts{};
};

// How fast an account may go, shared by its connections: a rate of parts, and the pauses a centre
// asks for. Pauses double from one second to a minute while it keeps asking.
class SmppPace {
public:
    explicit SmppPace(double parts_per_second = 0) : parts_(parts_per_second) {}

    std::chrono::nanoseconds wait(base::Steady now) const;
    void take(base::Steady now) { parts_.take(now); }
    void slow_down(base::Steady now);
    void accepted(base::Steady now);  // what was accepted after a pause ends the doubling
    std::chrono::milliseconds pause() const { return pause_; }

private:
    RateLimit parts_;
    std::chrono::milliseconds pause_{};
    base::Steady paused_until_{};
};

// Used from one thread. Every message given to begin() appears in exactly one report.
class SmppSession {
public:
    // All borrowed.
    SmppSession(const SmppDialogue& dialogue, SmppMode mode, SmppPace& pace, base::Steady now);

    void connected(base::Steady now);  // the line stands; the bind is on its way

    // What happened to the transport. `perhaps` >= taken may be on their way: an encrypted record
    // that is not finished, or a write whose fate is unknown.
    void receive(std::string_view bytes, base::Steady now);
    void wrote(std::size_t taken, std::size_t perhaps, base::Steady now);
    void lost(std::string_view why);
    void tick(base::Steady now);  // at wakes_at() or later

    // What the transport should do.
    std::string_view output(base::Steady now);  // valid until the next call of anything
    // Nothing more is to be expected; what output() still has may be written once more.
    bool wants_close() const { return closing_; }
    base::Steady wakes_at(base::Steady now) const;

    // Messages. begin() only when has_room(). `wall` decides how long a message stays valid.
    bool has_room(base::Steady now) const;
    void begin(Message message, base::Steady now, base::Instant wall);
    bool idle() const;  // bound, and nothing is under way
    void unbind(base::Steady now);
    std::vector<Report> take_reports() { return std::exchange(reports_, {}); }

    // What the centre delivers. Each must be answered, in any order.
    struct Delivery {
        std::uint32_t sequence{};
        SmppCommand command{SmppCommand::deliver_sm};
        SmppSm unit{};
        std::string raw{};  // hexadecimal
    };
    std::vector<Delivery> take_deliveries() { return std::exchange(deliveries_, {}); }
    void answer(std::uint32_t sequence, SmppCommand command, std::uint32_t status);

    // A message that was reported uncertain has been accepted after all: its key, and the id that
    // receipts will name.
    struct Late {
        std::string key{};
        std::string receipt_ref{};
    };
    std::vector<Late> take_late() { return std::exchange(late_answers_, {}); }

    bool bound() const { return bound_; }
    bool established() const { return was_bound_; }
    std::uint64_t answered() const { return answered_; }
    const std::string& failure() const { return failure_; }  // why it closed; empty after unbind
    const std::string& centre() const { return centre_; }    // its system_id
    SmppMode mode() const { return mode_; }

private:
    struct Submission {
        base::MessageId id{};
        std::string key{};
        base::Steady deadline{};
        int paid_parts{};
        std::vector<SmppSm> units{};
        std::vector<SmppPartFate> fates{};
        std::vector<int> tries{};
        std::string why_not_sent{};
    };
    struct PartRef {
        std::uint64_t submission{};
        std::size_t part{};
    };
    struct Flight {
        PartRef part{};
        std::uint64_t begins_at{};  // in the stream of all output
        std::uint64_t ends_at{};
        base::Steady expires_at{};
    };

    void on_pdu(std::string_view bytes, base::Steady now);
    void on_response(const SmppPdu& pdu, base::Steady now);
    void on_request(SmppPdu pdu, std::string_view bytes);
    void on_bind_response(const SmppPdu& pdu);
    void on_submit_response(const SmppPdu& pdu, base::Steady now);
    void on_malformed(std::string_view bytes, base::Steady now);
    void on_late_answer(std::uint32_t sequence, const SmppPdu& pdu);
    void decide(const PartRef& ref, std::uint32_t status, const std::string& id, base::Steady now);
    bool try_again(Submission& submission, const PartRef& ref);

    void pump(base::Steady now);
    void fly(const PartRef& ref, Submission& submission, base::Steady now);
    void call_back_overdue(base::Steady now);
    void expire_flights(base::Steady now);
    void drop_waiting(Submission& submission, std::string_view why);
    void settle(std::uint64_t submission);
    void settle_if_done(std::uint64_t submission);
    void control(const SmppPdu& pdu);
    std::uint32_t next_sequence();
    void fail(const std::string& why);

    const SmppDialogue& dialogue_;
    const SmppMode mode_;
    SmppPace& pace_;
    SmppReader reader_;
    std::string centre_;

    std::uint32_t sequence_{0};
    std::uint64_t next_submission_{1};
    std::unordered_map<std::uint64_t, Submission> submissions_;
    std::deque<PartRef> waiting_;
    std::unordered_map<std::uint32_t, Flight> flights_;
    std::deque<std::uint32_t> by_age_;  // sequences of flights_, and of some that have landed
    std::unordered_map<std::uint32_t, std::string> silent_;  // given up: sequence to key
    std::deque<std::uint32_t> silent_by_age_;

    std::vector<Report> reports_;
    std::vector<Delivery> deliveries_;
    std::vector<Late> late_answers_;
    std::size_t unanswered_deliveries_{0};

    std::string control_;       // goes out before any further message
    std::string out_;           // being written
    std::size_t out_at_{0};     // bytes of out_ already taken
    std::uint64_t taken_{0};    // bytes taken since the connection began
    std::uint64_t perhaps_{0};  // bytes that may have left

    bool stalled_{false};  // the last write did not take everything
    bool bound_{false};
    bool was_bound_{false};
    bool unbinding_{false};
    bool closing_{false};
    std::uint64_t answered_{0};
    std::string failure_;
    std::uint32_t bind_sequence_{0};
    std::uint32_t enquire_sequence_{0};  // 0: none is open
    base::Steady heard_at_;
    base::Steady asked_at_{};   // of the open enquire_link
    base::Steady moved_at_{};   // when the centre took bytes last
    base::Steady phase_until_;  // for bind and unbind
};

}  // namespace carillon::channels

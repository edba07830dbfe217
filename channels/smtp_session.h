// One SMTP connection as a pure state machine: bytes, time and messages go in; bytes to write,
// reports and the wish to start TLS or to close come out. No sockets, no clock.
//
// With PIPELINING (RFC 2920) the body and the final dot of one message travel together with MAIL,
// RCPT and DATA of the next, so a message costs one round trip. Without it every command waits for
// its reply.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "channels/channel.h"
#include "channels/smtp_commands.h"
#include "channels/smtp_outcome.h"
#include "channels/smtp_reply.h"

namespace carillon::channels {

// opportunistic: STARTTLS when offered; required: STARTTLS or no mail; implicit: TLS before the
// greeting.
enum class SmtpTls { off, opportunistic, required, implicit };

// How long a reply may take (RFC 5321 section 4.5.3.2).
struct SmtpTimeouts {
    std::chrono::milliseconds connect{std::chrono::seconds{60}};
    std::chrono::milliseconds greeting{std::chrono::minutes{5}};
    std::chrono::milliseconds command{std::chrono::minutes{5}};  // EHLO, AUTH, MAIL, RCPT, RSET
    std::chrono::milliseconds data{std::chrono::minutes{2}};     // from DATA to 354
    std::chrono::milliseconds block{std::chrono::minutes{3}};  // for the server to take some bytes
    std::chrono::milliseconds dot{std::chrono::minutes{10}};
    std::chrono::milliseconds quit{std::chrono::seconds{5}};
};

struct SmtpDialogue {
    std::string helo{"localhost"};
    SmtpTls tls{SmtpTls::required};
    std::string user{};  // empty: no AUTH
    std::string password{};
    bool auth_without_tls{false};  // only for servers on the same machine
    SmtpTimeouts timeouts{};
};

// Used from one thread. Every message given to begin() appears in exactly one report.
class SmtpSession {
public:
    enum class Need { nothing, start_tls, close };

    // `dialogue` is borrowed. The connection has just been made.
    SmtpSession(const SmtpDialogue& dialogue, base::Steady now);

    // What happened to the transport.
    void receive(std::string_view bytes, base::Steady now);
    void tls_established(base::Steady now);
    // `taken` bytes of output() are on their way. `perhaps` >= taken may be: an encrypted record
    // that is not finished, or a write whose fate is unknown.
    void wrote(std::size_t taken, std::size_t perhaps, base::Steady now);
    void lost(std::string_view why);
    void tick(base::Steady now);  // at wakes_at() or later

    // What the transport should do.
    std::string_view output(base::Steady now);  // valid until the next call of anything
    Need need() const { return need_; }
    base::Steady wakes_at() const { return timeout_at_; }

    // Messages. begin() only when has_room().
    bool has_room() const;
    void begin(Message message, base::Steady now);
    bool idle() const;  // ready, and nothing is under way
    void noop(base::Steady now);
    void quit(base::Steady now);  // only when idle

    std::vector<Report> take_reports();
    bool established() const { return established_; }        // was ready for mail at least once
    std::uint64_t begun() const { return begun_; }           // messages that got as far as MAIL
    std::uint64_t answered() const { return answered_; }     // messages the server decided about
    const std::string& failure() const { return failure_; }  // why it closed; empty after QUIT
    const SmtpExtensions& extensions() const { return extensions_; }
    const std::string& greeting() const { return greeting_; }

private:
    enum class Step {
        greeting,
        ehlo,
        helo,
        starttls,
        auth_plain,
        auth_login,
        auth_user,
        auth_password,
        mail,
        rcpt,
        data,
        dot,
        lone_dot,
        rset,
        noop,
        quit
    };
    struct Transaction {
        Message message{};
        BodyTraits traits{};
        bool answered{false};  // the server has said something about it
        bool reported{false};
        bool body_queued{false};
        std::uint64_t dot_at{0};  // where its final dot stands in the stream of all output
    };

    void on_reply(const SmtpReply& reply);
    void on_opening_reply(Step step, const SmtpReply& reply);
    void on_ehlo(Step step, const SmtpReply& reply);
    void on_starttls(const SmtpReply& reply);
    void on_envelope_reply(Step step, const SmtpReply& reply);
    void on_data_reply(const SmtpReply& reply);
    void on_dot_reply(const SmtpReply& reply);
    void after_hello();
    void authenticate();
    void become_ready();

    void send_line(std::string_view line, Step step);
    void send_step(Step step);
    void pump();
    bool may_send() const;
    void queue_body(Transaction& transaction);

    std::string problem_of(const Message& message, BodyTraits& traits) const;
    void refuse(SmtpStage stage, const SmtpReply& reply);
    void report(Transaction& transaction, Outcome outcome);
    bool is_decisive(const Transaction& transaction) const;
    void fail(std::string why);
    void arm(base::Steady now);
    std::chrono::milliseconds limit_of(Step step) const;
    static std::string_view name_of(Step step);

    const SmtpDialogue& dialogue_;
    SmtpReplyParser parser_;
    SmtpReply reply_;  // reused
    SmtpExtensions extensions_;
    std::string greeting_;
    std::deque<Step> planned_;   // not yet written; of the newest transaction
    std::deque<Step> expected_;  // written, reply to come
    std::deque<Transaction>
        transactions_;  // at most two: the front one, and one riding behind its body
    std::vector<Report> reports_;

    std::string out_;
    std::size_t out_at_{0};     // bytes of out_ already taken
    std::uint64_t taken_{0};    // bytes taken since the connection began
    std::uint64_t perhaps_{0};  // bytes that may have left

    Need need_{Need::nothing};
    bool secure_{false};
    bool ready_{false};
    bool established_{false};
    std::uint64_t begun_{0};
    std::uint64_t answered_{0};
    std::string failure_;
    base::Steady timeout_at_;
};

}  // namespace carillon::channels

#include "channels/smtp_session.h"

#include <algorithm>
#include <cstdlib>

#include "base/digest.h"
#include "channels/header_field.h"

namespace carillon::channels {

namespace {

// A buffer that once held a large message is given back.
constexpr std::size_t kept_buffer_max = 256 * 1024;

}  // namespace

SmtpSession::SmtpSession(const SmtpDialogue& dialogue, base::Steady now) : dialogue_(dialogue) {
    expected_.push_back(Step::greeting);
    if (dialogue_.tls == SmtpTls::implicit) need_ = Need::start_tls;
    arm(now);
}

// ---- what happened to the transport

void SmtpSession::receive(std::string_view bytes, base::Steady now) {
    if (need_ == Need::close) return;
    parser_.feed(bytes);
    while (need_ == Need::nothing) {
        const auto found = parser_.next(reply_);
        if (found == SmtpReplyParser::Found::nothing) break;
        if (found == SmtpReplyParser::Found::garbage) {
            fail("the server does not speak SMTP");
            return;
        }
        on_reply(reply_);
        // Only a whole reply restarts the clock: a server that drips bytes does not.
        arm(now);
    }
}

void SmtpSession::tls_established(base::Steady now) {
    if (need_ != Need::start_tls) return;
    need_ = Need::nothing;
    secure_ = true;
    // RFC 3207 section 4.2: what was learnt before the handshake is forgotten.
    extensions_ = {};
    if (dialogue_.tls != SmtpTls::implicit)
        send_line("EHLO " + dialogue_.helo + "\r\n", Step::ehlo);
    arm(now);
}

void SmtpSession::wrote(std::size_t taken, std::size_t perhaps, base::Steady now) {
    perhaps_ = std::max(perhaps_, taken_ + std::max(taken, perhaps));
    taken_ += taken;
    out_at_ += taken;
    if (out_at_ >= out_.size()) {
        out_.clear();
        out_at_ = 0;
        if (out_.capacity() > kept_buffer_max) out_.shrink_to_fit();
    }
    if (taken > 0) arm(now);
}

void SmtpSession::lost(std::string_view why) {
    if (need_ != Need::close) fail(std::string{why});
}

void SmtpSession::tick(base::Steady now) {
    if (need_ == Need::close || now < timeout_at_) return;
    if (need_ == Need::start_tls)
        fail("timed out in the TLS handshake");
    else if (out_at_ < out_.size())
        fail("timed out: the server took no data");
    else if (!expected_.empty())
        fail("timed out waiting for the reply to " + std::string{name_of(expected_.front())});
}

std::string_view SmtpSession::output(base::Steady now) {
    const auto pending = std::string_view{out_}.substr(out_at_);
    if (pending.empty() || need_ != Need::nothing) return {};
    // The last moment at which a message that must not go out any more can still be held back. Data
    // cannot be taken back within a session, but without its dot no server may deliver it.
    for (auto& transaction : transactions_) {
        if (!transaction.body_queued || is_decisive(transaction) ||
            transaction.message.deadline >= now)
            continue;
        report(transaction, Deferred{.reason = "its deadline passed while it was being sent",
                                     .consumed_attempt = false,
                                     .retry_after = {},
                                     .provider_is_well = true});
        fail("a message ran out of time");
        return {};
    }
    return pending;
}

// ---- messages

bool SmtpSession::has_room() const {
    if (!ready_ || need_ != Need::nothing || !planned_.empty()) return false;
    if (transactions_.empty()) return true;
    const auto& front = transactions_.front();
    return extensions_.pipelining && transactions_.size() == 1 && front.body_queued;
}

bool SmtpSession::idle() const {
    return ready_ && need_ == Need::nothing && transactions_.empty() && planned_.empty() &&
           expected_.empty();
}

std::string SmtpSession::problem_of(const Message& message, BodyTraits& traits) const {
    const auto& payload = std::get<EmailPayload>(message.payload);
    for (const auto* address : {&message.to, &payload.envelope_from}) {
        if (auto checked = check_path(*address); !checked) return checked.error().text();
        if (!is_ascii(*address) && !payload.smtputf8)
            return "the address needs SMTPUTF8: " + *address;
    }
    auto inspected = inspect_body(payload.bytes);
    if (!inspected) return inspected.error().text();
    traits = *inspected;
    if (payload.smtputf8 && !extensions_.smtputf8)
        return "the server offers no SMTPUTF8, which this address needs";
    if (traits.eight_bit && !extensions_.eight_bit)
        return "the server offers no 8BITMIME, which this message needs";
    if (extensions_.size_max > 0 && payload.bytes.size() > extensions_.size_max)
        return "5.3.4 the message has " + std::to_string(payload.bytes.size()) +
               " bytes, the server takes " + std::to_string(extensions_.size_max);
    return {};
}

void SmtpSession::begin(Message message, base::Steady now) {
    transactions_.push_back({.message = std::move(message)});
    auto& transaction = transactions_.back();
    if (transaction.message.deadline < now) {
        report(transaction, Deferred{.reason = "its deadline passed before it was sent",
                                     .consumed_attempt = false,
                                     .retry_after = {},
                                     .provider_is_well = true});
        transactions_.pop_back();
        return;
    }
    if (auto problem = problem_of(transaction.message, transaction.traits); !problem.empty()) {
        report(transaction, Rejected{.reason = std::move(problem)});
        transactions_.pop_back();
        return;
    }
    ++begun_;
    planned_.insert(planned_.end(), {Step::mail, Step::rcpt, Step::data});
    const bool was_waiting = !expected_.empty() || out_at_ < out_.size();
    pump();
    if (!was_waiting) arm(now);
}

void SmtpSession::noop(base::Steady now) {
    send_line("NOOP\r\n", Step::noop);
    arm(now);
}

void SmtpSession::quit(base::Steady now) {
    ready_ = false;
    send_line("QUIT\r\n", Step::quit);
    arm(now);
}

std::vector<Report> SmtpSession::take_reports() {
    std::vector<Report> taken;
    taken.swap(reports_);
    return taken;
}

// ---- replies

void SmtpSession::on_reply(const SmtpReply& reply) {
    if (expected_.empty()) {
        fail(reply.code == 421 ? describe(reply) : "unexpected reply: " + describe(reply));
        return;
    }
    const auto step = expected_.front();
    expected_.pop_front();
    switch (step) {
        case Step::greeting:
        case Step::ehlo:
        case Step::helo:
        case Step::starttls:
        case Step::auth_plain:
        case Step::auth_login:
        case Step::auth_user:
        case Step::auth_password: on_opening_reply(step, reply); break;
        case Step::mail:
        case Step::rcpt: on_envelope_reply(step, reply); break;
        case Step::data: on_data_reply(reply); break;
        case Step::dot: on_dot_reply(reply); break;
        case Step::lone_dot:
            // Whatever the server answers: it had no recipient.
            transactions_.pop_front();
            planned_.push_back(Step::rset);
            break;
        case Step::rset:
            if (!reply.positive()) fail("RSET refused: " + describe(reply));
            break;
        case Step::noop: break;
        case Step::quit: need_ = Need::close; break;
    }
    if (reply.code == 421 && need_ != Need::close) fail(describe(reply));
    pump();
}

void SmtpSession::on_opening_reply(Step step, const SmtpReply& reply) {
    switch (step) {
        case Step::greeting:
            if (reply.code != 220) return fail("the server greets with " + describe(reply));
            greeting_ = describe(reply);
            return send_line("EHLO " + dialogue_.helo + "\r\n", Step::ehlo);
        case Step::ehlo:
        case Step::helo: return on_ehlo(step, reply);
        case Step::starttls: return on_starttls(reply);
        case Step::auth_login:
            if (reply.code != 334) return fail("AUTH LOGIN refused: " + describe(reply));
            return send_line(base::to_base64(dialogue_.user) + "\r\n", Step::auth_user);
        case Step::auth_user:
            if (reply.code != 334) return fail("AUTH LOGIN refused: " + describe(reply));
            return send_line(base::to_base64(dialogue_.password) + "\r\n", Step::auth_password);
        default:
            if (reply.code != 235) return fail("authentication refused: " + describe(reply));
            return become_ready();
    }
}

void SmtpSession::on_ehlo(Step step, const SmtpReply& reply) {
    if (reply.code == 250) {
        extensions_ = step == Step::ehlo ? SmtpExtensions::parse(reply.text) : SmtpExtensions{};
        return after_hello();
    }
    // RFC 5321 section 3.2: a server of the old kind knows HELO only.
    if (step == Step::ehlo && reply.permanent())
        return send_line("HELO " + dialogue_.helo + "\r\n", Step::helo);
    fail("EHLO refused: " + describe(reply));
}

void SmtpSession::after_hello() {
    if (secure_ || dialogue_.tls == SmtpTls::off) return authenticate();
    if (extensions_.starttls) return send_line("STARTTLS\r\n", Step::starttls);
    if (dialogue_.tls == SmtpTls::required)
        return fail("TLS is required, but the server does not offer STARTTLS");
    authenticate();
}

void SmtpSession::on_starttls(const SmtpReply& reply) {
    if (reply.code != 220) {
        if (dialogue_.tls == SmtpTls::required) return fail("STARTTLS refused: " + describe(reply));
        return authenticate();
    }
    // What came in the clear together with this reply was put there by someone in between
    // (CVE-2011-0411).
    if (!parser_.empty()) return fail("the server sent data in the clear after STARTTLS");
    need_ = Need::start_tls;
}

void SmtpSession::authenticate() {
    if (dialogue_.user.empty()) return become_ready();
    if (!secure_ && !dialogue_.auth_without_tls)
        return fail("the password is not sent without TLS");
    if (extensions_.auth_plain)
        return send_line(auth_plain_line(dialogue_.user, dialogue_.password), Step::auth_plain);
    if (extensions_.auth_login) return send_line("AUTH LOGIN\r\n", Step::auth_login);
    fail("the server offers neither AUTH PLAIN nor AUTH LOGIN");
}

void SmtpSession::become_ready() {
    ready_ = true;
    established_ = true;
}

void SmtpSession::on_envelope_reply(Step step, const SmtpReply& reply) {
    auto& front = transactions_.front();
    front.answered = true;
    if (reply.positive()) return;
    if (reply.code / 100 == 3) return fail("unexpected reply to MAIL or RCPT: " + describe(reply));
    // A refused MAIL makes the server refuse RCPT as well; only the first word counts.
    refuse(step == Step::mail ? SmtpStage::mail : SmtpStage::rcpt, reply);
    const bool rest_is_unsent = !planned_.empty();
    if (!rest_is_unsent) return;
    planned_.clear();
    transactions_.pop_front();
    planned_.push_back(Step::rset);
}

void SmtpSession::on_data_reply(const SmtpReply& reply) {
    auto& front = transactions_.front();
    front.answered = true;
    if (reply.positive()) return fail("unexpected reply to DATA: " + describe(reply));
    if (reply.code / 100 != 3) {
        refuse(SmtpStage::data, reply);
        transactions_.pop_front();
        planned_.push_back(Step::rset);
        return;
    }
    if (!front.reported) return queue_body(front);
    // RFC 2920 section 3.1: DATA may be accepted although no recipient was; then the data are
    // empty.
    out_ += ".\r\n";
    expected_.push_back(Step::lone_dot);
}

void SmtpSession::on_dot_reply(const SmtpReply& reply) {
    auto& front = transactions_.front();
    if (!is_decisive(front)) {
        // An answer to what was not said. A refusal counts; anything else is confusion. Either way
        // the rest of the body stands in the way of any further command.
        if (reply.transient() || reply.permanent()) refuse(SmtpStage::dot, reply);
        return fail("reply before the end of the data: " + describe(reply));
    }
    if (reply.positive()) {
        ++answered_;
        report(front, Accepted{.provider_ref = describe(reply)});
    } else if (reply.code / 100 == 3) {
        return fail("unexpected reply to the message: " + describe(reply));
    } else {
        refuse(SmtpStage::dot, reply);
    }
    transactions_.pop_front();
}

void SmtpSession::refuse(SmtpStage stage, const SmtpReply& reply) {
    auto& front = transactions_.front();
    if (front.reported) return;
    ++answered_;
    report(front, refusal_of(stage, reply));
}

void SmtpSession::report(Transaction& transaction, Outcome outcome) {
    transaction.reported = true;
    reports_.push_back({transaction.message.id, std::move(outcome)});
}

// ---- output

void SmtpSession::send_line(std::string_view line, Step step) {
    out_ += line;
    expected_.push_back(step);
}

// DATA, and all that belongs to the opening, end a group (RFC 2920 section 3.1).
bool SmtpSession::may_send() const {
    if (expected_.empty()) return true;
    return extensions_.pipelining && expected_.back() != Step::data;
}

void SmtpSession::pump() {
    if (need_ != Need::nothing) return;
    while (!planned_.empty() && may_send()) {
        const auto step = planned_.front();
        planned_.pop_front();
        send_step(step);
    }
}

void SmtpSession::send_step(Step step) {
    if (step == Step::mail) {
        auto& newest = transactions_.back();
        append_mail(out_, newest.message, extensions_, newest.traits);
    } else if (step == Step::rcpt) {
        append_rcpt(out_, transactions_.back().message, extensions_);
    } else {
        out_ += step == Step::data ? "DATA\r\n" : "RSET\r\n";
    }
    expected_.push_back(step);
}

void SmtpSession::queue_body(Transaction& transaction) {
    auto& payload = std::get<EmailPayload>(transaction.message.payload);
    append_data(out_, payload.bytes, transaction.traits);
    std::string{}.swap(payload.bytes);
    transaction.body_queued = true;
    transaction.dot_at = taken_ + (out_.size() - out_at_);
    out_ += ".\r\n";
    expected_.push_back(Step::dot);
}

bool SmtpSession::is_decisive(const Transaction& transaction) const {
    return transaction.body_queued && perhaps_ > transaction.dot_at;
}

// ---- the end

void SmtpSession::fail(std::string why) {
    failure_ = std::move(why);
    need_ = Need::close;
    ready_ = false;
    timeout_at_ = base::Steady::max();
    for (auto& transaction : transactions_) {
        if (transaction.reported) continue;
        if (is_decisive(transaction))
            report(transaction, Uncertain{"no answer to the message: " + failure_});
        else
            report(transaction, Deferred{.reason = failure_,
                                         .consumed_attempt = transaction.answered,
                                         .retry_after = {}});
    }
    transactions_.clear();
    planned_.clear();
    expected_.clear();
    out_.clear();
    out_at_ = 0;
}

void SmtpSession::arm(base::Steady now) {
    if (need_ == Need::close)
        timeout_at_ = base::Steady::max();
    else if (need_ == Need::start_tls)
        timeout_at_ = now + dialogue_.timeouts.command;
    else if (out_at_ < out_.size())
        timeout_at_ = now + dialogue_.timeouts.block;
    else if (!expected_.empty())
        timeout_at_ = now + limit_of(expected_.front());
    else
        timeout_at_ = base::Steady::max();
}

std::chrono::milliseconds SmtpSession::limit_of(Step step) const {
    switch (step) {
        case Step::greeting: return dialogue_.timeouts.greeting;
        case Step::data: return dialogue_.timeouts.data;
        case Step::dot:
        case Step::lone_dot: return dialogue_.timeouts.dot;
        case Step::quit: return dialogue_.timeouts.quit;
        default: return dialogue_.timeouts.command;
    }
}

std::string_view SmtpSession::name_of(Step step) {
    switch (step) {
        case Step::greeting: return "the connection";
        case Step::ehlo: return "EHLO";
        case Step::helo: return "HELO";
        case Step::starttls: return "STARTTLS";
        case Step::auth_plain:
        case Step::auth_login:
        case Step::auth_user:
        case Step::auth_password: return "AUTH";
        case Step::mail: return "MAIL";
        case Step::rcpt: return "RCPT";
        case Step::data: return "DATA";
        case Step::dot:
        case Step::lone_dot: return "the message";
        case Step::rset: return "RSET";
        case Step::noop: return "NOOP";
        case Step::quit: return "QUIT";
    }
    return {};
}

}  // namespace carillon::channels

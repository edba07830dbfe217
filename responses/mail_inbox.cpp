#include "responses/mail_inbox.h"

#include "audience/store.h"
#include "base/digest.h"
#include "base/text.h"
#include "campaigns/message_state.h"
#include "campaigns/notices.h"
#include "db/queries.h"
#include "responses/mail_classify.h"
#include "responses/reply_text.h"

namespace carillon::responses {

namespace {

using campaigns::MessageState;

constexpr std::string_view email = "email";
constexpr std::size_t text_max = 20'000;  // of an answer; the raw mail is kept whole

// A mail read and judged; nothing of it needs the database.
struct ReadMail {
    std::string external_id{};
    MailVerdict verdict{};
    MailMatch match{};
    std::optional<AnswerKind> answer{};
    std::string text{};
    std::string sender{};
    std::string subject{};
    base::Instant at{};
    std::string raw{};
};

// The same for two deliveries of one mail, whatever the servers on the way wrote above it;
// different for two mails that carry the same Message-ID.
std::string external_id_of(const ParsedMail& mail, std::string_view bytes) {
    const auto lf = bytes.find("\n\n");
    const auto crlf = bytes.find("\r\n\r\n");
    const auto body = std::min(lf, crlf);
    std::string all;
    for (const auto name : {"message-id", "date", "from", "subject"})
        all += std::string{field(mail.headers, name)} + "\n";
    for (const char c : body == std::string_view::npos ? bytes : bytes.substr(body))
        if (c != '\r') all += c;
    return base::sha256_hex(base::trim(all));
}

ReadMail read(const IncomingMail& incoming, const MailInboxSettings& settings, base::Instant now) {
    const auto bytes = std::string_view{incoming.bytes}.substr(0, mail_bytes_max);
    const auto mail = parse_mail(bytes);
    ReadMail read;
    read.external_id = external_id_of(mail, bytes);
    read.verdict = classify(mail, settings.rules);
    read.match = match(mail, incoming.envelope, settings.keys);
    if (read.verdict.kind == MailKind::reply) {
        read.text = base::cut_utf8(reply_text(mail.text), text_max);
        const auto subject = field(mail.headers, "subject");
        read.answer = kind_of_answer(read.text.empty() ? subject : std::string_view{read.text});
    }
    read.sender = address_in(field(mail.headers, "from"));
    read.subject = base::cut_utf8(field(mail.headers, "subject"), 300);
    read.at = std::min(mail.date.value_or(now), now);
    read.raw = base::to_base64(bytes);
    return read;
}

// Of several recipients the one the message was for, else the one that decides.
const RecipientReport* report_for(const MailVerdict& verdict, std::string_view address) {
    const RecipientReport* found = nullptr;
    for (const auto& one : verdict.recipients) {
        if (!address.empty() && (one.original == address || one.final == address)) return &one;
        if (found == nullptr && one.kind == verdict.kind) found = &one;
    }
    return found;
}

class Effects {
public:
    Effects(db::Connection& connection, const SoftLimit& soft, base::Instant now)
        : connection_(connection), soft_(soft), now_(now) {}

    // 1: taken, 0: known already.
    std::int64_t keep(const std::string& source, const ReadMail& mail) {
        if (mail.match.message) {
            connection_.execute(db::queries::touch_message, {*mail.match.message});
            find(*mail.match.message);
        }
        const auto address = message_ ? message_->address : std::string{};
        const auto* report = report_for(mail.verdict, address);
        auto kind = report != nullptr ? report->kind : mail.verdict.kind;
        const auto reason = report != nullptr ? report->reason : mail.verdict.reason;
        const bool is_other_feedback =
            kind == MailKind::feedback && !is_complaint(mail.verdict.feedback_type);
        if (is_other_feedback) kind = MailKind::unknown;
        db::Value message;
        db::Value client;
        db::Value campaign;
        db::Value to;
        if (message_) {
            message = message_->id;
            client = message_->client;
            campaign = message_->campaign;
            to = address;
        }
        const auto inserted = connection_.execute(
            db::queries::insert_inbound_mail,
            {source, mail.external_id, name_of(kind), mail.answer ? name_of(*mail.answer) : "",
             name_of(message_ || !mail.match.message ? mail.match.by : MatchedBy::nothing), message,
             client, campaign, to, message_ ? 1 : 0, base::cut_utf8(mail.sender, 254), mail.subject,
             report != nullptr ? base::cut_utf8(report->status, 20) : std::string{},
             report != nullptr ? report->diagnostic : std::string{}, base::cut_utf8(reason, 200),
             mail.text, mail.at, now_, mail.raw});
        if (inserted == 0) return 0;
        if (message_)
            apply();
        else
            ask_person(source, mail);
        if (message_ && mail.answer) answered(source, mail);
        if (message_ && kind == MailKind::feedback) respond(source, mail, "complaint");
        return 1;
    }

    bool apply_to(base::MessageId id) {
        connection_.execute(db::queries::touch_message, {id});
        find(id);
        if (message_) return apply();
        connection_.execute(db::queries::mail_waits_no_more, {id});
        return true;
    }

    bool is_matched() const { return message_.has_value(); }

private:
    struct Message {
        base::MessageId id{};
        MessageState state{};
        base::ClientId client{};
        base::CampaignId campaign{};
        std::optional<int> contact{};
        base::RunId run{};
        bool submitted{};
        std::string address{};
        std::optional<std::string> manager{};
        std::string contact_address{};
    };

    void find(base::MessageId id) {
        message_ =
            connection_.one<Message>(db::queries::message_for_mail, {id}, [&](const db::Row& row) {
                return Message{id,
                               campaigns::message_state_from(row.text(0)).value(),
                               row.get<base::ClientId>(1),
                               row.get<base::CampaignId>(2),
                               row.get<std::optional<int>>(3),
                               row.get<base::RunId>(4),
                               !row.is_null(5),
                               row.get<std::optional<std::string>>(6).value_or(""),
                               row.get<std::optional<std::string>>(7),
                               row.get<std::optional<std::string>>(8).value_or("")};
            });
        // Keys of messages that never left are nobody's to know.
        if (message_ && (!message_->submitted || message_->address.empty())) message_.reset();
    }

    // False: the outcome of the message is still being recorded.
    bool apply() {
        const auto mails = about_message();
        restate_address();
        const auto settled = settling(mails);
        const bool is_open =
            !campaigns::is_settled(message_->state) && message_->state != MessageState::uncertain;
        if (settled && is_open) return false;
        if (settled) settle(*settled);
        connection_.execute(db::queries::mail_waits_no_more, {message_->id});
        return true;
    }

    std::vector<MailEvidence> about_message() {
        return connection_.list<MailEvidence>(
            db::queries::mails_about_message, {message_->id}, [&](const db::Row& row) {
                MailEvidence one;
                one.kind = mail_kind_from(row.text(0));
                one.reason = row.get<std::string>(1);
                if (!row.text(2).empty()) one.reason += " (" + row.get<std::string>(2) + ")";
                one.at = row.get<base::Instant>(3);
                one.external_id = row.get<std::string>(4);
                return one;
            });
    }

    void settle(const MailEvidence& by) {
        const auto next =
            by.kind == MailKind::delivered ? MessageState::delivered : MessageState::bounced;
        const bool refines = next == MessageState::bounced && message_->state == next;
        if (!refines && !campaigns::may_become(message_->state, next)) return;
        db::Value reason;
        if (next == MessageState::bounced) reason = base::cut_utf8(by.reason, 200);
        connection_.execute(db::queries::settle_by_receipt,
                            {campaigns::name_of(next), reason, by.at, message_->id,
                             campaigns::name_of(message_->state)});
        if (by.kind == MailKind::hard_bounce && message_->contact &&
            message_->contact_address == message_->address)
            audience::mark_contact_invalid(connection_, message_->client, *message_->contact, now_);
        if (refines) return;
        const db::Params event{message_->id, now_, campaigns::name_of(message_->state),
                               campaigns::name_of(next), reason};
        connection_.execute_batch(db::queries::insert_message_event, {event});
        campaigns::tell_of_messages(connection_, {{message_->id, next, by.reason}}, now_);
        if (next == MessageState::bounced)
            connection_.execute(db::queries::reopen_run, {message_->run});
    }

    void restate_address() {
        const auto& address = message_->address;
        const auto mails = connection_.list<MailEvidence>(
            db::queries::mails_about_address, {address}, [](const db::Row& row) {
                MailEvidence one;
                one.kind = mail_kind_from(row.text(0));
                for (const auto kind : {AnswerKind::stop, AnswerKind::start, AnswerKind::reply})
                    if (row.text(1) == name_of(kind)) one.answer = kind;
                one.message = row.get<base::MessageId>(2);
                one.at = row.get<base::Instant>(3);
                one.external_id = row.get<std::string>(4);
                return one;
            });
        connection_.execute(db::queries::forget_mail_suppressions, {address});
        std::vector<db::Params> rows;
        for (const auto& one : suppressions_of(mails, soft_))
            rows.push_back(
                {"address", address, email, one.purpose, one.reason, one.source, one.at});
        if (!rows.empty()) connection_.execute_batch(db::queries::insert_suppressions, rows);
    }

    void answered(const std::string& source, const ReadMail& mail) {
        respond(source, mail, name_of(*mail.answer));
        if (*mail.answer == AnswerKind::stop) withdraw(mail);
        if (*mail.answer == AnswerKind::reply)
            ask("reply", message_->manager, message_->client, source, mail);
    }

    void respond(const std::string& source, const ReadMail& mail, std::string_view kind) {
        if (connection_.execute(
                db::queries::insert_response,
                {source, mail.external_id, message_->client, message_->campaign, message_->id, kind,
                 mail.at, base::cut_utf8(mail.text.empty() ? mail.subject : mail.text, 500)}) == 1)
            campaigns::tell_of_response(connection_, source, mail.external_id, kind, now_);
    }

    void withdraw(const ReadMail& mail) {
        db::Params withdrawal{
            message_->client, email,           name_of(base::Purpose::marketing), false, mail.at,
            "mail answers",   mail.external_id};
        connection_.execute_batch(db::queries::store_consents, {withdrawal});
        withdrawal.emplace_back(now_);
        connection_.execute_batch(db::queries::insert_consent_history, {withdrawal});
    }

    // An answer without a key: a person may find out whose it is. Nothing else comes of it.
    void ask_person(const std::string& source, const ReadMail& mail) {
        if (!mail.answer || mail.match.by != MatchedBy::nothing || mail.sender.empty()) return;
        struct Sender {
            base::ClientId client{};
            std::optional<std::string> manager{};
        };
        const auto sender = connection_.one<Sender>(
            db::queries::client_of_sender, {mail.sender}, [](const db::Row& row) {
                return Sender{row.get<base::ClientId>(0), row.get<std::optional<std::string>>(1)};
            });
        if (sender) ask("check_reply", sender->manager, sender->client, source, mail);
    }

    void ask(std::string_view kind, const std::optional<std::string>& manager,
             base::ClientId client, const std::string& source, const ReadMail& mail) {
        db::Value campaign;
        db::Value message;
        if (message_) {
            campaign = message_->campaign;
            message = message_->id;
        }
        db::Value who;
        if (manager) who = base::cut_utf8(*manager, 64);
        connection_.execute(
            db::queries::insert_reply_task,
            {kind, who, client, campaign, message, mail.text.empty() ? mail.subject : mail.text,
             mail.at, base::cut_utf8("mail " + source + " " + mail.external_id, 160)});
    }

    db::Connection& connection_;
    const SoftLimit& soft_;
    base::Instant now_;
    std::optional<Message> message_{};
};

}  // namespace

MailCounts MailInbox::take(const std::string& source, const std::vector<IncomingMail>& mails) {
    const auto now = clock_.now();
    std::vector<ReadMail> all;
    for (const auto& mail : mails) all.push_back(read(mail, settings_, now));
    return db::in_transaction(database_, [&](db::Connection& connection) {
        MailCounts counts;
        for (const auto& mail : all) {
            Effects effects{connection, settings_.soft, now};
            const auto taken = effects.keep(source, mail);
            counts.taken += taken;
            counts.repeated += 1 - taken;
            counts.unmatched += taken == 1 && !effects.is_matched() ? 1 : 0;
        }
        return counts;
    });
}

bool MailInbox::apply_waiting() {
    return db::in_transaction(database_, [&](db::Connection& connection) {
        bool applied = false;
        for (const auto id : connection.list<base::MessageId>(
                 db::queries::mails_waiting, {},
                 [](const db::Row& row) { return row.get<base::MessageId>(0); }))
            applied = Effects{connection, settings_.soft, clock_.now()}.apply_to(id) || applied;
        return applied;
    });
}

}  // namespace carillon::responses

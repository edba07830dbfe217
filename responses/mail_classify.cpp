#include "responses/mail_classify.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "responses/mail_status.h"

namespace carillon::responses {

namespace {

constexpr std::size_t diagnostic_max = 500;
constexpr std::size_t recipients_max = 50;

std::string after_type(std::string_view value) {
    const auto semicolon = value.find(';');
    if (semicolon != std::string_view::npos) value.remove_prefix(semicolon + 1);
    return std::string{base::trim(value)};
}

// "rfc822; user@example.com" as an address, or as it stands when it is none.
std::string recipient_in(std::string_view value) {
    auto address = address_in(value);
    return address.empty() ? base::cut_utf8(after_type(value), 254) : address;
}

struct Judgement {
    MailKind kind{};
    std::string reason{};
    std::string rule{};
};

// What stands beside a temporary code is not final, whatever the words.
Judgement by_rule(const MeaningRule& rule, bool is_temporary) {
    const bool softened = is_temporary && rule.kind == MailKind::hard_bounce;
    return {softened ? MailKind::soft_bounce : rule.kind, rule.reason, rule.name};
}

Judgement judge(std::string_view status, std::string_view diagnostic, std::string_view text,
                const MailRules& rules) {
    const auto words = comparable(diagnostic);
    const auto given = find_status(status);
    const auto inside = find_status(words);
    const auto reply = find_reply_code(words);
    const bool is_temporary = (given && given->type == 4) ||
                              (!given && inside && inside->type == 4) ||
                              (!given && !inside && reply && *reply < 500);
    if (const auto* rule = rules.meaning_of(words, true)) return by_rule(*rule, is_temporary);
    for (const auto& code : {given, inside}) {
        if (!code || code->type == 2) continue;
        const auto meaning = meaning_of(*code);
        if (meaning.exact) return {meaning.kind, std::string{meaning.reason}, {}};
    }
    if (const auto* rule = rules.meaning_of(words, false)) return by_rule(*rule, is_temporary);
    const auto around = comparable(text);
    if (const auto* rule = rules.meaning_of(around, false)) return by_rule(*rule, is_temporary);
    for (const auto& code : {inside, given}) {
        if (!code || code->type == 2 || code->subject == 0) continue;
        const auto meaning = meaning_of(*code);
        return {meaning.kind, std::string{meaning.reason}, {}};
    }
    if (reply) {
        const auto meaning = meaning_of_reply(*reply);
        const bool softened = is_temporary && meaning.kind == MailKind::hard_bounce;
        return {softened ? MailKind::soft_bounce : meaning.kind, std::string{meaning.reason}, {}};
    }
    if (given && given->type == 5) return {MailKind::hard_bounce, "refused for good", {}};
    return {MailKind::soft_bounce, "given up without a reason", {}};
}

// The gravest first.
constexpr std::array gravity{MailKind::hard_bounce, MailKind::full,    MailKind::blocked,
                             MailKind::soft_bounce, MailKind::delayed, MailKind::delivered,
                             MailKind::unknown};

MailKind gravest(const std::vector<RecipientReport>& reports) {
    for (const auto kind : gravity)
        if (std::ranges::find(reports, kind, &RecipientReport::kind) != reports.end()) return kind;
    return MailKind::unknown;
}

std::string reason_of(const MailVerdict& verdict) {
    for (const auto& report : verdict.recipients)
        if (report.kind == verdict.kind) return report.reason;
    return std::string{words_of(verdict.kind)};
}

class Classifier {
public:
    Classifier(const ParsedMail& mail, const MailRules& rules)
        : mail_(mail),
          rules_(rules),
          from_(comparable(field(mail.headers, "from"))),
          subject_(comparable(field(mail.headers, "subject"))),
          text_(comparable(mail.text)) {}

    MailVerdict run() {
        MailVerdict verdict;
        const bool known = feedback(verdict) || delivery_status(verdict) || notice(verdict) ||
                           automatic(verdict) || person(verdict);
        if (!known) verdict.kind = MailKind::unknown;
        verdict.reason = reason_of(verdict);
        return verdict;
    }

private:
    bool feedback(MailVerdict& verdict) const {
        if (mail_.feedback.empty() && mail_.report_type != "feedback-report") return false;
        verdict.kind = MailKind::feedback;
        verdict.feedback_type = base::fold_case(field(mail_.feedback, "feedback-type"));
        RecipientReport report{.kind = MailKind::feedback};
        for (const auto name : {"original-rcpt-to", "removal-recipient"})
            if (report.original.empty()) report.original = address_in(field(mail_.feedback, name));
        if (report.original.empty()) report.original = address_in(field(mail_.original, "to"));
        report.reason = is_complaint(verdict.feedback_type)
                            ? "the client called the mail unwanted"
                            : "a report of kind '" + verdict.feedback_type + "'";
        verdict.recipients.push_back(std::move(report));
        return true;
    }

    bool delivery_status(MailVerdict& verdict) const {
        for (const auto& block : mail_.delivery_status) {
            const auto action = base::fold_case(field(block, "action"));
            const bool is_recipient = has_field(block, "final-recipient") ||
                                      has_field(block, "original-recipient") ||
                                      has_field(block, "action");
            if (is_recipient && verdict.recipients.size() < recipients_max)
                verdict.recipients.push_back(recipient(block, action));
        }
        if (verdict.recipients.empty()) return false;
        auto& only = verdict.recipients.front();
        if (verdict.recipients.size() == 1 && only.original.empty() && only.final.empty())
            only.final = recipient_beside_report();
        verdict.kind = gravest(verdict.recipients);
        return true;
    }

    // Of a report that names nobody: whom Exim and Google name in the header, else to whom the
    // returned mail went.
    std::string recipient_beside_report() const {
        auto named = address_in(field(mail_.headers, "x-failed-recipients"));
        return named.empty() ? address_in(field(mail_.original, "to")) : named;
    }

    RecipientReport recipient(const MailFields& block, std::string_view action) const {
        RecipientReport report;
        report.original = recipient_in(field(block, "original-recipient"));
        report.final = recipient_in(field(block, "final-recipient"));
        const auto status = field(block, "status");
        if (const auto code = find_status(status)) report.status = code->text();
        report.diagnostic =
            base::cut_utf8(after_type(field(block, "diagnostic-code")), diagnostic_max);
        if (action.starts_with("delayed")) {
            report.kind = MailKind::delayed;
            report.reason = words_of(MailKind::delayed);
        } else if (action.starts_with("delivered") || action.starts_with("relayed") ||
                   action.starts_with("expanded")) {
            // Handed on to where nobody reports: as little as if nothing had been said.
            report.kind = action.starts_with("delivered") ? MailKind::delivered : MailKind::delayed;
            report.reason = words_of(report.kind);
        } else {
            // The words for people are about all recipients: they explain one that stands alone,
            // and where the report itself gives no diagnostic.
            const bool needs_words = report.diagnostic.empty();
            // What a comment in the status says, e.g. "5.0.0 (host name lookup failure)".
            const auto said = report.diagnostic.empty() ? std::string{status} : report.diagnostic;
            auto judged = judge(status, said, needs_words ? mail_.text : std::string{}, rules_);
            if (report.status.empty() || report.status.ends_with(".0.0"))
                if (const auto code = find_status(report.diagnostic)) report.status = code->text();
            report.kind = judged.kind;
            report.reason = std::move(judged.reason);
            report.rule = std::move(judged.rule);
        }
        return report;
    }

    static bool fits(const std::vector<Phrase>& phrases, std::string_view text) {
        return phrases.empty() || std::ranges::any_of(phrases, [&](const Phrase& phrase) {
                   return phrase.is_in(text);
               });
    }

    bool notice(MailVerdict& verdict) const {
        const bool is_system =
            rules_.is_system(from_) || has_field(mail_.headers, "x-failed-recipients");
        for (const auto& rule : rules_.notices) {
            if (rule.from_system && !is_system) continue;
            if (!fits(rule.from, from_) || !fits(rule.subject, subject_) || !fits(rule.text, text_))
                continue;
            return noticed(verdict, rule);
        }
        // No notice we know, but from a mail system and in words we know, or with its codes.
        if (!is_system) return false;
        const auto* meaning = rules_.meaning_of(text_, false);
        if (meaning == nullptr && !tells_failure()) return false;
        return noticed(verdict, {.name = meaning == nullptr ? "code" : meaning->name,
                                 .kind = MailKind::soft_bounce});
    }

    // "#550 5.1.1 ...", in a language that the rules do not know.
    bool tells_failure() const {
        const auto said = diagnostic_in_text();
        const auto reply = find_reply_code(said);
        const auto status = find_status(said);
        return (reply && *reply >= 500) || (status && status->type == 5);
    }

    bool noticed(MailVerdict& verdict, const NoticeRule& rule) const {
        verdict.kind = rule.kind;
        if (rule.kind == MailKind::feedback) verdict.feedback_type = "abuse";
        if (rule.kind == MailKind::auto_reply) return true;
        for (const auto& address : failed_addresses()) {
            RecipientReport report{.kind = rule.kind, .original = {}, .final = address};
            if (rule.kind == MailKind::soft_bounce) {
                report.diagnostic = diagnostic_in_text();
                auto judged = judge({}, report.diagnostic, mail_.text, rules_);
                if (const auto code = find_status(report.diagnostic)) report.status = code->text();
                report.kind = judged.kind;
                report.reason = std::move(judged.reason);
                report.rule = judged.rule.empty() ? rule.name : judged.rule;
            } else {
                report.reason = words_of(rule.kind);
                report.rule = rule.name;
            }
            verdict.recipients.push_back(std::move(report));
        }
        if (rule.kind == MailKind::soft_bounce) verdict.kind = gravest(verdict.recipients);
        return true;
    }

    // Those the notice is about; one nameless when it names none.
    std::vector<std::string> failed_addresses() const {
        auto found = addresses_in(field(mail_.headers, "x-failed-recipients"), recipients_max);
        if (!found.empty()) return found;
        constexpr std::size_t looked_at_max = 10;
        found = addresses_in(std::string_view{mail_.text}.substr(0, 8 * 1024), looked_at_max);
        const auto own = addresses_in(field(mail_.headers, "to"), looked_at_max);
        const auto system = addresses_in(field(mail_.headers, "from"), 1);
        std::erase_if(found, [&](const std::string& one) {
            return std::ranges::find(own, one) != own.end() ||
                   std::ranges::find(system, one) != system.end();
        });
        // The rest are mostly postmasters and where to ask for help.
        if (found.size() > 1) found.resize(1);
        if (found.empty()) found.push_back(address_in(field(mail_.original, "to")));
        return found;
    }

    // The lines around the first code, or the first words.
    std::string diagnostic_in_text() const {
        std::size_t begin = 0;
        std::string_view rest{mail_.text};
        while (begin < rest.size()) {
            const auto end = std::min(rest.find('\n', begin), rest.size());
            const auto line = rest.substr(begin, end - begin);
            if (find_reply_code(line) || find_status(line)) {
                auto next = end;
                for (int more = 0; more < 2 && next < rest.size(); ++more)
                    next = std::min(rest.find('\n', next + 1), rest.size());
                return base::cut_utf8(base::trim(rest.substr(begin, next - begin)), diagnostic_max);
            }
            begin = end + 1;
        }
        return {};
    }

    bool automatic(MailVerdict& verdict) const {
        if (mail_.has_disposition) {
            verdict.kind = MailKind::auto_reply;
            return true;
        }
        // RFC 3834 section 5; the rest is older than it.
        const auto submitted = base::fold_case(field(mail_.headers, "auto-submitted"));
        const auto precedence = base::fold_case(field(mail_.headers, "precedence"));
        bool is_automatic = !submitted.empty() && !submitted.starts_with("no");
        is_automatic = is_automatic || precedence == "auto_reply" || precedence == "auto-reply";
        // What asks that no program answers it is one itself ([MS-OXCMAIL] 2.2.3.2.14).
        const auto suppressed = base::fold_case(field(mail_.headers, "x-auto-response-suppress"));
        for (const auto value : {"all", "oof", "autoreply"})
            is_automatic = is_automatic || suppressed.find(value) != std::string::npos;
        for (const auto name :
             {"x-autoreply", "x-autorespond", "x-autoresponder", "x-autoreply-from",
              "x-mail-autoreply", "x-vacation", "x-yandex-autoreply", "x-auto-reply",
              "x-autogenerated", "x-ms-exchange-inbox-rules-loop"})
            is_automatic = is_automatic || has_field(mail_.headers, name);
        // People's mail has a return path. What answers us without one and is no mail system's is
        // a program in somebody's name.
        const bool answers_us =
            has_field(mail_.headers, "in-reply-to") || has_field(mail_.headers, "references");
        is_automatic = is_automatic || (answers_us && !rules_.is_system(from_) &&
                                        field(mail_.headers, "return-path") == "<>");
        if (is_automatic) verdict.kind = MailKind::auto_reply;
        return is_automatic;
    }

    bool person(MailVerdict& verdict) const {
        const bool from_nobody = field(mail_.headers, "return-path") == "<>" ||
                                 rules_.is_system(from_) ||
                                 address_in(field(mail_.headers, "from")).empty();
        if (from_nobody || (text_.empty() && subject_.empty())) return false;
        verdict.kind = MailKind::reply;
        return true;
    }

    const ParsedMail& mail_;
    const MailRules& rules_;
    std::string from_;
    std::string subject_;
    std::string text_;
};

}  // namespace

MailVerdict classify(const ParsedMail& mail, const MailRules& rules) {
    return Classifier{mail, rules}.run();
}

bool is_complaint(std::string_view feedback_type) {
    constexpr std::array<std::string_view, 4> others{"not-spam", "auth-failure", "dkim", "virus"};
    return std::ranges::find(others, feedback_type) == others.end();
}

}  // namespace carillon::responses

// What the words of mail systems mean: a file of phrases that an operator can read and add to.
// Published as docs/schema/mail-rules.schema.json; the file that comes with the program is
// examples/inbound/mail-rules.json.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace carillon::responses {

enum class MailKind {
    hard_bounce,  // the address does not exist, or never takes mail
    full,         // the mailbox has no room
    blocked,      // policy or reputation: said about us or the content, not about the address
    soft_bounce,  // given up for a reason that may pass
    delayed,      // not given up yet: a warning, no bounce
    delivered,    // a report of success (RFC 3461 NOTIFY=SUCCESS)
    feedback,     // RFC 5965
    auto_reply,   // RFC 3834: nobody wrote it
    reply,        // of a person
    unknown,      // to be looked at by a person
};
std::string_view name_of(MailKind kind);
// What it means, in words for people.
std::string_view words_of(MailKind kind);
MailKind mail_kind_from(std::string_view name);  // "unknown" for what is no name

// A phrase as a rule writes it: compared without regard to case and white space; '*' stands for at
// most 100 characters; '^' at the beginning: only at the beginning of the text.
class Phrase {
public:
    // Errors: mail_rules.phrase_empty.
    static base::Result<Phrase> parse(std::string_view text);
    // `text` as comparable() gives it.
    bool is_in(std::string_view text) const;

private:
    std::vector<std::string> pieces_{};
    bool at_the_beginning_{false};
};

// Case-folded, runs of white space as one space, at most 8 KB.
std::string comparable(std::string_view text);

// Recognises a mail that is no RFC 3464 report. Lists that are given must each fit.
struct NoticeRule {
    std::string name{};
    MailKind kind{};         // soft_bounce: given up, the meanings tell why
    bool from_system{true};  // only what comes from one of `systems`
    std::vector<Phrase> from{};
    std::vector<Phrase> subject{};
    std::vector<Phrase> text{};
};
// What a diagnostic means.
struct MeaningRule {
    std::string name{};
    MailKind kind{};
    bool certain{false};  // also where a status code says something else
    std::string reason{};
    std::vector<Phrase> text{};
};

// Immutable; safe from several threads.
struct MailRules {
    std::vector<Phrase> systems{};  // of senders that are programs: "mailer-daemon", ...
    std::vector<NoticeRule> notices{};
    std::vector<MeaningRule> meanings{};

    bool is_system(std::string_view comparable_from) const;
    // The first that fits, or nullptr.
    const MeaningRule* meaning_of(std::string_view comparable_text, bool only_certain) const;
};

// `file` in messages. All mistakes at once, each with its path and the name of its rule.
tl::expected<MailRules, base::Problems> parse_mail_rules(std::string_view text,
                                                         std::string_view file);
// Those that come with the program.
const MailRules& builtin_mail_rules();
// The rules of the file before the program's own, or instead of them when the file says
// "instead": true. Errors also: mail_rules.unreadable.
tl::expected<MailRules, base::Problems> load_mail_rules(const std::filesystem::path& file);

}  // namespace carillon::responses

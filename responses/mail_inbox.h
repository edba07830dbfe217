// Mail taken in: bounces, complaints, answers. Each mail once, its effects in the same transaction.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "db/database.h"
#include "responses/mail_effects.h"
#include "responses/mail_match.h"
#include "responses/mail_rules.h"

namespace carillon::responses {

struct IncomingMail {
    std::string bytes{};                  // at most `mail_bytes_max`; more is not looked at
    std::vector<std::string> envelope{};  // recipients as the server names them; may be empty
};
inline constexpr std::size_t mail_bytes_max = 2 * 1024 * 1024;

struct MailInboxSettings {
    MailKeys keys;
    MailRules rules{};
    SoftLimit soft{};
};

// What became of the mails given to take(), for people.
struct MailCounts {
    std::int64_t taken{};
    std::int64_t repeated{};   // known already: nothing was changed
    std::int64_t unmatched{};  // kept for a person, nothing else was changed
};

// Safe from several threads; several processes may take in the same mails.
class MailInbox {
public:
    // Borrowed; they outlive the inbox.
    MailInbox(db::Database& database, const base::Clock& clock, MailInboxSettings settings)
        : database_(database), clock_(clock), settings_(std::move(settings)) {}

    // One transaction for all. `source`: name of the account. Throws DbError when they could not be
    // stored: then none of them was, or nobody knows (a connection lost while committing); giving
    // them again does no harm.
    MailCounts take(const std::string& source, const std::vector<IncomingMail>& mails);

    // Mails whose message was still being submitted; true when there were some.
    bool apply_waiting();

private:
    db::Database& database_;
    const base::Clock& clock_;
    const MailInboxSettings settings_;
};

}  // namespace carillon::responses

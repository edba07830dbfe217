// What all mails about one message, or about one address, come to: the same whatever their order.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/channel_kind.h"
#include "base/clock.h"
#include "base/id.h"
#include "responses/mail_rules.h"
#include "responses/stop_words.h"

namespace carillon::responses {

struct MailEvidence {
    MailKind kind{};
    std::optional<AnswerKind> answer{};  // of a reply
    base::MessageId message{};
    base::Instant at{};
    std::string external_id{};
    std::string reason{};
    std::string source{};
};

struct SoftLimit {
    int bounces{3};  // of so many different messages ...
    int days{30};    // ... within so many days the address is given up
};

// The gravest bounce, of those the earliest; else a report of delivery; else nothing.
std::optional<MailEvidence> settling(const std::vector<MailEvidence>& mails);

struct AddressSuppression {
    std::string purpose{};  // "*": all
    std::string reason{};
    std::string source{};
    base::Instant at{};
};
// One bounce that says the address is no good, enough of those that may pass (a full mailbox is
// one), a complaint, and STOP unless START came later. At most one for each purpose.
std::vector<AddressSuppression> suppressions_of(const std::vector<MailEvidence>& mails,
                                                const SoftLimit& limit);

}  // namespace carillon::responses

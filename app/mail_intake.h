// Inbound mail wired together: the inbox with the keys and rules of this installation, and the
// mailboxes that its e-mail channels name.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/program.h"
#include "channels/settings.h"
#include "responses/mail_inbox.h"

namespace carillon::app {

struct MailAccount {
    std::string name{};  // of the channel
    channels::InboxSettings settings{};
};

// What the newest versions of the e-mail channels say.
struct MailIntake {
    std::unique_ptr<responses::MailInbox> inbox{};
    std::vector<MailAccount> accounts{};
};

// Errors: those of channel settings and of the rules file. Throws DbError.
tl::expected<MailIntake, base::Problems> open_mail_intake(Program& program);

// Fetches one mailbox once. Errors: those of responses::Mailbox. Throws DbError when the database
// did not take the mail; it stays where it is.
base::Result<responses::MailCounts> fetch_mail(responses::MailInbox& inbox,
                                               const MailAccount& account);

// Fetches all mailboxes again and again in a thread of its own until destroyed. What goes wrong is
// said on standard error, each trouble once.
class MailPolling {
public:
    explicit MailPolling(MailIntake intake);

private:
    void go_on(const std::stop_token& stop);
    void turn(const MailAccount& account);

    MailIntake intake_;
    std::string last_problem_;
    std::jthread thread_;
};

}  // namespace carillon::app

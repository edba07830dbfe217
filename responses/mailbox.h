// A mailbox of a server, read over IMAP (RFC 3501) or POP3 (RFC 1939), TLS always. Hides libcurl.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "channels/settings.h"

namespace carillon::responses {

// For one thread.
class Mailbox {
public:
    // Errors: channel.secret_missing.
    static base::Result<std::unique_ptr<Mailbox>> open(const channels::InboxSettings& settings);
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    // True: these are stored for good and may leave the mailbox. False: not now.
    using Sink = std::function<bool(const std::vector<std::string>& mails)>;

    // Hands over what is there, at most `most` mails, in batches, and removes each batch (or marks
    // it) only after the sink has said yes. A process killed at any point finds the mail again; the
    // sink must not mind repetition. Answers how many were taken. Errors: mailbox.unreachable,
    // mailbox.refused, mailbox.changed, mailbox.not_stored.
    base::Result<std::int64_t> fetch(const Sink& sink, std::size_t most = 1000);

private:
    class Session;
    Mailbox(const channels::InboxSettings& settings, std::string password);
    channels::InboxSettings settings_;
    std::string password_;
};

}  // namespace carillon::responses

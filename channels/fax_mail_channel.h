// Faxes through an e-mail-to-fax gateway: an e-mail to number@gateway with the PDF attached, sent
// by an e-mail channel of its own. Accepted says that the gateway's mail server has it; what became
// of the fax comes back as mail.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/pieces.h"
#include "channels/channel.h"
#include "channels/fax_outcome.h"
#include "channels/mime.h"

namespace carillon::channels {

struct FaxMailSettings {
    std::string name{"fax"};
    std::string gateway_domain{};  // "fax.example.com"
    std::vector<DialRule> dial_rules{};
    std::string subject{"Fax"};  // some gateways want a word in it
    std::string text{"Fax"};     // and some print the text as a cover page
    Mailbox from{};
};

// What faxes and e-mails are sent with.
using MakeChannel = std::function<base::Result<std::unique_ptr<Channel>>(OutcomeSink)>;

// As safe as the e-mail channel it owns. `clock` is borrowed.
class FaxMailChannel final : public Channel {
public:
    // Errors: those of `make_email`.
    static base::Result<std::unique_ptr<Channel>> create(FaxMailSettings settings,
                                                         EmailComposer composer,
                                                         const base::Clock& clock, OutcomeSink sink,
                                                         const MakeChannel& make_email);
    ~FaxMailChannel() override;

    base::ChannelKind kind() const override { return base::ChannelKind::fax; }
    const std::string& name() const override { return settings_.name; }
    std::size_t capacity() const override { return email_->capacity(); }
    void send(std::vector<Message> batch) override;
    void stop(std::chrono::milliseconds patience) override { email_->stop(patience); }
    base::Result<std::string> probe() override { return email_->probe(); }
    bool tells_beginnings() const override { return email_->tells_beginnings(); }

private:
    FaxMailChannel(FaxMailSettings settings, EmailComposer composer, const base::Clock& clock,
                   OutcomeSink sink);
    base::Result<void> make_email(Message& message) const;
    void report(std::vector<Report> reports);

    const FaxMailSettings settings_;
    const EmailComposer composer_;
    const base::Clock& clock_;
    const OutcomeSink sink_;
    base::Literal text_{};
    std::mutex mutex_;
    std::multimap<std::int64_t, int>
        pages_;  // by message; guarded by mutex_; of what is on its way
    std::unique_ptr<Channel> email_;
};

}  // namespace carillon::channels

#include "app/mail_intake.h"

#include <iostream>
#include <map>

#include "db/documents.h"
#include "responses/mailbox.h"

namespace carillon::app {

namespace {

using namespace std::chrono_literals;

constexpr auto waiting_pause = 2s;

bool is_email(const base::Json& json) {
    const auto* kind = json.find("kind");
    return kind == nullptr || kind->text() == nullptr || *kind->text() == "email";
}

}  // namespace

tl::expected<MailIntake, base::Problems> open_mail_intake(Program& program) {
    const auto secret = program.instance_secret();
    responses::MailInboxSettings settings{{campaigns::MessageKeys{secret}}};
    MailIntake intake;
    auto lease = program.database().read();
    for (const auto& document : db::newest_documents(*lease, "channel")) {
        const auto json = base::Json::parse(document.content, document.name);
        if (!json || !is_email(*json)) continue;
        const auto channel = channels::parse_channel_settings(*json, program.data_folder());
        if (!channel) return tl::unexpected<base::Problems>{channel.error()};
        auto verp = channels::make_verp(*channel, secret);
        if (!verp) return tl::unexpected<base::Problems>{base::Problems{verp.error()}};
        settings.keys.return_addresses.push_back(std::move(*verp));
        if (channel->inbox) intake.accounts.push_back({channel->name, *channel->inbox});
    }
    const auto& config = program.config();
    settings.soft = {static_cast<int>(config.integer("inbound.soft_bounces")),
                     static_cast<int>(config.integer("inbound.soft_days"))};
    settings.rules = responses::builtin_mail_rules();
    if (const auto file = config.text("inbound.mail_rules"); !file.empty()) {
        auto rules = responses::load_mail_rules(file);
        if (!rules) return tl::unexpected<base::Problems>{std::move(rules.error())};
        settings.rules = std::move(*rules);
    }
    intake.inbox = std::make_unique<responses::MailInbox>(program.database(), program.clock(),
                                                          std::move(settings));
    return intake;
}

base::Result<responses::MailCounts> fetch_mail(responses::MailInbox& inbox,
                                               const MailAccount& account) {
    auto mailbox = responses::Mailbox::open(account.settings);
    if (!mailbox) return base::fail(mailbox.error());
    responses::MailCounts all;
    const auto fetched = (*mailbox)->fetch([&](const std::vector<std::string>& texts) {
        std::vector<responses::IncomingMail> mails;
        for (const auto& text : texts) mails.push_back({text, {}});
        const auto counts = inbox.take(account.name, mails);
        all.taken += counts.taken;
        all.repeated += counts.repeated;
        all.unmatched += counts.unmatched;
        return true;
    });
    if (!fetched) return base::fail(fetched.error());
    return all;
}

MailPolling::MailPolling(MailIntake intake)
    : intake_(std::move(intake)), thread_([this](const std::stop_token& stop) { go_on(stop); }) {}

void MailPolling::go_on(const std::stop_token& stop) {
    std::map<std::string, base::Steady> due;
    auto waiting_due = base::steady_now();
    while (!stop.stop_requested()) {
        const auto now = base::steady_now();
        for (const auto& account : intake_.accounts) {
            if (stop.stop_requested() || due[account.name] > now) continue;
            turn(account);
            due[account.name] = base::steady_now() + account.settings.every;
        }
        if (waiting_due <= now) {
            try {
                intake_.inbox->apply_waiting();
            } catch (const db::DbError&) {
                // Tried again in a moment; the dispatcher says what is wrong with the database.
            }
            waiting_due = now + waiting_pause;
        }
        std::this_thread::sleep_for(100ms);
    }
}

void MailPolling::turn(const MailAccount& account) {
    std::string problem;
    try {
        if (const auto counts = fetch_mail(*intake_.inbox, account); !counts)
            problem = counts.error().text();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (!problem.empty() && problem != last_problem_)
        std::cerr << "carillon: mail of " << account.name << ": " << problem << '\n';
    last_problem_ = problem;
}

}  // namespace carillon::app

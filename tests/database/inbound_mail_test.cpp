// Mail that comes back: matched by keys, taken in once, the same in the end whatever the order.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "audience/store.h"
#include "responses/mail_inbox.h"
#include "tests/support/small_campaign.h"

using namespace carillon;
using namespace carillon::tests;
using namespace std::chrono_literals;
using responses::IncomingMail;

namespace {

constexpr const char* offer =
    R"({"name":"offer","title":"Offer","objective":"cross_sell","segment":"everyone","control":{"percent":0},
    "steps":[{"channel":"email","template":"note"}],
    "schedule":{"once":{"date":"2026-11-23","time":"10:00"}}})";

// A campaign that has been sent to clients c1, c2, ...
struct SentCampaign {
    SentCampaign(db::Engine engine, int clients) : small{engine}, sender{small} {
        for (int i = 1; i <= clients; ++i) small.add_client("c" + std::to_string(i));
        small.launch_whole("offer", offer);
        small.plan();
        small.clock.set(at("2026-11-23T07:30:00Z"));
        sender.drain();
        REQUIRE(sender.recording->sent.size() == static_cast<std::size_t>(clients));
    }
    responses::MailInbox inbox() { return {*small.database, small.clock, settings()}; }
    static responses::MailInboxSettings settings() {
        return {{campaigns::MessageKeys{"secret"},
                 {channels::Verp{"0123456789abcdef", "bank.example"}}},
                responses::builtin_mail_rules(),
                {3, 30}};
    }
    const channels::Message& message(int client) {
        const auto address = "c" + std::to_string(client) + "@client.example";
        return *std::ranges::find(sender.recording->sent, address, &channels::Message::to);
    }
    std::string return_address(int client) {
        return std::get<channels::EmailPayload>(message(client).payload).envelope_from;
    }
    std::string message_id(int client) { return "<" + message(client).key + "@bank.example>"; }

    std::string bounce(int client, const std::string& status, const std::string& words,
                       const std::string& date = "Mon, 23 Nov 2026 08:00:00 +0000") {
        const auto address = "c" + std::to_string(client) + "@client.example";
        return "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: " +
               return_address(client) + "\r\nDate: " + date +
               "\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
               "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
               "Final-Recipient: rfc822; " +
               address + "\r\nAction: failed\r\nStatus: " + status + "\r\nDiagnostic-Code: smtp; " +
               words + "\r\n\r\n--b--\r\n";
    }
    std::string complaint(int client) {
        return "From: fbl@provider.example\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n"
               "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
               "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
               "User-Agent: x\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
               "From: news@bank.example\r\nSubject: Offer\r\nMessage-ID: " +
               message_id(client) + "\r\n\r\nDear\r\n--b--\r\n";
    }
    std::string answer(int client, const std::string& text,
                       const std::string& date = "Mon, 23 Nov 2026 10:00:00 +0000") {
        return "From: c" + std::to_string(client) +
               "@client.example\r\nSubject: Re: Offer\r\nDate: " + date +
               "\r\nIn-Reply-To: " + message_id(client) + "\r\n\r\n" + text + "\r\n";
    }
    std::string state(int client) {
        return small.database->read()
            ->value<std::string>(
                db::DynamicQuery{"state",
                                 "SELECT m.state FROM messages m JOIN clients c ON c.id = "
                                 "m.client_id WHERE c.external_id = ?"},
                {"c" + std::to_string(client)})
            .value_or("");
    }
    // Everything that mails may change, as text.
    std::vector<std::string> world() {
        std::vector<std::string> rows;
        const std::vector<std::string> questions{
            "SELECT id, state, reason, finished_at FROM messages ORDER BY id",
            "SELECT client_id, number, state FROM contacts ORDER BY client_id, number",
            "SELECT value, channel, purpose, reason, source, at FROM suppressions ORDER BY value, "
            "channel, purpose",
            "SELECT client_id, granted, at FROM consents ORDER BY client_id, channel, purpose",
            "SELECT client_id, granted, at FROM consent_history ORDER BY client_id, at, granted",
            "SELECT kind, client_id, message_id, text, unique_key FROM manager_tasks ORDER BY "
            "unique_key",
            "SELECT external_id, kind, message_id, at, detail FROM responses ORDER BY external_id",
            "SELECT external_id, kind, answer, matched_by, message_id, waits FROM inbound_mails "
            "ORDER BY external_id"};
        for (const auto& question : questions)
            small.database->read()->select(
                db::DynamicQuery{"world", question}, {}, [&](const db::Row& row) {
                    std::string text = question.substr(7, 20);
                    for (int i = 0; i < row.columns(); ++i)
                        text += "|" + (row.is_null(i) ? "-" : std::string{row.text(i)});
                    rows.push_back(text);
                });
        return rows;
    }
    void forget() {
        for (const char* table : {"suppressions", "consent_history", "manager_tasks", "responses",
                                  "inbound_mails", "message_events"})
            small.sql(std::string{"DELETE FROM "} + table);
        small.sql("UPDATE contacts SET state = 'active', preferred = 1");
        small.sql("UPDATE consents SET granted = 1, at = 0");
        small.sql("UPDATE messages SET state = 'accepted', reason = NULL, finished_at = 0");
    }

    SmallCampaign small;
    SmallCampaign::Sender sender;
};

std::vector<IncomingMail> mails_of(const std::vector<std::string>& texts) {
    std::vector<IncomingMail> mails;
    for (const auto& text : texts) mails.push_back({text, {}});
    return mails;
}

}  // namespace

TEST_CASE("bounces, complaints and answers have their effects", "[inbound]") {
    SentCampaign bank{GENERATE(from_range(engines_under_test())), 6};
    auto inbox = bank.inbox();
    const auto counts = inbox.take(
        "bounces", mails_of({bank.bounce(1, "5.1.1", "550 5.1.1 no such user"),
                             bank.bounce(2, "4.4.1", "connection timed out"), bank.complaint(3),
                             bank.answer(4, "Стоп\r\n\r\n> Dear"),
                             bank.answer(5, "Call me at noon\r\n\r\n-- \r\nAnna"),
                             "From: c6@client.example\r\nAuto-Submitted: auto-replied\r\n"
                             "In-Reply-To: " +
                                 bank.message_id(6) + "\r\n\r\nAway\r\n"}));
    CHECK(counts.taken == 6);
    CHECK(counts.unmatched == 0);
    CHECK(bank.state(1) == "bounced");
    CHECK(bank.state(2) == "bounced");
    CHECK(bank.state(3) == "accepted");
    CHECK(bank.state(6) == "accepted");
    auto& small = bank.small;
    CHECK(small.number("SELECT COUNT(*) FROM contacts WHERE state = 'invalid'") == 1);
    CHECK(small.number("SELECT COUNT(*) FROM suppressions WHERE value = 'c1@client.example' AND "
                       "purpose = '*' AND reason = 'hard bounce'") == 1);
    CHECK(small.number("SELECT COUNT(*) FROM suppressions WHERE value = 'c2@client.example'") == 0);
    CHECK(small.number("SELECT COUNT(*) FROM suppressions WHERE value = 'c3@client.example' AND "
                       "purpose = 'marketing' AND reason = 'complaint'") == 1);
    CHECK(small.number("SELECT COUNT(*) FROM suppressions WHERE value = 'c4@client.example' AND "
                       "reason = 'STOP'") == 3);
    CHECK(small.number("SELECT COUNT(*) FROM consents WHERE granted = 0") == 1);
    CHECK(small.number("SELECT COUNT(*) FROM manager_tasks WHERE kind = 'reply'") == 1);
    CHECK(small.database->read()->value<std::string>(
              db::DynamicQuery{"t", "SELECT text FROM manager_tasks"}) == "Call me at noon");
    CHECK(small.number("SELECT COUNT(*) FROM responses WHERE kind IN ('stop', 'reply', "
                       "'complaint')") == 3);
}

TEST_CASE("forged and unknown mails change nothing and are kept", "[inbound]") {
    SentCampaign bank{GENERATE(from_range(engines_under_test())), 2};
    auto inbox = bank.inbox();
    auto forged = bank.bounce(1, "5.1.1", "550 no such user");
    const auto token = forged.find("bounces+") + 20;
    forged[token] = forged[token] == 'a' ? 'b' : 'a';
    auto other_key = bank.answer(1, "STOP");
    const auto digit = other_key.find("In-Reply-To: <") + 20;
    other_key[digit] = other_key[digit] == '0' ? '1' : '0';
    const auto before = bank.world();
    const auto counts = inbox.take(
        "bounces",
        mails_of(
            {forged, other_key,
             "From: MAILER-DAEMON@x\r\nTo: bounces@bank.example\r\nSubject: Undeliverable\r\n\r\n"
             "c2@client.example: user unknown\r\n",
             "From: c2@client.example\r\nSubject: STOP\r\n\r\nSTOP\r\n", "", "x"}));
    CHECK(counts.taken == 6);
    CHECK(counts.unmatched == 6);
    auto& small = bank.small;
    CHECK(small.number("SELECT COUNT(*) FROM suppressions") == 0);
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE state = 'accepted'") == 2);
    CHECK(small.number("SELECT COUNT(*) FROM contacts WHERE state = 'active'") == 2);
    CHECK(small.number("SELECT COUNT(*) FROM inbound_mails WHERE matched_by = 'forged'") == 2);
    // An answer without a key, but from a known address: a person is asked, nothing is done.
    CHECK(small.number("SELECT COUNT(*) FROM manager_tasks WHERE kind = 'check_reply'") == 1);
    auto after = bank.world();
    std::erase_if(after, [](const std::string& row) {
        return row.find("external_id") != std::string::npos ||
               row.find("check_reply") != std::string::npos;
    });
    CHECK(after == before);
}

TEST_CASE("three soft bounces within thirty days give an address up", "[inbound]") {
    SentCampaign bank{GENERATE(from_range(engines_under_test())), 3};
    // Three messages to one address.
    bank.small.sql("UPDATE message_contents SET address = 'c1@client.example'");
    auto inbox = bank.inbox();
    const auto soft = [&](int client, const std::string& date) {
        auto mail = bank.bounce(client, "4.4.1", "timed out", date);
        return mail;
    };
    inbox.take("b", mails_of({soft(1, "Mon, 5 Oct 2026 08:00:00 +0000"),
                              soft(2, "Mon, 26 Oct 2026 08:00:00 +0000")}));
    CHECK(bank.small.number("SELECT COUNT(*) FROM suppressions") == 0);
    inbox.take("b", mails_of({soft(3, "Mon, 9 Nov 2026 08:00:00 +0000")}));
    CHECK(bank.small.number("SELECT COUNT(*) FROM suppressions") == 0);  // 35 days
    inbox.take("b", mails_of({soft(1, "Tue, 10 Nov 2026 08:00:00 +0000")}));
    CHECK(bank.small.number("SELECT COUNT(*) FROM suppressions") == 0);  // the same message
    inbox.take("b", mails_of({soft(3, "Mon, 2 Nov 2026 08:00:00 +0000")}));
    CHECK(bank.small.number("SELECT COUNT(*) FROM suppressions WHERE reason = 'bounced repeatedly' "
                            "AND value = 'c1@client.example'") == 1);
}

TEST_CASE("any order and repetition of the same mails gives the same final state", "[inbound]") {
    SentCampaign bank{GENERATE(from_range(engines_under_test())), 4};
    auto inbox = bank.inbox();
    const std::string later = "Mon, 23 Nov 2026 07:40:00 +0000";
    std::vector<std::string> mails{
        bank.bounce(1, "5.1.1", "550 no such user"),
        bank.bounce(1, "4.4.1", "timed out", later),
        bank.bounce(1, "5.2.2", "mailbox full", later),
        bank.bounce(2, "5.7.1", "spamhaus"),
        bank.bounce(2, "5.2.2", "mailbox full"),
        bank.complaint(3),
        bank.answer(3, "STOP"),
        bank.answer(3, "START", "Mon, 23 Nov 2026 10:05:00 +0000"),
        bank.answer(3, "СТОП", "Mon, 23 Nov 2026 10:09:00 +0000"),
        bank.answer(4, "stop"),
        bank.answer(4, "start", "Mon, 23 Nov 2026 10:05:00 +0000"),
        bank.answer(4, "Tell me more"),
        bank.bounce(4, "4.4.1", "timed out"),
        "From: x@y.example\r\n\r\nforged <17.0000000000000000@bank.example>\r\n"};
    bank.small.clock.set(at("2026-11-24T07:30:00Z"));
    bank.forget();
    inbox.take("b", mails_of(mails));
    const auto expected = bank.world();
    std::mt19937 random{7};
    for (int round = 0; round < 40; ++round) {
        bank.forget();
        auto shuffled = mails;
        shuffled.insert(shuffled.end(), mails.begin(), mails.begin() + round % 14);
        std::ranges::shuffle(shuffled, random);
        for (std::size_t i = 0; i < shuffled.size();) {
            const auto size = std::min<std::size_t>(1 + random() % 4, shuffled.size() - i);
            const auto begin = shuffled.begin() + static_cast<std::ptrdiff_t>(i);
            inbox.take("b", mails_of({begin, begin + static_cast<std::ptrdiff_t>(size)}));
            i += size;
        }
        INFO("round " << round);
        REQUIRE(bank.world() == expected);
    }
}

TEST_CASE("a bounce that overtakes the outcome of its message waits for it", "[inbound]") {
    SentCampaign bank{GENERATE(from_range(engines_under_test())), 1};
    auto inbox = bank.inbox();
    bank.small.sql("UPDATE messages SET state = 'submitting', finished_at = NULL");
    inbox.take("b", mails_of({bank.bounce(1, "5.1.1", "550 no such user")}));
    CHECK(bank.state(1) == "submitting");
    CHECK_FALSE(inbox.apply_waiting());
    bank.small.sql("UPDATE messages SET state = 'accepted'");
    CHECK(inbox.apply_waiting());
    CHECK(bank.state(1) == "bounced");
    CHECK_FALSE(inbox.apply_waiting());
    CHECK(bank.small.number("SELECT COUNT(*) FROM contacts WHERE state = 'invalid'") == 1);
}

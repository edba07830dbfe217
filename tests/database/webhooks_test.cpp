// The outbox of webhooks: written with what it tells of, read by whoever holds the receiver.
#include <catch2/catch.hpp>

#include "campaigns/webhooks.h"
#include "scheduler/webhook_sender.h"
#include "tests/support/small_campaign.h"

using namespace carillon;
using namespace carillon::tests;
using namespace std::chrono_literals;

namespace {

constexpr channels::WebhookRules anywhere{.allow_http = true, .allow_private = true};

db::Engine an_engine() {
    return GENERATE(from_range(engines_under_test()));
}

std::string add(SmallCampaign& small, const std::string& name,
                const std::vector<std::string>& kinds = {}) {
    return small
        .act([&](const campaigns::Desk& desk) {
            return campaigns::add_webhook(desk, {name, "http://127.1:9/", kinds}, anywhere);
        })
        .value();
}

std::int64_t waiting(SmallCampaign& small, const std::string& kind) {
    return small.number("SELECT COUNT(*) FROM webhook_deliveries WHERE kind = '" + kind + "'");
}

}  // namespace

TEST_CASE("what happens is told in the transaction that makes it so", "[webhook]") {
    SmallCampaign small{an_engine()};
    for (int i = 0; i < 5; ++i) small.add_client("C" + std::to_string(i));
    SmallCampaign::Sender sender{small};
    small.clock.set(at("2026-11-23T07:00:00Z"));  // ten in Moscow
    small.launch(once_at_ten, "untold");
    small.plan();
    sender.drain();
    // Nobody listens: nothing is written.
    CHECK(small.number("SELECT COUNT(*) FROM webhook_deliveries") == 0);

    add(small, "all");
    add(small, "accepted-only", {"message.accepted"});
    small.launch(once_at_ten, "told");
    small.plan();
    sender.drain();
    const auto accepted = small.number(
        "SELECT COUNT(*) FROM messages m JOIN campaigns c ON c.id = m.campaign_id WHERE c.name = "
        "'told' AND m.state = 'accepted'");
    CHECK(accepted == 5);
    CHECK(waiting(small, "message.accepted") == 2 * accepted);
    CHECK(waiting(small, "campaign.started") == 1);
    CHECK(small.number("SELECT COUNT(DISTINCT subject) FROM webhook_deliveries WHERE kind = "
                       "'message.accepted'") == accepted);
}

TEST_CASE("what is rolled back was never told", "[webhook]") {
    SmallCampaign small{an_engine()};
    add(small, "all");
    struct Stop {};
    try {
        db::in_transaction(*small.database, [&](db::Connection& connection) {
            campaigns::tell_of_messages(
                connection, {{{1}, campaigns::MessageState::failed, "550 5.1.1 <a@b.test>"}},
                at("2026-11-24T09:00:00Z"));
            throw Stop{};
        });
    } catch (const Stop&) {
        CHECK(waiting(small, "message.failed") == 0);
    }
    db::in_transaction(*small.database, [&](db::Connection& connection) {
        campaigns::tell_of_messages(connection,
                                    {{{1}, campaigns::MessageState::failed, "550 5.1.1 <a@b.test>"},
                                     {{2}, campaigns::MessageState::held, "quiet_hours"}},
                                    at("2026-11-24T09:00:00Z"));
    });
    CHECK(small.number("SELECT COUNT(*) FROM webhook_deliveries WHERE reason = '550 5.1.1'") == 1);
    CHECK(small.number("SELECT COUNT(*) FROM webhook_deliveries") == 1);
}

TEST_CASE("a receiver that is away is tried again, given up, and told after all", "[webhook]") {
    SmallCampaign small{an_engine()};
    add(small, "away");
    db::in_transaction(*small.database, [&](db::Connection& connection) {
        campaigns::tell_of_messages(connection, {{{1}, campaigns::MessageState::accepted, {}}},
                                    at("2026-11-24T09:00:00Z"));
    });
    base::ManualClock clock{at("2026-11-24T09:00:00Z")};
    // No address inside is connected to: every try fails at once.
    scheduler::WebhookSender sender{*small.database,
                                    clock,
                                    {.first_delay = 10s, .give_up = 1h},
                                    {.rules = {.allow_http = true}}};
    const auto attempts = [&] {
        return small.number("SELECT MAX(attempts) FROM webhook_deliveries");
    };
    const auto until_tried = [&](std::int64_t count) {
        for (int i = 0; i < 200 && attempts() < count; ++i) sender.turn(50ms);
        CHECK(attempts() == count);
    };
    until_tried(1);
    for (int i = 0; i < 5; ++i) sender.turn(10ms);
    CHECK(attempts() == 1);  // not before its time
    clock.advance(10s);
    until_tried(2);
    // Another process leaves it alone while this one holds it.
    scheduler::WebhookSender other{
        *small.database, clock, {.first_delay = 10s}, {.rules = {.allow_http = true}}};
    clock.advance(9s);
    for (int i = 0; i < 5; ++i) other.turn(10ms);
    CHECK(attempts() == 2);
    clock.advance(1h);
    until_tried(3);
    CHECK(small.number("SELECT COUNT(*) FROM webhook_deliveries WHERE next_try_at IS NULL") == 1);
    clock.advance(1h);
    for (int i = 0; i < 5; ++i) sender.turn(10ms);
    CHECK(attempts() == 3);
    const auto webhook = campaigns::find_webhook(*small.database->read(), "away").value();
    CHECK(webhook.given_up == 1);
    CHECK(webhook.failing_since);
    CHECK(small.act([&](const campaigns::Desk& desk) {
        return campaigns::resend_given_up(desk, webhook);
    }) == 1);
    until_tried(1);
    // Silent for too long: it is named, and switched off by whoever asked.
    clock.advance(std::chrono::hours{121});
    std::vector<scheduler::SilentReceiver> silent;
    for (int i = 0; i < 200 && silent.empty(); ++i) silent = sender.turn(50ms);
    REQUIRE(silent.size() == 1);
    CHECK(silent.front().name == "away");
}

TEST_CASE("administrators add, change and remove receivers, and the log knows", "[webhook]") {
    SmallCampaign small{an_engine()};
    const auto secret = add(small, "crm", {"response", "message.bounced"});
    CHECK(secret.starts_with("whsec_"));
    const auto refused = small.act([&](const campaigns::Desk& desk) {
        return campaigns::add_webhook(desk, {"crm", "http://10.0.0.1/", {"message.opened"}}, {});
    });
    REQUIRE_FALSE(refused);
    std::set<std::string> codes;
    for (const auto& problem : refused.error()) codes.insert(problem.code);
    CHECK(codes == std::set<std::string>{"webhook.exists", "webhook.url", "webhook.kinds"});
    const auto webhook = campaigns::find_webhook(*small.database->read(), "crm").value();
    CHECK(webhook.kinds.size() == 2);
    CHECK(campaigns::webhook_secret(*small.database->read(), webhook) == secret);
    small.act([&](const campaigns::Desk& desk) {
        CHECK(campaigns::renew_webhook_secret(desk, webhook) != secret);
        CHECK(campaigns::disable_webhook(desk, webhook.id, "crm", "for a test"));
        CHECK_FALSE(campaigns::disable_webhook(desk, webhook.id, "crm", "twice"));
        campaigns::enable_webhook(desk, webhook);
        campaigns::remove_webhook(desk, webhook);
        return true;
    });
    CHECK_FALSE(campaigns::find_webhook(*small.database->read(), "crm"));
    CHECK(small.number("SELECT COUNT(*) FROM audit WHERE object = 'webhook crm'") == 5);
}

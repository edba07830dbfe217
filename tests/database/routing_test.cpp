// Several ways to one client: which is taken, why the others were left, what happens when it fails,
// what providers report later, what clients answer, and the call desk.
#include <algorithm>
#include <catch2/catch.hpp>

#include "audience/store.h"
#include "responses/inbound.h"
#include "responses/receipts.h"
#include "scheduler/call_desk.h"
#include "tests/support/small_campaign.h"

using namespace carillon;
using namespace carillon::tests;
using namespace std::chrono_literals;
using base::ChannelKind;

namespace {

constexpr const char* three_ways =
    R"({"name":"reach","title":"Reach","objective":"cross_sell","segment":"everyone","control":{"percent":0},
    "send_by":"9h",
    "steps":[{"channel":["email","sms","letter"],
              "template":{"email":"note","sms":"note-sms","letter":"note-letter"}%s}],
    "schedule":{"once":{"date":"2026-11-23","time":"10:00"}}})";

std::string with_fallback(const std::string& fallback) {
    std::string json = three_ways;
    return json.replace(json.find("%s"), 2, fallback);
}

// A bank with templates and settings for every channel.
struct Routing {
    explicit Routing(db::Engine engine) : small{engine}, planner{*small.database, small.clock} {
        for (const char* kind : {"sms", "letter", "call"}) {
            const std::string name = kind;
            small.apply("channel", kind,
                        (R"({"name":")" + name + R"(","kind":")" + name + R"("})").c_str());
            small.apply(
                "template", ("note-" + name).c_str(),
                (R"({"name":"note-)" + name + R"(","channel":")" + name +
                 R"(","default_locale":"en","locales":{"en":{"text":"Dear {{client.first_name}}"}}})")
                    .c_str());
        }
    }
    // `contacts`: kinds of channels, each with its consent unless written "-sms".
    std::int64_t client(const std::string& id, const std::vector<std::string>& contacts) {
        const auto client = small.add_client(id);
        small.sql("DELETE FROM contacts WHERE client_id = ?", {client});
        small.sql("DELETE FROM consents WHERE client_id = ?", {client});
        int number = 0;
        for (const auto& entry : contacts) {
            const bool refused = entry.starts_with('-');
            const auto channel = refused ? entry.substr(1) : entry;
            small.sql(
                "INSERT INTO contacts (client_id, number, channel, address, updated_at) VALUES (?, "
                "?, ?, ?, 0)",
                {client, ++number, channel,
                 channel == "email" ? id + "@client.example" : channel + " of " + id});
            small.sql(
                "INSERT INTO consents (client_id, channel, purpose, granted, at, source) VALUES "
                "(?, ?, 'marketing', ?, 0, 't')",
                {client, channel, !refused});
        }
        return client;
    }
    void go(SmallCampaign::Sender& sender) {
        for (int round = 0; round < 6; ++round) {
            planner.turn();
            sender.drain();
        }
    }
    // "email accepted", of one client in the order of the rows.
    std::vector<std::string> path(std::int64_t client) {
        std::vector<std::string> path;
        small.database->read()->select(db::DynamicQuery{"path",
                                                        "SELECT channel, state, reason, route FROM "
                                                        "messages WHERE client_id = ? ORDER BY id"},
                                       {client}, [&](const db::Row& row) {
                                           auto text = std::string{row.text(0)} + " " +
                                                       std::string{row.text(1)};
                                           if (!row.is_null(2))
                                               text += " " + std::string{row.text(2)};
                                           if (!row.is_null(3))
                                               text += " (" + std::string{row.text(3)} + ")";
                                           path.push_back(text);
                                       });
        return path;
    }

    SmallCampaign small;
    scheduler::Planner planner;
};

using Path = std::vector<std::string>;

channels::Receipt receipt(const std::string& id, const std::string& ref,
                          channels::Receipt::State state, const std::string& reason = {}) {
    channels::Receipt one;
    one.external_id = id;
    one.receipt_ref = ref;
    one.state = state;
    one.reason = reason;
    return one;
}

}  // namespace

TEST_CASE("each client gets the first channel that may be used, and the reason is kept",
          "[routing]") {
    Routing bank{GENERATE(from_range(engines_under_test()))};
    const auto all = bank.client("all", {"email", "sms", "letter"});
    const auto by_sms = bank.client("sms", {"sms"});
    const auto no_mail = bank.client("nomail", {"-email", "sms"});
    const auto paper = bank.client("paper", {"-sms", "letter"});
    const auto nobody = bank.client("nobody", {"-email"});
    const auto wish = bank.client("wish", {"email", "sms", "letter"});
    const auto vain = bank.client("vain", {"email"});
    bank.small.sql("INSERT INTO attribute_types (name, type) VALUES ('preferred_channel', 'text')");
    for (const auto client : {wish, vain})
        bank.small.sql(
            "INSERT INTO client_attributes (client_id, name, text_value) VALUES (?, "
            "'preferred_channel', 'sms')",
            {client});
    SmallCampaign::Sender sender{bank.small};
    sender.add(ChannelKind::sms);
    sender.add(ChannelKind::letter);
    bank.small.launch_whole("reach", with_fallback(""));
    bank.small.clock.set(at("2026-11-23T08:00:00Z"));
    bank.go(sender);
    CHECK(bank.path(all) == Path{"email accepted"});
    CHECK(bank.path(by_sms) == Path{"sms accepted (email no_contact)"});
    CHECK(bank.path(no_mail) == Path{"sms accepted (email no_consent)"});
    CHECK(bank.path(paper) == Path{"letter accepted (email no_contact, sms no_consent)"});
    CHECK(bank.path(nobody) == Path{"email skipped no_usable_channel (email no_consent, sms "
                                    "no_contact, letter no_contact)"});
    CHECK(bank.path(wish) == Path{"sms accepted (preferred)"});
    CHECK(bank.path(vain) == Path{"email accepted"});
    CHECK(bank.small.number("SELECT COUNT(*) FROM runs WHERE settled_at IS NOT NULL") == 1);
}

TEST_CASE("a channel that fails is followed by the next, once each", "[routing]") {
    Routing bank{GENERATE(from_range(engines_under_test()))};
    const auto all = bank.client("all", {"email", "sms", "letter"});
    const auto two = bank.client("two", {"email", "sms"});
    SmallCampaign::Sender sender{bank.small};
    auto& sms = sender.add(ChannelKind::sms);
    auto& letter = sender.add(ChannelKind::letter);
    sender.recording->answer = [](const channels::Message&) -> std::optional<channels::Outcome> {
        return channels::Rejected{"550 5.1.1 unknown", true};
    };
    sms.answer = [](const channels::Message&) -> std::optional<channels::Outcome> {
        return channels::Rejected{"no such number", false};
    };
    bank.small.launch_whole("reach", with_fallback(""));
    bank.small.clock.set(at("2026-11-23T08:00:00Z"));
    bank.go(sender);
    CHECK(bank.path(all) == Path{"email failed 550 5.1.1 unknown",
                                 "sms failed no such number (email tried)",
                                 "letter accepted (email tried, sms tried)"});
    CHECK(bank.path(two) ==
          Path{"email failed 550 5.1.1 unknown", "sms failed no such number (email tried)",
               "letter skipped no_channel_left (email tried, sms tried, letter no_contact)"});
    CHECK(sms.sent.size() == 2);
    CHECK(letter.sent.size() == 1);
    CHECK(bank.small.number("SELECT COUNT(*) FROM contacts WHERE state = 'invalid'") == 2);
    CHECK(bank.small.number("SELECT COUNT(*) FROM runs WHERE settled_at IS NOT NULL") == 1);
}

TEST_CASE("without a receipt or a response in time the next channel is taken", "[routing]") {
    Routing bank{GENERATE(from_range(engines_under_test()))};
    const auto silent = bank.client("silent", {"email", "sms", "letter"});
    const auto answers = bank.client("answers", {"email", "sms", "letter"});
    SmallCampaign::Sender sender{bank.small};
    auto& sms = sender.add(ChannelKind::sms);
    auto& letter = sender.add(ChannelKind::letter);
    bank.small.launch_whole("reach", with_fallback(R"(,"fallback":{"no_response":"24h"})"));
    bank.small.clock.set(at("2026-11-23T08:00:00Z"));
    bank.go(sender);
    REQUIRE(sender.recording->sent.size() == 2);
    CHECK(bank.planner.next_moment() == at("2026-11-24T08:00:00Z"));
    CHECK(bank.small.number("SELECT COUNT(*) FROM runs WHERE settled_at IS NOT NULL") == 0);
    bank.small.sql(
        "INSERT INTO responses (source, external_id, client_id, campaign_id, kind, at) VALUES "
        "('t', '1', ?, 1, 'click', ?)",
        {answers, base::to_millis(at("2026-11-23T09:00:00Z"))});
    bank.small.clock.set(at("2026-11-24T07:59:00Z"));
    bank.go(sender);
    CHECK(sms.sent.empty());
    bank.small.clock.set(at("2026-11-24T08:00:01Z"));
    bank.go(sender);
    CHECK(bank.path(answers) == Path{"email accepted"});
    CHECK(bank.path(silent) == Path{"email accepted", "sms accepted (email tried)"});
    bank.small.clock.set(at("2026-11-25T08:00:02Z"));
    bank.go(sender);
    CHECK(letter.sent.size() == 1);
    bank.small.clock.set(at("2026-12-25T08:00:02Z"));
    bank.go(sender);
    CHECK(bank.path(silent).size() == 3);
    CHECK(bank.small.number("SELECT COUNT(*) FROM runs WHERE settled_at IS NOT NULL") == 1);
}

TEST_CASE("receipts settle messages once, early, late, repeated and part by part", "[routing]") {
    using State = channels::Receipt::State;
    Routing bank{GENERATE(from_range(engines_under_test()))};
    const auto whole = bank.client("whole", {"sms", "letter"});
    const auto broken = bank.client("broken", {"sms", "letter"});
    const auto early = bank.client("early", {"sms"});
    SmallCampaign::Sender sender{bank.small};
    auto& sms = sender.add(ChannelKind::sms);
    sender.add(ChannelKind::letter);
    const campaigns::MessageKeys keys{"secret"};
    responses::Receipts receipts{*bank.small.database, bank.small.clock, keys};
    sms.answer = [&](const channels::Message& message) -> std::optional<channels::Outcome> {
        if (message.to == "sms of early")  // its receipt overtakes the outcome
            CHECK(receipts.take("sms", {receipt("r0", "e1", State::delivered)}));
        const auto name = message.to.substr(7, 1);
        channels::Accepted accepted{"ok", {name + "1", name + "2"}, 2};
        if (message.to == "sms of early") accepted = {"ok", {"e1"}, 1};
        return accepted;
    };
    bank.small.launch_whole("reach", with_fallback(""));
    bank.small.clock.set(at("2026-11-23T08:00:00Z"));
    bank.go(sender);
    CHECK(bank.path(early) == Path{"sms accepted (email no_contact)"});
    CHECK(receipts.apply_waiting());
    CHECK(bank.path(early) == Path{"sms delivered (email no_contact)"});

    CHECK(receipts.take("sms", {receipt("r1", "w1", State::delivered)}));
    CHECK(bank.path(whole) == Path{"sms accepted (email no_contact)"});
    CHECK(receipts.take(
        "sms", {receipt("r1", "w1", State::delivered), receipt("r2", "w2", State::delivered)}));
    CHECK(bank.path(whole) == Path{"sms delivered (email no_contact)"});
    CHECK(bank.small.number("SELECT units FROM messages WHERE client_id = " +
                            std::to_string(whole)) == 2);

    CHECK(receipts.take("sms", {receipt("r3", "b1", State::delivered),
                                receipt("r4", "b2", State::bad_address, "UNDELIV")}));
    bank.go(sender);
    CHECK(bank.path(broken) == Path{"sms bounced UNDELIV (email no_contact)",
                                    "letter accepted (email no_contact, sms tried)"});
    CHECK(bank.small.number("SELECT COUNT(*) FROM contacts WHERE state = 'invalid'") == 1);
    CHECK(receipts.take("sms", {receipt("r5", "b2", State::delivered)}));  // too late to matter
    CHECK(bank.path(broken)[0] == "sms bounced UNDELIV (email no_contact)");
    CHECK(receipts.take("sms", {receipt("r6", "unheard of", State::delivered)}));
    CHECK(bank.small.number("SELECT COUNT(*) FROM receipts WHERE message_id IS NULL") == 1);
    CHECK(bank.small.number("SELECT COUNT(*) FROM receipts") == 7);
}

TEST_CASE("the same receipts in any order and repetition end in the same state", "[routing]") {
    using State = channels::Receipt::State;
    const auto engine = GENERATE(from_range(engines_under_test()));
    struct Told {
        const char* id;
        State state;
        const char* at;
    };
    // A failure told of a part that was delivered before; a delivery told of one that had failed.
    const std::vector<Told> late_failure{{"a", State::in_progress, "2026-11-23T08:00:01Z"},
                                         {"b", State::delivered, "2026-11-23T08:00:02Z"},
                                         {"c", State::bad_address, "2026-11-23T08:00:03Z"},
                                         {"d", State::failed, "2026-11-23T08:00:02.500Z"}};
    const std::vector<Told> late_delivery{{"a", State::failed, "2026-11-23T08:00:01Z"},
                                          {"b", State::bad_address, "2026-11-23T08:00:01Z"},
                                          {"c", State::delivered, "2026-11-23T08:00:02Z"}};
    const auto by_id = [](const Told& x, const Told& y) {
        return std::string_view{x.id} < std::string_view{y.id};
    };
    // One client for each order.
    struct Order {
        std::int64_t client{};
        std::string name{};
        std::vector<Told> told{};
        std::string wanted{};
    };
    Routing bank{engine};
    std::vector<Order> orders;
    for (auto [told, wanted] :
         {std::pair{late_failure, "sms delivered"}, std::pair{late_delivery, "sms bounced"}})
        do {
            const auto name = "c" + std::to_string(orders.size());
            orders.push_back({bank.client(name, {"sms"}), name, told, wanted});
        } while (std::ranges::next_permutation(told, by_id).found);
    SmallCampaign::Sender sender{bank.small};
    auto& sms = sender.add(ChannelKind::sms);
    sms.answer = [](const channels::Message& message) -> std::optional<channels::Outcome> {
        return channels::Accepted{"ok", {message.to.substr(7)}, 1};
    };
    const campaigns::MessageKeys keys{"secret"};
    responses::Receipts receipts{*bank.small.database, bank.small.clock, keys};
    bank.small.launch_whole("reach", with_fallback(""));
    bank.small.clock.set(at("2026-11-23T08:00:00Z"));
    bank.go(sender);
    for (const auto& order : orders) {
        CAPTURE(order.name);
        for (std::size_t i = 0; i < order.told.size() + 2; ++i) {  // the first two once more
            const auto& word = order.told[i % order.told.size()];
            auto one = receipt(order.name + word.id, order.name, word.state);
            one.at = at(word.at);
            CHECK(receipts.take("sms", {one}));
        }
        CHECK(bank.path(order.client)[0].starts_with(order.wanted));
        const auto invalid = bank.small.number(
            "SELECT COUNT(*) FROM contacts WHERE state = 'invalid' AND client_id = " +
            std::to_string(order.client));
        CHECK(invalid == (order.wanted == "sms bounced" ? 1 : 0));
    }
    CHECK(orders.size() == 30);
}

TEST_CASE("STOP works at once and only on its channel", "[routing]") {
    Routing bank{GENERATE(from_range(engines_under_test()))};
    const auto client = bank.client("tired", {"sms", "letter"});
    SmallCampaign::Sender sender{bank.small};
    auto& sms = sender.add(ChannelKind::sms);
    sender.add(ChannelKind::letter);
    bank.small.launch_whole("reach", with_fallback(""));
    bank.small.clock.set(at("2026-11-23T06:30:00Z"));
    bank.planner.turn();
    channels::Inbound stop;
    stop.external_id = "mo-1";
    stop.from = "sms of tired";
    stop.text = "Стоп!";
    for (int i = 0; i < 2; ++i)
        REQUIRE(responses::take_inbound(*bank.small.database, bank.small.clock, "sms",
                                        ChannelKind::sms, {stop}));
    bank.small.clock.set(at("2026-11-23T08:00:00Z"));
    bank.go(sender);
    CHECK(sms.sent.empty());
    CHECK(bank.path(client) == Path{"sms suppressed no_consent (email no_contact)",
                                    "letter accepted (email no_contact, sms tried)"});
    CHECK(bank.small.number("SELECT COUNT(*) FROM inbound") == 1);
    CHECK(bank.small.number("SELECT COUNT(*) FROM suppressions") == 3);
    CHECK(bank.small.number("SELECT COUNT(*) FROM consent_history WHERE granted = 0") == 1);
    channels::Inbound start = stop;
    start.external_id = "mo-2";
    start.text = "START";
    REQUIRE(responses::take_inbound(*bank.small.database, bank.small.clock, "sms", ChannelKind::sms,
                                    {start}));
    CHECK(bank.small.number("SELECT COUNT(*) FROM suppressions") == 0);
    CHECK(bank.small.number("SELECT granted FROM consents WHERE channel = 'sms'") == 0);
}

TEST_CASE("what a provider keeps may not be delivered at night", "[routing]") {
    Routing bank{GENERATE(from_range(engines_under_test()))};
    auto& small = bank.small;
    small.add_overdue_loan(bank.client("owes", {"sms"}));
    SmallCampaign::Sender sender{small};
    auto& sms = sender.add(ChannelKind::sms);
    const auto campaign = [](const std::string& name, const std::string& more) {
        return R"({"name":")" + name + R"(","title":"T","control":{"percent":0},"steps":)" +
               R"([{"channel":"sms","template":"note-sms"}],)" + more + "}";
    };
    const auto until = [&]() -> std::optional<base::Instant> {
        REQUIRE(sms.sent.size() == 1);
        const auto found = std::get<channels::SmsPayload>(sms.sent[0].payload).valid_until;
        sms.sent.clear();
        return found;
    };
    // Until 22:00 in Moscow by the law, although it may be sent until midnight.
    small.launch_whole("debts", campaign("debts", R"("objective":"debt","segment":"overdue",
        "schedule":{"once":{"date":"2026-11-23","time":"20:00"}})"));
    small.clock.set(at("2026-11-23T17:30:00Z"));
    bank.go(sender);
    CHECK(until() == at("2026-11-23T19:00:00Z"));
    // Its own deadline where that comes first.
    small.launch_whole("soon", campaign("soon", R"("objective":"debt","segment":"overdue",
        "send_by":"1h","schedule":{"once":{"date":"2026-11-24","time":"11:00"}})"));
    small.clock.set(at("2026-11-24T08:05:00Z"));
    bank.go(sender);
    CHECK(until() == at("2026-11-24T09:00:00Z"));
}

TEST_CASE("a call task is claimed by one, checked again, and closed with a disposition",
          "[routing][calls]") {
    using scheduler::Disposition;
    Routing bank{GENERATE(from_range(engines_under_test()))};
    auto& small = bank.small;
    std::vector<std::int64_t> clients;
    for (const auto* id : {"a", "b", "c"}) {
        clients.push_back(bank.client(id, {"sms"}));
        small.add_overdue_loan(clients.back());
    }
    SmallCampaign::Sender sender{small};
    sender.add(ChannelKind::call);
    small.launch_whole(
        "debts",
        R"({"name":"debts","title":"Debts","objective":"debt","segment":"overdue","control":{"percent":0},
            "send_by":"9h","steps":[{"channel":"call","template":"note-call"}],
            "schedule":{"once":{"date":"2026-11-23","time":"10:00"}}})");
    small.clock.set(at("2026-11-23T08:00:00Z"));
    bank.go(sender);
    REQUIRE(small.number("SELECT COUNT(*) FROM call_tasks WHERE state = 'open'") == 3);
    REQUIRE(small.states()["accepted"] == 3);
    scheduler::CallDesk desk{*small.database, small.clock, small.composer,
                             [&](db::Connection& connection, base::RunId run) {
                                 return sender.contexts.find(connection, run);
                             }};

    const auto first = desk.claim("olga", "");
    REQUIRE(first);
    CHECK(first->script == "Dear Name" + first->client);
    CHECK(first->number == "sms of " + first->client);
    CHECK(first->not_after == at("2026-11-23T19:00:00Z"));  // 22:00 in Moscow
    const auto second = desk.claim("pavel", "");
    REQUIRE(second);
    REQUIRE(second->client != first->client);
    const auto id_of = [&](const std::string& client) {
        return clients[static_cast<std::size_t>(client[0] - 'a')];
    };
    CHECK(desk.finish({first->message, "pavel", Disposition::interested, "", {}}).error().code ==
          "call.claimed_by_other");
    REQUIRE(desk.finish({first->message, "olga", Disposition::interested, "will pay", {}}));
    CHECK(desk.finish({first->message, "olga", Disposition::refused, "", {}}).error().code ==
          "call.closed");
    CHECK(bank.path(id_of(first->client)) == Path{"call delivered"});
    CHECK(small.number("SELECT COUNT(*) FROM responses WHERE kind = 'interested'") == 1);

    // The third pays before anybody calls.
    std::int64_t third = 0;
    for (const auto client : clients)
        if (client != id_of(first->client) && client != id_of(second->client)) third = client;
    small.sql("UPDATE contracts SET overdue_minor = 0, overdue_since = NULL WHERE client_id = ?",
              {third});
    CHECK_FALSE(desk.claim("olga", ""));
    CHECK(bank.path(third) == Path{"call cancelled no_longer_in_segment"});

    // The second is not reached, then asks for another time, at night nobody calls, then never
    // again.
    REQUIRE(desk.finish({second->message, "pavel", Disposition::no_answer, "", {}}));
    CHECK_FALSE(desk.claim("pavel", ""));
    small.clock.set(at("2026-11-23T10:01:00Z"));
    const auto again = desk.claim("pavel", "");
    REQUIRE(again);
    CHECK(again->calls == 1);
    CHECK_FALSE(desk.finish({again->message, "pavel", Disposition::call_back, "", {}}));
    REQUIRE(desk.finish(
        {again->message, "pavel", Disposition::call_back, "", at("2026-11-23T22:00:00Z")}));
    small.clock.set(at("2026-11-23T22:00:00Z"));
    CHECK_FALSE(desk.claim("pavel", ""));
    small.clock.set(at("2026-11-24T08:00:00Z"));
    const auto morning = desk.claim("pavel", "");
    REQUIRE(morning);
    CHECK(morning->not_after == at("2026-11-24T19:00:00Z"));
    small.clock.set(at("2026-11-24T09:00:00Z"));  // the claim has run out
    CHECK(desk.claim("olga", "")->message == morning->message);
    REQUIRE(desk.finish({morning->message, "olga", Disposition::do_not_call, "", {}}));
    CHECK(small.number("SELECT COUNT(*) FROM suppressions WHERE channel = 'call'") == 1);
    CHECK(desk.list("closed", "", 10).size() == 3);
}

// From the schedule to the outcome, on both engines: what is planned, what is sent, and what is not
// and why.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/small_campaign.h"

using namespace carillon;
using tests::at;
using tests::SmallCampaign;
using Counts = std::map<std::string, std::int64_t>;

namespace {

struct TemporaryFolder {
    std::filesystem::path path{std::filesystem::temp_directory_path() /
                               ("carillon-flights-of-" + std::to_string(getpid()))};
    ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

db::Engine an_engine() {
    return GENERATE(from_range(tests::engines_under_test()));
}

}  // namespace

TEST_CASE("a campaign sends each client one message at ten of the client's own clock",
          "[scheduler]") {
    SmallCampaign small{
        an_engine(),
        "2026-11-22T20:30:00Z"};  // somewhere it is ten already: the audience is frozen
    small.add_client("kamchatka", "Asia/Kamchatka");
    small.add_client("moscow", "Europe/Moscow");
    small.launch(tests::once_at_ten);
    small.plan();
    SmallCampaign::Sender sender{small};

    small.clock.set(at("2026-11-22T21:59:59Z"));
    sender.drain();
    CHECK(sender.recording->sent.empty());
    small.clock.set(at("2026-11-22T22:00:00Z"));  // ten in Kamchatka
    sender.drain();
    CHECK(sender.recording->sent.size() == 1);
    small.clock.set(at("2026-11-23T07:00:00Z"));  // ten in Moscow
    sender.drain();
    sender.drain();
    REQUIRE(sender.recording->sent.size() == 2);
    CHECK(sender.recording->sent[0].to == "kamchatka@client.example");
    CHECK(small.states() == Counts{{"accepted", 2}});
}

TEST_CASE("a slot fires once, whoever plans and however often", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 7; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    scheduler::Planner one{*small.database, small.clock, {2}};
    scheduler::Planner other{*small.database, small.clock, {3}};
    for (int i = 0; i < 4; ++i) {
        one.turn();
        other.turn();
    }
    CHECK(small.number("SELECT COUNT(*) FROM runs") == 1);
    CHECK(small.states() == Counts{{"queued", 7}});
    CHECK(small.number("SELECT matched FROM runs") == 7);
}

TEST_CASE("a daily campaign fires once on the days the clocks change", "[scheduler]") {
    const auto* const start = GENERATE("2026-03-28T00:00:00Z", "2026-10-24T00:00:00Z");
    SmallCampaign small{an_engine(), start};
    small.apply(
        "policies", "default",
        R"({"purposes":{"service":{"working_days":"00:00-24:00","other_days":"00:00-24:00"}}})");
    small.add_client("berlin", "Europe/Berlin");
    small.launch(
        R"("objective":"service","segment":"everyone","schedule":{"recurring":{"rrule":"FREQ=DAILY",
        "start":"2026-01-01","time":"02:30"}},)");
    SmallCampaign::Sender sender{small};
    for (int hour = 0; hour < 72; ++hour) {
        small.clock.advance(std::chrono::hours{1});
        small.plan();
        sender.drain();
    }
    CHECK(sender.recording->sent.size() == 3);
    CHECK(small.number("SELECT COUNT(DISTINCT slot) FROM runs") ==
          small.number("SELECT COUNT(*) FROM runs"));
}

TEST_CASE("who is left out gets a row with the reason", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    small.add_client("fine");
    const auto silent = small.add_client("silent");
    small.sql("DELETE FROM consents WHERE client_id = ?", {silent});
    const auto unreachable = small.add_client("unreachable");
    small.sql("DELETE FROM contacts WHERE client_id = ?", {unreachable});
    small.add_client("stopped");
    small.sql(
        "INSERT INTO suppressions (subject, value, channel, purpose, reason, source, at) VALUES "
        "('address', "
        "'stopped@client.example', '*', '*', 'STOP', 't', 0)");
    small.add_client("gone");
    small.sql(
        "INSERT INTO suppressions (subject, value, channel, purpose, reason, source, at) VALUES "
        "('client', 'gone', "
        "'*', 'marketing', 'complaint', 't', 0)");
    small.launch(R"("objective":"cross_sell","control":{"percent":0},"segment":"everyone",
        "schedule":{"once":{"date":"2026-11-23","time":"10:00"}},)");
    small.plan();
    CHECK(small.states() == Counts{{"queued", 1},
                                   {"skipped:no_consent", 1},
                                   {"skipped:no_contact", 1},
                                   {"skipped:suppressed_address", 1},
                                   {"skipped:suppressed_client", 1}});
}

TEST_CASE("the control group gets nothing and is the same in every run", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 200; ++i) small.add_client(std::to_string(i));
    small.launch(
        R"("objective":"cross_sell","control":{"percent":20},"segment":"everyone","schedule":{"recurring":{
        "rrule":"FREQ=DAILY","start":"2026-11-23","time":"10:00"}},)");
    SmallCampaign::Sender sender{small};
    for (int day = 0; day < 3; ++day) {
        small.plan();
        sender.drain();
        small.clock.advance(std::chrono::hours{24});
    }
    const auto control =
        small.number("SELECT COUNT(DISTINCT client_id) FROM messages WHERE state = 'control'");
    CHECK(control > 20);
    CHECK(control < 60);
    CHECK(
        small.number("SELECT COUNT(*) FROM messages x JOIN messages y ON x.client_id = y.client_id "
                     "WHERE x.state = 'control' AND y.submitted_at IS NOT NULL") == 0);
}

TEST_CASE("one message for an address when the campaign asks for it", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (const char* id : {"a", "b", "c"})
        small.add_client(id, "Europe/Moscow", "1980-01-01", "home@client.example");
    small.add_client("d");
    small.launch(tests::once_at_ten + R"("household":"one_per_address",)");
    small.plan();
    CHECK(small.states() == Counts{{"queued", 2}, {"skipped:same_address", 2}});
}

TEST_CASE("what happens between planning and sending still counts", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T05:00:00Z"};
    const auto paid = small.add_client("paid");
    const auto stopped = small.add_client("stopped");
    const auto owing = small.add_client("owing");
    for (const auto client : {paid, stopped, owing}) small.add_overdue_loan(client);
    // Who has paid has no amount any more: that is no failure of the message.
    small.apply("template", "note",
                R"({"name":"note","channel":"email","default_locale":"en","locales":{
        "en":{"subject":"{{contract.overdue}}","text":"Dear {{client.first_name}}: {{contract.overdue}}"}}})");
    small.launch(
        R"("objective":"debt","segment":"overdue","schedule":{"once":{"date":"2026-11-23","time":"10:00"}},)");
    small.plan();
    CHECK(small.states() == Counts{{"queued", 3}});
    small.sql("UPDATE contracts SET overdue_minor = 0, overdue_since = NULL WHERE client_id = ?",
              {paid});
    small.sql(
        "INSERT INTO suppressions (subject, value, channel, purpose, reason, source, at) VALUES "
        "('client', 'stopped', "
        "'*', '*', 'court order', 't', 0)");
    small.clock.set(at("2026-11-23T07:30:00Z"));
    SmallCampaign::Sender sender{small};
    sender.drain();
    REQUIRE(sender.recording->sent.size() == 1);
    CHECK(sender.recording->sent[0].to == "owing@client.example");
    CHECK(small.states() == Counts{{"accepted", 1},
                                   {"cancelled:no_longer_in_segment", 1},
                                   {"suppressed:suppressed_client", 1}});
}

TEST_CASE("a paused campaign submits nothing more and goes on where it was", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 30; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    SmallCampaign::Sender sender{small, {.batch = 10, .in_flight_max = 10}};
    sender.dispatcher.turn();  // ten are claimed
    CHECK(small.act([](const campaigns::Desk& desk) {
        return campaigns::pause(desk, "news", "").has_value();
    }));
    sender.drain();
    CHECK(sender.recording->sent.empty());
    CHECK(small.states() == Counts{{"queued", 30}});
    CHECK(small.act(
        [](const campaigns::Desk& desk) { return campaigns::resume(desk, "news").has_value(); }));
    sender.drain();
    CHECK(sender.recording->sent.size() == 30);
}

TEST_CASE("a cancelled campaign closes what was not submitted", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 5; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    CHECK(small.act([](const campaigns::Desk& desk) {
        return campaigns::cancel(desk, "news", "mistake").has_value();
    }));
    CHECK(small.states() == Counts{{"cancelled:campaign_cancelled", 5}});
}

TEST_CASE("the debt law's caps hold over campaigns, days and weeks", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T05:00:00Z"};
    small.add_overdue_loan(small.add_client("owing"));
    for (const char* name : {"one", "two", "three"})
        small.launch(
            R"("objective":"debt","segment":"overdue","send_by":"20d","schedule":{"recurring":{"rrule":"FREQ=DAILY",
            "start":"2026-11-23","time":"10:00"}},)",
            name);
    SmallCampaign::Sender sender{small};
    for (int hour = 0; hour < 24 * 14; ++hour) {
        small.plan();
        sender.drain();
        small.clock.advance(std::chrono::hours{1});
    }
    CHECK(small.number("SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM contact_ledger GROUP BY "
                       "client_id, day) x") == 2);
    CHECK(small.number("SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM contact_ledger GROUP BY "
                       "client_id, week) x") == 4);
    CHECK(sender.recording->sent.size() == 8);
}

TEST_CASE("outside the client's hours a message waits for the window", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T10:00:00Z"};
    small.add_overdue_loan(small.add_client("owing"));
    small.launch(
        R"("objective":"debt","segment":"overdue","send_by":"2d","schedule":{"once":{"date":"2026-11-23","time":"20:00"}},)");
    small.plan();
    SmallCampaign::Sender sender{small};
    small.clock.set(at("2026-11-23T19:05:00Z"));  // 22:05 in Moscow: too late today
    sender.drain();
    CHECK(sender.recording->sent.empty());
    CHECK(small.states() == Counts{{"held:quiet_hours", 1}});
    small.clock.set(at("2026-11-24T05:30:00Z"));  // 8:30
    sender.drain();
    CHECK(sender.recording->sent.size() == 1);
}

TEST_CASE("a message whose time has passed is not sent", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T05:00:00Z"};
    small.add_client("late");
    small.launch(tests::once_at_ten + R"("send_by":"2h",)");
    small.plan();
    small.clock.set(at("2026-11-23T12:00:00Z"));
    SmallCampaign::Sender sender{small};
    sender.drain();
    CHECK(sender.recording->sent.empty());
    CHECK(small.states() == Counts{{"expired:too_late", 1}});
}

TEST_CASE("outcomes decide: accepted, tried again, failed, uncertain", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (const char* id : {"ok", "later", "nobody", "lost"}) small.add_client(id);
    small.launch(tests::once_at_ten);
    small.plan();
    SmallCampaign::Sender sender{small};
    sender.recording->answer =
        [](const channels::Message& message) -> std::optional<channels::Outcome> {
        if (message.to.starts_with("later")) return channels::Deferred{"450 greylisted"};
        if (message.to.starts_with("nobody"))
            return channels::Rejected{"550 5.1.1 no such user", true};
        if (message.to.starts_with("lost"))
            return channels::Uncertain{"connection lost after the dot"};
        return channels::Accepted{"250 queued as 1"};
    };
    sender.drain();
    CHECK(small.states() == Counts{{"accepted", 1},
                                   {"deferred:450 greylisted", 1},
                                   {"failed:550 5.1.1 no such user", 1},
                                   {"uncertain:connection lost after the dot", 1}});
    CHECK(small.number("SELECT COUNT(*) FROM contacts WHERE state = 'invalid'") == 1);
    sender.recording->answer = [](const channels::Message&) -> std::optional<channels::Outcome> {
        return channels::Accepted{"250 now"};
    };
    small.clock.advance(std::chrono::minutes{20});
    sender.drain();
    sender.dispatcher.housekeeping();
    sender.drain();
    // A service message may be sent once more under the same key.
    CHECK(small.states() == Counts{{"accepted", 3}, {"failed:550 5.1.1 no such user", 1}});
    std::map<std::string, int> keys;
    for (const auto& message : sender.recording->sent) ++keys[message.key];
    CHECK(keys.size() == 4);
}

TEST_CASE("an uncertain debt notice is never sent again", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    small.add_overdue_loan(small.add_client("owing"));
    small.launch(
        R"("objective":"debt","segment":"overdue","schedule":{"once":{"date":"2026-11-23","time":"10:00"}},)");
    small.plan();
    SmallCampaign::Sender sender{small};
    sender.recording->answer = [](const channels::Message&) -> std::optional<channels::Outcome> {
        return channels::Uncertain{"lost"};
    };
    sender.drain();
    small.clock.advance(std::chrono::hours{1});
    sender.dispatcher.housekeeping();
    sender.drain();
    CHECK(sender.recording->sent.size() == 1);
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE state = 'closed_unknown'") == 1);
    CHECK(small.number("SELECT COUNT(*) FROM contact_ledger") == 1);  // the slot stays taken
}

TEST_CASE("the rows of a dead process are rescued: queued again, or uncertain", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 4; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    {
        SmallCampaign::Sender dead{small, {.batch = 2, .in_flight_max = 4}};
        dead.recording->answer = [](const channels::Message&) { return std::nullopt; };
        for (int i = 0; i < 20 && dead.recording->sent.size() < 2; ++i) {
            dead.dispatcher.turn();
            dead.dispatcher.wait(std::chrono::milliseconds{20});
        }
    }
    const auto submitting =
        small.number("SELECT COUNT(*) FROM messages WHERE state = 'submitting'");
    REQUIRE(submitting >= 2);
    small.sql("UPDATE dispatchers SET process = '1:0'");  // a process that is not there
    SmallCampaign::Sender next{small};
    next.drain();
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE state = 'uncertain'") == submitting);
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE state = 'accepted'") == 4 - submitting);
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE state IN ('leased', 'submitting')") ==
          0);
}

TEST_CASE("what a killed process had not begun to hand over is not in doubt", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 8; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    const TemporaryFolder folder;
    auto log = scheduler::FlightLog::create(folder.path, "1:0");
    REQUIRE(log);
    {
        SmallCampaign::Sender dead{small, {.batch = 8, .flights = log->get()}};
        dead.recording->answer = [](const channels::Message&) { return std::nullopt; };
        int begun = 0;
        dead.recording->begins = [&](base::MessageId id) {
            if (++begun <= 3) (*log)->begin(id);
        };
        for (int i = 0; i < 20 && dead.recording->sent.size() < 8; ++i) {
            dead.dispatcher.turn();
            dead.dispatcher.wait(std::chrono::milliseconds{20});
        }
    }
    REQUIRE(small.number("SELECT COUNT(*) FROM messages WHERE state = 'submitting'") == 8);
    small.sql("UPDATE dispatchers SET process = '1:0'");  // a process that is not there
    auto others = scheduler::FlightLog::create(folder.path, "2:0");
    REQUIRE(others);
    SmallCampaign::Sender next{small, {.flights = others->get()}};
    next.drain();
    CHECK(small.states() == Counts{{"accepted", 5}, {"uncertain:the sending process died", 3}});
    CHECK(small.number("SELECT MAX(attempt) FROM messages") == 1);
    CHECK(small.number("SELECT COUNT(*) FROM contact_ledger") == 8);
    CHECK_FALSE(scheduler::FlightLog::read(folder.path, "1:0"));  // forgotten
    CHECK(next.recording->sent.size() == 5);
}

TEST_CASE("who was in hand at two deaths is claimed alone", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 5; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    small.sql("UPDATE messages SET crashes = 2");
    std::size_t together = 0;
    SmallCampaign::Sender sender{small, {.batch = 50}};
    sender.recording->answer = [&](const channels::Message&) -> std::optional<channels::Outcome> {
        const auto leased = small.number("SELECT COUNT(*) FROM messages WHERE state = 'leased'");
        together = std::max(together, static_cast<std::size_t>(leased));
        return channels::Accepted{"250 ok"};
    };
    sender.drain();
    CHECK(small.states() == Counts{{"accepted", 5}});
    CHECK(together <= 1);
}

TEST_CASE("cancelling does not deny a message that may have arrived", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 3; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    small.sql(
        "UPDATE messages SET resends = 1, state = 'deferred', attempt = 1 WHERE id = (SELECT "
        "MIN(id) FROM (SELECT id FROM messages) x)");
    REQUIRE(small.act([&](const campaigns::Desk& desk) {
        return campaigns::cancel(desk, "news", "").has_value();
    }));
    CHECK(small.states() ==
          Counts{{"cancelled:campaign_cancelled", 2}, {"closed_unknown:campaign_cancelled", 1}});
}

TEST_CASE(
    "a process taken for dead sends nothing it has not submitted, and its late answers still count",
    "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 3; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    SmallCampaign::Sender slow{small};
    slow.recording->answer = [](const channels::Message&) { return std::nullopt; };
    for (int i = 0; i < 20 && slow.recording->sent.size() < 3; ++i) {
        slow.dispatcher.turn();
        slow.dispatcher.wait(std::chrono::milliseconds{20});
    }
    REQUIRE(slow.recording->sent.size() == 3);
    small.sql("UPDATE dispatchers SET process = '1:0'");
    SmallCampaign::Sender other{small};
    other.drain();
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE state = 'uncertain'") == 3);
    std::vector<channels::Report> late;
    for (const auto& message : slow.recording->sent)
        late.push_back({message.id, channels::Accepted{"250 late"}});
    slow.inbox.push(std::move(late));
    slow.drain();
    CHECK(small.states() == Counts{{"accepted:the sending process died", 3}});
    CHECK(other.recording->sent.empty());
}

TEST_CASE("a process taken for dead between two heartbeats claims nothing under its old number",
          "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 3; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    SmallCampaign::Sender sender{small};
    sender.dispatcher.turn();
    small.plan();
    small.sql("UPDATE dispatchers SET ended_at = 1");  // nobody looks for its rows any more
    sender.drain();
    CHECK(small.states() == Counts{{"accepted", 3}});
    CHECK(small.number("SELECT COUNT(*) FROM dispatchers") == 2);
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE fence < (SELECT MAX(id) FROM "
                       "dispatchers) * 16777216") == 0);
}

TEST_CASE("a process whose claim numbers run out takes a new number and goes on", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 6; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.plan();
    SmallCampaign::Sender sender{small, {.batch = 1, .claims_max = 1024 + 2}};
    sender.drain();
    CHECK(small.states() == Counts{{"accepted", 6}});
    CHECK(small.number("SELECT COUNT(*) FROM dispatchers") >= 3);
    CHECK(sender.recording->sent.size() == 6);
}

TEST_CASE("what a client was sent is made again byte for byte", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    const auto client = small.add_client("anna");
    small.launch(tests::once_at_ten);
    small.plan();
    SmallCampaign::Sender sender{small};
    sender.drain();
    REQUIRE(sender.recording->sent.size() == 1);
    small.sql("UPDATE clients SET first_name = 'Changed' WHERE id = ?", {client});
    const auto& message = sender.recording->sent[0];
    auto lease = small.database->read();
    const auto content = lease->one<scheduler::Content>(
        db::queries::content_of_message, {message.id}, [](const db::Row& row) {
            return scheduler::Content{row.get<base::DocumentId>(0), row.get<base::DocumentId>(1),
                                      row.get<std::string>(2),      row.get<std::string>(3),
                                      row.get<base::Instant>(4),    row.get<std::string>(5)};
        });
    const auto run = sender.contexts.find(*lease, {1});
    REQUIRE(content);
    REQUIRE(run);
    const auto again = small.composer.recompose(run->content(1, base::ChannelKind::email, 0),
                                                run->definition, message.id, *content);
    REQUIRE(again);
    CHECK(std::get<channels::EmailPayload>(again->payload).bytes ==
          std::get<channels::EmailPayload>(message.payload).bytes);
}

TEST_CASE("the next step follows after its wait, but not for those who answered", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    const auto answered = small.add_client("answered");
    small.add_client("silent");
    small.launch_whole("news",
                       R"({"name":"news","title":"News","objective":"service","segment":"everyone",
        "schedule":{"once":{"date":"2026-11-23","time":"10:00"}},
        "steps":[{"channel":"email","template":"note"},
                 {"name":"reminder","channel":"email","template":"note","wait":"2d","condition":"no_response"}]})");
    small.plan();
    SmallCampaign::Sender sender{small};
    sender.drain();
    CHECK(sender.recording->sent.size() == 2);
    small.sql(
        "INSERT INTO responses (source, external_id, client_id, campaign_id, kind, at) VALUES "
        "('t', '1', ?, 1, 'reply', ?)",
        {answered, small.clock.now() + std::chrono::hours{1}});
    small.clock.advance(std::chrono::hours{47});
    small.plan();
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE step = 2") == 0);
    small.clock.advance(std::chrono::hours{2});
    small.plan();
    sender.drain();
    CHECK(sender.recording->sent.size() == 3);
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE step = 2 AND reason = 'responded'") ==
          1);
}

TEST_CASE("an event becomes one message, however often it is told", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    const auto client = small.add_client("anna");
    small.launch(R"("objective":"service","purpose":"transactional","segment":"everyone",
        "schedule":{"event":{"name":"card_issued"}},)");
    for (int i = 0; i < 2; ++i)
        small.database->write()->execute(
            db::queries::insert_event,
            {"card_issued", "key-1", client, "{}", small.clock.now(), small.clock.now()});
    SmallCampaign::Sender sender{small};
    for (int i = 0; i < 3; ++i) {
        small.plan();
        sender.drain();
    }
    CHECK(sender.recording->sent.size() == 1);
    CHECK(small.number("SELECT COUNT(*) FROM messages WHERE event_id IS NOT NULL") == 1);
}

TEST_CASE("an urgent message overtakes a campaign that fills the window", "[scheduler]") {
    SmallCampaign small{an_engine(), "2026-11-23T08:00:00Z"};
    for (int i = 0; i < 60; ++i) small.add_client(std::to_string(i));
    small.launch(tests::once_at_ten);
    small.launch(R"("objective":"service","purpose":"transactional","segment":"everyone",
        "schedule":{"event":{"name":"card_issued"}},)",
                 "cards");
    small.plan();
    SmallCampaign::Sender sender{small, {.batch = 10, .in_flight_max = 20}};
    sender.recording->answer =
        [](const channels::Message& message) -> std::optional<channels::Outcome> {
        if (message.purpose == base::Purpose::transactional) return channels::Accepted{"250"};
        return std::nullopt;  // the bulk is stuck at a slow provider
    };
    for (int i = 0; i < 20; ++i) {
        sender.dispatcher.turn();
        sender.dispatcher.wait(std::chrono::milliseconds{10});
    }
    small.database->write()->execute(
        db::queries::insert_event,
        {"card_issued", "key-1", 1, "{}", small.clock.now(), small.clock.now()});
    small.plan();
    for (int i = 0; i < 20; ++i) {
        sender.dispatcher.turn();
        sender.dispatcher.wait(std::chrono::milliseconds{10});
    }
    CHECK(std::ranges::count(sender.recording->sent, base::Purpose::transactional,
                             &channels::Message::purpose) == 1);
}

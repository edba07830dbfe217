// Several providers behind one account: shares, failure and return, slowness, doubt. In-process
// fakes, the real dispatcher, both engines.
#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <iostream>
#include <set>
#include <thread>

#include "tests/support/small_campaign.h"

using namespace carillon;
using namespace carillon::tests;
using namespace std::chrono_literals;

namespace {

using Outcome = std::optional<channels::Outcome>;

// Answers at once, or one message after the other with `pause` in between.
class FakeProvider final : public channels::Channel {
public:
    FakeProvider(scheduler::ReportInbox& inbox, std::string name, std::size_t capacity,
                 std::chrono::milliseconds pause)
        : inbox_(inbox), name_(std::move(name)), capacity_(capacity), pause_(pause) {
        if (pause.count() > 0)
            thread_ = std::jthread{[this](const std::stop_token& stop) { work(stop); }};
    }
    base::ChannelKind kind() const override { return base::ChannelKind::email; }
    const std::string& name() const override { return name_; }
    std::size_t capacity() const override { return capacity_; }
    void send(std::vector<channels::Message> batch) override {
        const std::scoped_lock lock{mutex_};
        std::vector<channels::Report> reports;
        for (auto& message : batch) {
            given.push_back(message.key);
            if (pause_.count() > 0) {
                waiting_.push_back(std::move(message));
                continue;
            }
            auto outcome = answer(message);
            if (std::holds_alternative<channels::Accepted>(outcome)) taken.push_back(message.key);
            reports.push_back({message.id, std::move(outcome)});
        }
        if (!reports.empty()) inbox_.push(std::move(reports));
    }
    void stop(std::chrono::milliseconds) override { thread_ = {}; }
    base::Result<std::string> probe() override { return std::string{"fine"}; }

    std::function<channels::Outcome(const channels::Message&)> answer =
        [](const channels::Message&) -> channels::Outcome { return channels::Accepted{"250 ok"}; };
    std::size_t count_taken() {
        const std::scoped_lock lock{mutex_};
        return taken.size();
    }

    std::vector<std::string> given;  // keys, in order; by the dispatcher's thread
    std::vector<std::string> taken;  // of those, accepted; with a pause by its own thread

private:
    void work(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::min(pause_, 20ms));
            const std::scoped_lock lock{mutex_};
            if (waiting_.empty() || base::steady_now() - last_ < pause_) continue;
            last_ = base::steady_now();
            inbox_.push({channels::Report{waiting_.front().id, channels::Accepted{"250 slow"}}});
            taken.push_back(waiting_.front().key);
            waiting_.pop_front();
        }
    }

    scheduler::ReportInbox& inbox_;
    std::string name_;
    std::size_t capacity_;
    std::chrono::milliseconds pause_;
    std::mutex mutex_;
    std::deque<channels::Message> waiting_;
    base::Steady last_{};
    std::jthread thread_;
};

channels::Outcome refused(const channels::Message&) {
    return channels::Deferred{"connection refused", false, 30s};
}

struct Provider {
    std::string name;
    int weight{1};
    std::size_t capacity{1000};
    std::chrono::milliseconds pause{0};
};

// A bank whose e-mail goes through several providers.
struct Bank {
    Bank(db::Engine engine, const std::vector<Provider>& providers,
         scheduler::DispatcherSettings settings = {})
        : small{engine, "2026-11-23T08:00:00Z"}, sender{small, settings} {
        std::string list;
        for (const auto& [name, weight, capacity, pause] : providers) {
            small.apply("channel", name.c_str(),
                        (R"({"name":")" + name + R"(","kind":"email"})").c_str());
            list += (list.empty() ? "" : ",") + (R"({"account":")" + name) + R"(","weight":)" +
                    std::to_string(weight) + "}";
            auto made = std::make_unique<FakeProvider>(sender.inbox, name, capacity, pause);
            fakes[name] = made.get();
            const base::DocumentId document{
                small.number("SELECT MAX(id) FROM documents WHERE name = '" + name + "'")};
            sender.outlets[name] =
                scheduler::Outlet{document,
                                  std::move(made),
                                  sender.outlet.compose,
                                  {.name = name, .kind = base::ChannelKind::email}};
        }
        small.apply("channel", "email",
                    (R"({"name":"email","kind":"email","providers":[)" + list +
                     R"(],"health":{"answers_min":10,"open_seconds":0.3,"latency_max_seconds":1}})")
                        .c_str());
    }
    void clients(int count) {
        for (int i = 0; i < count; ++i) small.add_client(std::to_string(i));
    }
    FakeProvider& operator[](const std::string& name) { return *fakes.at(name); }
    std::int64_t accepted() {
        return small.number("SELECT COUNT(*) FROM messages WHERE state = 'accepted'");
    }
    // Each message was accepted by exactly one provider, once.
    void check_once(std::int64_t count) {
        std::multiset<std::string> all;
        for (const auto& [name, fake] : fakes) all.insert(fake->taken.begin(), fake->taken.end());
        CHECK(static_cast<std::int64_t>(all.size()) == count);
        CHECK(std::set<std::string>(all.begin(), all.end()).size() == all.size());
        CHECK(accepted() == count);
    }
    std::string health(const std::string& provider, const std::string& column) {
        return small.database->read()
            ->value<std::string>(
                db::DynamicQuery{"health", "SELECT " + column +
                                               " FROM provider_health WHERE "
                                               "channel = 'email' AND provider = '" +
                                               provider + "'"})
            .value_or("");
    }

    SmallCampaign small;
    SmallCampaign::Sender sender;
    std::map<std::string, FakeProvider*> fakes;
};

db::Engine an_engine() {
    return GENERATE(from_range(engines_under_test()));
}

}  // namespace

TEST_CASE("providers share a campaign exactly by their weights", "[providers]") {
    Bank bank{an_engine(), {{"a", 2}, {"b", 1}, {"c", 1}}};
    bank.clients(400);
    bank.small.launch(once_at_ten);
    bank.small.plan();
    bank.sender.drain();
    CHECK(bank["a"].taken.size() == 200);
    CHECK(bank["b"].taken.size() == 100);
    CHECK(bank["c"].taken.size() == 100);
    bank.check_once(400);
}

TEST_CASE("a provider dies in the middle, the others take its messages, and it comes back",
          "[providers]") {
    Bank bank{an_engine(), {{"a", 2, 25}, {"b", 1}, {"c", 1}}, {.batch = 100}};
    bank.clients(600);
    bank.small.launch(once_at_ten, "first");
    bank.small.plan();
    int left = 50;
    bank["a"].answer = [&](const channels::Message& message) -> channels::Outcome {
        return left-- > 0 ? channels::Accepted{"250 ok"} : refused(message);
    };
    bank.sender.drain();
    CHECK(bank["a"].taken.size() == 50);
    bank.check_once(600);
    // What it had not been given went back untouched, what it refused counts no attempt.
    CHECK(bank.small.number("SELECT COUNT(*) FROM messages WHERE attempt <> 1") == 0);
    const auto moved = bank.small.number("SELECT COUNT(*) FROM messages WHERE left_provider = 'a'");
    CHECK(moved >= 10);
    CHECK(moved == static_cast<std::int64_t>(bank["a"].given.size()) - 50);
    // Its queue is short: when it dies, only a part of its share makes the detour (how much, the
    // machine's speed decides).
    CHECK(moved < 250);
    CHECK(bank.small.number(
              "SELECT COUNT(*) FROM message_contents WHERE passed_over LIKE 'a (open: %'") > 0);
    CHECK(bank.small.number("SELECT COUNT(*) FROM message_events WHERE reason = "
                            "'a: connection refused'") == moved);

    bank["a"].answer = bank["b"].answer;
    bank["a"].given.clear();
    std::this_thread::sleep_for(350ms);
    for (const auto& [name, fake] : bank.fakes) fake->taken.clear();
    bank.small.launch(once_at_ten, "second");
    bank.small.plan();
    bank.sender.dispatcher.turn();  // the first claim has one probe for it
    bank.sender.drain();
    CHECK(bank.accepted() == 1200);
    CHECK(!bank["a"].taken.empty());
    // Once it is back, the shares are what they were.
    for (const auto& [name, fake] : bank.fakes) fake->taken.clear();
    bank.small.launch(once_at_ten, "third");
    bank.small.plan();
    bank.sender.drain();
    CHECK(bank.accepted() == 1800);
    CHECK(std::abs(static_cast<int>(bank["a"].taken.size()) - 300) <= 4);
    CHECK(std::abs(static_cast<int>(bank["b"].taken.size()) - 150) <= 4);
    CHECK(std::abs(static_cast<int>(bank["c"].taken.size()) - 150) <= 4);
}

TEST_CASE("a dead provider gets one probe at a time, and is told so", "[providers]") {
    Bank bank{an_engine(), {{"a", 1}, {"b", 1}}};
    bank["a"].answer = refused;
    bank.clients(100);
    bank.small.launch(once_at_ten, "one");
    bank.small.plan();
    bank.sender.drain();
    bank.check_once(100);
    const auto given = bank["a"].given.size();
    std::this_thread::sleep_for(350ms);
    bank.small.launch(once_at_ten, "two");
    bank.small.plan();
    bank.sender.drain();
    CHECK(bank["a"].given.size() == given + 1);
    CHECK(bank.accepted() == 200);
    std::this_thread::sleep_for(1s);
    bank.sender.dispatcher.turn();
    CHECK(bank.health("a", "state") != "closed");
    CHECK(bank.health("a", "reason") == "the probe failed");
    CHECK(bank.health("b", "state") == "closed");
    CHECK(bank.small.number("SELECT answers FROM provider_health WHERE provider = 'b'") ==
          static_cast<std::int64_t>(bank["b"].given.size()));
}

TEST_CASE("a deferred message is with another provider at once, but does not run in circles",
          "[providers]") {
    Bank bank{an_engine(), {{"a", 1}, {"b", 1}}};
    bank.clients(1);
    bank.small.launch(once_at_ten);
    bank.small.plan();
    bank["a"].answer = [](const channels::Message&) { return channels::Deferred{"451 later"}; };
    SECTION("the other one takes it") {
        bank.sender.drain();
        CHECK(bank["a"].given == bank["b"].taken);
        bank.check_once(1);
        CHECK(bank.small.number("SELECT attempt FROM messages") == 2);
    }
    SECTION("neither takes it: after one try each it waits") {
        bank["b"].answer = bank["a"].answer;
        bank.sender.drain();
        CHECK(bank["a"].given.size() == 1);
        CHECK(bank["b"].given.size() == 1);
        CHECK(bank.small.states() ==
              std::map<std::string, std::int64_t>{{"deferred:b: 451 later", 1}});
        bank.small.clock.advance(10min);
        bank.sender.drain();
        CHECK(bank["a"].given.size() == 2);
        CHECK(bank["b"].given.size() == 2);
    }
}

TEST_CASE("a message in doubt is never given to another provider", "[providers]") {
    const auto engine = an_engine();
    for (const char* objective : {"service", "cross_sell"}) {
        Bank bank{engine, {{"a", 3}, {"b", 1}}};
        bank.clients(40);
        bank.small.launch(R"("objective":")" + std::string{objective} +
                          R"(","control":{"percent":0},"segment":"everyone",
                "schedule":{"once":{"date":"2026-11-23","time":"10:00"}},)");
        bank.small.plan();
        bank["a"].answer = [](const channels::Message&) { return channels::Uncertain{"silence"}; };
        bank.sender.drain();
        const auto doubted = bank["a"].given;
        REQUIRE(doubted.size() >= 10);
        CHECK(bank["b"].taken.size() + doubted.size() == 40);
        bank["a"].answer = bank["b"].answer;
        for (int round = 0; round < 6; ++round) {
            bank.small.clock.advance(20min);
            bank.sender.dispatcher.housekeeping();
            std::this_thread::sleep_for(350ms);
            bank.sender.drain();
        }
        for (const auto& key : doubted)
            CHECK(std::ranges::find(bank["b"].given, key) == bank["b"].given.end());
        // A service message is sent once more, by the one that may have it.
        const bool resent = std::string_view{objective} == "service";
        CHECK(bank["a"].taken.size() == (resent ? doubted.size() : 0));
        CHECK(bank.accepted() == static_cast<std::int64_t>(resent ? 40 : 40 - doubted.size()));
    }
}

TEST_CASE("a slow provider does not slow the others", "[providers]") {
    const auto engine = an_engine();
    constexpr std::size_t count = 1500;
    // Seconds until all messages are accepted but those the third one holds.
    const auto seconds = [&](std::chrono::milliseconds pause) {
        Bank bank{engine, {{"a", 1}, {"b", 1}, {"c", 1, 2, pause}}, {.batch = 100}};
        bank.clients(static_cast<int>(count));
        bank.small.launch(once_at_ten);
        bank.small.plan();
        const auto begun = base::steady_now();
        const auto deadline = begun + 60s;
        // The third one holds at most 24: what it has is late, nothing else is.
        const auto done = [&] {
            return bank["a"].count_taken() + bank["b"].count_taken() + bank["c"].count_taken() + 24;
        };
        while (done() < count && base::steady_now() < deadline)
            if (!bank.sender.dispatcher.turn()) bank.sender.dispatcher.wait(5ms);
        const std::chrono::duration<double> taken = base::steady_now() - begun;
        CHECK(done() >= count);
        if (pause.count() > 0) CHECK(bank["c"].given.size() < 30);
        bank["c"].stop(0ms);
        return taken.count();
    };
    const auto without = seconds(0ms);
    const auto with = seconds(2000ms);
    CAPTURE(without, with, with / without);
    std::cout << "slow provider: " << static_cast<double>(count) / without
              << " messages a second without, " << static_cast<double>(count) / with << " with\n";
    // Two of three carry everything: at most half as long again, and room for a busy machine.
    CHECK(with < 3 * without + 0.5);
}

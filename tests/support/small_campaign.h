// A campaign in a fresh database, a channel that only remembers, and a clock of ours: what tests of
// the scheduler tell their stories with.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "campaigns/campaign_store.h"
#include "db/queries.h"
#include "scheduler/dispatcher.h"
#include "scheduler/planner.h"
#include "scheduler/run_contexts.h"
#include "tests/support/test_database.h"

namespace carillon::tests {

// Answers at once with what the test says; remembers every message it was given.
class RecordingChannel final : public channels::Channel {
public:
    using Answer = std::function<std::optional<channels::Outcome>(
        const channels::Message&)>;  // nothing: no answer yet
    explicit RecordingChannel(scheduler::ReportInbox& inbox,
                              base::ChannelKind kind = base::ChannelKind::email)
        : inbox_(inbox), kind_(kind), name_(name_of(kind)) {}

    base::ChannelKind kind() const override { return kind_; }
    const std::string& name() const override { return name_; }
    std::size_t capacity() const override { return 1000; }
    void send(std::vector<channels::Message> batch) override {
        std::vector<channels::Report> reports;
        for (auto& message : batch) {
            if (begins) begins(message.id);
            if (auto outcome = answer(message))
                reports.push_back({message.id, std::move(*outcome)});
            sent.push_back(std::move(message));
        }
        if (!reports.empty()) inbox_.push(std::move(reports));
    }
    void stop(std::chrono::milliseconds) override {}
    base::Result<std::string> probe() override { return std::string{"fine"}; }
    bool tells_beginnings() const override { return begins != nullptr; }

    Answer answer = [](const channels::Message&) -> std::optional<channels::Outcome> {
        return channels::Accepted{"250 ok"};
    };
    channels::BeginSink begins{};         // when given, it is told
    std::vector<channels::Message> sent;  // by the dispatcher's thread only

private:
    scheduler::ReportInbox& inbox_;
    base::ChannelKind kind_;
    std::string name_;
};

// The text itself as the payload of any kind of channel but e-mail.
inline channels::ContentComposer plain_content(base::ChannelKind kind) {
    return [kind](const channels::ContentParts& parts) -> base::Result<channels::Payload> {
        const auto text = parts.text == nullptr ? std::string{} : parts.text->flat();
        if (kind == base::ChannelKind::sms)
            return channels::SmsPayload{"BANK", text, parts.valid_until};
        if (kind == base::ChannelKind::letter) {
            channels::LetterPayload letter;
            letter.pdf = text;
            return letter;
        }
        return channels::CallPayload{.script = text,
                                     .client_name = std::string{parts.display_name}};
    };
}

inline base::Instant at(const char* text) {
    return base::parse_instant(text).value();
}

class SmallCampaign {
public:
    explicit SmallCampaign(db::Engine engine, const char* now = "2026-11-23T06:00:00Z")
        : database{engine}, clock{at(now)}, composer{"secret", "https://mail.bank.example"} {
        apply("policies", "default",
              campaigns::to_json(campaigns::default_policies()).dump().c_str());
        apply(
            "calendar", "RU-2026",
            R"({"year":2026,"country":"RU","source":"test","days_off":["2026-01-01"],"working_weekends":[]})");
        apply("channel", "email",
              R"({"name":"email","kind":"email","transport":"file","spool":"outbox",
            "from":{"name":"Bank","address":"news@bank.example"}})");
        apply("segment", "everyone", R"({"name":"everyone","title":"All","rule":{"all":[]}})");
        apply("segment", "overdue",
              R"({"name":"overdue","title":"Overdue","rule":{"contract":{"kind":"loan",
            "where":[{"field":"overdue_days","op":">=","value":30}]}}})");
        apply("template", "note",
              R"({"name":"note","channel":"email","default_locale":"en","locales":{"en":{
            "subject":"Hello {{client.first_name}}","text":"Dear {{client.first_name}}","html":"<p>Dear {{client.first_name}}</p>"}}})");
    }

    template <class Action>
    auto act(Action&& action) {
        return db::in_transaction(*database, [&](db::Connection& connection) {
            return action(campaigns::Desk{connection, "key", actor, clock.now()});
        });
    }

    void apply(const char* kind, const char* name, const char* json) {
        act([&](const campaigns::Desk& desk) {
            return campaigns::apply(desk, kind, name, base::Json::parse(json).value()).has_value();
        });
    }
    // `more`: further members of the definition, each followed by a comma.
    void launch(const std::string& more, const std::string& name = "news") {
        const auto json = R"({"name":")" + name + R"(","title":"News",)" + more +
                          R"("steps":[{"channel":"email","template":"note"}]})";
        launch_whole(name, json);
    }
    void launch_whole(const std::string& name, const std::string& json) {
        const auto parsed = campaigns::parse_definition(json, name);
        REQUIRE(parsed);
        apply("campaign", name.c_str(), campaigns::to_json(*parsed).dump().c_str());
        actor = "anna";
        REQUIRE(act([&](const campaigns::Desk& desk) {
            return campaigns::submit(desk, name).has_value();
        }));
        actor = "boris";
        REQUIRE(act([&](const campaigns::Desk& desk) {
            return campaigns::approve(desk, name, "").has_value();
        }));
        REQUIRE(act(
            [&](const campaigns::Desk& desk) { return campaigns::start(desk, name).has_value(); }));
        actor = "anna";
    }
    // A private client who consented to marketing by e-mail.
    std::int64_t add_client(const std::string& id, const std::string& zone = "Europe/Moscow",
                            const std::string& birth_date = "1980-11-23",
                            const std::string& email = {}) {
        sql("INSERT INTO clients (external_id, kind, first_name, birth_date, birth_md, locale, "
            "time_zone, status, search_name, "
            "mix, created_at, updated_at) VALUES (?, 'person', ?, ?, ?, 'en', ?, 'active', ?, ?, "
            "0, 0)",
            {id, "Name" + id, birth_date, base::month_day(base::parse_date(birth_date).value()),
             zone, "name" + id, base::mix_of(id)});
        const auto client = number("SELECT id FROM clients WHERE external_id = '" + id + "'");
        sql("INSERT INTO contacts (client_id, number, channel, address, updated_at) VALUES (?, 1, "
            "'email', ?, 0)",
            {client, email.empty() ? id + "@client.example" : email});
        sql("INSERT INTO consents (client_id, channel, purpose, granted, at, source) VALUES (?, "
            "'email', 'marketing', 1, 0, 't')",
            {client});
        return client;
    }
    void add_overdue_loan(std::int64_t client) {
        sql("INSERT INTO contracts (external_id, client_id, kind, product, status, currency, "
            "overdue_minor, overdue_since, "
            "updated_at) VALUES (?, ?, 'loan', 'consumer', 'active', 'RUB', 100000, '2026-09-01', "
            "0)",
            {"K" + std::to_string(client), client});
    }

    void sql(const std::string& text, const db::Params& params = {}) {
        database->write()->execute(db::DynamicQuery{"test", text}, params);
    }
    std::int64_t number(const std::string& text) {
        return database->read()->value<std::int64_t>(db::DynamicQuery{"test", text}).value_or(-1);
    }
    std::map<std::string, std::int64_t> states() {
        std::map<std::string, std::int64_t> counts;
        database->read()->select(
            db::DynamicQuery{"states",
                             "SELECT state, reason, COUNT(*) FROM messages GROUP BY state, reason"},
            {}, [&](const db::Row& row) {
                const auto reason = row.get<std::optional<std::string>>(1);
                counts[row.get<std::string>(0) + (reason ? ":" + *reason : "")] =
                    row.get<std::int64_t>(2);
            });
        return counts;
    }

    // A process that sends: its own dispatcher, contexts and channel.
    struct Sender {
        explicit Sender(SmallCampaign& small, scheduler::DispatcherSettings settings = {})
            : recording(new RecordingChannel{inbox}),
              outlet{{1},
                     std::unique_ptr<channels::Channel>{recording},
                     channels::email_content(
                         channels::EmailComposer{{.message_id_domain = "bank.example"}},
                         channels::Verp{"0123456789abcdef", "bank.example"},
                         {"Bank", "news@bank.example"}, std::nullopt),
                     {}},
              contexts{[this](const db::Document& channel) { return outlet_of(channel.name); },
                       {"Bank", "", "", "RUB"}},
              dispatcher{*small.database,
                         small.clock,
                         small.real_clock,
                         small.composer,
                         inbox,
                         [this](db::Connection& connection, base::RunId run) {
                             return contexts.find(connection, run);
                         },
                         settings} {}
        // A further channel, named like its kind.
        RecordingChannel& add(base::ChannelKind kind) {
            auto made = std::make_unique<RecordingChannel>(inbox, kind);
            auto& channel = *made;
            const std::string name{name_of(kind)};
            outlets[name] = scheduler::Outlet{
                {}, std::move(made), plain_content(kind), {.name = name, .kind = kind}};
            return channel;
        }
        scheduler::Outlet* outlet_of(const std::string& name) {
            const auto found = outlets.find(name);
            return found == outlets.end() ? &outlet : &found->second;
        }
        // Until nothing is left to do now; messages without an answer stay out.
        void drain() {
            // Composing has threads of its own, and on a loaded machine they wait for their turn.
            constexpr int patience = 25;
            for (int quiet = 0; quiet < (dispatcher.is_idle() ? 3 : patience);) {
                quiet = dispatcher.turn() ? 0 : quiet + 1;
                if (quiet > 0 && !dispatcher.is_idle())
                    dispatcher.wait(std::chrono::milliseconds{30});
            }
        }
        scheduler::ReportInbox inbox;
        RecordingChannel* recording;
        scheduler::Outlet outlet;
        std::map<std::string, scheduler::Outlet> outlets;
        scheduler::RunContexts contexts;
        scheduler::Dispatcher dispatcher;
    };

    void plan() {
        scheduler::Planner planner{
            *database, clock, {2}};  // tiny chunks: several transactions even in a test
        while (planner.turn()) {
        }
    }

    TestDatabase database;
    base::ManualClock clock;
    base::ManualClock real_clock{at("2026-11-23T06:00:00Z")};
    scheduler::Composer composer;
    std::string actor{"anna"};
};

inline const std::string once_at_ten = R"("objective":"service","segment":"everyone",
    "schedule":{"once":{"date":"2026-11-23","time":"10:00"}},)";

}  // namespace carillon::tests

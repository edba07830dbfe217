#include "desk/test_desk.h"

#include <condition_variable>
#include <map>

#include "base/digest.h"
#include "base/email_address.h"
#include "base/phone_number.h"
#include "base/text.h"
#include "db/api_queries.h"
#include "desk/preview.h"
#include "desk/words.h"

namespace carillon::desk {

namespace {

constexpr std::size_t recipients_max = 5;
constexpr std::chrono::seconds patience{20};
constexpr std::chrono::seconds stop_patience{2};
constexpr std::string_view home_region = "RU";  // of numbers without a country

// What the channel reports, from its own threads.
class Reports {
public:
    void take(const std::vector<channels::Report>& reports) {
        const std::scoped_lock lock{mutex_};
        for (const auto& one : reports) outcomes_.insert_or_assign(one.id.value, one.outcome);
        came_.notify_all();
    }
    void wait_for(std::size_t count) {
        std::unique_lock lock{mutex_};
        came_.wait_for(lock, patience, [&] { return outcomes_.size() >= count; });
    }
    channels::Outcome of(std::int64_t id) {
        const std::scoped_lock lock{mutex_};
        const auto found = outcomes_.find(id);
        if (found == outcomes_.end()) return channels::Uncertain{"no answer in time"};
        return found->second;
    }

private:
    std::mutex mutex_;
    std::condition_variable came_;
    std::map<std::int64_t, channels::Outcome> outcomes_;  // guarded by mutex_
};

struct Told {
    std::string outcome{};
    std::string detail{};
    int units{};
};
Told told(const channels::Outcome& outcome) {
    if (const auto* one = std::get_if<channels::Accepted>(&outcome))
        return {"accepted", one->provider_ref, one->units};
    if (const auto* one = std::get_if<channels::Deferred>(&outcome))
        return {"deferred", one->reason, 0};
    if (const auto* one = std::get_if<channels::Rejected>(&outcome))
        return {"rejected", one->reason, 0};
    return {"uncertain", std::get<channels::Uncertain>(outcome).reason, 0};
}

base::Result<std::string> parsed_address(base::ChannelKind channel, const std::string& given) {
    using enum base::ChannelKind;
    switch (channel) {
        case email: {
            const auto address = base::EmailAddress::parse(given);
            if (!address) return base::fail(address.error());
            return address->text();
        }
        case sms:
        case fax: {
            const auto number = base::PhoneNumber::parse(given, home_region);
            if (!number) return base::fail(number.error());
            return number->e164();
        }
        case letter:
            if (given.empty() || given.size() > 500)
                return base::fail("test.to", "a postal address of at most 500 bytes");
            return given;
        case call: return base::fail("test.channel", "a call has no test: it is a task for people");
    }
    std::abort();
}

std::vector<std::string> read_addresses(base::ObjectReader& reader) {
    std::vector<std::string> given;
    const auto* list = reader.list("to");
    if (list != nullptr)
        for (const auto& one : *list)
            if (one.text() != nullptr) given.push_back(*one.text());
    if (list == nullptr || given.size() != list->size() || given.empty() ||
        given.size() > recipients_max)
        reader.problem("to", "test.to", "a list of one to five addresses");
    return given;
}

struct Trial {
    std::unique_ptr<Preview> preview{};
    std::vector<channels::Message> messages{};
};

// A text that says of itself that it is a test.
void mark(channels::Payload& payload) {
    if (auto* sms = std::get_if<channels::SmsPayload>(&payload)) sms->text = "TEST: " + sms->text;
}

base::Result<Trial> prepare(const Office& office, db::Connection& connection,
                            std::unique_ptr<Preview> preview,
                            const std::vector<std::string>& given) {
    const auto channel = preview->compiled->channel();
    const bool is_russian = preview->rendered.locale.starts_with("ru");
    Trial trial;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto place = "$.to[" + std::to_string(i) + "]";
        const auto address = parsed_address(channel, given[i]);
        if (!address) return base::fail(address.error().code, address.error().detail, place);
        if (connection.value<std::int64_t>(db::queries::api_is_suppressed,
                                           {*address, name_of(channel)}))
            return base::fail("test.suppressed", "this address is never to be written to", place);
        const auto key = "test-" + base::to_hex(base::random_bytes(12));
        auto payload =
            compose(office, *preview, {key, *address, is_russian ? "[проверка] " : "[test] "});
        if (!payload) return base::fail(payload.error());
        mark(*payload);
        trial.messages.push_back({.id = {static_cast<std::int64_t>(i) + 1},
                                  .key = key,
                                  .to = *address,
                                  .purpose = base::Purpose::service,
                                  .payload = std::move(*payload)});
    }
    trial.preview = std::move(preview);
    return trial;
}

base::Result<base::Json> send(const Office& office, Trial trial,
                              const std::vector<std::string>& given) {
    Reports reports;
    const auto opened = office.workshop().open_apart(
        *trial.preview->settings,
        [&](const std::vector<channels::Report>& some) { reports.take(some); });
    if (!opened) return base::fail(opened.error());
    const auto count = trial.messages.size();
    opened->channel->send(std::move(trial.messages));
    reports.wait_for(count);
    opened->channel->stop(stop_patience);
    base::Json::Array items;
    for (std::size_t i = 0; i < count; ++i) {
        const auto answer = told(reports.of(static_cast<std::int64_t>(i) + 1));
        items.push_back(base::Json::Object{{"to", given[i]},
                                           {"outcome", answer.outcome},
                                           {"detail", answer.detail},
                                           {"units", answer.units}});
    }
    return base::Json{base::Json::Object{{"channel", name_of(trial.preview->compiled->channel())},
                                         {"account", trial.preview->settings->name},
                                         {"locale", trial.preview->rendered.locale},
                                         {"items", std::move(items)}}};
}

}  // namespace

Answer send_test(Office& office, const Caller& caller, const base::Json& request) {
    access::require(caller, Right::templates_test);
    base::Problems problems;
    base::ObjectReader reader{request, "$", problems};
    const auto question = read_preview_question(reader);
    const auto given = read_addresses(reader);
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    Trial trial;
    {
        auto lease = office.read(caller, Right::templates_test);
        auto preview = make_preview(office, *lease, caller, question);
        if (!preview) return refuse(preview.error());
        auto prepared = prepare(office, *lease, std::move(*preview), given);
        if (!prepared) return refuse(prepared.error());
        trial = std::move(*prepared);
    }
    // Written down first: what is in the log and was not sent does less harm than the reverse.
    bool is_first = false;
    const auto channel = trial.preview->compiled->channel();
    const auto noted =
        office.act(caller, Right::templates_test, [&](const campaigns::Desk& desk) -> Answer {
            base::Json::Array to;
            for (const auto& one : trial.messages) to.emplace_back(masked(one.to, channel));
            note(desk, "template.test", "template " + trial.preview->compiled->name(),
                 base::Json::Object{{"to", std::move(to)}});
            is_first = true;
            return base::Json{base::Json::Object{{"done", true}}};
        });
    if (!noted) return noted;
    if (!is_first) return refuse("test.done", "this test has been sent; a new key sends another");
    auto sent = send(office, std::move(trial), given);
    if (!sent) return refuse(sent.error());
    return std::move(*sent);
}

}  // namespace carillon::desk

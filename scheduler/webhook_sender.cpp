#include "scheduler/webhook_sender.h"

#include <algorithm>

#include "base/digest.h"
#include "base/json.h"
#include "base/local_date.h"
#include "db/webhook_queries.h"

namespace carillon::scheduler {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 250ms;
constexpr int at_once = 200;  // deliveries read, and recorded, in one go
// Until answers are recorded: on SQLite there is one writer, and messages want it too.
constexpr auto record_every = 100ms;
constexpr std::string_view erased_prefix = "erased:";
constexpr int gone = 410;

double chance() {
    return static_cast<double>(base::random_id() & 0xFFFFFF) / static_cast<double>(0xFFFFFF);
}

// The same for every attempt and every receiver, so that repetitions can be told.
std::string event_id_of(std::string kind, std::int64_t subject, base::Instant at) {
    std::ranges::replace(kind, '.', '_');
    return kind + "_" + std::to_string(subject) + "_" + std::to_string(base::to_millis(at));
}

base::Json null_or(std::string text) {
    return text.empty() ? base::Json{} : base::Json{std::move(text)};
}

// {"type": ..., "timestamp": ..., "data": {...}}, as Standard Webhooks recommends.
std::string body_of(const db::Row& row) {
    const auto kind = row.get<std::string>(1);
    base::Json data{base::Json::Object{{"state", row.get<std::string>(3)}}};
    data.set("reason", null_or(row.get<std::string>(4)));
    if (const auto message = row.get<std::optional<std::int64_t>>(8)) data.set("message", *message);
    if (kind.starts_with("response")) data.set("response", row.get<std::int64_t>(2));
    const auto client = row.get<std::string>(9);
    if (kind.starts_with("message.") || kind.starts_with("response"))
        data.set("client", null_or(client.starts_with(erased_prefix) ? std::string{} : client));
    data.set("campaign", null_or(row.get<std::string>(10)));
    if (kind.starts_with("message.")) data.set("channel", null_or(row.get<std::string>(11)));
    if (kind == "run.finished") data.set("slot", null_or(row.get<std::string>(12)));
    return base::Json{base::Json::Object{{"type", kind},
                                         {"timestamp", base::to_text(row.get<base::Instant>(5))},
                                         {"data", std::move(data)}}}
        .dump();
}

}  // namespace

std::chrono::milliseconds webhook_delay(const WebhookPolicy& policy, int failures, double share) {
    constexpr int doublings_max = 20;
    const auto doubled =
        policy.first_delay * (std::int64_t{1} << std::clamp(failures - 1, 0, doublings_max));
    const std::chrono::milliseconds full{std::min<std::chrono::seconds>(doubled, policy.delay_max)};
    const auto half = full / 2;
    return half + std::chrono::milliseconds{
                      static_cast<std::int64_t>(share * static_cast<double>(half.count()))};
}

WebhookSender::WebhookSender(db::Database& database, const base::Clock& real_clock,
                             WebhookPolicy policy, channels::WebhookLimits limits)
    : database_(database),
      real_clock_(real_clock),
      policy_(policy),
      post_(std::move(limits)),
      process_("p" + std::to_string(base::random_id())) {}

WebhookSender::~WebhookSender() = default;

std::vector<SilentReceiver> WebhookSender::turn(std::chrono::milliseconds patience) {
    const auto now = real_clock_.now();
    if (now - looked_at_ >= look_every || now < looked_at_) look_for_receivers(now);
    for (auto& [id, receiver] : receivers_) start(receiver, now);
    for (auto& answer : post_.wait(patience)) {
        const auto known = receivers_.find(answer.receiver);
        if (known == receivers_.end()) continue;
        auto& receiver = known->second;
        if (!receiver.out.contains(answer.delivery)) continue;  // of one that was switched off
        if (receiver.answered.empty()) receiver.answered_since = real_clock_.now();
        receiver.answered.push_back(std::move(answer));
    }
    std::vector<SilentReceiver> silent;
    const auto after = real_clock_.now();
    for (auto& [id, receiver] : receivers_) {
        if (!receiver.is_to_record(after)) continue;
        const bool is_gone = std::ranges::any_of(
            receiver.answered, [](const auto& answer) { return answer.status == gone; });
        record(receiver, after);
        if (is_gone)
            silent.push_back({id, receiver.name, "it answered 410: gone"});
        else if (receiver.failing_since && after - *receiver.failing_since >= policy_.disable)
            silent.push_back({id, receiver.name,
                              "no good answer since " + base::to_text(*receiver.failing_since)});
    }
    return silent;
}

// Good answers wait a little for others; a bad one does not, for it decides what may be started.
bool WebhookSender::Receiver::is_to_record(base::Instant now) const {
    if (answered.empty()) return false;
    const bool all_good =
        std::ranges::all_of(answered, [](const auto& answer) { return answer.good(); });
    return !all_good || answered.size() >= at_once || now - answered_since >= record_every ||
           now < answered_since;
}

void WebhookSender::look_for_receivers(base::Instant now) {
    looked_at_ = now;
    std::set<std::int64_t> active;
    auto lease = database_.read();
    lease->select(db::queries::webhooks_to_serve, {}, [&](const db::Row& row) {
        const auto id = row.get<std::int64_t>(0);
        active.insert(id);
        auto& receiver = receivers_[id];
        receiver.id = id;
        receiver.name = row.get<std::string>(1);
        receiver.url = row.get<std::string>(2);
        receiver.secret = row.get<std::string>(3);
        if (!receiver.out.empty()) return;
        receiver.failures = row.get<int>(4);
        receiver.failing_since = row.get<std::optional<base::Instant>>(5);
        receiver.next_try_at = row.get<base::Instant>(6);
    });
    std::erase_if(receivers_, [&](const auto& entry) { return !active.contains(entry.first); });
}

bool WebhookSender::hold_lease(Receiver& receiver, base::Instant now) {
    if (receiver.leased_until > now + policy_.lease / 2) return true;
    const auto until = now + policy_.lease;
    const bool held = db::in_transaction(database_, [&](db::Connection& connection) {
        return connection.execute(db::queries::lease_webhook,
                                  {process_, until, receiver.id, process_, now}) > 0;
    });
    receiver.leased_until = held ? until : base::Instant{};
    if (!held) receiver.waiting.clear();
    return held;
}

// Reads the next deliveries, without those that are out.
void WebhookSender::refill(Receiver& receiver, base::Instant now) {
    auto lease = database_.read();
    const bool has_due =
        lease->value<int>(db::queries::webhook_has_due, {receiver.id, now}).has_value();
    if (!has_due) return;
    const auto limit = at_once + static_cast<int>(receiver.out.size());
    lease->select(db::queries::due_webhook_deliveries, {receiver.id, now, limit},
                  [&](const db::Row& row) {
                      const auto id = row.get<std::int64_t>(0);
                      if (receiver.out.contains(id)) return;
                      receiver.waiting.push_back(
                          {id, row.get<int>(6), row.get<base::Instant>(7),
                           event_id_of(row.get<std::string>(1), row.get<std::int64_t>(2),
                                       row.get<base::Instant>(5)),
                           body_of(row)});
                  });
}

void WebhookSender::start(Receiver& receiver, base::Instant now) {
    if (now < receiver.next_try_at) return;
    // One that failed is knocked at by one delivery, not by all connections.
    const auto room = static_cast<std::size_t>(receiver.failures > 0 ? 1 : policy_.connections);
    if (receiver.under_way() >= room) return;
    if (receiver.waiting.empty()) {
        // Only who has something to say takes the lease; before it reads what nobody else may send.
        const bool has_due = database_.read()
                                 ->value<int>(db::queries::webhook_has_due, {receiver.id, now})
                                 .has_value();
        if (!has_due || !hold_lease(receiver, now)) return;
        refill(receiver, now);
    } else if (!hold_lease(receiver, now)) {
        return;
    }
    while (receiver.under_way() < room && !receiver.waiting.empty()) {
        auto delivery = std::move(receiver.waiting.front());
        receiver.waiting.pop_front();
        const channels::WebhookMessage message{delivery.event_id, base::to_millis(now) / 1000,
                                               delivery.body};
        const auto signature = channels::webhook_signature(receiver.secret, message);
        post_.start(
            {receiver.id, delivery.id, receiver.url, message, signature.value_or(std::string{})});
        receiver.out.emplace(delivery.id, std::move(delivery));
    }
}

base::Instant WebhookSender::after_failure(int failures, const channels::WebhookAnswer& answer,
                                           base::Instant now) const {
    auto delay = webhook_delay(policy_, failures, chance());
    if (answer.retry_after)
        delay = std::clamp<std::chrono::milliseconds>(
            *answer.retry_after, delay,
            std::max<std::chrono::milliseconds>(delay, policy_.delay_max));
    return now + delay;
}

// In the transaction that also proves that the lease is still ours.
void WebhookSender::note_answers(Receiver& receiver, db::Connection& connection, base::Instant now,
                                 int& failures) {
    db::IdList done;
    const channels::WebhookAnswer* worst = nullptr;
    for (const auto& answer : receiver.answered) {
        if (answer.good()) {
            done.push_back(answer.delivery);
            continue;
        }
        worst = &answer;
        const auto& delivery = receiver.out.at(answer.delivery);
        const auto told_since =
            base::to_millis(delivery.told_since) == 0 ? now : delivery.told_since;
        db::Value next = after_failure(delivery.attempts + 1, answer, now);
        if (now - told_since >= policy_.give_up) next = db::Value{};
        connection.execute(db::queries::webhook_delivery_failed,
                           {next, answer.problem, now, receiver.id, answer.delivery});
    }
    if (!done.empty()) {
        connection.execute(db::queries::webhook_deliveries_done, {receiver.id, done});
        connection.execute(db::queries::webhook_answered,
                           {static_cast<std::int64_t>(done.size()), now, receiver.id});
        failures = 0;
        receiver.next_try_at = {};
    }
    if (worst == nullptr || !done.empty()) return;
    failures = receiver.failures + 1;
    receiver.next_try_at = after_failure(failures, *worst, now);
    connection.execute(db::queries::webhook_failing,
                       {failures, now, receiver.next_try_at, worst->problem, receiver.id});
}

void WebhookSender::record(Receiver& receiver, base::Instant now) {
    if (receiver.answered.empty()) return;
    auto failures = receiver.failures;
    const bool ours = db::in_transaction(database_, [&](db::Connection& connection) {
        failures = receiver.failures;
        if (connection.execute(db::queries::keep_webhook_lease,
                               {now + policy_.lease, receiver.id, process_}) == 0)
            return false;  // somebody else tells them again: that is allowed, losing one is not
        note_answers(receiver, connection, now, failures);
        return true;
    });
    receiver.failures = failures;
    if (failures == 0)
        receiver.failing_since.reset();
    else if (!receiver.failing_since)
        receiver.failing_since = now;
    receiver.leased_until = ours ? now + policy_.lease : base::Instant{};
    if (!ours || failures > 0) receiver.waiting.clear();
    for (const auto& answer : receiver.answered) receiver.out.erase(answer.delivery);
    receiver.answered.clear();
}

void WebhookSender::stop() noexcept {
    try {
        db::in_transaction(database_, [&](db::Connection& connection) {
            connection.execute(db::queries::release_webhooks, {process_});
        });
    } catch (const std::exception&) {  // the lease ends by itself
        return;
    }
}

}  // namespace carillon::scheduler

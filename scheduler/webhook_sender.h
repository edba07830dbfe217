// Tells receivers of webhooks what stands in their outbox: at least once, each receiver at its own
// pace. A row leaves the outbox after the receiver has answered 2xx, so a kill at any moment costs
// at most a repetition under the same id. Docs: docs/webhooks.md.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "channels/webhook_post.h"
#include "db/database.h"

namespace carillon::scheduler {

struct WebhookPolicy {
    int connections{4};                   // to one receiver at a time
    std::chrono::seconds first_delay{5};  // then doubled, with a random half
    std::chrono::seconds delay_max{std::chrono::hours{1}};
    std::chrono::hours give_up{std::chrono::hours{72}};   // after the first try of a delivery
    std::chrono::hours disable{std::chrono::hours{120}};  // after the last good answer
    std::chrono::seconds lease{10};  // of a receiver; another process takes over after that
};

// How long to wait after failure number `failures` (from 1). Pure; `share`: 0 to 1, by chance.
std::chrono::milliseconds webhook_delay(const WebhookPolicy& policy, int failures, double share);

// A receiver that had to be switched off.
struct SilentReceiver {
    std::int64_t id{};
    std::string name{};
    std::string why{};
};

// Used from one thread. `real_clock` decides when to try again: receivers live in real time.
class WebhookSender {
public:
    WebhookSender(db::Database& database, const base::Clock& real_clock, WebhookPolicy policy,
                  channels::WebhookLimits limits);
    ~WebhookSender();
    WebhookSender(const WebhookSender&) = delete;
    WebhookSender& operator=(const WebhookSender&) = delete;

    // Starts what may be started, waits for answers for at most `patience`, records them. Throws
    // DbError: call again, nothing is lost. Answers receivers that have been failing for too long.
    std::vector<SilentReceiver> turn(std::chrono::milliseconds patience);
    // Lets other processes deliver at once.
    void stop() noexcept;

private:
    struct Delivery {
        std::int64_t id{};
        int attempts{};
        base::Instant told_since{};
        std::string event_id{};
        std::string body{};
    };
    struct Receiver {
        std::int64_t id{};
        std::string name{};
        std::string url{};
        std::string secret{};
        int failures{};
        std::optional<base::Instant> failing_since{};
        base::Instant next_try_at{};
        base::Instant leased_until{};
        std::deque<Delivery> waiting{};
        std::map<std::int64_t, Delivery> out{};  // under way, or answered and not recorded
        std::vector<channels::WebhookAnswer> answered{};
        base::Instant answered_since{};
        std::size_t under_way() const { return out.size() - answered.size(); }
        bool is_to_record(base::Instant now) const;
    };

    void look_for_receivers(base::Instant now);
    bool hold_lease(Receiver& receiver, base::Instant now);
    void refill(Receiver& receiver, base::Instant now);
    void start(Receiver& receiver, base::Instant now);
    void record(Receiver& receiver, base::Instant now);
    void note_answers(Receiver& receiver, db::Connection& connection, base::Instant now,
                      int& failures);
    base::Instant after_failure(int failures, const channels::WebhookAnswer& answer,
                                base::Instant now) const;

    db::Database& database_;
    const base::Clock& real_clock_;
    WebhookPolicy policy_;
    channels::WebhookPost post_;
    std::string process_;
    std::map<std::int64_t, Receiver> receivers_;
    base::Instant looked_at_{};
};

}  // namespace carillon::scheduler

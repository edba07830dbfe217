// Receivers of webhooks in the database and what an administrator may do with them. Each action
// writes the audit log in its transaction. What they are told: campaigns/notices.h.
#pragma once

#include <set>

#include "campaigns/campaign_store.h"
#include "campaigns/notices.h"
#include "channels/webhook_target.h"

namespace carillon::campaigns {

struct Webhook {
    std::int64_t id{};
    std::string name{};
    std::string url{};
    std::vector<Notice> kinds{};
    bool active{};
    std::string state_reason{};  // why it was switched off
    std::string created_by{};
    base::Instant created_at{};
    std::int64_t delivered{};
    std::optional<base::Instant> delivered_at{};
    std::optional<base::Instant> failing_since{};
    std::string last_error{};
    std::int64_t waiting{};
    std::int64_t given_up{};
};

struct GivenUp {
    std::int64_t id{};
    std::string kind{};
    std::int64_t subject{};
    std::string state{};
    std::string reason{};
    base::Instant at{};
    int attempts{};
    std::string last_error{};
};

struct NewWebhook {
    std::string name{};
    std::string url{};
    std::vector<std::string> kinds{};  // empty: all
};

inline constexpr int webhooks_max = 50;

std::vector<Webhook> webhooks_after(db::Connection& connection, std::string_view name, int limit);
std::optional<Webhook> find_webhook(db::Connection& connection, std::string_view name);
std::vector<GivenUp> given_up_deliveries(db::Connection& connection, std::int64_t webhook,
                                         std::int64_t after, int limit);
std::string webhook_secret(db::Connection& connection, const Webhook& webhook);

// Answers the secret: nobody is shown it again. Errors: webhook.name, webhook.exists, webhook.url,
// webhook.kinds, webhook.many; places are those of the API ("$.url").
Parsed<std::string> add_webhook(const Desk& desk, const NewWebhook& wanted,
                                const channels::WebhookRules& rules);
// The old secret signs nothing from now on.
std::string renew_webhook_secret(const Desk& desk, const Webhook& webhook);
// With everything it has not been told yet.
void remove_webhook(const Desk& desk, const Webhook& webhook);
void enable_webhook(const Desk& desk, const Webhook& webhook);
// What waits is given up and can be sent again; what happens meanwhile is not kept for it. False:
// it was not active.
bool disable_webhook(const Desk& desk, std::int64_t id, std::string_view name,
                     std::string_view why);
// Answers how many deliveries wait again.
std::int64_t resend_given_up(const Desk& desk, const Webhook& webhook);

}  // namespace carillon::campaigns

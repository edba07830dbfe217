#include "desk/webhook_desk.h"

#include "base/digest.h"
#include "base/local_date.h"
#include "campaigns/webhooks.h"
#include "channels/webhook_post.h"

namespace carillon::desk {

namespace {

using campaigns::Webhook;

base::Json to_json(const Webhook& webhook) {
    base::Json::Array kinds;
    for (const auto kind : webhook.kinds) kinds.emplace_back(campaigns::name_of(kind));
    const auto text_or_null = [](const std::string& text) {
        return text.empty() ? base::Json{} : base::Json{text};
    };
    return base::Json::Object{{"name", webhook.name},
                              {"url", webhook.url},
                              {"kinds", std::move(kinds)},
                              {"state", webhook.active ? "active" : "disabled"},
                              {"state_reason", text_or_null(webhook.state_reason)},
                              {"created_by", webhook.created_by},
                              {"created_at", base::to_text(webhook.created_at)},
                              {"delivered", webhook.delivered},
                              {"delivered_at", time_or_null(webhook.delivered_at)},
                              {"failing_since", time_or_null(webhook.failing_since)},
                              {"last_error", text_or_null(webhook.last_error)},
                              {"waiting", webhook.waiting},
                              {"given_up", webhook.given_up}};
}

tl::unexpected<base::Problems> unknown(const std::string& name) {
    return refuse("webhook.unknown", "there is no webhook '" + name + "'");
}

using Change = std::function<base::Json(const campaigns::Desk&, const Webhook&)>;

Answer change(Office& office, const Caller& caller, const std::string& name, const Change& work) {
    return office.act(caller, Right::users_manage, [&](const campaigns::Desk& desk) -> Answer {
        const auto webhook = campaigns::find_webhook(desk.connection, name);
        if (!webhook) return unknown(name);
        return work(desk, *webhook);
    });
}

base::Json shown_again(const campaigns::Desk& desk, const std::string& name) {
    return to_json(campaigns::find_webhook(desk.connection, name).value());
}

}  // namespace

Answer list_webhooks(Office& office, const Caller& caller, const PageQuery& query) {
    auto lease = office.read(caller, Right::users_manage);
    base::Json::Array items;
    for (const auto& one : campaigns::webhooks_after(*lease, query.after, query.limit + 1))
        items.push_back(to_json(one));
    return page_of(std::move(items), query,
                   [](const base::Json& one) { return *one.find("name")->text(); });
}

Answer get_webhook(Office& office, const Caller& caller, const std::string& name) {
    auto lease = office.read(caller, Right::users_manage);
    const auto webhook = campaigns::find_webhook(*lease, name);
    if (!webhook) return unknown(name);
    return to_json(*webhook);
}

Answer add_webhook(Office& office, const Caller& caller, const channels::WebhookRules& rules,
                   const base::Json& json) {
    access::require(caller, Right::users_manage);
    base::Problems problems;
    base::ObjectReader reader{json, "$", problems};
    campaigns::NewWebhook wanted{.name = reader.required_text("name"),
                                 .url = reader.required_text("url")};
    wanted.kinds = reader.texts("kinds");
    reader.finish();
    if (!problems.empty()) return refuse(std::move(problems));
    return office.act_shown_once(
        caller, Right::users_manage, [&](const campaigns::Desk& desk) -> Answer {
            const auto secret = campaigns::add_webhook(desk, wanted, rules);
            if (!secret) return refuse(secret.error());
            return base::Json{base::Json::Object{{"webhook", shown_again(desk, wanted.name)},
                                                 {"secret", *secret}}};
        });
}

Answer remove_webhook(Office& office, const Caller& caller, const std::string& name) {
    return change(office, caller, name, [](const campaigns::Desk& desk, const Webhook& webhook) {
        campaigns::remove_webhook(desk, webhook);
        return base::Json{base::Json::Object{}};
    });
}

Answer renew_webhook_secret(Office& office, const Caller& caller, const std::string& name) {
    const auto work = [&](const campaigns::Desk& desk) -> Answer {
        const auto webhook = campaigns::find_webhook(desk.connection, name);
        if (!webhook) return unknown(name);
        const auto secret = campaigns::renew_webhook_secret(desk, *webhook);
        return base::Json{
            base::Json::Object{{"webhook", shown_again(desk, name)}, {"secret", secret}}};
    };
    return office.act_shown_once(caller, Right::users_manage, work);
}

Answer enable_webhook(Office& office, const Caller& caller, const std::string& name) {
    return change(office, caller, name, [&](const campaigns::Desk& desk, const Webhook& webhook) {
        campaigns::enable_webhook(desk, webhook);
        return shown_again(desk, name);
    });
}

Answer disable_webhook(Office& office, const Caller& caller, const std::string& name) {
    return change(office, caller, name, [&](const campaigns::Desk& desk, const Webhook& webhook) {
        campaigns::disable_webhook(desk, webhook.id, name, "switched off by " + desk.actor);
        return shown_again(desk, name);
    });
}

Answer list_given_up(Office& office, const Caller& caller, const std::string& name,
                     const PageQuery& query) {
    auto lease = office.read(caller, Right::users_manage);
    const auto after = number_in_cursor(query.after);
    if (!after) return refuse(after.error());
    const auto webhook = campaigns::find_webhook(*lease, name);
    if (!webhook) return unknown(name);
    base::Json::Array items;
    for (const auto& one :
         campaigns::given_up_deliveries(*lease, webhook->id, *after, query.limit + 1))
        items.push_back(base::Json::Object{{"id", one.id},
                                           {"type", one.kind},
                                           {"subject", one.subject},
                                           {"state", one.state},
                                           {"reason", one.reason},
                                           {"at", base::to_text(one.at)},
                                           {"attempts", std::int64_t{one.attempts}},
                                           {"last_error", one.last_error}});
    return page_of(std::move(items), query, [](const base::Json& one) {
        return std::to_string(*one.find("id")->integer());
    });
}

Answer resend_given_up(Office& office, const Caller& caller, const std::string& name) {
    return change(office, caller, name, [](const campaigns::Desk& desk, const Webhook& webhook) {
        return base::Json{
            base::Json::Object{{"deliveries", campaigns::resend_given_up(desk, webhook)}}};
    });
}

Answer test_webhook(Office& office, const Caller& caller, const channels::WebhookLimits& limits,
                    const std::string& name) {
    std::string url;
    std::string secret;
    {
        auto lease = office.read(caller, Right::users_manage);
        const auto webhook = campaigns::find_webhook(*lease, name);
        if (!webhook) return unknown(name);
        url = webhook->url;
        secret = campaigns::webhook_secret(*lease, *webhook);
    }
    return try_webhook(limits, url, secret, office.real_now());
}

base::Json try_webhook(const channels::WebhookLimits& limits, const std::string& url,
                       const std::string& secret, base::Instant now) {
    const channels::WebhookMessage message{
        "webhook_test_" + std::to_string(base::random_id()), base::to_millis(now) / 1000,
        base::Json{base::Json::Object{{"type", "webhook.test"},
                                      {"timestamp", base::to_text(now)},
                                      {"data", base::Json::Object{}}}}
            .dump()};
    channels::WebhookPost post{limits};
    const auto begun = base::steady_now();
    post.start({0, 0, url, message, channels::webhook_signature(secret, message).value_or("")});
    std::vector<channels::WebhookAnswer> answers;
    while (answers.empty()) answers = post.wait(std::chrono::milliseconds{100});
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(base::steady_now() - begun);
    const auto& answer = answers.front();
    return base::Json::Object{
        {"ok", answer.good()},
        {"status", answer.status == 0 ? base::Json{} : base::Json{std::int64_t{answer.status}}},
        {"problem", answer.problem.empty() ? base::Json{} : base::Json{answer.problem}},
        {"milliseconds", std::int64_t{took.count()}}};
}

}  // namespace carillon::desk

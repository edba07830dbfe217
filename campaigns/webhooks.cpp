#include "campaigns/webhooks.h"

#include "base/digest.h"
#include "base/text.h"
#include "channels/webhook_post.h"
#include "db/webhook_queries.h"

namespace carillon::campaigns {

namespace {

constexpr std::size_t name_max = 64;

Webhook webhook_from(const db::Row& row) {
    Webhook webhook{.id = row.get<std::int64_t>(0),
                    .name = row.get<std::string>(1),
                    .url = row.get<std::string>(2),
                    .active = row.text(4) == "active",
                    .state_reason = row.get<std::string>(5),
                    .created_by = row.get<std::string>(6),
                    .created_at = row.get<base::Instant>(7),
                    .delivered = row.get<std::int64_t>(8),
                    .delivered_at = row.get<std::optional<base::Instant>>(9),
                    .failing_since = row.get<std::optional<base::Instant>>(10),
                    .last_error = row.get<std::optional<std::string>>(11).value_or(""),
                    .waiting = row.get<std::int64_t>(12),
                    .given_up = row.get<std::int64_t>(13)};
    for (const auto name : base::split(row.text(3), ' '))
        if (const auto notice = notice_from(name)) webhook.kinds.push_back(*notice);
    return webhook;
}

bool is_name(std::string_view name) {
    constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz0123456789";
    return !name.empty() && name.size() <= name_max &&
           first.find(name.front()) != std::string_view::npos &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") ==
               std::string_view::npos;
}

// In the order of the list, each once.
std::string kinds_of(const std::vector<std::string>& wanted, base::Problems& problems) {
    const std::set<std::string> asked{wanted.begin(), wanted.end()};
    std::string words;
    for (const auto notice : notices)
        if (asked.empty() || asked.contains(std::string{name_of(notice)}))
            words += (words.empty() ? "" : " ") + std::string{name_of(notice)};
    for (const auto& name : asked)
        if (!notice_from(name))
            problems.push_back({"webhook.kinds", "there is no kind '" + name + "'", "$.kinds"});
    return words;
}

void audit(const Desk& desk, std::string_view action, std::string_view name,
           base::Json detail = base::Json{base::Json::Object{}}) {
    db::append_audit(desk.connection, desk.audit_key,
                     {.actor = desk.actor,
                      .action = "webhook." + std::string{action},
                      .object = "webhook " + std::string{name},
                      .detail = std::move(detail)},
                     desk.now);
}

}  // namespace

std::vector<Webhook> webhooks_after(db::Connection& connection, std::string_view name, int limit) {
    return connection.list<Webhook>(db::queries::webhooks_after, {name, limit}, webhook_from);
}

std::optional<Webhook> find_webhook(db::Connection& connection, std::string_view name) {
    return connection.one<Webhook>(db::queries::webhook_by_name, {name}, webhook_from);
}

std::vector<GivenUp> given_up_deliveries(db::Connection& connection, std::int64_t webhook,
                                         std::int64_t after, int limit) {
    return connection.list<GivenUp>(
        db::queries::webhook_given_up, {webhook, after, limit}, [](const db::Row& row) {
            return GivenUp{row.get<std::int64_t>(0), row.get<std::string>(1),
                           row.get<std::int64_t>(2), row.get<std::string>(3),
                           row.get<std::string>(4),  row.get<base::Instant>(5),
                           row.get<int>(6),          row.get<std::string>(7)};
        });
}

std::string webhook_secret(db::Connection& connection, const Webhook& webhook) {
    return connection.value<std::string>(db::queries::webhook_secret, {webhook.id}).value();
}

Parsed<std::string> add_webhook(const Desk& desk, const NewWebhook& wanted,
                                const channels::WebhookRules& rules) {
    base::Problems problems;
    if (!is_name(wanted.name))
        problems.push_back({"webhook.name",
                            "1 to 64 small letters, digits, '-' and '_', a letter or digit first",
                            "$.name"});
    else if (find_webhook(desk.connection, wanted.name))
        problems.push_back(
            {"webhook.exists", "there is a webhook '" + wanted.name + "' already", "$.name"});
    if (const auto good = channels::check_webhook_url(wanted.url, rules); !good)
        problems.push_back({good.error().code, good.error().detail, "$.url"});
    const auto kinds = kinds_of(wanted.kinds, problems);
    if (webhooks_after(desk.connection, "", webhooks_max).size() >= webhooks_max)
        problems.push_back({"webhook.many",
                            "at most " + std::to_string(webhooks_max) + " webhooks; remove one",
                            "$.name"});
    if (!problems.empty()) return tl::unexpected{std::move(problems)};
    auto secret = channels::new_webhook_secret();
    desk.connection.execute(
        db::queries::insert_webhook,
        {base::random_id(), wanted.name, wanted.url, kinds, secret, desk.actor, desk.now});
    audit(desk, "add", wanted.name, base::Json::Object{{"url", wanted.url}, {"kinds", kinds}});
    return secret;
}

std::string renew_webhook_secret(const Desk& desk, const Webhook& webhook) {
    auto secret = channels::new_webhook_secret();
    desk.connection.execute(db::queries::set_webhook_secret, {secret, webhook.id});
    audit(desk, "renew_secret", webhook.name);
    return secret;
}

void remove_webhook(const Desk& desk, const Webhook& webhook) {
    desk.connection.execute(db::queries::delete_webhook, {webhook.id});
    const auto untold =
        desk.connection.execute(db::queries::delete_webhook_deliveries, {webhook.id});
    audit(desk, "remove", webhook.name,
          base::Json::Object{{"url", webhook.url}, {"untold", untold}});
}

void enable_webhook(const Desk& desk, const Webhook& webhook) {
    desk.connection.execute(db::queries::enable_webhook, {webhook.id});
    audit(desk, "enable", webhook.name);
}

bool disable_webhook(const Desk& desk, std::int64_t id, std::string_view name,
                     std::string_view why) {
    constexpr std::size_t why_max = 300;
    if (desk.connection.execute(db::queries::disable_webhook, {base::cut_utf8(why, why_max), id}) ==
        0)
        return false;
    desk.connection.execute(db::queries::give_up_webhook_deliveries, {id});
    audit(desk, "disable", name, base::Json::Object{{"reason", why}});
    return true;
}

std::int64_t resend_given_up(const Desk& desk, const Webhook& webhook) {
    const auto again =
        desk.connection.execute(db::queries::resend_webhook_deliveries, {webhook.id});
    audit(desk, "resend", webhook.name, base::Json::Object{{"deliveries", again}});
    return again;
}

}  // namespace carillon::campaigns

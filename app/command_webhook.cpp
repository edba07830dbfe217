// webhook: who outside is told what happens (docs/webhooks.md).
#include "app/webhook_commands.h"
#include "base/local_date.h"
#include "base/text.h"
#include "campaigns/webhooks.h"
#include "desk/webhook_desk.h"

namespace carillon::app {

namespace {

using campaigns::Webhook;

base::Failure unknown(const std::string& name) {
    return {"webhook.unknown", "there is no webhook '" + name + "'", "NAME"};
}

std::string words_of(const std::vector<campaigns::Notice>& kinds) {
    if (kinds.size() == campaigns::notices.size()) return "all";
    std::vector<std::string> names;
    for (const auto kind : kinds) names.emplace_back(campaigns::name_of(kind));
    return base::join(names, ", ");
}

ExitCode show_secret(const Output& output, const std::string& name, const std::string& secret) {
    output.line("webhook " + name + "; its secret, shown only now: " + secret);
    output.result(base::Json{base::Json::Object{{"webhook", name}, {"secret", secret}}});
    return ExitCode::done;
}

ExitCode add(Program& program, const Output& output, const WebhookArgs& args) {
    const auto limits = webhook_limits(program.config());
    const auto secret = program.act([&](const campaigns::Desk& desk) {
        return campaigns::add_webhook(desk, {args.name, args.url, args.kinds}, limits.rules);
    });
    if (!secret) return output.refuse(secret.error());
    return show_secret(output, args.name, *secret);
}

ExitCode list(Program& program, const Output& output) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array items;
    for (const auto& one : campaigns::webhooks_after(*lease, "", campaigns::webhooks_max)) {
        const std::string state = one.active ? "active" : "disabled";
        rows.push_back({one.name, one.url, words_of(one.kinds), state, grouped(one.delivered),
                        grouped(one.waiting), grouped(one.given_up),
                        one.active ? one.last_error : one.state_reason});
        items.push_back(base::Json::Object{{"name", one.name},
                                           {"url", one.url},
                                           {"state", state},
                                           {"delivered", one.delivered},
                                           {"waiting", one.waiting},
                                           {"given_up", one.given_up},
                                           {"last_error", one.last_error}});
    }
    output.table({"name", "url", "kinds", "state", "delivered", "waiting", "given up", "trouble"},
                 rows);
    output.result(base::Json{std::move(items)});
    return ExitCode::done;
}

ExitCode show_given_up(Program& program, const Output& output, const Webhook& webhook) {
    constexpr int shown_max = 1'000;
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array items;
    for (const auto& one : campaigns::given_up_deliveries(*lease, webhook.id, 0, shown_max)) {
        rows.push_back({std::to_string(one.id), base::to_text(one.at), one.kind,
                        std::to_string(one.subject), std::to_string(one.attempts), one.last_error});
        items.push_back(base::Json::Object{{"id", one.id},
                                           {"type", one.kind},
                                           {"subject", one.subject},
                                           {"at", base::to_text(one.at)},
                                           {"last_error", one.last_error}});
    }
    output.table({"id", "at", "type", "subject", "attempts", "last error"}, rows);
    output.result(base::Json{std::move(items)});
    return ExitCode::done;
}

ExitCode test(Program& program, const Output& output, const Webhook& webhook) {
    const auto secret = campaigns::webhook_secret(*program.migrated_database().read(), webhook);
    const auto answer = desk::try_webhook(webhook_limits(program.config()), webhook.url, secret,
                                          program.real_clock().now());
    const bool good = *answer.find("ok")->boolean();
    const auto* problem = answer.find("problem")->text();
    output.line(webhook.url + (good ? ": took it" : ": " + *problem));
    output.result(answer);
    return good ? ExitCode::done : ExitCode::failed;
}

ExitCode change(Program& program, const Output& output, std::string_view word,
                const Webhook& webhook) {
    std::string said = "webhook " + webhook.name + ": ";
    program.act([&](const campaigns::Desk& desk) {
        if (word == "remove") campaigns::remove_webhook(desk, webhook);
        if (word == "enable") campaigns::enable_webhook(desk, webhook);
        if (word == "disable")
            campaigns::disable_webhook(desk, webhook.id, webhook.name,
                                       "switched off by " + desk.actor);
        if (word == "resend")
            said += std::to_string(campaigns::resend_given_up(desk, webhook)) + " to be sent again";
        return true;
    });
    output.line(word == "resend" ? said : said + std::string{word} + "d");
    output.result(base::Json{base::Json::Object{{"webhook", webhook.name}}});
    return ExitCode::done;
}

ExitCode run(Program& program, const Output& output, std::string_view word,
             const WebhookArgs& args) {
    if (word == "list") return list(program, output);
    if (word == "add") return add(program, output, args);
    const auto webhook = campaigns::find_webhook(*program.migrated_database().read(), args.name);
    if (!webhook) return output.refuse(unknown(args.name));
    if (word == "test") return test(program, output, *webhook);
    if (word == "given-up") return show_given_up(program, output, *webhook);
    if (word != "secret") return change(program, output, word, *webhook);
    return show_secret(output, args.name, program.act([&](const campaigns::Desk& desk) {
        return campaigns::renew_webhook_secret(desk, *webhook);
    }));
}

}  // namespace

const std::vector<WebhookWord>& webhook_words() {
    static const std::vector<WebhookWord> words{
        {"add", "tell an address what happens; shows the secret that signs it, once"},
        {"list", "receivers, and what waits for them"},
        {"test", "post one test event now"},
        {"secret", "another secret, shown once; the old one ends at once"},
        {"given-up", "what a receiver was not told"},
        {"resend", "tell a receiver again what was given up"},
        {"enable", "tell a receiver what happens from now on"},
        {"disable", "tell a receiver nothing until it is enabled"},
        {"remove", "forget a receiver and what it was not told"}};
    return words;
}

channels::WebhookLimits webhook_limits(const Config& config) {
    channels::WebhookLimits limits;
    limits.rules = {config.text("webhooks.allow_http") == "yes",
                    config.text("webhooks.private_targets") == "yes"};
    limits.total_timeout = std::chrono::seconds{config.integer("webhooks.timeout_seconds")};
    limits.connect_timeout = std::min(limits.connect_timeout, limits.total_timeout);
    limits.ca_file = config.text("webhooks.ca_file");
    return limits;
}

std::function<ExitCode(Program&, const Output&)> webhook_command(const std::string& word,
                                                                 const WebhookArgs& args) {
    return [word, &args](Program& program, const Output& output) {
        return run(program, output, word, args);
    };
}

}  // namespace carillon::app

#include "app/webhook_duty.h"

#include <iostream>

#include "app/duties.h"
#include "app/webhook_commands.h"
#include "base/local_date.h"
#include "campaigns/webhooks.h"
#include "channels/worker_thread.h"
#include "db/queries.h"
#include "db/webhook_queries.h"
#include "scheduler/webhook_sender.h"

namespace carillon::app {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 100ms;
constexpr auto after_trouble = 1s;
constexpr auto tidy_every = 1h;
constexpr const char* actor = "carillon";

scheduler::WebhookPolicy policy_of(const Config& config) {
    scheduler::WebhookPolicy policy;
    policy.connections = static_cast<int>(config.integer("webhooks.connections"));
    policy.first_delay = std::chrono::seconds{config.integer("webhooks.first_seconds")};
    policy.delay_max = std::chrono::seconds{config.integer("webhooks.longest_seconds")};
    policy.give_up = std::chrono::hours{config.integer("webhooks.give_up_hours")};
    policy.disable = std::chrono::hours{config.integer("webhooks.disable_hours")};
    return policy;
}

}  // namespace

class WebhookDuty::Work {
public:
    explicit Work(Program& program)
        : program_(program),
          audit_key_(program.audit_key()),
          sender_(program.migrated_database(), program.real_clock(), policy_of(program.config()),
                  webhook_limits(program.config())) {}

    void run(const std::stop_token& stop) {
        channels::block_signals();
        while (!stop.stop_requested()) {
            try {
                for (const auto& silent : sender_.turn(patience)) switch_off(silent);
                tidy();
            } catch (const std::exception& error) {
                complain(error.what());
                std::this_thread::sleep_for(after_trouble);
            }
        }
        sender_.stop();
    }

private:
    void complain(const std::string& problem) {
        if (problem == last_problem_) return;
        last_problem_ = problem;
        std::cerr << "carillon: webhooks: " << problem << '\n';
    }

    // With its audit entry, and a task for whoever added it.
    void switch_off(const scheduler::SilentReceiver& silent) {
        const auto now = program_.clock().now();
        const bool done =
            db::in_transaction(program_.migrated_database(), [&](db::Connection& connection) {
                const auto webhook = campaigns::find_webhook(connection, silent.name);
                if (!webhook || !campaigns::disable_webhook({connection, audit_key_, actor, now},
                                                            silent.id, silent.name, silent.why))
                    return false;
                const auto words = words_of(program_);
                connection.execute(
                    db::queries::insert_task,
                    {"webhook", webhook->created_by, std::optional<std::int64_t>{},
                     std::optional<std::int64_t>{},
                     words({"webhook " + silent.name + " was switched off: " + silent.why,
                            "вебхук " + silent.name + " отключён: " + silent.why}),
                     now,
                     "webhook:" + std::to_string(silent.id) + ":" +
                         std::to_string(base::to_millis(now))});
                return true;
            });
        if (!done) return;
        program_.keep_checkpoint();
        std::cerr << "carillon: webhook '" << silent.name << "' switched off: " << silent.why
                  << '\n';
    }

    void tidy() {
        const auto now = base::steady_now();
        if (tidied_ && now - *tidied_ < tidy_every) return;
        tidied_ = now;
        const std::chrono::days kept{program_.config().integer("webhooks.keep_days")};
        db::in_transaction(program_.migrated_database(), [&](db::Connection& connection) {
            connection.execute(db::queries::forget_webhook_deliveries,
                               {program_.real_clock().now() - kept});
        });
    }

    Program& program_;
    const std::string audit_key_;
    scheduler::WebhookSender sender_;
    std::optional<base::Steady> tidied_;
    std::string last_problem_;
};

WebhookDuty::WebhookDuty(Program& program)
    : work_(std::make_unique<Work>(program)),
      thread_([this](const std::stop_token& stop) { work_->run(stop); }) {}

WebhookDuty::~WebhookDuty() = default;

}  // namespace carillon::app

#include "app/failure_watch.h"

#include <fmt/format.h>

#include <iostream>

#include "app/duties.h"
#include "app/report_design.h"
#include "base/quoted_contacts.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

constexpr std::chrono::seconds between_looks{3};
constexpr std::string_view actor = "carillon";

}  // namespace

struct FailureWatch::Running {
    base::CampaignId id{};
    std::string name{};
    base::Instant since{};
};

FailureWatch::FailureWatch(Program& program)
    : program_(program),
      percent_(program.config().integer("launch.failing_percent")),
      at_least_(program.config().integer("launch.failing_at_least")),
      audit_key_(program.audit_key()) {}

void FailureWatch::turn() {
    const auto now = base::steady_now();
    if (percent_ == 0 || (looked_at_ && now - *looked_at_ < between_looks)) return;
    looked_at_ = now;
    const auto running = program_.migrated_database().read()->list<Running>(
        db::queries::campaigns_running, {}, [](const db::Row& row) {
            return Running{row.get<base::CampaignId>(0), row.get<std::string>(1),
                           row.get<base::Instant>(2)};
        });
    for (const auto& campaign : running) look_at(campaign);
}

// The failed are few or many, the rest may be a million: only as many of them are counted as would
// make the failed ones few enough.
void FailureWatch::look_at(const Running& campaign) {
    std::int64_t failed = 0;
    std::int64_t others = 0;
    {
        const auto lease = program_.migrated_database().read();
        failed =
            lease->value<std::int64_t>(db::queries::failed_since, {campaign.id, campaign.since})
                .value_or(0);
        if (failed < at_least_) return;
        const auto enough = failed * 100 / percent_;
        others = lease
                     ->value<std::int64_t>(db::queries::sent_since,
                                           {campaign.id, campaign.since, enough})
                     .value_or(0);
    }
    if (failed * 100 < percent_ * (failed + others)) return;
    pause(campaign, failed, failed + others);
}

void FailureWatch::pause(const Running& campaign, std::int64_t failed, std::int64_t ended) {
    const auto words = words_of(program_);
    const auto paused = db::in_transaction(
        program_.migrated_database(), [&](db::Connection& connection) -> std::string {
            const auto why = connection
                                 .value<std::string>(db::queries::commonest_failure,
                                                     {campaign.id, campaign.since})
                                 .value_or("");
            const auto reason = fmt::format(
                fmt::runtime(
                    words({"paused by itself: {} of {} messages failed, most often: {}",
                           "остановлена автоматически: не отправлено {} из {}, чаще всего: "
                           "{}"})),
                failed, ended, base::without_contacts(why));
            const auto now = program_.clock().now();
            const auto moved = campaigns::pause({connection, audit_key_, std::string{actor}, now},
                                                campaign.name, reason);
            if (!moved) return "";  // somebody was faster
            const auto definition = definition_of(connection, *moved);
            connection.execute(
                db::queries::insert_task,
                {"paused", definition.owner.empty() ? moved->edited_by : definition.owner,
                 std::optional<std::int64_t>{}, campaign.id,
                 fmt::format("{} ({}): {}", definition.title, campaign.name, reason), now,
                 fmt::format("paused:{}:{}", campaign.id.value, base::to_millis(now))});
            return reason;
        });
    if (paused.empty()) return;
    program_.keep_checkpoint();
    std::cerr << "carillon: campaign '" << campaign.name << "' " << paused << '\n';
}

}  // namespace carillon::app

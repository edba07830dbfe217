// Pauses a campaign by itself when too many of its messages fail: a broken template, a closed
// account or a stale list is found out after a hundred messages, not after a million.
#pragma once

#include "app/program.h"

namespace carillon::app {

// Not thread-safe. Several processes may watch the same campaigns: one of them pauses.
class FailureWatch {
public:
    // Limits: settings launch.failing_percent (0: never pauses) and launch.failing_at_least.
    explicit FailureWatch(Program& program);

    // Looks at the campaigns that run, every few seconds at most. Counted is what failed or bounced
    // since the campaign was started or resumed, against all that were sent or failed since. The
    // reason stands with the campaign; its owner gets a task. Throws db::DbError.
    void turn();

private:
    struct Running;
    void look_at(const Running& campaign);
    void pause(const Running& campaign, std::int64_t failed, std::int64_t ended);

    Program& program_;
    std::int64_t percent_;
    std::int64_t at_least_;
    std::string audit_key_;
    std::optional<base::Steady> looked_at_;
};

}  // namespace carillon::app

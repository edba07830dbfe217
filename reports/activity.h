// When people opened and clicked, and which links; robots apart. Counted are messages by their
// first open and first click (by link: by the clicks on it), so that the sums are those of the
// report.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/local_date.h"
#include "db/database.h"

namespace carillon::reports {

enum class ActivityBy {
    hour,          // of the bank's zone, one after the other
    day,           // of the bank's zone
    weekday_hour,  // of the week, where each client lives: when is it read?
    link
};
std::optional<ActivityBy> activity_by(std::string_view name);
std::string_view name_of(ActivityBy by);

struct ActivityPoint {
    base::Instant at{};  // hour, day: when it begins
    int weekday{};       // weekday_hour: 1 Monday .. 7
    int hour{};          // 0 .. 23
    std::string link{};  // where it leads
    std::int64_t opens{};
    std::int64_t clicks{};
    std::int64_t opens_robots{};
    std::int64_t clicks_robots{};
};

struct Activity {
    ActivityBy by{};
    std::string zone{};  // the bank's
    // Those where nothing happened are left out. In the order of time; links by people's clicks,
    // the most first.
    std::vector<ActivityPoint> points{};
};

// `zone`: the bank's; clients of an unknown zone live there. Throws db::DbError.
Activity activity_of(db::Connection& connection, base::CampaignId campaign, ActivityBy by,
                     const base::TimeZone& zone);

// {"by", "zone", "points"}.
base::Json to_json(const Activity& activity);

}  // namespace carillon::reports

// A launch that can be taken back: asked for now, in force some seconds later. Until then the
// campaign stays approved, and nothing is planned or sent.
#pragma once

#include "campaigns/campaign_store.h"
#include "db/database.h"

namespace carillon::campaigns {

// Waits in the database, so that a restart neither forgets nor hurries it. `at`: by the real clock.
// Errors: campaign.unknown, campaign.wrong_state, approval.*, launch.waiting.
base::Result<StoredCampaign> launch(const Desk& desk, std::string_view name, base::Instant at);

// Errors: campaign.unknown, launch.none (too late, or nobody asked for one).
base::Result<StoredCampaign> take_back_launch(const Desk& desk, std::string_view name);

std::optional<base::Instant> launch_of(db::Connection& connection, base::CampaignId campaign);
// Whatever is done to a campaign meanwhile ends the wait.
void forget_launch(const Desk& desk, base::CampaignId campaign);

// Starts those whose time has come, each in its asker's name; answers how many. One that cannot
// start any more is forgotten, with an entry in the audit log. Throws db::DbError.
struct LaunchMoment {
    base::Instant real_now{};
    base::Instant now{};  // the program's own time, which campaigns are started at
};
int start_due_launches(db::Database& database, std::string_view audit_key,
                       const LaunchMoment& moment);

}  // namespace carillon::campaigns

// Campaigns as people at screens handle them: write, submit, approve, launch, watch.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

struct CampaignFilter {
    std::vector<std::string> states{};  // none: all
    std::string part{};                 // of name or title
};
Answer list_campaigns(Office& office, const Caller& caller, const PageQuery& query,
                      const CampaignFilter& filter);

// With its ETag under "etag"; the caller may send that as a header.
Answer get_campaign(Office& office, const Caller& caller, const std::string& name);
Answer put_campaign(Office& office, const Caller& caller, const std::string& name,
                    const base::Json& definition, const Edit& edit);
Answer duplicate_campaign(Office& office, const Caller& caller, const std::string& name,
                          const base::Json& copy);

// The moves of docs/states.md; each needs its own right and answers with the campaign's summary.
Answer submit_campaign(Office& office, const Caller& caller, const std::string& name);
Answer approve_campaign(Office& office, const Caller& caller, const std::string& name,
                        const std::string& hash);
Answer reject_campaign(Office& office, const Caller& caller, const std::string& name,
                       const std::string& comment);
// In force after "undo_seconds" of `how` (0: at once), or the time the office's settings give.
Answer start_campaign(Office& office, const Caller& caller, const std::string& name,
                      const base::Json& how);
// Errors: launch.none.
Answer undo_start(Office& office, const Caller& caller, const std::string& name);
Answer pause_campaign(Office& office, const Caller& caller, const std::string& name,
                      const std::string& reason);
Answer resume_campaign(Office& office, const Caller& caller, const std::string& name);
Answer cancel_campaign(Office& office, const Caller& caller, const std::string& name,
                       const std::string& reason);

// What was approved last beside what is asked for now: definitions, templates, segments, policies.
Answer approved_content(Office& office, const Caller& caller, const std::string& name);
// Another first day for a draft: {"date", "time"}. Errors: campaign.wrong_state, schedule.fixed.
Answer move_campaign(Office& office, const Caller& caller, const std::string& name,
                     const base::Json& to);

// Everything that must be right before a launch, one line a check.
Answer preflight_campaign(Office& office, const Caller& caller, const std::string& name);

// What happens to its messages now, and why some did not go.
Answer campaign_progress(Office& office, const Caller& caller, const std::string& name);
Answer campaign_failures(Office& office, const Caller& caller, const std::string& name);

// Slots of all campaigns that may still fire, with what collides. `from`, `to`: days, inclusive;
// "": today, and as long as is allowed.
Answer calendar(Office& office, const Caller& caller, const std::string& from,
                const std::string& to);
// Who would be written to twice on one day: pairs of campaigns on different segments, with how many
// clients are in both audiences, before consent, addresses and caps are looked at. Counted as long
// as the settings let a question about a segment take.
Answer calendar_overlaps(Office& office, const Caller& caller, const std::string& from,
                         const std::string& to);

}  // namespace carillon::desk

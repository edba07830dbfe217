// Whom a run is for, as fragments for db/queries/planning.sql: the segment and the schedule's own
// condition, who is left out and why, who is in the control group, which variant and which
// contract. The freeze, the forecast and the re-check at submission use the same fragments. No
// user's text becomes SQL.
#pragma once

#include <optional>
#include <vector>

#include "audience/segment_sql.h"
#include "campaigns/assignment.h"
#include "campaigns/bundle.h"
#include "db/compose.h"

namespace carillon::campaigns {

struct RunQuestion {
    const Bundle& bundle;
    base::CampaignId campaign{};
    base::LocalDate as_of{};
    base::RunId event_run{};  // of an event campaign: only clients of the events this run uses
    std::function<std::optional<std::int64_t>(std::string_view)> find_campaign{};
    std::size_t step{};  // from 0: whose routes are asked about
};

// Fragments `predicate`, `contract`, `control`, `variant`, and those of route_fragments() for the
// step, as if it were the client's first.
base::Result<std::vector<db::Fragment>> run_fragments(const RunQuestion& question);

// Fragment `predicate` for the re-check: still in the segment and in none of the excluded ones.
// Nothing when the campaign asks for no re-check.
base::Result<std::optional<db::Fragment>> recheck_fragment(const RunQuestion& question);

// Everybody a run would look at: in the segment, on that day also by the schedule's own condition,
// and in none of the excluded segments.
base::Result<audience::CompiledSegment> audience_of(const RunQuestion& question);

// A merge field that a template cannot do without in one of its languages, and how many clients of
// the audience who would be written to in that language have no value for it.
struct MissingField {
    std::string template_name{};
    std::string locale{};
    std::string field{};
    std::int64_t clients{};
};
// Only fields with missing values; fields of events are checked when an event comes.
base::Result<std::vector<MissingField>> missing_fields(
    db::Connection& connection, const RunQuestion& question,
    const std::map<std::string, templates::CompiledTemplate>& compiled);

// The draw of control group and variants of a campaign.
Assignment assignment_of_campaign(const Bundle& bundle, base::CampaignId campaign);

}  // namespace carillon::campaigns

// A campaign's measures as JSON, for machines: full digits, null with a reason where there is no
// number. Shape in docs/scoring.md.
#pragma once

#include "base/json.h"
#include "reports/breakdown.h"
#include "reports/campaign_report.h"

namespace carillon::reports {

base::Json to_json(const CampaignReport& report, const std::vector<Breakdown>& breakdowns);

}  // namespace carillon::reports

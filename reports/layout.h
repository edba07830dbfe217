// A campaign's measures as a document for people. Pure.
#pragma once

#include "reports/breakdown.h"
#include "reports/campaign_report.h"
#include "reports/document.h"
#include "reports/words.h"

namespace carillon::reports {

Document lay_out(const CampaignReport& report, const std::vector<Breakdown>& breakdowns,
                 const Words& words);

// Campaigns in the order given, which is that of their scores.
Document lay_out_comparison(const std::vector<CampaignReport>& reports, const Words& words);

}  // namespace carillon::reports

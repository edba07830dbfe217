// What a report needs to know of a campaign beside its facts: how it was designed, what was
// planned, what its channels cost.
#pragma once

#include <string>
#include <vector>

#include "app/program.h"
#include "reports/campaign_report.h"

namespace carillon::app {

// What the providers took and what it costs by their own settings, as it is paid: in parts, pages,
// letters.
struct Carried {
    std::string channel{};
    std::string provider{};
    std::int64_t messages{};
    std::int64_t units{};
    std::int64_t cost_minor{};
};

std::vector<Carried> carried_by_providers(Program& program, db::Connection& connection,
                                          base::CampaignId campaign);

campaigns::Definition definition_of(db::Connection& connection,
                                    const campaigns::StoredCampaign& campaign);
reports::Design design_of(Program& program, db::Connection& connection,
                          const campaigns::StoredCampaign& campaign);
// Facts, measured: the whole report. Throws db::DbError.
reports::CampaignReport report_of(Program& program, const campaigns::StoredCampaign& campaign,
                                  const reports::Design& design);

}  // namespace carillon::app

// What a report needs to know of a campaign beside its facts: how it was designed, what was
// planned, what its channels cost.
#pragma once

#include "app/program.h"
#include "desk/report_desk.h"
#include "reports/campaign_report.h"

namespace carillon::app {

campaigns::Definition definition_of(db::Connection& connection,
                                    const campaigns::StoredCampaign& campaign);
desk::CostBook cost_book(Program& program);
reports::Design design_of(Program& program, db::Connection& connection,
                          const campaigns::StoredCampaign& campaign);
// Facts, measured: the whole report. Throws db::DbError.
reports::CampaignReport report_of(Program& program, const campaigns::StoredCampaign& campaign,
                                  const reports::Design& design);

}  // namespace carillon::app

// Reports of campaigns for the HTTP API: the measures, and the clients behind a number.
#pragma once

#include "desk/office.h"
#include "reports/breakdown.h"
#include "reports/campaign_report.h"
#include "reports/plan_check.h"

namespace carillon::desk {

// Where what a channel costs is found, and in what it is counted.
struct CostBook {
    std::string data_folder{};  // channel settings name files in it
    std::string currency{};     // ISO 4217, the bank's
};

// What was planned, and what a unit of each channel costs: what the providers took of it, or by the
// settings that were approved.
reports::Design design_of(const CostBook& book, db::Connection& connection,
                          const campaigns::StoredCampaign& campaign);

// The same in two steps, for who has a second connection: what the providers took is counted over
// all messages.
reports::Design planned_design(const CostBook& book, db::Connection& connection,
                               const campaigns::StoredCampaign& campaign);
std::vector<reports::Carried> carried_by_providers(const CostBook& book, db::Connection& connection,
                                                   base::CampaignId campaign);
void set_carried(reports::Design& design, std::vector<reports::Carried> carried);

struct ReportQuestion {
    std::vector<std::string> by{};  // breakdowns
    std::string attribution{};      // last, first, linear; "": the campaign's own
};
struct MeasuredCampaign {
    reports::CampaignReport report{};
    std::vector<reports::Breakdown> breakdowns{};
    std::optional<reports::PlanComparison> plan{};  // where figures were planned
};
// Errors: campaign.unknown, report.breakdown, report.attribution.
tl::expected<MeasuredCampaign, base::Problems> measured_campaign(Office& office,
                                                                 const Caller& caller,
                                                                 const std::string& name,
                                                                 const ReportQuestion& question);
Answer campaign_report(Office& office, const Caller& caller, const std::string& name,
                       const ReportQuestion& question);

// Opens and clicks over time (`by`: hour, day, weekday_hour) or by link. Errors: campaign.unknown,
// report.activity.
Answer report_activity(Office& office, const Caller& caller, const std::string& name,
                       const std::string& by);

// `step`: of the funnel. Managers see clients of their branches only. Errors: report.step.
Answer report_clients(Office& office, const Caller& caller, const std::string& name,
                      const std::string& step, const PageQuery& query);

}  // namespace carillon::desk

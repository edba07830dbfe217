// A campaign's effect by a property of its clients: branch, manager, value class, ...
#pragma once

#include <functional>

#include "reports/campaign_report.h"

namespace carillon::reports {

struct Slice {
    std::string value{};  // "" for clients without one
    Count responded{};    // of the treated who were reached
    Count treated{};      // goal of the treated
    Count control{};
    Measured<Estimate> difference{lacking(Lack::no_control)};
};

struct Breakdown {
    std::string by{};
    std::vector<Slice> slices{};  // the largest first; beyond the 50th they are one: "*"
    bool withheld{};              // the control group is broken
};

// "branch", "manager", "value_class", "status", "industry", "household", "product" (of contracts: a
// client counts for each), "segment" (as the snapshots of the campaign's first day had them; a
// client counts for each), "attributes.<name>".
bool is_known_breakdown(std::string_view by);

Breakdown break_down(db::Connection& connection, const Facts& facts, const CampaignReport& report,
                     base::CampaignId campaign, const std::string& by);

// A step of the funnel whose clients can be listed.
const std::vector<std::string_view>& funnel_steps();

struct ListedClient {
    std::string external_id{};
    std::string name{};
    std::string group{};
    std::string channel{};
    std::string branch{};
    std::string manager{};
};
// The clients behind one number, in order of their ids. `step` is one of funnel_steps().
void list_clients(db::Connection& connection, const Facts& facts, const Design& design,
                  base::CampaignId campaign, std::string_view step,
                  const std::function<void(const ListedClient&)>& on_client);

}  // namespace carillon::reports

// A campaign as lists and answers show it.
#pragma once

#include "campaigns/campaign_store.h"
#include "desk/office.h"

namespace carillon::desk {

struct CampaignRow {
    base::CampaignId id{};
    std::string name{};
    campaigns::CampaignState state{};
    std::string reason{};
    std::string edited_by{};
    std::string submitted_by{};
    std::string approved_by{};
    std::optional<base::Instant> started_at{};
    base::Instant updated_at{};
    base::Json content{};
    int version{};
    std::string hash{};
    std::optional<base::Instant> takes_effect_at{};  // of a launch that can still be taken back
};

// Of the queries desk_campaign and desk_campaigns_after.
CampaignRow campaign_row(const db::Row& row);
std::optional<CampaignRow> find_campaign_row(db::Connection& connection, const std::string& name);
tl::unexpected<base::Problems> no_campaign(const std::string& name);

// CampaignSummary of docs/openapi.yaml.
base::Json summary_of(const CampaignRow& row);
base::Json summary_in(db::Connection& connection, const std::string& name);

}  // namespace carillon::desk

// A campaign that another system ran, taken over with everyone it treated or kept as a control
// group, so that a bank's earlier campaigns can be measured and compared like its new ones.
#pragma once

#include <map>

#include "audience/past_contact.h"
#include "campaigns/campaign_store.h"

namespace carillon::campaigns {

struct History {
    StoredCampaign campaign{};
    Definition definition{};
    base::Instant now{};
    std::map<std::string, std::int64_t> runs{};  // by wave, as they are met
};

// The campaign must be a draft, or past already: more of its history may follow. From here on it is
// past and never sends. Errors: campaign.unknown, campaign.wrong_state.
base::Result<History> begin_history(const Desk& desk, std::string_view name);

// Rows become messages as they were: control, or with a variant, channel, state and moment. The
// same client, wave, step and channel again replaces what was stored. Refused: a group that is no
// variant, a step or channel the definition lacks.
std::vector<std::string> store_history(db::Connection& connection, History& history,
                                       const std::vector<audience::PastContact>& rows);

// Marks all waves as frozen and settled.
void finish_history(const Desk& desk, const History& history, std::int64_t rows);

}  // namespace carillon::campaigns

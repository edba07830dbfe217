// What a person asks about one client: why is he not in it, what would he read.
#pragma once

#include <string>
#include <vector>

#include "audience/segment_evaluator.h"
#include "campaigns/campaign_store.h"

namespace carillon::app {

// The rules of the campaign's segment, each with whether the client meets it and what the client
// has.
std::vector<std::string> why_not_chosen(db::Connection& connection, std::int64_t client,
                                        std::string_view campaign, base::Instant now);

// One line a rule, indented by depth: "+ value_class is top (value_class standard)".
std::vector<std::string> lines_of(const std::vector<audience::Explanation>& explanations);

}  // namespace carillon::app

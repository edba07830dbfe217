#include "campaigns/state.h"

#include <algorithm>

namespace carillon::campaigns {

namespace {

base::Result<void> check_unchanged(std::string_view approved_hash, std::string_view current_hash) {
    if (approved_hash == current_hash) return {};
    return base::fail(
        "approval.changed",
        "The campaign was changed after it was shown for approval; look at it again.");
}

}  // namespace

std::optional<CampaignState> campaign_state_from(std::string_view name) {
    const auto found = std::ranges::find(campaign_states, name,
                                         [](CampaignState state) { return name_of(state); });
    if (found == campaign_states.end()) return std::nullopt;
    return *found;
}

base::Result<void> may_approve(std::string_view last_editor, std::string_view approver,
                               std::string_view approved_hash, std::string_view current_hash) {
    if (last_editor.empty() || approver.empty() || current_hash.empty())
        return base::fail("approval.nobody",
                          "An approval needs an editor, an approver and the content's hash.");
    if (last_editor == approver)
        return base::fail("approval.own_work",
                          "Whoever edited a campaign last cannot approve it; ask a colleague.");
    return check_unchanged(approved_hash, current_hash);
}

base::Result<void> may_start(std::string_view approved_hash, std::string_view current_hash) {
    if (approved_hash.empty())
        return base::fail("approval.missing", "The campaign has not been approved.");
    return check_unchanged(approved_hash, current_hash);
}

}  // namespace carillon::campaigns

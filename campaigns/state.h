// The life of a campaign and who may move it on. Drawn in docs/states.md; the picture and this file
// change together. "Finished" is not a state: it is derived from the messages of its runs.
#pragma once

#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace carillon::campaigns {

// past: took place in another system and was imported with its history; it never sends.
enum class CampaignState { draft, submitted, approved, running, paused, cancelled, past };

inline constexpr std::array campaign_states{CampaignState::draft,    CampaignState::submitted,
                                            CampaignState::approved, CampaignState::running,
                                            CampaignState::paused,   CampaignState::cancelled,
                                            CampaignState::past};

constexpr std::string_view name_of(CampaignState state) {
    switch (state) {  // no default: a new state must be decided here
        case CampaignState::draft: return "draft";
        case CampaignState::submitted: return "submitted";
        case CampaignState::approved: return "approved";
        case CampaignState::running: return "running";
        case CampaignState::paused: return "paused";
        case CampaignState::cancelled: return "cancelled";
        case CampaignState::past: return "past";
    }
    std::abort();
}

std::optional<CampaignState> campaign_state_from(std::string_view name);

// submitted -> draft: rejected or taken back. approved -> draft: edited, which voids the approval.
// A campaign that has sent anything is never edited: it is paused, resumed or cancelled, and its
// successor is a new draft.
constexpr bool may_become(CampaignState from, CampaignState to) {
    using enum CampaignState;
    switch (from) {
        case draft: return to == submitted || to == cancelled || to == past;
        case submitted: return to == approved || to == draft || to == cancelled;
        case approved: return to == running || to == draft || to == cancelled;
        case running: return to == paused || to == cancelled;
        case paused: return to == running || to == cancelled;
        case cancelled:
        case past: return false;
    }
    std::abort();
}

constexpr bool is_final(CampaignState state) {
    return state == CampaignState::cancelled || state == CampaignState::past;
}

// Only these may claim messages for sending.
constexpr bool may_send(CampaignState state) {
    return state == CampaignState::running;
}

// Only these may be edited; an edit leads to draft.
constexpr bool may_edit(CampaignState state) {
    using enum CampaignState;
    switch (state) {
        case draft:
        case submitted:
        case approved: return true;
        case running:
        case paused:
        case cancelled:
        case past: return false;
    }
    std::abort();
}

static_assert(!may_become(CampaignState::draft, CampaignState::approved));
static_assert(!may_become(CampaignState::draft, CampaignState::running));
static_assert(!may_become(CampaignState::submitted, CampaignState::running));
static_assert(!may_become(CampaignState::cancelled, CampaignState::running));
static_assert(!may_become(CampaignState::past, CampaignState::running));
static_assert(!may_become(CampaignState::running, CampaignState::draft));

// Four eyes: whoever edited last cannot approve, and an approval is of exactly the content that was
// shown. `approved_hash` is what the approver saw, `current_hash` what is stored now; both in the
// same transaction. Errors: approval.own_work, approval.changed, approval.nobody (a name is
// missing).
base::Result<void> may_approve(std::string_view last_editor, std::string_view approver,
                               std::string_view approved_hash, std::string_view current_hash);

// Whether an approval given for `approved_hash` still covers the content: any change voids it.
// Errors: approval.missing, approval.changed.
base::Result<void> may_start(std::string_view approved_hash, std::string_view current_hash);

}  // namespace carillon::campaigns

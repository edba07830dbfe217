// Campaigns in the database and what people may do with them. Every action checks the state, writes
// the audit log in the same transaction, and answers with what changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "campaigns/bundle.h"
#include "campaigns/state.h"
#include "db/audit.h"

namespace carillon::campaigns {

struct StoredCampaign {
    base::CampaignId id{};
    std::string name{};
    CampaignState state{};
    std::string state_reason{};
    base::DocumentId document{};
    std::string edited_by{};
    std::string submitted_by{};
    std::string approved_by{};
    std::string approved_hash{};
    std::optional<base::Instant> planned_to{};
    std::optional<base::Instant> started_at{};
};

std::optional<StoredCampaign> find_campaign(db::Connection& connection, std::string_view name);
std::optional<StoredCampaign> find_campaign(db::Connection& connection, base::CampaignId id);
// For rules that name another campaign. `connection` outlives the answer.
std::function<std::optional<std::int64_t>(std::string_view name)> campaign_finder(
    db::Connection& connection);
std::vector<StoredCampaign> list_campaigns(db::Connection& connection);

// Who acts, when, and with which key the audit log is chained. `connection` is in a transaction.
struct Desk {
    db::Connection& connection;
    std::string_view audit_key;
    std::string actor;
    base::Instant now;
};

// Applies a definition, segment, template, channel, policies or calendar file. A changed campaign
// becomes a draft; a campaign that runs is not edited (campaign.not_editable).
base::Result<db::Applied> apply(const Desk& desk, std::string_view kind, std::string_view name,
                                const base::Json& content);

// Checks everything and asks for approval. Errors: every mistake, with its place.
Parsed<StoredCampaign> submit(const Desk& desk, std::string_view name);
// Binds the exact versions. `seen_hash`: what the approver looked at; empty: what is stored now.
base::Result<StoredCampaign> approve(const Desk& desk, std::string_view name,
                                     std::string_view seen_hash);
// Whether it could be started at this moment: approved, and still what was approved.
base::Result<StoredCampaign> may_start_now(const Desk& desk, std::string_view name);
base::Result<StoredCampaign> start(const Desk& desk, std::string_view name);
base::Result<StoredCampaign> pause(const Desk& desk, std::string_view name,
                                   std::string_view reason);
base::Result<StoredCampaign> resume(const Desk& desk, std::string_view name);
// Also closes all messages that have not been submitted; their number is in the audit entry.
base::Result<StoredCampaign> cancel(const Desk& desk, std::string_view name,
                                    std::string_view reason);

// The bundle as it is written now, with all mistakes; what `submit` looks at.
Bundle current_bundle(db::Connection& connection, const StoredCampaign& campaign,
                      base::Problems& problems);
// What the last approval was of, also when the campaign has been edited since.
struct LastApproval {
    base::DocumentId document{};  // the campaign's own version
    std::string by{};
    std::string hash{};
    base::Instant at{};
};
std::optional<LastApproval> last_approval(db::Connection& connection, base::CampaignId campaign);
// The bundle the approval bound.
Bundle bound_bundle(db::Connection& connection, const StoredCampaign& campaign,
                    base::Problems& problems);
// Everything that must be right before a launch: parts present, segments and templates compile.
void preflight(db::Connection& connection, const Bundle& bundle, base::Problems& problems);

}  // namespace carillon::campaigns

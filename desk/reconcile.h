// Recounts from the rows and proves the invariants of docs/architecture.md that rows can prove.
// For the command line and the API alike; reads only.
#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "base/json.h"
#include "db/audit.h"
#include "db/database.h"

namespace carillon::desk {

struct AuditKeeper {
    std::string key{};
    std::optional<db::AuditHead> checkpoint{};  // kept outside the database
};

// {"clean": true, "findings": [{"invariant", "what", "ok", "violations": [...]}]}; at most twenty
// violations of each. `only`: of one campaign; {} all. Takes as long as the rows are many.
base::Json reconciled(db::Connection& connection, base::CampaignId only, const AuditKeeper& audit);

}  // namespace carillon::desk

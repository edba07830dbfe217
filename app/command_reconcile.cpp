// reconcile: recounts from the rows and proves the invariants of docs/architecture.md that rows can
// prove.
#include <fmt/format.h>

#include "app/commands.h"
#include "desk/reconcile.h"

namespace carillon::app {

namespace {

std::string first_of(const base::Json::Array& violations) {
    if (violations.empty()) return {};
    const auto& first = *violations.front().text();
    return violations.size() == 1 ? first
                                  : fmt::format("{} and {} more", first, violations.size() - 1);
}

}  // namespace

ExitCode reconcile(Program& program, const Output& output, const NameArgs& args) {
    auto lease = program.migrated_database().read();
    base::CampaignId only;
    if (!args.name.empty()) {
        const auto campaign = campaigns::find_campaign(*lease, args.name);
        if (!campaign)
            return output.refuse({"campaign.unknown", "there is no campaign '" + args.name + "'"});
        only = campaign->id;
    }
    const auto json = desk::reconciled(*lease, only, {program.audit_key(), program.checkpoint()});
    std::vector<std::vector<std::string>> rows;
    for (const auto& finding : *json.find("findings")->array())
        rows.push_back({*finding.find("ok")->boolean() ? "ok" : "VIOLATED",
                        *finding.find("invariant")->text(), *finding.find("what")->text(),
                        first_of(*finding.find("violations")->array())});
    output.table({"", "invariant", "what", "found"}, rows);
    output.result(json);
    return *json.find("clean")->boolean() ? ExitCode::done : ExitCode::failed;
}

}  // namespace carillon::app

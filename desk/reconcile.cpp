#include "desk/reconcile.h"

#include <fmt/format.h>

#include "campaigns/bundle.h"
#include "campaigns/campaign_store.h"
#include "db/queries.h"

namespace carillon::desk {

namespace {

struct Finding {
    std::string invariant{};
    std::string what{};
    std::vector<std::string> violations{};
};

class Reconciler {
public:
    Reconciler(db::Connection& connection, base::CampaignId only, const AuditKeeper& keeper)
        : keeper_(keeper), connection_(connection), only_(only) {}

    std::vector<Finding> findings() {
        rows("I1", "every frozen run has a row for each client it matched",
             db::queries::runs_not_adding_up, [](const db::Row& row) {
                 return fmt::format("run {} ({}): matched {}, rows {}", row.get<std::int64_t>(0),
                                    row.text(1), row.get<std::int64_t>(2),
                                    row.get<std::int64_t>(3));
             });
        zero("I2", "nothing was accepted that was not submitted first",
             db::queries::accepted_without_submission);
        zero("I2", "only classes that allow it were sent once more",
             db::queries::resent_against_policy);
        rows("I5", "nobody in a control group got anything", db::queries::control_that_was_sent,
             [](const db::Row& row) {
                 return fmt::format("client {} of campaign {}", row.get<std::int64_t>(0),
                                    row.get<std::int64_t>(1));
             });
        rows("I6", "runs marked as settled have no open row", db::queries::settled_runs_with_open,
             [](const db::Row& row) {
                 return fmt::format("run {} ({}): {} open", row.get<std::int64_t>(0), row.text(1),
                                    row.get<std::int64_t>(2));
             });
        zero("I7", "whatever was submitted has its content kept",
             db::queries::submitted_without_content);
        owned();
        preferred();
        caps();
        audit();
        return std::move(findings_);
    }

private:
    template <class Say>
    void rows(std::string invariant, std::string what, const db::Query& query, Say&& say) {
        Finding finding{std::move(invariant), std::move(what), {}};
        connection_.select(query, {only_ ? 1 : 0, only_}, [&](const db::Row& row) {
            if (finding.violations.size() < 20) finding.violations.push_back(say(row));
        });
        findings_.push_back(std::move(finding));
    }

    void zero(std::string invariant, std::string what, const db::Query& query) {
        Finding finding{std::move(invariant), std::move(what), {}};
        const auto count =
            connection_.value<std::int64_t>(query, {only_ ? 1 : 0, only_}).value_or(0);
        if (count > 0) finding.violations.push_back(fmt::format("{} messages", count));
        findings_.push_back(std::move(finding));
    }

    void owned() {
        Finding finding{"I1", "no message is in the hands of a process that ended", {}};
        const auto count =
            connection_.value<std::int64_t>(db::queries::owned_by_nobody).value_or(0);
        if (count > 0) finding.violations.push_back(fmt::format("{} messages", count));
        findings_.push_back(std::move(finding));
    }

    void preferred() {
        Finding finding{"I4", "the contact in use is the best one of its channel", {}};
        const auto count =
            connection_.value<std::int64_t>(db::queries::contacts_not_preferred).value_or(0);
        if (count > 0) finding.violations.push_back(fmt::format("{} contacts", count));
        findings_.push_back(std::move(finding));
    }

    // Calendar windows of every class, by the policies in force now, and a slot behind every
    // submitted message.
    void caps() {
        Finding over{"I4", "no client was contacted over a cap", {}};
        Finding slots{"I4", "every submitted message of a capped class took its slot", {}};
        const auto document =
            db::find_document(connection_, campaigns::policies_kind, campaigns::policies_name);
        const auto json =
            document ? base::Json::parse(document->content) : base::fail("none", "none");
        const auto policies =
            json ? campaigns::parse_policies(*json) : campaigns::Parsed<campaigns::Policies>{};
        if (!policies) return;
        for (const auto purpose : base::purposes) check_class(over, *policies, purpose);
        for (const auto& campaign : campaigns::list_campaigns(connection_))
            if (campaign.state != campaigns::CampaignState::past)  // sent under another's caps
                check_slots(slots, *policies, campaign);
        findings_.push_back(std::move(over));
        findings_.push_back(std::move(slots));
    }

    void check_class(Finding& over, const campaigns::Policies& policies, base::Purpose purpose) {
        const auto ledger_class = std::string{name_of(purpose)} + ":message";
        for (const auto& cap : policies.of(purpose).caps.of(campaigns::ContactClass::message)) {
            if (cap.window == campaigns::CapWindow::rolling) continue;
            const auto& query =
                cap.window == campaigns::CapWindow::day    ? db::queries::ledger_days_over
                : cap.window == campaigns::CapWindow::week ? db::queries::ledger_weeks_over
                                                           : db::queries::ledger_months_over;
            connection_.select(query, {ledger_class, cap.count}, [&](const db::Row& row) {
                if (over.violations.size() < 20)
                    over.violations.push_back(fmt::format(
                        "client {}: {} contacts of {} in {}, allowed {}", row.get<std::int64_t>(0),
                        row.get<std::int64_t>(2), ledger_class, row.text(1), cap.count));
            });
        }
    }

    void check_slots(Finding& slots, const campaigns::Policies& policies,
                     const campaigns::StoredCampaign& campaign) {
        if (only_ && campaign.id != only_) return;
        const auto document = db::find_document(connection_, campaign.document);
        const auto definition = campaigns::parse_definition(document->content, campaign.name);
        if (!definition) return;
        const auto* caps = policies.caps_of(definition->purpose, definition->cap_class);
        if (caps == nullptr) return;
        std::int64_t count = 0;
        for (const auto channel : base::channel_kinds)
            if (!caps->of(campaigns::contact_class_of(channel)).empty())
                count += connection_
                             .value<std::int64_t>(db::queries::sent_without_slot,
                                                  {campaign.id, name_of(channel)})
                             .value_or(0);
        if (count > 0)
            slots.violations.push_back(
                fmt::format("campaign {}: {} messages", campaign.name, count));
    }

    void audit() {
        const auto verdict = db::verify_audit(connection_, keeper_.key, keeper_.checkpoint);
        findings_.push_back({"I9", "the audit chain holds", verdict.problems});
    }

    const AuditKeeper& keeper_;
    db::Connection& connection_;
    base::CampaignId only_;
    std::vector<Finding> findings_;
};

}  // namespace

base::Json reconciled(db::Connection& connection, base::CampaignId only, const AuditKeeper& audit) {
    bool clean = true;
    base::Json::Array list;
    for (const auto& finding : Reconciler{connection, only, audit}.findings()) {
        const bool good = finding.violations.empty();
        clean = clean && good;
        list.push_back(base::Json::Object{
            {"invariant", finding.invariant},
            {"what", finding.what},
            {"ok", good},
            {"violations",
             base::Json::Array{finding.violations.begin(), finding.violations.end()}}});
    }
    return base::Json::Object{{"clean", clean}, {"findings", std::move(list)}};
}

}  // namespace carillon::desk

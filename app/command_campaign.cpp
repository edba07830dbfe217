// campaign list, show and the actions of its life.
#include "app/commands.h"
#include "app/rehearsal.h"
#include "base/local_date.h"
#include "campaigns/audience_sql.h"

namespace carillon::app {

namespace {

base::Json summary(const campaigns::StoredCampaign& campaign) {
    base::Json json{base::Json::Object{}};
    json.set("name", campaign.name);
    json.set("state", name_of(campaign.state));
    json.set("reason", campaign.state_reason);
    json.set("edited_by", campaign.edited_by);
    json.set("submitted_by", campaign.submitted_by);
    json.set("approved_by", campaign.approved_by);
    json.set("approved_hash", campaign.approved_hash);
    return json;
}

void show_bundle(const Output& output, const campaigns::Bundle& bundle, base::Json& json) {
    std::vector<std::vector<std::string>> rows;
    base::Json::Array parts;
    for (const auto* document : bundle.documents()) {
        rows.push_back({document->kind, document->name, std::to_string(document->version),
                        document->hash.substr(0, 12)});
        base::Json one{base::Json::Object{}};
        one.set("kind", document->kind);
        one.set("name", document->name);
        one.set("version", document->version);
        one.set("hash", document->hash);
        parts.push_back(std::move(one));
    }
    output.table({"part", "name", "version", "hash"}, rows);
    json.set("parts", std::move(parts));
}

}  // namespace

ExitCode list_campaigns(Program& program, const Output& output) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& campaign : campaigns::list_campaigns(*lease)) {
        rows.push_back({campaign.name, std::string{name_of(campaign.state)}, campaign.edited_by,
                        campaign.approved_by, campaign.state_reason});
        list.push_back(summary(campaign));
    }
    output.table({"name", "state", "edited by", "approved by", "reason"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode show_campaign(Program& program, const Output& output, const NameArgs& args) {
    auto lease = program.migrated_database().read();
    const auto campaign = campaigns::find_campaign(*lease, args.name);
    if (!campaign)
        return output.refuse({"campaign.unknown", "there is no campaign '" + args.name + "'"});
    base::Problems problems;
    const bool editable = campaigns::may_edit(campaign->state);
    const auto bundle = editable ? campaigns::current_bundle(*lease, *campaign, problems)
                                 : campaigns::bound_bundle(*lease, *campaign, problems);
    if (problems.empty()) campaigns::preflight(*lease, bundle, problems);
    auto json = summary(*campaign);
    json.set("definition", campaigns::to_json(bundle.definition));
    json.set("hash", bundle.hash());
    output.line(campaign->name + " is " + std::string{name_of(campaign->state)} +
                (campaign->state_reason.empty() ? "" : " (" + campaign->state_reason + ")"));
    output.line("edited by " + campaign->edited_by +
                (campaign->approved_by.empty() ? "" : ", approved by " + campaign->approved_by));
    output.line("content hash " + bundle.hash() +
                (campaign->approved_hash.empty()            ? ""
                 : campaign->approved_hash == bundle.hash() ? " (approved)"
                                                            : " (NOT what was approved)"));
    output.line(campaigns::to_json(bundle.definition).dump(2));
    show_bundle(output, bundle, json);
    base::Json::Array mistakes;
    for (const auto& problem : problems) {
        output.line("mistake: " + problem.text());
        mistakes.emplace_back(problem.text());
    }
    json.set("mistakes", std::move(mistakes));
    output.result(json);
    return ExitCode::done;
}

ExitCode act_on_campaign(Program& program, const Output& output, std::string_view action,
                         const NameArgs& args) {
    base::Problems problems;
    if (action == "submit") {
        const scheduler::Composer composer{program.instance_secret(),
                                           program.config().text("public.url")};
        const desk::OfficeSettings settings{
            .launch_sample = program.config().integer("launch.sample"),
            .unmakeable_percent =
                static_cast<int>(program.config().integer("launch.unmakeable_percent"))};
        auto tried = desk::try_out(program.workshop(composer), *program.migrated_database().read(),
                                   args.name, settings, program.clock().now());
        print_rehearsal(output, tried.rehearsed);
        problems = std::move(tried.problems);
    }
    if (!problems.empty()) return output.refuse(problems);
    const auto campaign =
        program.act([&](const campaigns::Desk& desk) -> std::optional<campaigns::StoredCampaign> {
            problems.clear();
            const auto take = [&](base::Result<campaigns::StoredCampaign> result)
                -> std::optional<campaigns::StoredCampaign> {
                if (result) return *result;
                problems.push_back(result.error());
                return std::nullopt;
            };
            if (action == "approve") return take(campaigns::approve(desk, args.name, args.hash));
            if (action == "start") return take(campaigns::start(desk, args.name));
            if (action == "pause") return take(campaigns::pause(desk, args.name, args.reason));
            if (action == "resume") return take(campaigns::resume(desk, args.name));
            if (action == "cancel") return take(campaigns::cancel(desk, args.name, args.reason));
            auto submitted = campaigns::submit(desk, args.name);
            if (submitted) return *submitted;
            problems = submitted.error();
            return std::nullopt;
        });
    if (!campaign) return output.refuse(problems);
    output.line("campaign " + campaign->name + " is " + std::string{name_of(campaign->state)});
    output.result(summary(*campaign));
    return ExitCode::done;
}

}  // namespace carillon::app

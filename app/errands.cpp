#include "app/errands.h"

#include "app/duties.h"
#include "app/mail_intake.h"
#include "base/local_date.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

constexpr std::chrono::seconds patience{1};

std::vector<std::string> campaigns_with_plans(db::Connection& connection) {
    return connection.list<std::string>(db::queries::plan_campaigns, {},
                                        [](const db::Row& row) { return row.get<std::string>(0); });
}

}  // namespace

desk::Answer snapshot_taken(Program& program, const std::optional<base::LocalDate>& day) {
    const auto of = day.value_or(bank_day(program).today);
    const auto taken = snapshot_of(program, of);
    if (!taken) return desk::refuse(taken.error().code, taken.error().detail, "$.day");
    base::Json::Array skipped;
    for (const auto& problem : taken->skipped) skipped.push_back(problem.text());
    return base::Json::Object{{"day", base::to_text(of)},
                              {"new", taken->is_new},
                              {"clients", taken->clients},
                              {"segments", taken->segments},
                              {"left_out", std::move(skipped)}};
}

desk::Answer plans_checked(Program& program, const std::string& name) {
    auto& database = program.migrated_database();
    base::Json::Array list;
    for (const auto& one :
         name.empty() ? campaigns_with_plans(*database.read()) : std::vector<std::string>{name}) {
        const auto campaign = campaigns::find_campaign(*database.read(), one);
        if (!campaign)
            return desk::refuse("campaign.unknown", "there is no campaign '" + one + "'");
        const auto checked = check_plan(program, *campaign);
        if (!checked && !name.empty())
            return desk::refuse("plan.missing", "'" + one + "' has no figure in its plan", "NAME");
        if (checked) list.push_back(json_of(*checked));
    }
    base::Json json{base::Json::Object{{"campaigns", std::move(list)}}};
    if (name.empty()) json.set("client_tasks", judge_client_figures(program));
    return json;
}

desk::Answer mail_polled(Program& program, const std::string& account) {
    program.migrated_database();
    auto intake = open_mail_intake(program);
    if (!intake) return desk::refuse(intake.error());
    responses::MailCounts all;
    bool found = false;
    for (const auto& one : intake->accounts) {
        if (!account.empty() && one.name != account) continue;
        found = true;
        const auto counts = fetch_mail(*intake->inbox, one);
        if (!counts)
            return desk::refuse(counts.error().code, one.name + ": " + counts.error().text());
        all.taken += counts->taken;
        all.repeated += counts->repeated;
        all.unmatched += counts->unmatched;
    }
    if (!found)
        return desk::refuse("inbound.no_account",
                            "no e-mail channel has an \"inbox\" in its settings");
    intake->inbox->apply_waiting();
    return base::Json::Object{
        {"taken", all.taken}, {"unmatched", all.unmatched}, {"repeated", all.repeated}};
}

base::Result<std::string> probe_apart(Program& program, const db::Document& channel) {
    auto opened = program.open_apart(channel, [](const auto&) {});
    if (!opened) return base::fail(opened.error());
    auto probed = opened->channel->probe();
    opened->channel->stop(patience);
    return probed;
}

desk::Errands errands_of(Program& program) {
    const auto probe = [&program](const db::Document& channel) {
        return probe_apart(program, channel);
    };
    return {
        .settings = [&program] { return program.config().to_json(); },
        .doctor = [&program, probe] { return doctor_findings(program, probe); },
        .probe = probe,
        .checkpoint = [&program] { return program.checkpoint(); },
        .snapshot =
            [&program](const std::optional<base::LocalDate>& day) {
                return snapshot_taken(program, day);
            },
        .check_plans = [&program](const std::string& name) { return plans_checked(program, name); },
        .retain = [&program] { return retain_now(program); },
        .poll_mail =
            [&program](const std::string& account) { return mail_polled(program, account); }};
}

}  // namespace carillon::app

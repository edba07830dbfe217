#include "app/duties.h"

#include <iostream>
#include <set>

#include "app/report_design.h"
#include "campaigns/calendar.h"
#include "campaigns/launch.h"
#include "db/queries.h"
#include "desk/privacy_desk.h"
#include "reports/layout.h"
#include "reports/profitability.h"

namespace carillon::app {

namespace {

constexpr int figures_at_once = 500;

campaigns::Policies policies_in_force(db::Connection& connection) {
    const auto document =
        db::find_document(connection, campaigns::policies_kind, campaigns::policies_name);
    if (!document) return campaigns::default_policies();
    const auto json = base::Json::parse(document->content, document->name);
    auto parsed = json ? campaigns::parse_policies(*json) : campaigns::default_policies();
    return parsed ? std::move(*parsed) : campaigns::default_policies();
}

std::set<std::string> told_figures(db::Connection& connection, base::CampaignId campaign) {
    std::set<std::string> told;
    connection.select(db::queries::plan_figures_told, {campaign},
                      [&](const db::Row& row) { told.emplace(row.text(0)); });
    return told;
}

std::string joined(const std::set<std::string>& figures) {
    std::string text;
    for (const auto& figure : figures) text += (text.empty() ? "" : "+") + figure;
    return text;
}

struct Compared {
    reports::Design design{};
    reports::PlanComparison comparison{};
    std::string owner{};
};

std::optional<Compared> compare(Program& program, const campaigns::StoredCampaign& campaign) {
    Compared compared;
    campaigns::Definition definition;
    {
        const auto lease = program.migrated_database().read();
        definition = definition_of(*lease, campaign);
        if (!definition.plan.has_figures()) return std::nullopt;
        compared.design = design_of(program, *lease, campaign);
        compared.owner = definition.owner.empty() ? campaign.edited_by : definition.owner;
    }
    const auto moment = plan_moment(program, definition);
    const std::chrono::milliseconds window{compared.design.conversion.window};
    const auto facts =
        reports::load_facts(program.migrated_database(),
                            {campaign.id, compared.design.conversion.event, window.count()});
    compared.comparison =
        reports::compare_plan(facts, reports::measure(facts, compared.design), moment);
    return compared;
}

std::vector<reports::ClientFigure> figures_to_judge(db::Connection& connection,
                                                    std::vector<bool>& told) {
    return connection.list<reports::ClientFigure>(db::queries::figures_to_judge, {figures_at_once},
                                                  [&](const db::Row& row) {
                                                      reports::ClientFigure figure;
                                                      figure.period = row.text(0);
                                                      figure.metric = row.text(1);
                                                      figure.detail = row.text(2);
                                                      figure.currency = row.text(3);
                                                      figure.client = row.integer(4);
                                                      figure.external_id = row.text(5);
                                                      figure.manager = row.text(6);
                                                      figure.planned = row.integer(7);
                                                      figure.fact = row.integer(8);
                                                      figure.limit_parts = row.get<int>(9);
                                                      told.push_back(row.integer(10) != 0);
                                                      return figure;
                                                  });
}

}  // namespace

BankDay bank_day(Program& program) {
    const auto policies = policies_in_force(*program.migrated_database().read());
    BankDay day;
    day.zone = base::TimeZone::find(policies.bank_zone).value_or(base::TimeZone::utc());
    const auto now = program.clock().now();
    day.today = day.zone.date_at(now);
    day.time = day.zone.time_at(now);
    day.leap_days = policies.leap_day;
    return day;
}

reports::Words words_of(Program& program) {
    return reports::Words{
        reports::language_from(program.config().text("reports.language")).value()};
}

reports::PlanMoment plan_moment(Program& program, const campaigns::Definition& definition) {
    reports::PlanMoment moment{program.clock().now(), {}, {}};
    if (!definition.ends) return moment;
    const auto zone = bank_day(program).zone;
    const auto day = [&](const base::LocalDate& date) {
        return zone.instant_of(date, base::TimeOfDay{0});
    };
    moment.ends = day(base::add_days(*definition.ends, 1));
    if (const auto* calendar = std::get_if<campaigns::Recurring>(&definition.schedule.when))
        for (const auto& slot :
             campaigns::slots_between(definition.schedule, zone, day(calendar->start), *moment.ends,
                                      {.starts = definition.starts, .ends = definition.ends}))
            moment.slots.push_back(slot.at);
    return moment;
}

reports::Document campaign_document(Program& program, db::Connection& connection,
                                    const campaigns::StoredCampaign& campaign,
                                    const std::vector<std::string>& breakdowns,
                                    const reports::Words& words) {
    const auto design = design_of(program, connection, campaign);
    const std::chrono::milliseconds window{design.conversion.window};
    const auto facts = reports::load_facts(program.migrated_database(),
                                           {campaign.id, design.conversion.event, window.count()});
    const auto report = reports::measure(facts, design);
    std::vector<reports::Breakdown> slices;
    for (const auto& by : breakdowns)
        slices.push_back(reports::break_down(connection, facts, report, campaign.id, by));
    auto document = reports::lay_out(report, slices, words);
    if (design.plan.has_figures())
        document.sections.insert(
            document.sections.begin() + 1,
            reports::plan_section(
                reports::compare_plan(facts, report,
                                      plan_moment(program, definition_of(connection, campaign))),
                words));
    return document;
}

std::optional<CheckedPlan> check_plan(Program& program, const campaigns::StoredCampaign& campaign) {
    auto compared = compare(program, campaign);
    if (!compared) return std::nullopt;
    const auto day = base::to_text(bank_day(program).today);
    const auto words = words_of(program);
    CheckedPlan checked{campaign.name, compared->owner, compared->comparison, {}};
    db::in_transaction(program.migrated_database(), [&](db::Connection& connection) {
        const auto told = told_figures(connection, campaign.id);
        std::set<std::string> news;
        for (const auto& figure : compared->comparison.figures)
            if (figure.is_beyond && !told.contains(figure.figure)) news.insert(figure.figure);
        for (const auto& figure : compared->comparison.figures)
            connection.execute(db::queries::store_plan_check,
                               {campaign.id, figure.figure, day, figure.planned, figure.expected,
                                figure.fact, news.contains(figure.figure)});
        checked.task.clear();
        if (news.empty()) return;
        checked.task =
            reports::plan_task_words(compared->design, compared->comparison, news, words);
        connection.execute(db::queries::insert_task,
                           {"plan", compared->owner, std::optional<std::int64_t>{}, campaign.id,
                            checked.task, program.clock().now(),
                            "plan:" + std::to_string(campaign.id.value) + ":" + joined(news)});
    });
    return checked;
}

std::int64_t judge_client_figures(Program& program) {
    const auto words = words_of(program);
    std::int64_t made = 0;
    while (true) {
        const auto judged = db::in_transaction(
            program.migrated_database(), [&](db::Connection& connection) -> std::int64_t {
                std::vector<bool> told;
                const auto figures = figures_to_judge(connection, told);
                const auto now = program.clock().now();
                std::int64_t tasks = 0;
                for (std::size_t i = 0; i < figures.size(); ++i) {
                    const auto& figure = figures[i];
                    const bool tells = figure.is_beyond() && !told[i];
                    connection.execute(
                        db::queries::mark_figure,
                        {tells ? db::Value{now} : db::Value{}, figure.period, figure.metric,
                         figure.detail, figure.currency, figure.client});
                    if (!tells) continue;
                    tasks += connection.execute(
                        db::queries::insert_task,
                        {"profit", figure.manager, figure.client, std::optional<std::int64_t>{},
                         reports::figure_task_words(figure, words), now,
                         "profit:" + std::to_string(figure.client) + ":" + figure.period + ":" +
                             figure.metric + ":" + figure.detail + ":" + figure.currency});
                }
                made += tasks;
                return static_cast<std::int64_t>(figures.size());
            });
        if (judged < figures_at_once) return made;
    }
}

base::Result<audience::SnapshotSummary> snapshot_of(Program& program, const base::LocalDate& day) {
    const auto bank = bank_day(program);
    audience::SnapshotSettings settings;
    settings.day = day;
    settings.today = bank.today;
    settings.leap_days = bank.leap_days;
    settings.currency = program.config().text("bank.currency");
    settings.source_attribute = program.config().text("reports.source_attribute");
    auto& database = program.migrated_database();
    settings.find_campaign = [&database](std::string_view name) -> std::optional<std::int64_t> {
        const auto campaign = campaigns::find_campaign(*database.read(), name);
        return campaign ? std::optional{campaign->id.value} : std::nullopt;
    };
    return audience::take_snapshot(database, program.clock(), settings);
}

base::Json retain_now(Program& program) {
    const auto months = [&](const char* key) {
        return std::chrono::months{program.config().integer(key)};
    };
    return desk::retain(program.migrated_database(),
                        {months("retention.raw_months"), months("retention.clicks_months"),
                         months("retention.contents_months"), months("retention.calls_months")},
                        program.clock().now());
}

void start_due_launches(Program& program) {
    const auto started =
        campaigns::start_due_launches(program.migrated_database(), program.audit_key(),
                                      {program.real_clock().now(), program.clock().now()});
    if (started > 0) program.keep_checkpoint();
}

void DailyDuties::check_plans() {
    auto& database = program_.migrated_database();
    const auto day = base::to_text(bank_day(program_).today);
    const auto names = database.read()->list<std::string>(
        db::queries::plan_campaigns, {},
        [](const db::Row& row) { return row.get<std::string>(0); });
    for (const auto& name : names) {
        const auto campaign = campaigns::find_campaign(*database.read(), name);
        const bool is_done =
            !campaign ||
            database.read()
                    ->value<std::int64_t>(db::queries::plan_checked_on, {campaign->id, day})
                    .value_or(0) > 0;
        if (!is_done) check_plan(program_, *campaign);
    }
}

void DailyDuties::turn() {
    const auto bank = bank_day(program_);
    const auto day = base::to_text(bank.today);
    if (done_on_ == day) return;
    if (bank.time < std::chrono::hours{program_.config().integer("reports.daily_hour")}) return;
    check_plans();
    judge_client_figures(program_);
    retain_now(program_);
    if (takes_snapshots_ && program_.config().text("reports.snapshots") == "yes") {
        const auto taken = snapshot_of(program_, bank.today);
        if (!taken) std::cerr << "carillon: snapshot: " << taken.error().text() << '\n';
    }
    done_on_ = day;
}

base::Json json_of(const CheckedPlan& plan) {
    auto json = reports::to_json(plan.comparison);
    json.set("campaign", plan.campaign);
    json.set("manager", plan.manager);
    json.set("task", plan.task);
    return json;
}

}  // namespace carillon::app

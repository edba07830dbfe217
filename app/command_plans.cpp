// tasks: what managers are asked to do. plan check: plans against facts, of campaigns and clients.
#include <iostream>

#include "app/commands.h"
#include "app/duties.h"
#include "app/report_output.h"
#include "base/local_date.h"
#include "db/queries.h"
#include "reports/profitability.h"

namespace carillon::app {

namespace {

base::Result<void> set_time(Program& program, const std::string& now) {
    if (now.empty()) return {};
    const auto instant = base::parse_instant(now);
    if (!instant) return base::fail("time.invalid", instant.error().detail, "--now");
    program.simulate_time(*instant);
    return {};
}

struct Task {
    std::int64_t id{};
    std::string kind{}, manager{}, client{}, campaign{}, text{};
    base::Instant created_at{};
    std::optional<base::Instant> done_at{};
};

std::vector<Task> tasks(db::Connection& connection, const TaskArgs& args) {
    return connection.list<Task>(db::queries::list_tasks,
                                 {args.all, args.manager, args.manager, args.limit},
                                 [](const db::Row& row) {
                                     Task task{row.integer(0),
                                               row.get<std::string>(1),
                                               row.get<std::string>(2),
                                               row.get<std::string>(3),
                                               row.get<std::string>(4),
                                               row.get<std::string>(5),
                                               row.get<base::Instant>(6),
                                               {}};
                                     if (row.integer(7) != 0)
                                         task.done_at = row.get<base::Instant>(7);
                                     return task;
                                 });
}

base::Json json_of(const Task& task) {
    base::Json json{base::Json::Object{}};
    json.set("id", task.id);
    json.set("kind", task.kind);
    json.set("manager", task.manager);
    json.set("client", task.client);
    json.set("campaign", task.campaign);
    json.set("text", task.text);
    json.set("created_at", base::to_text(task.created_at));
    if (task.done_at) json.set("done_at", base::to_text(*task.done_at));
    return json;
}

void print(const Output& output, const CheckedPlan& plan, const reports::Words& words) {
    output.line(plan.campaign);
    for (const auto& figure : plan.comparison.figures)
        output.line("  " + reports::deviation_words(figure, words) +
                    (figure.is_beyond ? "  !" : ""));
    if (!plan.task.empty()) output.line("  -> " + plan.manager + ": " + plan.task);
}

bool is_month(const std::string& text) {
    return text.size() == 7 && base::parse_date(text + "-01").has_value();
}

}  // namespace

ExitCode list_tasks(Program& program, const Output& output, const TaskArgs& args) {
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& task : tasks(*program.migrated_database().read(), args)) {
        rows.push_back({std::to_string(task.id), task.kind, task.manager, task.client,
                        task.campaign, base::to_text(task.created_at).substr(0, 10),
                        task.done_at ? base::to_text(*task.done_at).substr(0, 10) : "open",
                        task.text});
        list.push_back(json_of(task));
    }
    output.table({"task", "kind", "manager", "client", "campaign", "made", "done", "what"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode list_report_mails(Program& program, const Output& output, const TaskArgs& args) {
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    program.migrated_database().read()->select(
        db::queries::report_mails_listed, {args.limit}, [&](const db::Row& row) {
            const auto text = [&](int column) { return row.get<std::string>(column); };
            rows.push_back(
                {text(0), text(1), text(2), text(3), std::to_string(row.integer(4)), text(5)});
            list.push_back(base::Json::Object{{"report", text(0)},
                                              {"slot", text(1)},
                                              {"to", text(2)},
                                              {"state", text(3)},
                                              {"attempts", row.integer(4)},
                                              {"detail", text(5)}});
        });
    output.table({"report", "slot", "to", "state", "attempts", "detail"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode finish_task(Program& program, const Output& output, const TaskArgs& args) {
    const auto done =
        db::in_transaction(program.migrated_database(), [&](db::Connection& connection) {
            return connection.execute(db::queries::finish_task, {program.clock().now(), args.id});
        });
    const auto id = std::to_string(args.id);
    if (done == 0) {
        const auto known = program.migrated_database().read()->value<std::int64_t>(
            db::queries::task_is_open, {args.id});
        if (!known) return output.refuse({"task.unknown", "there is no task " + id, "ID"});
        output.line("task " + id + " was done already");
    } else {
        output.line("task " + id + " is done");
    }
    base::Json json{base::Json::Object{}};
    json.set("id", args.id);
    json.set("changed", done > 0);
    output.result(json);
    return ExitCode::done;
}

ExitCode check_plans(Program& program, const Output& output, const PlanArgs& args) {
    if (const auto set = set_time(program, args.now); !set) return output.refuse(set.error());
    auto& database = program.migrated_database();
    std::vector<std::string> names{args.name};
    if (args.name.empty())
        names = database.read()->list<std::string>(
            db::queries::plan_campaigns, {},
            [](const db::Row& row) { return row.get<std::string>(0); });
    const auto words = words_of(program);
    base::Json::Array list;
    for (const auto& name : names) {
        const auto campaign = campaigns::find_campaign(*database.read(), name);
        if (!campaign)
            return output.refuse({"campaign.unknown", "there is no campaign '" + name + "'"});
        const auto checked = check_plan(program, *campaign);
        if (!checked && !args.name.empty())
            return output.refuse(
                {"plan.missing", "'" + name + "' has no figure in its plan", "NAME"});
        if (!checked) continue;
        print(output, *checked, words);
        list.push_back(json_of(*checked));
    }
    base::Json json{base::Json::Object{}};
    json.set("campaigns", std::move(list));
    if (args.name.empty()) {
        const auto made = judge_client_figures(program);
        output.line(grouped(made) + " new tasks about clients' figures");
        json.set("client_tasks", made);
    }
    output.result(json);
    return ExitCode::done;
}

ExitCode report_profitability(Program& program, const Output& output, const BankReportArgs& args) {
    reports::ProfitQuestion question{args.from, args.to.empty() ? args.from : args.to, {}};
    const auto by = reports::profit_by_from(args.by.empty() ? "client" : args.by);
    if (!by)
        return output.refuse({"report.breakdown",
                              "expected client, segment, value_class, industry, branch or manager",
                              "--by " + args.by});
    question.by = *by;
    for (const auto& month : {question.from, question.to})
        if (!is_month(month))
            return output.refuse({"report.month",
                                  "expected a month such as 2026-10, found '" + month + "'",
                                  "--from, --to"});
    const auto rows = reports::compare_profit(*program.migrated_database().read(), question);
    const reports::Words words{reports::language_from(args.language).value()};
    return write_document(output, {args.format, args.out},
                          reports::lay_out_profit(question, rows, words),
                          [&] { return reports::to_json(question, rows); });
}

}  // namespace carillon::app

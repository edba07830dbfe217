// calls: tasks shown, claimed, finished; handed to a dialler and taken back as CSV.
#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "app/commands.h"
#include "audience/csv.h"
#include "scheduler/call_desk.h"

namespace carillon::app {

namespace {

using scheduler::CallDesk;
using scheduler::CallTask;

base::Result<void> set_time(Program& program, const std::string& now) {
    if (now.empty()) return {};
    const auto instant = base::parse_instant(now);
    if (!instant) return base::fail("time.invalid", instant.error().detail, "--now");
    program.simulate_time(*instant);
    return {};
}

// A desk with what it needs to look once more and to show the script.
class OpenDesk {
public:
    explicit OpenDesk(Program& program)
        : composer_(program.instance_secret(), program.config().text("public.url")),
          contexts_([&program](const db::Document& channel) { return program.outlet(channel); },
                    program.bank()),
          desk_(program.migrated_database(), program.clock(), composer_,
                [this](db::Connection& connection, base::RunId run) {
                    return contexts_.find(connection, run);
                }) {}

    CallDesk& operator*() { return desk_; }
    CallDesk* operator->() { return &desk_; }

private:
    scheduler::Composer composer_;
    scheduler::RunContexts contexts_;
    CallDesk desk_;
};

std::string time_text(base::Instant at) {
    return base::to_text(at);
}

base::Json json_of(const CallTask& task) {
    base::Json json{base::Json::Object{}};
    json.set("id", task.message.value);
    json.set("state", task.state);
    json.set("client", task.client);
    json.set("campaign", task.campaign);
    json.set("number", task.number);
    json.set("name", task.name);
    json.set("script", task.script);
    json.set("time_zone", task.time_zone);
    json.set("manager", task.manager);
    json.set("due_at", time_text(task.due_at));
    if (task.not_after) json.set("not_after", time_text(*task.not_after));
    json.set("calls", task.calls);
    json.set("claimed_by", task.claimed_by);
    json.set("disposition", task.disposition);
    json.set("note", task.note);
    return json;
}

void print_task(const Output& output, const CallTask& task) {
    output.line("task " + std::to_string(task.message.value) + ", campaign " + task.campaign);
    output.line("client " + task.client + (task.name.empty() ? "" : " (" + task.name + ")") +
                ", number " + task.number + (task.time_zone.empty() ? "" : ", " + task.time_zone));
    if (task.calls > 0)
        output.line("called " + std::to_string(task.calls) + " times, last: " + task.disposition +
                    (task.note.empty() ? "" : " (" + task.note + ")"));
    output.line("");
    output.line(task.script);
}

// One row of a dialler's results.
base::Result<scheduler::CallResult> result_from(const std::string& agent, std::string_view id,
                                                std::string_view disposition, std::string_view note,
                                                std::string_view call_back_at) {
    base::MessageId message;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), message.value);
    if (error != std::errc{} || end != id.data() + id.size())
        return base::fail("call.id", "'" + std::string{id} + "' is not the number of a task",
                          "task");
    return scheduler::read_call_result(message, agent, disposition, note, call_back_at);
}

// Columns of the results by name; -1: absent.
struct ResultColumns {
    int task{-1}, disposition{-1}, note{-1}, call_back_at{-1};

    static base::Result<ResultColumns> bind(const std::vector<std::string_view>& header) {
        ResultColumns columns;
        const auto find = [&](std::string_view name) {
            const auto at = std::ranges::find(header, name);
            return at == header.end() ? -1 : static_cast<int>(at - header.begin());
        };
        columns.task = find("task");
        columns.disposition = find("disposition");
        columns.note = find("note");
        columns.call_back_at = find("call_back_at");
        if (columns.task < 0 || columns.disposition < 0)
            return base::fail("call.columns", "expected the columns task and disposition");
        return columns;
    }
    static std::string_view cell(const audience::CsvRow& row, int column) {
        if (column < 0 || static_cast<std::size_t>(column) >= row.cells.size()) return {};
        return audience::without_formula_guard(row.cells[static_cast<std::size_t>(column)]);
    }
};

}  // namespace

ExitCode list_calls(Program& program, const Output& output, const CallsArgs& args) {
    OpenDesk desk{program};
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& task : desk->list(args.state, args.manager, args.limit)) {
        rows.push_back({std::to_string(task.message.value), task.state, task.client, task.campaign,
                        task.number, time_text(task.due_at), std::to_string(task.calls),
                        task.claimed_by, task.disposition});
        list.push_back(json_of(task));
    }
    output.table({"task", "state", "client", "campaign", "number", "due", "calls", "claimed by",
                  "disposition"},
                 rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode claim_call(Program& program, const Output& output, const CallsArgs& args) {
    if (const auto set = set_time(program, args.now); !set) return output.refuse(set.error());
    OpenDesk desk{program};
    const auto task = desk->claim(program.actor(), args.manager);
    if (!task) {
        output.line("nobody may be called now");
        output.result(base::Json{});
        return ExitCode::done;
    }
    print_task(output, *task);
    output.result(json_of(*task));
    return ExitCode::done;
}

ExitCode finish_call(Program& program, const Output& output, const CallsArgs& args) {
    if (const auto set = set_time(program, args.now); !set) return output.refuse(set.error());
    const auto result = result_from(program.actor(), std::to_string(args.id), args.disposition,
                                    args.note, args.call_back_at);
    if (!result) return output.refuse(result.error());
    OpenDesk desk{program};
    if (const auto done = desk->finish(*result); !done) return output.refuse(done.error());
    output.line("task " + std::to_string(args.id) + ": " + args.disposition);
    return ExitCode::done;
}

ExitCode export_calls(Program& program, const Output& output, const CallsArgs& args) {
    if (const auto set = set_time(program, args.now); !set) return output.refuse(set.error());
    OpenDesk desk{program};
    std::string csv = "phone_number,task,client,name,campaign,timezone,not_after,script\n";
    std::int64_t count = 0;
    for (; count < args.limit; ++count) {
        const auto task = desk->claim(args.dialler, args.manager);
        if (!task) break;
        const auto id = std::to_string(task->message.value);
        const auto not_after = task->not_after ? time_text(*task->not_after) : std::string{};
        // E.164 is a plus and digits: no formula, and diallers take it as it is.
        csv += task->number + ",";
        const std::array<std::string_view, 7> cells{
            id, task->client, task->name, task->campaign, task->time_zone, not_after, task->script};
        audience::append_csv_row(csv, cells);
    }
    // Whole or not at all: a dialler may be waiting for the name.
    const auto temporary = args.file + ".tmp";
    std::ofstream file{temporary, std::ios::binary | std::ios::trunc};
    file << csv;
    file.close();
    if (!file || std::rename(temporary.c_str(), args.file.c_str()) != 0)
        return output.fail("cannot write " + args.file +
                           "; the tasks are free again when their claims run out");
    output.line(grouped(count) + " tasks for " + args.dialler + " in " + args.file);
    base::Json json{base::Json::Object{}};
    json.set("exported", count);
    output.result(json);
    return ExitCode::done;
}

ExitCode import_calls(Program& program, const Output& output, const CallsArgs& args) {
    if (const auto set = set_time(program, args.now); !set) return output.refuse(set.error());
    const auto read = audience::read_file(args.file);
    if (!read) return output.refuse(read.error());
    auto reader = audience::CsvReader::open(*read, {});
    if (!reader) return output.refuse(reader.error());
    audience::CsvRow row;
    if (!reader->next(row)) return output.refuse({"csv.empty", "the file is empty", args.file});
    const auto columns = ResultColumns::bind(row.cells);
    if (!columns) return output.refuse(columns.error());
    OpenDesk desk{program};
    std::int64_t taken = 0;
    std::string rejects;
    const auto reject = [&](std::int64_t line, const base::Failure& why) {
        const auto number = std::to_string(line);
        const std::array<std::string_view, 3> cells{number, why.place, why.detail};
        audience::append_csv_row(rejects, cells);
    };
    while (reader->next(row)) {
        if (row.damage) {
            reject(row.line, *row.damage);
            continue;
        }
        const auto result = result_from(args.dialler, ResultColumns::cell(row, columns->task),
                                        ResultColumns::cell(row, columns->disposition),
                                        ResultColumns::cell(row, columns->note),
                                        ResultColumns::cell(row, columns->call_back_at));
        const auto done = result ? desk->finish(*result) : base::fail(result.error());
        if (done)
            ++taken;
        else
            reject(row.line, done.error());
    }
    const auto rejected = std::ranges::count(rejects, '\n');
    if (rejected > 0) {
        const auto path = args.rejects.empty() ? args.file + ".rejects.csv" : args.rejects;
        std::ofstream{path, std::ios::binary} << "line,column,reason\n" << rejects;
        output.line(grouped(rejected) + " rows rejected, see " + path);
    }
    output.line(grouped(taken) + " results taken in");
    base::Json json{base::Json::Object{}};
    json.set("taken", taken);
    json.set("rejected", static_cast<std::int64_t>(rejected));
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app

// migrate, doctor, config, audit.
#include <filesystem>
#include <iostream>

#include "app/commands.h"
#include "app/errands.h"
#include "base/local_date.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

// What a new installation starts with: the built-in policies, and an e-mail channel that only fills
// a folder.
base::Json sandbox_channel(const std::string& folder) {
    const auto json = base::Json::parse(R"({"name": "email", "kind": "email", "transport": "file",
        "from": {"name": "The Bank", "address": "news@bank.example"}})");
    auto channel = json.value();
    channel.set("spool", folder);
    return channel;
}

void add_defaults(Program& program) {
    program.act([&](const campaigns::Desk& desk) {
        auto& connection = desk.connection;
        if (!db::find_document(connection, campaigns::policies_kind, campaigns::policies_name))
            static_cast<void>(campaigns::apply(desk, campaigns::policies_kind,
                                               campaigns::policies_name,
                                               campaigns::to_json(campaigns::default_policies())));
        if (!db::find_document(connection, campaigns::channel_kind, "email"))
            static_cast<void>(
                campaigns::apply(desk, campaigns::channel_kind, "email",
                                 sandbox_channel(program.config().text("sandbox.folder"))));
        return true;
    });
}

}  // namespace

ExitCode migrate(Program& program, const Output& output) {
    const auto applied = program.database().migrate();
    add_defaults(program);
    base::Json::Array names;
    for (const auto& name : applied) {
        output.line("applied " + name);
        names.emplace_back(name);
    }
    if (applied.empty()) output.line("the database is up to date");
    base::Json json{base::Json::Object{}};
    json.set("applied", std::move(names));
    output.result(json);
    return ExitCode::done;
}

ExitCode doctor(Program& program, const Output& output) {
    const auto json =
        doctor_findings(program, [&](const db::Document& channel) -> base::Result<std::string> {
            auto* outlet = program.outlet(channel);
            if (outlet == nullptr) return base::fail("channel.open", program.problem());
            return outlet->channel->probe();
        });
    std::vector<std::vector<std::string>> rows;
    for (const auto& check : *json.find("checks")->array())
        rows.push_back({*check.find("ok")->boolean() ? "ok" : "NOT OK",
                        *check.find("check")->text(), *check.find("found")->text()});
    output.table({"", "check", "found"}, rows);
    output.result(json);
    return *json.find("ok")->boolean() ? ExitCode::done : ExitCode::failed;
}

ExitCode show_config(Program& program, const Output& output, const ConfigArgs& args) {
    if (args.reference) {
        std::cout << configuration_reference();
        return ExitCode::done;
    }
    std::vector<std::vector<std::string>> rows;
    const auto json = program.config().to_json();
    for (const auto& [key, value] : *json.object())
        rows.push_back({key, *value.find("value")->text(), *value.find("from")->text()});
    output.table({"setting", "value", "from"}, rows);
    output.result(json);
    return ExitCode::done;
}

ExitCode verify_audit(Program& program, const Output& output) {
    auto lease = program.migrated_database().read();
    const auto verdict = db::verify_audit(*lease, program.audit_key(), program.checkpoint());
    for (const auto& problem : verdict.problems) output.line("NOT OK: " + problem);
    if (verdict.problems.empty())
        output.line("the audit log holds: " + std::to_string(verdict.rows) + " entries" +
                    (verdict.head ? ", last " + verdict.head->hash.substr(0, 16) : ""));
    base::Json json{base::Json::Object{}};
    json.set("ok", verdict.problems.empty());
    json.set("rows", verdict.rows);
    base::Json::Array problems{verdict.problems.begin(), verdict.problems.end()};
    json.set("problems", std::move(problems));
    output.result(json);
    return verdict.problems.empty() ? ExitCode::done : ExitCode::failed;
}

ExitCode show_audit(Program& program, const Output& output, const NameArgs& args) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& row : db::read_audit(*lease, args.name, 200)) {
        rows.push_back({std::to_string(row.seq), base::to_text(row.at), row.entry.actor,
                        row.entry.action, row.entry.object, row.entry.detail.dump()});
        base::Json one{base::Json::Object{}};
        one.set("seq", row.seq);
        one.set("at", base::to_text(row.at));
        one.set("actor", row.entry.actor);
        one.set("action", row.entry.action);
        one.set("object", row.entry.object);
        one.set("detail", row.entry.detail);
        list.push_back(std::move(one));
    }
    output.table({"seq", "at", "actor", "action", "object", "detail"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

}  // namespace carillon::app

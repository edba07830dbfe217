// migrate, doctor, config, audit.
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "app/commands.h"
#include "base/local_date.h"
#include "db/queries.h"

namespace carillon::app {

namespace {

struct Check {
    std::string what{};
    bool good{};
    std::string found{};
};

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

Check check_disk(const std::string& folder) {
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0)
        return {"free disk space", false, "cannot look at " + folder};
    const auto free = static_cast<double>(disk.f_bavail) * static_cast<double>(disk.f_frsize) / 1e9;
    const auto whole =
        static_cast<double>(disk.f_blocks) * static_cast<double>(disk.f_frsize) / 1e9;
    const auto shown = std::to_string(static_cast<std::int64_t>(free)) + " of " +
                       std::to_string(static_cast<std::int64_t>(whole)) + " GB";
    return {"at least 2 GB free in " + folder, free >= 2, shown};
}

// A group is as good as its accounts, which are checked as the channels they are.
Check check_group(const db::Document& document, const channels::ProviderGroup& group,
                  const std::vector<db::Document>& documents) {
    std::string found;
    bool good = true;
    for (const auto& provider : group.providers) {
        const bool known =
            std::ranges::find(documents, provider.account, &db::Document::name) != documents.end();
        good = good && known;
        found += (found.empty() ? "" : ", ") + provider.account + " " +
                 std::to_string(provider.weight) + (known ? "" : " (not applied)");
    }
    return {"channel " + document.name + ", a group of providers", good, found};
}

void check_channels(Program& program, std::vector<Check>& checks) {
    std::vector<db::Document> documents;
    {
        auto lease = program.database().read();
        documents = db::newest_documents(*lease, campaigns::channel_kind);
    }
    for (const auto& document : documents) {
        if (const auto group = provider_group(document)) {
            checks.push_back(check_group(document, *group, documents));
            continue;
        }
        auto* outlet = program.outlet(document);
        if (outlet == nullptr) {
            checks.push_back({"channel " + document.name, false, program.problem()});
            continue;
        }
        const auto probed = outlet->channel->probe();
        checks.push_back({"channel " + document.name, probed.has_value(),
                          probed ? *probed : probed.error().text()});
    }
}

void check_calendars(Program& program, std::vector<Check>& checks) {
    auto lease = program.database().read();
    campaigns::WorkCalendar calendar;
    for (const auto& document : db::newest_documents(*lease, campaigns::calendar_kind))
        if (const auto json = base::Json::parse(document.content))
            if (auto year = campaigns::parse_calendar_year(*json)) calendar.add(std::move(*year));
    const auto today = base::TimeZone::utc().date_at(program.clock().now());
    const auto missing = calendar.missing_years(today, base::add_days(today, 60));
    std::string years;
    for (const auto year : missing) years += (years.empty() ? "" : ", ") + std::to_string(year);
    checks.push_back(
        {"production calendar of the next 60 days", missing.empty(),
         missing.empty() ? "known" : "missing " + years + ": every day counts as non-working"});
}

Check check_migrated(Program& program) {
    const bool good = program.database().is_migrated();
    return {"the database is up to date", good, good ? "yes" : "run `carillon migrate`"};
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
    std::vector<Check> checks;
    checks.push_back(
        {"configuration", true,
         program.config().file().empty() ? "defaults and environment" : program.config().file()});
    for (const auto& check : program.database().check())
        checks.push_back({check.what, check.good, check.found});
    checks.push_back(check_migrated(program));
    const auto zone = base::TimeZone::find("Asia/Kamchatka");
    checks.push_back({"time-zone data", zone.has_value(),
                      zone ? base::time_zone_data_version() : zone.error().text()});
    checks.push_back(check_disk(program.data_folder()));
    if (checks[checks.size() - 3].good) {
        check_calendars(program, checks);
        check_channels(program, checks);
    }
    bool all_good = true;
    base::Json::Array list;
    std::vector<std::vector<std::string>> rows;
    for (const auto& check : checks) {
        all_good = all_good && check.good;
        rows.push_back({check.good ? "ok" : "NOT OK", check.what, check.found});
        base::Json one{base::Json::Object{}};
        one.set("check", check.what);
        one.set("ok", check.good);
        one.set("found", check.found);
        list.push_back(std::move(one));
    }
    output.table({"", "check", "found"}, rows);
    base::Json json{base::Json::Object{}};
    json.set("ok", all_good);
    json.set("checks", std::move(list));
    output.result(json);
    return all_good ? ExitCode::done : ExitCode::failed;
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

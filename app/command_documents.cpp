// apply, list and show of everything that is a file: segments, templates, channels, policies,
// calendars, campaigns.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/commands.h"
#include "audience/store.h"
#include "campaigns/bundle.h"
#include "reports/mailed_report.h"

namespace carillon::app {

namespace {

namespace fs = std::filesystem;

struct Parsed {
    std::string name{};
    base::Json content{};
};

// Checks a document of the kind and gives its name and self-contained content.
Parsed check_document(Program& program, std::string_view kind, const base::Json& json,
                      const std::string& file, base::Problems& problems) {
    auto lease = program.migrated_database().read();
    const auto name_in = [&](const base::Json& from) {
        const auto* name = from.find("name");
        return name != nullptr && name->text() != nullptr ? *name->text() : std::string{};
    };
    const auto add = [&](const base::Problems& more) {
        problems.insert(problems.end(), more.begin(), more.end());
    };
    if (kind == campaigns::segment_kind) {
        const auto segment = audience::parse_segment(json, audience::load_attribute_types(*lease));
        if (!segment) add(segment.error());
        return {name_in(json), json};
    }
    if (kind == campaigns::template_kind) {
        const auto document = templates::read_document(
            json, templates::files_in(fs::absolute(file).parent_path().string()), problems);
        if (!problems.empty()) return {};
        db::Document stored{.name = document.name, .content = document.to_json().canonical()};
        campaigns::compile_template(stored, campaigns::load_attribute_kinds(*lease), problems);
        return {document.name, document.to_json()};
    }
    if (kind == campaigns::channel_kind) {
        const auto settings = channels::parse_channel(json, program.data_folder());
        if (!settings) add(settings.error());
        return {name_in(json), json};
    }
    if (kind == campaigns::policies_kind) {
        const auto policies = campaigns::parse_policies(json);
        if (!policies) add(policies.error());
        return {std::string{campaigns::policies_name},
                policies ? campaigns::to_json(*policies) : json};
    }
    if (kind == campaigns::calendar_kind) {
        const auto year = campaigns::parse_calendar_year(json);
        if (!year) add(year.error());
        return {year ? year->country + "-" + std::to_string(year->year) : std::string{}, json};
    }
    if (kind == reports::report_kind) {
        const auto report = reports::parse_mailed_report(json);
        if (!report) add(report.error());
        return {name_in(json), json};
    }
    const auto definition = campaigns::parse_definition(json);
    if (!definition) add(definition.error());
    return {definition ? definition->name : std::string{},
            definition ? campaigns::to_json(*definition) : json};
}

}  // namespace

base::Result<std::string> read_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream content;
    content << file.rdbuf();
    if (!file || fs::is_directory(path))
        return base::fail("file.unreadable", "cannot be read", path);
    return content.str();
}

ExitCode apply_file(Program& program, const Output& output, std::string_view kind,
                    const FileArgs& args) {
    const auto text = read_file(args.file);
    if (!text) return output.refuse(text.error());
    const auto json = base::Json::parse(*text, args.file);
    if (!json) return output.refuse(json.error());
    base::Problems problems;
    const auto parsed = check_document(program, kind, *json, args.file, problems);
    for (auto& problem : problems)
        if (!problem.place.starts_with(args.file)) problem.place = args.file + " " + problem.place;
    if (!problems.empty()) return output.refuse(problems);
    const auto applied = program.act([&](const campaigns::Desk& desk) {
        auto result = campaigns::apply(desk, kind, parsed.name, parsed.content);
        // A refused edit must leave nothing: not even the new version of the document.
        if (!result) throw std::runtime_error{result.error().text()};
        return *result;
    });
    output.line(
        std::string{kind} + " " + parsed.name + ": " +
        (applied.changed ? "version " + std::to_string(applied.document.version) : "unchanged"));
    base::Json answer{base::Json::Object{}};
    answer.set("kind", kind);
    answer.set("name", parsed.name);
    answer.set("version", applied.document.version);
    answer.set("changed", applied.changed);
    output.result(answer);
    return ExitCode::done;
}

ExitCode list_documents(Program& program, const Output& output, std::string_view kind) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& document : db::newest_documents(*lease, kind)) {
        rows.push_back({document.name, std::to_string(document.version), document.created_by,
                        document.hash.substr(0, 12)});
        base::Json one{base::Json::Object{}};
        one.set("name", document.name);
        one.set("version", document.version);
        one.set("hash", document.hash);
        list.push_back(std::move(one));
    }
    output.table({"name", "version", "by", "hash"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode show_document(Program& program, const Output& output, std::string_view kind,
                       const NameArgs& args) {
    auto lease = program.migrated_database().read();
    const auto document = db::find_document(*lease, kind, args.name);
    if (!document)
        return output.refuse(
            {"document.unknown", "there is no " + std::string{kind} + " '" + args.name + "'"});
    const auto json = base::Json::parse(document->content).value();
    output.line(json.dump(2));
    output.result(json);
    return ExitCode::done;
}

ExitCode check_channel(Program& program, const Output& output, const NameArgs& args) {
    std::vector<std::string> accounts{args.name};
    std::vector<db::Document> documents;
    {
        auto lease = program.migrated_database().read();
        const auto named = db::find_document(*lease, campaigns::channel_kind, args.name);
        const auto group = named ? provider_group(*named) : std::nullopt;
        if (group) {
            accounts.clear();
            for (const auto& provider : group->providers) accounts.push_back(provider.account);
        }
        for (const auto& account : accounts) {
            const auto found = db::find_document(*lease, campaigns::channel_kind, account);
            if (!found)
                return output.refuse({"document.unknown", "there is no channel '" + account + "'"});
            documents.push_back(*found);
        }
    }
    base::Json json{base::Json::Object{}};
    json.set("channel", args.name);
    for (const auto& document : documents) {
        auto* outlet = program.outlet(document);
        if (outlet == nullptr) return output.fail(program.problem());
        const auto probed = outlet->channel->probe();
        if (!probed) return output.fail("channel " + document.name + ": " + probed.error().text());
        output.line("channel " + document.name + ": " + *probed);
        json.set(documents.size() == 1 ? "answer" : document.name, *probed);
    }
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app

// apply, list and show of everything that is a file: segments, templates, channels, policies,
// calendars, campaigns.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/commands.h"
#include "audience/store.h"
#include "campaigns/bundle.h"
#include "desk/documents.h"

namespace carillon::app {

namespace fs = std::filesystem;

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
    const auto parsed = desk::check_document(
        *program.migrated_database().read(), kind, *json, program.data_folder(),
        templates::files_in(fs::absolute(args.file).parent_path().string()), problems);
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

// template check, preview and fields.
#include <filesystem>

#include "app/commands.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "db/queries.h"
#include "desk/preview.h"

namespace carillon::app {

namespace {

namespace fs = std::filesystem;

// A template by stored name or file, compiled; every mistake is added.
std::optional<templates::CompiledTemplate> load(db::Connection& connection,
                                                const std::string& file_or_name,
                                                base::Problems& problems) {
    auto stored = db::find_document(connection, campaigns::template_kind, file_or_name);
    if (!stored) {
        const auto text = read_file(file_or_name);
        if (!text) {
            problems.push_back({"template.unknown",
                                "there is no stored template and no file '" + file_or_name + "'",
                                "TEMPLATE"});
            return std::nullopt;
        }
        const auto json = base::Json::parse(*text, file_or_name);
        if (!json) {
            problems.push_back(json.error());
            return std::nullopt;
        }
        const auto document = templates::read_document(
            *json, templates::files_in(fs::absolute(file_or_name).parent_path().string()),
            problems);
        if (!problems.empty()) return std::nullopt;
        stored = db::Document{.name = document.name, .content = document.to_json().canonical()};
    }
    return campaigns::compile_template(*stored, campaigns::load_attribute_kinds(connection),
                                       problems);
}

}  // namespace

ExitCode check_template(Program& program, const Output& output, const FileArgs& args) {
    auto lease = program.migrated_database().read();
    base::Problems problems;
    const auto compiled = load(*lease, args.file, problems);
    if (!compiled) return output.refuse(problems);
    output.line("template " + compiled->name() +
                " is good: " + std::to_string(compiled->locales().size()) + " languages");
    base::Json json{base::Json::Object{}};
    json.set("name", compiled->name());
    base::Json::Array fields;
    std::vector<std::vector<std::string>> rows;
    for (const auto& field : compiled->fields()) {
        fields.emplace_back(field.name);
        rows.push_back({field.name, std::string{name_of(field.type)}});
    }
    output.table({"merge field", "type"}, rows);
    json.set("fields", std::move(fields));
    output.result(json);
    return ExitCode::done;
}

ExitCode list_fields(Program& program, const Output& output) {
    auto lease = program.migrated_database().read();
    std::vector<std::vector<std::string>> rows;
    base::Json::Array list;
    for (const auto& field : campaigns::merge_catalog(campaigns::load_attribute_kinds(*lease))) {
        rows.push_back({field.name, std::string{name_of(field.type)}});
        base::Json one{base::Json::Object{}};
        one.set("name", field.name);
        one.set("type", name_of(field.type));
        list.push_back(std::move(one));
    }
    output.table({"merge field", "type"}, rows);
    output.result(base::Json{std::move(list)});
    return ExitCode::done;
}

ExitCode preview_template(Program& program, const Output& output, const PreviewArgs& args) {
    auto lease = program.migrated_database().read();
    base::Problems problems;
    const auto compiled = load(*lease, args.file_or_name, problems);
    if (!compiled) return output.refuse(problems);
    const auto sample =
        desk::preview_values(*lease, *compiled, args.client, program.bank(), program.clock().now());
    if (!sample) return output.refuse(sample.error());
    templates::RenderedMessage rendered;
    const auto locale = args.locale.empty() ? sample->locale : args.locale;
    if (const auto done = compiled->render(*sample->data, locale, rendered); !done)
        return output.refuse(done.error());
    const auto shows = [&](std::string_view part) {
        return args.part == "all" || args.part == part;
    };
    base::Json json{base::Json::Object{}};
    json.set("locale", rendered.locale);
    if (shows("subject")) output.line((args.part == "all" ? "Subject: " : "") + rendered.subject);
    if (shows("text"))
        output.line((args.part == "all" ? "\n-- text --\n" : "") + rendered.text.flat());
    if (shows("html"))
        output.line((args.part == "all" ? "\n-- html --\n" : "") + rendered.html.flat());
    json.set("subject", rendered.subject);
    json.set("text", rendered.text.flat());
    json.set("html", rendered.html.flat());
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app

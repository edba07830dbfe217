// import and event: what comes in from the bank's other systems.
#include <algorithm>
#include <filesystem>

#include "app/commands.h"
#include "audience/import.h"
#include "base/local_date.h"
#include "campaigns/history.h"
#include "db/queries.h"
#include "desk/message_desk.h"

namespace carillon::app {

ExitCode import_file(Program& program, const Output& output, const ImportArgs& args) {
    audience::ImportSettings settings;
    settings.kind = audience::import_kind_from(args.kind).value();
    settings.file = args.file;
    settings.mapping_file = args.mapping;
    settings.rejects_file = args.rejects;
    std::optional<campaigns::History> history;
    if (settings.kind == audience::ImportKind::history) {
        auto begun = program.act([&](const campaigns::Desk& desk) {
            return campaigns::begin_history(desk, args.campaign);
        });
        if (!begun) return output.refuse(begun.error());
        history = std::move(*begun);
        settings.subject = args.campaign;
        settings.store_history = [&](db::Connection& connection,
                                     const std::vector<audience::PastContact>& rows) {
            return campaigns::store_history(connection, *history, rows);
        };
    }
    std::error_code unknown;
    const auto size = std::filesystem::file_size(args.file, unknown);
    Progress progress{"importing " + args.kind + " (bytes)",
                      unknown ? 0 : static_cast<std::int64_t>(size)};
    const auto summary = audience::run_import(
        program.migrated_database(), program.clock(), settings,
        [&](const audience::ImportProgress& now) { progress.show(now.bytes_read); });
    if (!summary) return output.refuse(summary.error());
    if (history)
        program.act([&](const campaigns::Desk& desk) {
            campaigns::finish_history(desk, *history, summary->rows_imported);
            return true;
        });
    output.line(grouped(summary->rows_imported) + " rows imported, " +
                grouped(summary->rows_rejected) + " rejected" +
                (summary->rows_rejected > 0 ? " (see " + summary->rejects_file + ")" : "") +
                (summary->resumed ? "; went on where an earlier import was cut off" : ""));
    if (args.kind == "clients")
        output.line(grouped(summary->duplicates) + " pairs of clients look like one");
    base::Json json{base::Json::Object{}};
    json.set("imported", summary->rows_imported);
    json.set("rejected", summary->rows_rejected);
    json.set("rejects_file", summary->rejects_file);
    json.set("duplicates", summary->duplicates);
    json.set("resumed", summary->resumed);
    base::Json::Array ignored{summary->ignored_columns.begin(), summary->ignored_columns.end()};
    for (const auto& column : summary->ignored_columns) output.line("column not used: " + column);
    json.set("ignored_columns", std::move(ignored));
    output.result(json);
    return ExitCode::done;
}

ExitCode receive_event(Program& program, const Output& output, const EventArgs& args) {
    const auto payload = base::Json::parse(args.payload, "--payload");
    if (!payload) return output.refuse(payload.error());
    if (const auto problems = desk::payload_problems(*payload, "--payload"); !problems.empty())
        return output.refuse(problems);
    auto at = program.clock().now();
    if (!args.at.empty()) {
        const auto given = base::parse_instant(args.at);
        if (!given) return output.refuse({given.error().code, given.error().detail, "--at"});
        at = *given;
    }
    bool known_client = true;
    const auto added = db::in_transaction(
        program.migrated_database(), [&](db::Connection& connection) -> std::int64_t {
            const auto client =
                connection.value<std::int64_t>(db::queries::client_id_of, {args.client});
            known_client = client.has_value();
            if (!client) return 0;
            return connection.execute(
                db::queries::insert_event,
                {args.name, args.key, *client, payload->canonical(), at, program.clock().now()});
        });
    if (!known_client)
        return output.refuse({"client.unknown",
                              "there is no client with the external id '" + args.client + "'",
                              "CLIENT"});
    output.line(added == 1 ? "event taken" : "event known already: nothing changed");
    base::Json json{base::Json::Object{}};
    json.set("new", added == 1);
    output.result(json);
    return ExitCode::done;
}

}  // namespace carillon::app

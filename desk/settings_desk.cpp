#include "desk/settings_desk.h"

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/local_date.h"
#include "campaigns/bundle.h"
#include "db/api_queries.h"
#include "db/queries.h"
#include "desk/documents.h"
#include "reports/mailed_report.h"

namespace carillon::desk {

namespace {

std::string unknown_code(std::string_view kind) {
    return std::string{kind} + ".unknown";
}

base::Failure unknown(std::string_view kind, const std::string& name) {
    return {unknown_code(kind), "there is no " + std::string{kind} + " '" + name + "'"};
}

bool names_a_place(std::string_view member) {
    return member.ends_with("_file") || member.ends_with("_env") || member == "spool" ||
           member == "folder" || member == "file";
}

using Place = std::pair<std::string, std::string>;  // member and what it names

// What a channel names on the server, wherever it stands in its settings.
void places_in(const base::Json& json, std::set<Place>& places) {
    if (const auto* list = json.array())
        for (const auto& one : *list) places_in(one, places);
    if (json.object() == nullptr) return;
    for (const auto& [member, value] : *json.object()) {
        if (names_a_place(member) && value.text() != nullptr) places.emplace(member, *value.text());
        places_in(value, places);
    }
}

// Else whoever may edit a channel could have any file of the server sent to himself.
base::Problems new_places(db::Connection& connection, const base::Json& content) {
    std::set<Place> known;
    for (const auto& document : db::newest_documents(connection, campaigns::channel_kind))
        if (const auto json = base::Json::parse(document.content)) places_in(*json, known);
    std::set<Place> named;
    places_in(content, named);
    base::Problems problems;
    for (const auto& [member, value] : named)
        if (!known.contains({member, value}))
            problems.push_back({"channel.place",
                                "only the command line may name a file, folder or variable of the "
                                "server that no channel names yet: " +
                                    member,
                                "$"});
    return problems;
}

base::Problems problems_of(Office& office, db::Connection& connection, std::string_view kind,
                           const base::Json& content, CheckedDocument& checked) {
    base::Problems problems;
    if (kind == campaigns::channel_kind) problems = new_places(connection, content);
    // A channel that may not be is not looked at either: that would open its files.
    if (problems.empty())
        checked = check_document(connection, kind, content, office.workshop().data_folder,
                                 templates::no_files(), problems);
    return problems;
}

std::optional<reports::MailedReport> find_report(db::Connection& connection,
                                                 const std::string& name) {
    const auto document = db::find_document(connection, reports::report_kind, name);
    if (!document) return std::nullopt;
    const auto json = base::Json::parse(document->content, document->name);
    if (!json) return std::nullopt;
    auto report = reports::parse_mailed_report(*json);
    return report ? std::optional{std::move(*report)} : std::nullopt;
}

}  // namespace

Answer list_settings(Office& office, const Caller& caller, std::string_view kind,
                     const PageQuery& query, const std::string& part) {
    return list_documents(office, caller, Right::settings_see, kind, query, part);
}

Answer get_settings(Office& office, const Caller& caller, std::string_view kind,
                    const std::string& name) {
    auto lease = office.read(caller, Right::settings_see);
    const auto facts = find_with_facts(*lease, kind, name);
    if (!facts) return refuse(unknown(kind, name));
    base::Json json{base::Json::Object{}};
    add_facts(json, *facts);
    json.set("content", base::Json::parse(facts->document.content).value());
    json.set("etag", etag_of(facts->document));
    return json;
}

Answer check_settings(Office& office, const Caller& caller, std::string_view kind,
                      const base::Json& content) {
    auto lease = office.read(caller, Right::settings_edit);
    CheckedDocument checked;
    base::Json::Array list;
    for (const auto& problem : problems_of(office, *lease, kind, content, checked))
        list.push_back(base::Json::Object{
            {"code", problem.code}, {"detail", problem.detail}, {"place", problem.place}});
    return base::Json::Object{{"problems", std::move(list)}};
}

Answer put_settings(Office& office, const Caller& caller, std::string_view kind,
                    const std::string& name, const base::Json& content, const Edit& edit) {
    if (kind == campaigns::channel_kind) {
        auto lease = office.read(caller, Right::settings_edit);
        if (auto problems = new_places(*lease, content); !problems.empty())
            return refuse(std::move(problems));
    }
    return put_document(office, caller, Right::settings_edit, kind, name, content, edit);
}

std::int64_t queue_report_mails(const campaigns::Desk& desk, const std::string& name,
                                const std::vector<std::string>& recipients) {
    // A slot of its own, so that the one of the schedule still comes.
    const auto slot = base::to_text(desk.now).substr(0, 19) + "Z";
    std::int64_t queued = 0;
    for (const auto& recipient : recipients)
        queued += desk.connection.execute(
            db::queries::insert_report_mail,
            {name, slot, recipient,
             "report-" + base::sha256_hex(name + "\n" + slot + "\n" + recipient).substr(0, 32),
             desk.now, desk.now});
    note(desk, "report.send", "report " + name, base::Json::Object{{"recipients", queued}});
    return queued;
}

Answer send_report_mail(Office& office, const Caller& caller, const std::string& name) {
    return office.act(caller, Right::operation_run, [&](const campaigns::Desk& desk) -> Answer {
        const auto report = find_report(desk.connection, name);
        if (!report) return refuse(unknown(reports::report_kind, name));
        return base::Json::Object{{"queued", queue_report_mails(desk, name, report->to)}};
    });
}

Answer remove_report_mail(Office& office, const Caller& caller, const std::string& name,
                          const Edit& edit) {
    return office.act(caller, Right::settings_edit, [&](const campaigns::Desk& desk) -> Answer {
        const auto current = db::find_document(desk.connection, reports::report_kind, name);
        if (!current) return refuse(unknown(reports::report_kind, name));
        if (const auto fits = check_edit(edit, etag_of(*current)); !fits)
            return refuse(fits.error());
        desk.connection.execute(db::queries::close_report_mails, {name});
        desk.connection.execute(db::queries::desk_delete_documents, {reports::report_kind, name});
        db::append_audit(desk.connection, desk.audit_key,
                         {.actor = desk.actor,
                          .action = "report.delete",
                          .object = "report " + name,
                          .before_hash = current->hash},
                         desk.now);
        return base::Json{base::Json::Object{}};
    });
}

Answer list_report_mails(Office& office, const Caller& caller, int limit) {
    auto lease = office.read(caller, Right::settings_see);
    base::Json::Array items;
    lease->select(db::queries::report_mails_listed, {limit}, [&](const db::Row& row) {
        const auto text = [&](int column) { return row.get<std::string>(column); };
        items.push_back(base::Json::Object{{"report", text(0)},
                                           {"slot", text(1)},
                                           {"to", text(2)},
                                           {"state", text(3)},
                                           {"attempts", row.integer(4)},
                                           {"detail", text(5)}});
    });
    return base::Json::Object{{"items", std::move(items)}};
}

}  // namespace carillon::desk

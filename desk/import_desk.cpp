#include "desk/import_desk.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "audience/import.h"
#include "base/digest.h"
#include "base/local_date.h"
#include "base/text.h"
#include "db/queries.h"

namespace carillon::desk {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t rows_shown = 10;
constexpr std::size_t rejects_shown = 15;

// Readable by the server's user only: these files are full of personal data.
void write_private(const fs::path& path, std::string_view bytes) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) throw std::runtime_error{"cannot write " + path.filename().string()};
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto written = ::write(file, bytes.data() + done, bytes.size() - done);
        if (written <= 0) break;
        done += static_cast<std::size_t>(written);
    }
    const bool good = done == bytes.size() && ::fsync(file) == 0;
    ::close(file);
    if (!good) throw std::runtime_error{"cannot write " + path.filename().string()};
}

std::optional<std::string> read_whole(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// What a name may keep of itself as a file of ours: no folder, no surprise.
std::string safe_name(std::string_view name) {
    std::string safe;
    for (const char c : name.substr(name.find_last_of("/\\") + 1)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
        safe += plain ? c : '_';
    }
    while (safe.starts_with('.')) safe.erase(0, 1);
    if (safe.empty()) safe = "upload";
    return safe.size() > 80 ? safe.substr(safe.size() - 80) : safe;
}

bool is_id(std::string_view id) {
    return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

struct Upload {
    fs::path folder{};
    audience::ImportKind kind{};
    std::string file{};
};

std::optional<Upload> find_upload(const Office& office, const std::string& id) {
    if (!is_id(id)) return std::nullopt;
    Upload upload{.folder = fs::path{office.settings().upload_folder} / id};
    const auto about = read_whole(upload.folder / "about.json");
    if (!about) return std::nullopt;
    const auto json = base::Json::parse(*about);
    if (!json || json->find("kind") == nullptr) return std::nullopt;
    upload.kind = audience::import_kind_from(*json->find("kind")->text()).value();
    upload.file = *json->find("file")->text();
    return upload;
}

tl::unexpected<base::Problems> unknown(const std::string& id) {
    return refuse("upload.unknown", "there is no uploaded file " + id);
}

std::string shown_delimiter(char delimiter) {
    return delimiter == '\t' ? "tab" : std::string{delimiter};
}

std::vector<std::string> texts_of(const audience::CsvRow& row) {
    std::vector<std::string> cells;
    for (const auto cell : row.cells)
        cells.emplace_back(base::trim(audience::without_formula_guard(cell)));
    return cells;
}

// Encoding, separator, columns and the first rows.
base::Result<base::Json> look_at(const std::string& path, audience::ImportKind kind) {
    auto read = audience::read_file(path);
    if (!read) return base::fail(read.error());
    auto reader = audience::CsvReader::open(std::move(*read), {});
    if (!reader) return base::fail(reader.error());
    audience::CsvRow row;
    if (!reader->next(row) || row.damage)
        return base::fail("import.file", "the first line does not hold the names of columns");
    const auto columns = texts_of(row);
    base::Json::Array shown;
    while (shown.size() < rows_shown && reader->next(row)) {
        const auto cells = texts_of(row);
        shown.emplace_back(base::Json::Array{cells.begin(), cells.end()});
    }
    const auto fields = audience::fields_of(kind);
    base::Json suggested{base::Json::Object{}};
    for (const auto& column : columns)
        if (std::ranges::find(fields, column) != fields.end()) suggested.set(column, column);
    return base::Json{
        base::Json::Object{{"encoding", audience::name_of(reader->encoding())},
                           {"delimiter", shown_delimiter(reader->delimiter())},
                           {"columns", base::Json::Array{columns.begin(), columns.end()}},
                           {"fields", base::Json::Array{fields.begin(), fields.end()}},
                           {"suggested", std::move(suggested)},
                           {"rows_shown", std::move(shown)}}};
}

// The first rejected rows: line, column, reason.
base::Json rejects_json(const std::string& path) {
    base::Json::Array list;
    auto read = audience::read_file(path);
    if (!read) return list;
    auto reader = audience::CsvReader::open(std::move(*read), {});
    audience::CsvRow row;
    if (!reader || !reader->next(row)) return list;
    while (list.size() < rejects_shown && reader->next(row)) {
        if (row.cells.size() < 3) continue;
        const auto cells = texts_of(row);
        list.push_back(base::Json::Object{{"line", number_in_cursor(cells[0]).value_or(0)},
                                          {"column", cells[1]},
                                          {"reason", cells[2]}});
    }
    return list;
}

base::Json result_json(const std::string& id, const audience::ImportSummary& summary, bool dry) {
    base::Json::Array ignored{summary.ignored_columns.begin(), summary.ignored_columns.end()};
    return base::Json::Object{{"id", id},
                              {"dry", dry},
                              {"rows_imported", summary.rows_imported},
                              {"rows_rejected", summary.rows_rejected},
                              {"duplicates", summary.duplicates},
                              {"resumed", summary.resumed},
                              {"ignored_columns", std::move(ignored)},
                              {"rejected", rejects_json(summary.rejects_file)}};
}

base::Result<audience::ImportSettings> settings_for(const Upload& upload,
                                                    const base::Json& choice) {
    audience::ImportSettings settings{.kind = upload.kind,
                                      .file = (upload.folder / upload.file).string(),
                                      .rejects_file = (upload.folder / "rejects.csv").string()};
    const auto* mapping = choice.find("mapping");
    if (mapping == nullptr || mapping->is_null()) return settings;
    settings.mapping_file = (upload.folder / "mapping.json").string();
    write_private(settings.mapping_file, mapping->canonical());
    return settings;
}

// Places of mistakes without the server's folders.
base::Problems without_folders(base::Failure failure, const fs::path& folder) {
    const auto path = folder.string() + "/";
    for (auto* text : {&failure.detail, &failure.place})
        for (auto at = text->find(path); at != std::string::npos; at = text->find(path))
            text->erase(at, path.size());
    return {std::move(failure)};
}

void note_import(Office& office, const Caller& caller, const char* action, const Upload& upload,
                 base::Json detail) {
    const auto noted = office.act(caller, Right::imports_run, [&](const campaigns::Desk& desk) {
        detail.set("file", upload.file);
        note(desk, action, "import " + std::string{name_of(upload.kind)}, detail);
        return Answer{base::Json{base::Json::Object{}}};
    });
    if (!noted) throw std::runtime_error{noted.error().front().text()};
}

}  // namespace

Answer upload_import(Office& office, const Caller& caller, const NewUpload& upload) {
    access::require(caller, Right::imports_run);
    const auto kind = audience::import_kind_from(upload.kind);
    if (!kind || *kind == audience::ImportKind::history)
        return refuse("import.kind",
                      "expected clients, contracts, consents, suppressions or conversions", "kind");
    if (upload.bytes.empty()) return refuse("import.file", "the file is empty");
    const auto id = base::to_hex(base::random_bytes(16));
    const auto folder = fs::path{office.settings().upload_folder} / id;
    const auto name = safe_name(upload.file);
    fs::create_directories(folder);
    fs::permissions(folder.parent_path(), fs::perms::owner_all);
    write_private(folder / name, upload.bytes);
    auto looked = look_at((folder / name).string(), *kind);
    if (!looked) {
        fs::remove_all(folder);
        return refuse(without_folders(looked.error(), folder));
    }
    write_private(
        folder / "about.json",
        base::Json{base::Json::Object{{"kind", upload.kind}, {"file", name}, {"by", caller.user}}}
            .dump());
    looked->set("id", id);
    looked->set("kind", upload.kind);
    looked->set("file", upload.file);
    looked->set("bytes", static_cast<std::int64_t>(upload.bytes.size()));
    return std::move(*looked);
}

Answer try_import(Office& office, const Caller& caller, const std::string& id,
                  const base::Json& choice) {
    auto& database = office.database(caller, Right::imports_run);
    const auto upload = find_upload(office, id);
    if (!upload) return unknown(id);
    const std::unique_lock turn{office.import_turn(), std::try_to_lock};
    if (!turn) return refuse("import.running", "another file is being imported; wait for its end");
    auto settings = settings_for(*upload, choice);
    if (!settings) return refuse(settings.error());
    settings->dry = true;
    settings->rejects_file = (upload->folder / "tried.csv").string();
    const auto summary = audience::run_import(database, office.clock(), *settings);
    if (!summary) return refuse(without_folders(summary.error(), upload->folder));
    return result_json(id, *summary, true);
}

Answer run_import(Office& office, const Caller& caller, const std::string& id,
                  const base::Json& choice) {
    auto& database = office.database(caller, Right::imports_run);
    const auto upload = find_upload(office, id);
    if (!upload) return unknown(id);
    const std::unique_lock turn{office.import_turn(), std::try_to_lock};
    if (!turn) return refuse("import.running", "another file is being imported; wait for its end");
    if (const auto done = read_whole(upload->folder / "result.json"))
        return base::Json::parse(*done).value();
    const auto settings = settings_for(*upload, choice);
    if (!settings) return refuse(settings.error());
    note_import(office, caller, "import.begin", *upload, base::Json{base::Json::Object{}});
    const auto summary = audience::run_import(database, office.clock(), *settings);
    if (!summary) return refuse(without_folders(summary.error(), upload->folder));
    auto result = result_json(id, *summary, false);
    note_import(office, caller, "import.end", *upload,
                base::Json::Object{{"imported", summary->rows_imported},
                                   {"rejected", summary->rows_rejected}});
    write_private(upload->folder / "result.json", result.dump());
    return result;
}

Answer rejected_rows(Office& office, const Caller& caller, const std::string& id) {
    access::require(caller, Right::imports_run);
    const auto upload = find_upload(office, id);
    if (!upload) return unknown(id);
    auto rows = read_whole(upload->folder / "rejects.csv");
    if (!rows) rows = read_whole(upload->folder / "tried.csv");  // of the trial before the import
    if (!rows) return unknown(id);
    return base::Json{base::Json::Object{{"csv", *rows}}};
}

Answer list_imports(Office& office, const Caller& caller, const PageQuery& query) {
    auto lease = office.read(caller, Right::imports_run);
    const auto cursor = number_in_cursor(query.after);
    if (!cursor) return refuse(cursor.error());
    const auto before = *cursor == 0 ? std::numeric_limits<std::int64_t>::max() : *cursor;
    base::Json::Array items;
    lease->select(db::queries::desk_imports_before, {before, query.limit + 1},
                  [&](const db::Row& row) {
                      const auto file = row.get<std::string>(2);
                      items.push_back(base::Json::Object{
                          {"id", row.get<std::int64_t>(0)},
                          {"kind", row.get<std::string>(1)},
                          {"file", file.substr(file.find_last_of('/') + 1)},
                          {"state", row.get<std::string>(3)},
                          {"rows_imported", row.get<std::int64_t>(4)},
                          {"rows_rejected", row.get<std::int64_t>(5)},
                          {"started_at", base::to_text(row.get<base::Instant>(6))},
                          {"finished_at", time_or_null(row.get<std::optional<base::Instant>>(7))}});
                  });
    return page_of(std::move(items), query, [](const base::Json& one) {
        return std::to_string(*one.find("id")->integer());
    });
}

}  // namespace carillon::desk

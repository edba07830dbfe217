// The course of an import: find out where to go on, read and write side by side, finish.
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "audience/client_finish.h"
#include "audience/import.h"
#include "audience/import_work.h"
#include "audience/rejects_file.h"
#include "audience/store.h"
#include "base/digest.h"
#include "base/text.h"
#include "db/queries.h"
#include "db/statistics.h"

namespace carillon::audience {

namespace {

struct Progress {
    std::int64_t import_id{};
    CsvPosition position{};
    std::int64_t imported{};
    std::int64_t rejected{};
    std::int64_t rejects_size{};
    bool resumed{};
};

// Leaves the transaction of a batch that is only tried.
struct OnlyTried {
    Progress progress{};
};

struct OpenFile {
    CsvReader reader;
    std::vector<std::string> header{};
};

base::Result<OpenFile> open_file(const std::string& path, const CsvSettings& settings) {
    auto read = read_file(path);
    if (!read) return base::fail(read.error());
    auto reader = CsvReader::open(std::move(*read), settings);
    if (!reader) return base::fail(reader.error());
    CsvRow row;
    if (!reader->next(row)) return base::fail("import.file", "the file is empty", path);
    if (row.damage)
        return base::fail(row.damage->code, "in the header: " + row.damage->detail, path);
    std::vector<std::string> header;
    for (const auto cell : row.cells) header.emplace_back(base::trim(without_formula_guard(cell)));
    return OpenFile{std::move(*reader), std::move(header)};
}

base::Result<std::string> whole_file(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return base::fail("import.file", "cannot open " + path);
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

base::Result<Mapping> load_mapping(const ImportSettings& settings) {
    if (settings.mapping_file.empty()) return Mapping{};
    const auto text = whole_file(settings.mapping_file);
    if (!text) return base::fail(text.error());
    const auto json = base::Json::parse(*text, settings.mapping_file);
    if (!json) return base::fail(json.error());
    auto mapping = parse_mapping(*json, settings.kind);
    if (mapping) return std::move(*mapping);
    std::vector<std::string> lines;
    for (const auto& problem : mapping.error()) lines.push_back(problem.text());
    return base::fail("import.mapping", base::join(lines, "\n"), settings.mapping_file);
}

std::string rejects_path(const ImportSettings& settings) {
    if (!settings.rejects_file.empty()) return settings.rejects_file;
    const auto slash = settings.file.rfind('/');
    const auto dot = settings.file.rfind('.');
    const bool has_ending =
        dot != std::string::npos && (slash == std::string::npos || dot > slash + 1);
    return settings.file.substr(0, has_ending ? dot : std::string::npos) + ".rejects.csv";
}

Progress begin_import(db::Database& database, const ImportSettings& settings,
                      const std::string& fingerprint, base::Instant now) {
    if (settings.dry) return {};
    return db::in_transaction(database, [&](db::Connection& connection) {
        auto running = connection.one<Progress>(
            db::queries::running_import, {fingerprint}, [](const db::Row& row) {
                return Progress{row.integer(0), {row.integer(1), row.integer(2)},
                                row.integer(3), row.integer(4),
                                row.integer(5), true};
            });
        if (running) return *running;
        Progress fresh;
        fresh.import_id = connection.insert(
            db::queries::insert_import,
            {name_of(settings.kind), settings.file.substr(0, 500), fingerprint, now});
        return fresh;
    });
}

void store(db::Connection& connection, const Progress& progress) {
    connection.execute(db::queries::advance_import,
                       {progress.position.offset, progress.position.line, progress.imported,
                        progress.rejected, progress.rejects_size, progress.import_id});
}

// Declared types join those of the database; a type that would change is a mistake.
base::Result<AttributeTypes> agree_on_attributes(db::Database& database,
                                                 const AttributeTypes& declared,
                                                 const BoundMapping& mapping, bool dry) {
    constexpr std::string_view prefix = "attributes.";
    auto types = load_attribute_types(*database.read());
    auto wanted = declared;
    for (const auto& field : mapping.fields())
        if (field.source.field.starts_with(prefix))
            wanted.try_emplace(field.source.field.substr(prefix.size()), AttributeType::text);
    for (const auto& [name, type] : wanted) {
        const auto known = types.find(name);
        const bool is_declared = declared.contains(name);
        if (known != types.end() && is_declared && known->second != type)
            return base::fail("import.attribute_type", "the attribute '" + name + "' is kept as " +
                                                           std::string{name_of(known->second)} +
                                                           ", the mapping declares " +
                                                           std::string{name_of(type)});
        if (known != types.end()) continue;
        types[name] = type;
        if (dry) continue;
        db::in_transaction(
            database, [&, &attribute = name, &as = type](db::Connection& connection) {
                connection.execute(db::queries::insert_attribute_type, {attribute, name_of(as)});
            });
    }
    return types;
}

Reject reject_of(const CsvRow& row, std::string column, std::string reason, char delimiter) {
    Reject reject{row.line, std::move(column), std::move(reason), {}};
    std::vector<std::string_view> cells;
    for (const auto cell : row.cells) cells.push_back(without_formula_guard(cell));
    append_csv_row(reject.cells, cells, delimiter);
    return reject;
}

Reject reject_of(const CsvRow& row, const std::vector<CellProblem>& problems, char delimiter) {
    std::vector<std::string> columns;
    std::vector<std::string> reasons;
    for (const auto& problem : problems) {
        columns.push_back(problem.column);
        reasons.push_back(problems.size() == 1 ? problem.reason
                                               : problem.column + " " + problem.reason);
    }
    return reject_of(row, base::join(columns, ", "), base::join(reasons, "; "), delimiter);
}

// Reads the rows of one file, in batches, by the importer's rules for a single row.
template <class Work>
class RowReader {
public:
    using Row = typename Work::Row;
    using Batch = ImportBatch<Row>;

    RowReader(CsvReader& reader, Work& work, std::size_t columns, std::size_t batch_rows)
        : reader_(reader), work_(work), columns_(columns), batch_rows_(batch_rows) {}

    // Nothing at the end of the file.
    std::optional<Batch> next_batch() {
        Batch batch;
        std::size_t count = 0;
        while (count < batch_rows_ && reader_.next(csv_)) {
            ++count;
            take_row(batch);
        }
        if (count == 0) return std::nullopt;
        batch.rows_good = static_cast<std::int64_t>(batch.rows.size());
        batch.end = reader_.position();
        work_.finish(batch);
        return batch;
    }

    // The row read last parses well, of the right number of cells.
    bool is_sound() const { return !csv_.damage && csv_.cells.size() == columns_; }

private:
    void take_row(Batch& batch) {
        const char delimiter = reader_.delimiter();
        if (csv_.damage) {
            batch.rejects.push_back(
                reject_of(csv_, csv_.damage->place, csv_.damage->detail, delimiter));
            return;
        }
        if (csv_.cells.size() != columns_) {
            batch.rejects.push_back(reject_of(csv_, {},
                                              "has " + std::to_string(csv_.cells.size()) +
                                                  " cells, the header has " +
                                                  std::to_string(columns_),
                                              delimiter));
            return;
        }
        Row row;
        if (!work_.parse(csv_.cells, row)) {
            batch.rejects.push_back(reject_of(csv_, work_.problems(), delimiter));
            return;
        }
        if constexpr (requires { row.cells; }) {
            row.line = csv_.line;
            row.cells = reject_of(csv_, {}, {}, delimiter).cells;
        }
        batch.rows.push_back(std::move(row));
    }

    CsvReader& reader_;
    Work& work_;
    std::size_t columns_;
    std::size_t batch_rows_;
    CsvRow csv_;
};

// Writes one batch with its progress and rejects: all of it or nothing.
template <class Work>
void commit_batch(db::Database& database, Work& work, ImportBatch<typename Work::Row>& batch,
                  RejectsFile& rejects, Progress& progress, bool dry) {
    const auto committed_size = rejects.size();
    for (int attempt = 1;; ++attempt) {
        try {
            progress = db::in_transaction(database, [&](db::Connection& connection) {
                rejects.truncate(committed_size);
                auto next = progress;
                auto late = work.write(connection, batch);
                const auto rejected_late = static_cast<std::int64_t>(late.size());
                late.insert(late.end(), batch.rejects.begin(), batch.rejects.end());
                next.imported += batch.rows_good - rejected_late;
                next.rejected += static_cast<std::int64_t>(late.size());
                next.rejects_size = rejects.append(std::move(late));
                next.position = batch.end;
                if (dry) throw OnlyTried{next};
                store(connection, next);
                return next;
            });
            return;
        } catch (const OnlyTried& tried) {
            progress = tried.progress;
            return;
        } catch (const db::DbError& error) {
            // Another writer may also have taken the same id: two more attempts.
            const bool again = work.learn_from_duplicate() || attempt < 3;
            if (error.fault() != db::DbFault::duplicate || !again) throw;
        }
    }
}

template <class Work>
void import_rows(db::Database& database, CsvReader& reader, Work& work, std::size_t columns,
                 RejectsFile& rejects, Progress& progress, const ImportSettings& settings,
                 const std::function<void(const Progress&)>& on_batch) {
    using Batch = ImportBatch<typename Work::Row>;
    BatchQueue<Batch> queue;
    try {
        db::in_transaction(database, [&](db::Connection& connection) {
            work.start(connection);
            if (settings.dry) throw OnlyTried{};
        });
    } catch (const OnlyTried&) {  // NOLINT(bugprone-empty-catch): it was only tried
    }
    const std::jthread reading{[&] {
        try {
            RowReader<Work> rows{reader, work, columns, settings.batch_rows};
            while (auto batch = rows.next_batch())
                if (!queue.push(std::move(*batch))) return;
            queue.finish();
        } catch (...) {
            queue.finish(std::current_exception());
        }
    }};
    struct CloseAtEnd {
        ~CloseAtEnd() { queue.close(); }
        BatchQueue<Batch>& queue;
    } const close_at_end{queue};
    while (auto batch = queue.pop()) {
        commit_batch(database, work, *batch, rejects, progress, settings.dry);
        if (on_batch) on_batch(progress);
        queue.give_back(std::move(*batch));
    }
}

// Relations name clients who may stand later in the file, so they are read in a second pass, in the
// transaction that ends the import.
base::Result<void> import_relations(db::Connection& connection, const ImportSettings& settings,
                                    const Mapping& mapping, ClientImport& work, std::size_t columns,
                                    RejectsFile& rejects, Progress& progress) {
    auto file = open_file(settings.file, mapping.csv);
    if (!file) return base::fail(file.error());
    RelationPass pass{work.parser()};
    CsvRow row;
    std::vector<Reject> late;
    const auto flush = [&] {
        for (const auto& problem : pass.write(connection))
            late.push_back(
                reject_of(problem.row, problem.column, problem.reason, file->reader.delimiter()));
    };
    ClientRow client;
    while (file->reader.next(row)) {
        if (row.damage || row.cells.size() != columns) continue;
        client = {};
        if (!work.parse(row.cells, client)) continue;
        pass.add(row);
        if (pass.size() >= settings.batch_rows) flush();
    }
    flush();
    const auto count = static_cast<std::int64_t>(late.size());
    progress.imported -= count;
    progress.rejected += count;
    progress.rejects_size = rejects.append(std::move(late));
    store(connection, progress);
    return {};
}

class RareCheckpoints {
public:
    explicit RareCheckpoints(db::Database& database) : database_(database) {
        database_.write()->execute(db::queries::checkpoint_seldom);
    }
    ~RareCheckpoints() {
        try {
            database_.write()->execute(db::queries::checkpoint_as_usual);
        } catch (const db::DbError&) {
            // Only disk is lost; what went wrong with the database shows at the next statement.
        }
    }
    RareCheckpoints(const RareCheckpoints&) = delete;
    RareCheckpoints& operator=(const RareCheckpoints&) = delete;

private:
    db::Database& database_;
};

// One import, from its opened file to its summary.
struct Run {
    db::Database& database;
    const ImportSettings& settings;
    const Mapping& mapping;
    OpenFile& file;
    BoundMapping& bound;
    Progress& progress;
    RejectsFile& rejects;
    base::Instant now{};
    std::function<void(const Progress&)> on_batch{};

    template <class Work>
    void rows(Work& work) {
        const RareCheckpoints checkpoints{database};
        import_rows(database, file.reader, work, bound.columns(), rejects, progress, settings,
                    on_batch);
    }

    base::Result<std::int64_t> clients(const AttributeTypes& attributes) {
        ClientImport work{bound, mapping.defaults, attributes, {progress.import_id, now}};
        rows(work);
        if (settings.dry) return 0;
        const SortOnDisk sorting{database};
        ClientComparison comparison{database};
        const auto before = progress;
        const auto committed_size = rejects.size();
        return db::in_transaction(
            database, [&](db::Connection& connection) -> base::Result<std::int64_t> {
                progress = before;  // the transaction may be repeated
                rejects.truncate(committed_size);
                if (work.parser().has_relations()) {
                    const auto done = import_relations(connection, settings, mapping, work,
                                                       bound.columns(), rejects, progress);
                    if (!done) return base::fail(done.error());
                }
                connection.execute(db::queries::build_contact_index);
                const auto duplicates = comparison.write(connection, now);
                connection.execute(db::queries::finish_import, {now, progress.import_id});
                return duplicates;
            });
    }

    template <class Work>
    base::Result<std::int64_t> others() {
        Work work{bound, mapping.defaults, {progress.import_id, now, &settings.store_history}};
        rows(work);
        if (settings.dry) return 0;
        return db::in_transaction(
            database, [&](db::Connection& connection) -> base::Result<std::int64_t> {
                connection.execute(db::queries::finish_import, {now, progress.import_id});
                return 0;
            });
    }

    base::Result<std::int64_t> all(const AttributeTypes& attributes) {
        switch (settings.kind) {
            case ImportKind::clients: return clients(attributes);
            case ImportKind::contracts: return others<ContractImport>();
            case ImportKind::consents: return others<ConsentImport>();
            case ImportKind::suppressions: return others<SuppressionImport>();
            case ImportKind::conversions: return others<ConversionImport>();
            case ImportKind::history: return others<HistoryImport>();
            case ImportKind::plans: return others<PlanImport>();
            case ImportKind::facts: return others<FactImport>();
        }
        std::abort();
    }
};

std::int64_t file_size(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
}

}  // namespace

base::Result<std::string> fingerprint_of(const ImportSettings& settings) {
    const auto read = read_file(settings.file);
    if (!read) return base::fail("import.file", read.error().detail);
    std::string digests{name_of(settings.kind)};
    if (!settings.subject.empty()) digests += base::sha256(settings.subject);
    if (!settings.mapping_file.empty()) {
        const auto mapping = whole_file(settings.mapping_file);
        if (!mapping) return base::fail(mapping.error());
        digests += base::sha256(*mapping);
    }
    std::string piece(1 << 20, '\0');
    while (const auto count = (*read)(piece))
        digests += base::sha256(std::string_view{piece}.substr(0, count));
    return base::sha256_hex(digests);
}

base::Result<ImportSummary> run_import(db::Database& database, const base::Clock& clock,
                                       const ImportSettings& settings,
                                       const OnImportProgress& on_progress) {
    const auto mapping = load_mapping(settings);
    if (!mapping) return base::fail(mapping.error());
    const auto fingerprint = fingerprint_of(settings);
    if (!fingerprint) return base::fail(fingerprint.error());
    auto file = open_file(settings.file, mapping->csv);
    if (!file) return base::fail(file.error());
    auto bound = BoundMapping::bind(*mapping, settings.kind, file->header);
    if (!bound) return base::fail(bound.error());
    auto attributes = agree_on_attributes(database, mapping->attributes, *bound, settings.dry);
    if (!attributes) return base::fail(attributes.error());

    const auto now = clock.now();
    auto progress = begin_import(database, settings, *fingerprint, now);
    RejectsFile rejects{rejects_path(settings), progress.rejects_size, file->header,
                        file->reader.delimiter()};
    if (progress.position.offset > 0) file->reader.skip_to(progress.position);
    const auto bytes_total = file_size(settings.file);
    Run run{database,
            settings,
            *mapping,
            *file,
            *bound,
            progress,
            rejects,
            now,
            [&](const Progress& at) {
                if (on_progress)
                    on_progress({at.position.offset, bytes_total, at.imported, at.rejected});
            }};
    const auto duplicates = run.all(*attributes);
    if (!duplicates) return base::fail(duplicates.error());
    if (!settings.dry) db::refresh_statistics(database);
    return ImportSummary{progress.import_id,      progress.resumed, progress.imported,
                         progress.rejected,       *duplicates,      rejects_path(settings),
                         bound->ignored_columns()};
}

}  // namespace carillon::audience

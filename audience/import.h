// Bringing a bank's files in: clients, contracts, consents, suppressions, conversions, and the
// history of campaigns that another system ran. Streaming; rows that are
// wrong go to a file of rejects with line, column and reason, the others go in. A killed import
// goes on where its last batch was committed, and ends as one that was never interrupted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "audience/mapping.h"
#include "audience/past_contact.h"
#include "base/clock.h"
#include "db/database.h"

namespace carillon::audience {

struct ImportSettings {
    ImportKind kind{ImportKind::clients};
    std::string file{};
    std::string mapping_file{};  // "": columns bear the names of fields
    std::string rejects_file{};  // "": the file's name with ".rejects.csv" in place of its ending
    std::size_t batch_rows{5'000};  // of one transaction; four batches may stand in memory
    std::string subject{};          // history: the campaign it belongs to
    StoreHistory store_history{};   // history: who writes the rows; needed for that kind
    // Only tries: every batch is rolled back, relations and duplicates are not looked at. What a
    // row meets are the rows of its own batch and what was there before.
    bool dry{false};
};

struct ImportProgress {
    std::int64_t bytes_read{};   // of the text in UTF-8
    std::int64_t bytes_total{};  // of the file
    std::int64_t rows_imported{};
    std::int64_t rows_rejected{};
};
using OnImportProgress = std::function<void(const ImportProgress&)>;

struct ImportSummary {
    std::int64_t import_id{};
    bool resumed{};
    std::int64_t rows_imported{};
    std::int64_t rows_rejected{};
    std::int64_t
        duplicates{};  // pairs of clients that look like one, in the whole base (clients only)
    std::string rejects_file{};
    std::vector<std::string> ignored_columns{};
};

// Runs the import to its end, in transactions of batch_rows rows; clients get their value class and
// duplicates at the end. Call it for one import of a kind at a time. Errors: import.file,
// import.mapping (all mistakes), import.column_*, import.field_missing, import.attribute_type,
// csv.encoding. Database trouble is thrown (db::DbError); the same call then goes on later.
base::Result<ImportSummary> run_import(db::Database& database, const base::Clock& clock,
                                       const ImportSettings& settings,
                                       const OnImportProgress& on_progress = {});

// SHA-256 over the file's pieces, its mapping and the kind: what a resumed import must match.
// Errors: import.file.
base::Result<std::string> fingerprint_of(const ImportSettings& settings);

}  // namespace carillon::audience

// Files brought in at the screen: uploaded and looked at, then imported. What was rejected can be
// fetched, with line, column and reason.
#pragma once

#include "desk/office.h"

namespace carillon::desk {

struct NewUpload {
    std::string kind{};  // clients, contracts, consents, suppressions, conversions
    std::string file{};  // its name, as shown to people
    std::string_view bytes{};
};

// Keeps the file and says what it is: encoding, separator, columns, the first rows. Imports
// nothing. Errors: import.kind, import.file, csv.encoding.
Answer upload_import(Office& office, const Caller& caller, const NewUpload& upload);
// What run_import would do, without doing it. Errors: as there.
Answer try_import(Office& office, const Caller& caller, const std::string& id,
                  const base::Json& choice);
// {"mapping"} or nothing: columns bear the names of fields. Errors: upload.unknown, import.running
// (one at a time), those of audience::run_import. A finished one answers the same again.
Answer run_import(Office& office, const Caller& caller, const std::string& id,
                  const base::Json& choice);
// The rejected rows as CSV, under "csv". Errors: upload.unknown, also before it was run.
Answer rejected_rows(Office& office, const Caller& caller, const std::string& id);
// Newest first, also those of the command line.
Answer list_imports(Office& office, const Caller& caller, const PageQuery& query);

}  // namespace carillon::desk

// What the optimizer of the database believes about its tables.
#pragma once

#include "db/database.h"

namespace carillon::db {

// After rows came in by the thousand: MariaDB counts a table anew only some seconds after a tenth
// of it has changed, and a query that is planned before, for an empty table, may take minutes
// instead of a second. SQLite plans ours by their indexes alone: nothing is done. Outside of a
// transaction.
void refresh_statistics(Database& database);

}  // namespace carillon::db

// From the text of a query and its parameters to what an engine can prepare: lists and groups
// expanded. Pure; see db/query.h for the marks.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/value.h"

namespace carillon::db {

// Borrowed parameters in the order of the `?` marks. A list became its ids, padded with its last
// one so that few different texts have to be prepared.
struct Flat {
    std::string sql{};
    std::vector<Value> owned{};          // ids of lists
    std::vector<const Value*> values{};  // one for each `?`; never a list
};

// Throws DbError when marks and parameters do not fit together.
Flat flatten(std::string_view name, std::string_view sql, const Params& params);
// The `[[ ... ]]` group repeated for each of the rows.
Flat flatten_rows(std::string_view name, std::string_view sql, std::span<const Params> rows);

// How many rows to put into the next statement of `left`: at most `rows_max` and the parameter
// limit, from a short list of sizes (powers of two) so that statements can be kept prepared.
std::size_t chunk_size(std::size_t left, std::size_t params_per_row, std::size_t rows_max);

}  // namespace carillon::db

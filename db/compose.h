// Puts compiled pieces of SQL (segment predicates, eligibility) into the places `{mark}` of a named
// query, with their parameters at the right positions.
#pragma once

#include <string>
#include <vector>

#include "db/query.h"
#include "db/value.h"

namespace carillon::db {

struct Fragment {
    std::string_view mark{};  // "predicate" stands for {predicate}
    std::string sql{};
    Params params{};
};

struct Composed {
    DynamicQuery query{};
    Params params{};
};

// Every mark of the query must have a fragment; a fragment may serve several places. `params` are
// those of the query's own `?`. Throws DbError otherwise.
Composed compose(const Query& query, Engine engine, const Params& params,
                 const std::vector<Fragment>& fragments);

}  // namespace carillon::db

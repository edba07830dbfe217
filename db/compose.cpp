#include "db/compose.h"

#include <algorithm>

#include "db/error.h"

namespace carillon::db {

Composed compose(const Query& query, Engine engine, const Params& params,
                 const std::vector<Fragment>& fragments) {
    Composed composed{{std::string{query.name}, {}}, {}};
    const auto text = query.text(engine);
    std::size_t next = 0;
    const auto take_own = [&] {
        if (next == params.size())
            throw DbError{DbFault::other, query.name, "needs more parameters"};
        composed.params.push_back(params[next++]);
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '?') take_own();
        if (text[i] != '{') {
            composed.query.sql += text[i];
            continue;
        }
        const auto close = text.find('}', i);
        const auto mark = text.substr(i + 1, close - i - 1);
        const auto found = std::ranges::find(fragments, mark, &Fragment::mark);
        if (found == fragments.end())
            throw DbError{DbFault::other, query.name, "has no fragment for " + std::string{mark}};
        composed.query.sql += found->sql;
        composed.params.insert(composed.params.end(), found->params.begin(), found->params.end());
        i = close;
    }
    if (next != params.size())
        throw DbError{DbFault::other, query.name, "was given too many parameters"};
    return composed;
}

}  // namespace carillon::db

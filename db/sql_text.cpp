#include "db/sql_text.h"

#include <algorithm>
#include <bit>

#include "db/error.h"

namespace carillon::db {

namespace {

constexpr std::size_t params_max = 60'000;  // MariaDB allows 65,535 in one statement

struct Group {
    std::string_view before{};
    std::string_view inside{};
    std::string_view after{};
};

Group split_group(std::string_view name, std::string_view sql) {
    const auto open = sql.find("[[");
    const auto close = sql.find("]]");
    if (open == std::string_view::npos || close == std::string_view::npos || close < open)
        throw DbError{DbFault::other, name, "has no [[ ]] group to repeat"};
    return {sql.substr(0, open), sql.substr(open + 2, close - open - 2), sql.substr(close + 2)};
}

// A quoted literal of the SQL text is skipped over: a `?` inside is not a mark.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
    const auto end = sql.find(sql[at], at + 1);
    return end == std::string_view::npos ? sql.size() : end + 1;
}

// Lists first, then plain values, so that no pointer into `owned` moves.
std::size_t ids_in(const Params& params) {
    std::size_t count = 0;
    for (const auto& value : params)
        if (const auto* ids = std::get_if<IdList>(&value.data()))
            count += std::bit_ceil(ids->size());
    return count;
}

void append_list(Flat& flat, const IdList& ids) {
    if (ids.empty()) {
        flat.sql += "NULL";
        return;
    }
    const auto size = std::bit_ceil(ids.size());
    for (std::size_t i = 0; i < size; ++i) {
        flat.sql += i == 0 ? "?" : ",?";
        flat.owned.emplace_back(ids[std::min(i, ids.size() - 1)]);
        flat.values.push_back(&flat.owned.back());
    }
}

void append(Flat& flat, std::string_view name, std::string_view sql, const Params& params) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < sql.size();) {
        if (sql[i] == '\'' || sql[i] == '"') {
            const auto end = end_of_quoted(sql, i);
            flat.sql += sql.substr(i, end - i);
            i = end;
            continue;
        }
        if (sql[i] != '?') {
            flat.sql += sql[i++];
            continue;
        }
        if (next == params.size()) throw DbError{DbFault::other, name, "needs more parameters"};
        const auto& value = params[next++];
        const auto* ids = std::get_if<IdList>(&value.data());
        const bool wants_list = i + 1 < sql.size() && sql[i + 1] == '*';
        if (wants_list != (ids != nullptr))
            throw DbError{DbFault::other, name, "a list goes with ?* and nothing else does"};
        if (wants_list) {
            append_list(flat, *ids);
            i += 2;
        } else {
            flat.sql += '?';
            flat.values.push_back(&value);
            ++i;
        }
    }
    if (next != params.size()) throw DbError{DbFault::other, name, "was given too many parameters"};
}

}  // namespace

Flat flatten(std::string_view name, std::string_view sql, const Params& params) {
    Flat flat;
    flat.owned.reserve(ids_in(params));
    flat.sql.reserve(sql.size() + 16);
    append(flat, name, sql, params);
    return flat;
}

Flat flatten_rows(std::string_view name, std::string_view sql, std::span<const Params> rows) {
    const auto group = split_group(name, sql);
    Flat flat;
    flat.sql = group.before;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i > 0) flat.sql += ',';
        append(flat, name, group.inside, rows[i]);
    }
    flat.sql += group.after;
    return flat;
}

std::size_t chunk_size(std::size_t left, std::size_t params_per_row, std::size_t rows_max) {
    const auto fitting = params_max / std::max<std::size_t>(params_per_row, 1);
    return std::bit_floor(std::max<std::size_t>(std::min({left, rows_max, fitting}), 1));
}

}  // namespace carillon::db

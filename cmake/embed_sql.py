#!/usr/bin/env python3
"""Turns db/queries/*.sql into the constants of db/queries.h and db/migrations/*.sql into those of db/migrations.h.

A file of queries whose first line is `-- header: NAME` has a header of its own, db/NAME.h, so that a change to it does
not compile everything anew.

A query block starts with `-- name: claim_messages` (both engines) or `-- name: claim_messages @mariadb`
(one engine; the other must have a block too). A misspelt query name is then a compile error.
"""
import pathlib
import re
import sys

DIALECT = {
    "sqlite": {
        "id": "INTEGER PRIMARY KEY", "table": "", "rowless": "WITHOUT ROWID", "long": "TEXT"},
    "mariadb": {
        "id": "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
        "table": "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        "rowless": "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
        "long": "LONGTEXT"},
}


def without_comments(sql):
    lines = [re.sub(r"\s*--\s.*$", "", line) for line in sql.splitlines()]
    return "\n".join(line for line in lines if line.strip()).strip()


def header_of(path):
    match = re.match(r"-- header: ([a-z_]+)\n", path.read_text("utf-8"))
    return match.group(1) if match else "queries"


def read_queries(paths):
    queries = {}
    for path in paths:
        for block in re.split(r"^-- name: ", path.read_text("utf-8"), flags=re.M)[1:]:
            head, _, body = block.partition("\n")
            match = re.fullmatch(r"([a-z0-9_]+)(?: @(sqlite|mariadb))?\s*", head)
            if not match:
                sys.exit(f"{path}: bad block head '{head}'")
            name, engine = match.groups()
            sql = without_comments(body).rstrip(";")
            known = queries.setdefault(name, {})
            for one in [engine] if engine else ["sqlite", "mariadb"]:
                if one in known:
                    sys.exit(f"{path}: query {name} stands twice for {one}")
                known[one] = sql
    for name, known in queries.items():
        if set(known) != {"sqlite", "mariadb"}:
            sys.exit(f"query {name}: only {', '.join(known)}")
    return queries


def compared_one_by_one(match):
    column, values = match.groups()
    return "CHECK (" + " OR ".join(f"{column} = {value.strip()}" for value in values.split(",")) + ")"


def migration_for(text, engine):
    """Drops statements meant for the other engine and fills in the dialect words."""
    kept, only = [], None
    statement = []
    for line in text.splitlines():
        marker = re.fullmatch(r"-- @(sqlite|mariadb)", line.strip())
        if marker:
            only = marker.group(1)
            continue
        bare = without_comments(line)
        if not bare:
            continue
        statement.append(bare)
        if bare.endswith(";"):
            if only in (None, engine):
                kept.append("\n".join(statement))
            statement, only = [], None
    if statement:
        sys.exit("a migration must end with ';'")
    sql = "\n".join(kept)
    for word, replacement in DIALECT[engine].items():
        sql = sql.replace("{" + word + "}", replacement)
    if engine == "sqlite":  # it would build the list of an IN anew for each row
        sql = re.sub(r"CHECK \((\w+) IN \(([^()]*)\)\)", compared_one_by_one, sql)
    return re.sub(r" +;", ";", sql)


def literal(text):
    """Raw string literals; compilers limit the length of one, so long texts are joined from several."""
    parts = [text[i:i + 8000] for i in range(0, len(text), 8000)] or [""]
    return "\n    ".join(f'R"sql({part})sql"' for part in parts)


def write(target, lines):
    content = "\n".join(["// Made by cmake/embed_sql.py from db/queries and db/migrations.", "#pragma once", "", *lines, ""])
    if not target.exists() or target.read_text("utf-8") != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8")


def queries_header(queries, name):
    lines = ['#include "db/query.h"', "", "namespace carillon::db::queries {", ""]
    for query, sql in sorted(queries.items()):
        lines.append(f'inline constexpr Query {query}{{"{query}",\n    {literal(sql["sqlite"])},\n'
                     f'    {literal(sql["mariadb"])}}};')
    lines.append(f"\ninline constexpr const Query* {'all' if name == 'queries' else 'all_of_' + name}[] = {{")
    return lines + [f"    &{query}," for query in sorted(queries)] + ["    nullptr};", "", "}  // namespace carillon::db::queries"]


def migrations_header(folder):
    lines = ['#include "db/migration.h"', "", "namespace carillon::db {", "", "inline constexpr Migration migrations[] = {"]
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text("utf-8")
        lines.append(f'    {{"{path.stem}",\n    {literal(migration_for(text, "sqlite"))},\n'
                     f'    {literal(migration_for(text, "mariadb"))}}},')
    return lines + ["};", "", "}  // namespace carillon::db"]


def main(root, out):
    folder = pathlib.Path(out).parent
    paths = sorted((root / "queries").glob("*.sql"))
    read_queries(paths)  # a name stands once in all of them
    for name in sorted({header_of(path) for path in paths}):
        write(folder / f"{name}.h", queries_header(read_queries([p for p in paths if header_of(p) == name]), name))
    write(folder / "migrations.h", migrations_header(root / "migrations"))


main(pathlib.Path(sys.argv[1]), sys.argv[2])

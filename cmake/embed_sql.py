#!/usr/bin/env python3
"""Turns db/queries/*.sql and db/migrations/*.sql into C++ constants.

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


def read_queries(folder):
    queries = {}
    for path in sorted(folder.glob("*.sql")):
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


def main(root, out):
    lines = ["// Made by cmake/embed_sql.py from db/queries and db/migrations.", "#pragma once", "",
             '#include "db/migration.h"', '#include "db/query.h"', "",
             "namespace carillon::db::queries {", ""]
    queries = read_queries(root / "queries")
    for name, sql in sorted(queries.items()):
        lines.append(f'inline constexpr Query {name}{{"{name}",\n    {literal(sql["sqlite"])},\n'
                     f'    {literal(sql["mariadb"])}}};')
    lines.append("\ninline constexpr const Query* all[] = {")
    lines += [f"    &{name}," for name in sorted(queries)]
    lines += ["    nullptr};", "", "}  // namespace carillon::db::queries", "",
              "namespace carillon::db {", "", "inline constexpr Migration migrations[] = {"]
    for path in sorted((root / "migrations").glob("*.sql")):
        text = path.read_text("utf-8")
        lines.append(f'    {{"{path.stem}",\n    {literal(migration_for(text, "sqlite"))},\n'
                     f'    {literal(migration_for(text, "mariadb"))}}},')
    lines += ["};", "", "}  // namespace carillon::db", ""]
    content = "\n".join(lines)
    target = pathlib.Path(out)
    if not target.exists() or target.read_text("utf-8") != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, "utf-8")


main(pathlib.Path(sys.argv[1]), sys.argv[2])

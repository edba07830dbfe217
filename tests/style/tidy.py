#!/usr/bin/env python3
"""The house rules a compiler does not know.

    tests/style/tidy.py [--build DIR]   checks the tree; with DIR also that CMake compiles every .cpp
    tests/style/tidy.py --self-test     proves that every rule bites
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

from sources import ROOT, CppText, Violation, read_sources, report, self_test, tracked

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600

# SQL lives in db/queries; these compile segments, eligibility and audiences to it and are tested as compilers.
SQL_COMPILERS = {"audience/segment_sql.cpp", "audience/eligibility_sql.cpp", "campaigns/audience_sql.cpp", "campaigns/route_sql.cpp"}
SQL = re.compile(
    r"\b(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|(LEFT|INNER|CROSS)\s+JOIN\b"
    r"|\sWHERE\s|^WHERE\s|ORDER\s+BY\b|GROUP\s+BY\b|(CREATE|ALTER|DROP)\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW)\b|PRAGMA\s"
    r"|START\s+TRANSACTION|BEGIN\s+IMMEDIATE|SAVEPOINT\s|FOR\s+UPDATE\b)")

# Decisions get the time and the chance handed in; each source of them has one home.
SOURCES = [
    (re.compile(r"system_clock\s*::\s*now|\btime\s*\(\s*(nullptr|NULL|0)\s*\)|\bgettimeofday\s*\(|\bclock_gettime\s*\("),
     {"base/clock.cpp"}, "the wall clock is read in base/clock.cpp only: take a base::Clock"),
    (re.compile(r"(steady|high_resolution)_clock\s*::\s*now"),
     {"base/clock.cpp"}, "call base::steady_now()"),
    (re.compile(r"\brandom_device\b|(?<!::)\bs?rand\s*\(|\bstd\s*::\s*s?rand\s*\(|\bdefault_random_engine\b"),
     {"base/digest.cpp"}, "chance comes from base/digest.h or is handed in"),
]
LITERALS_NAMESPACE = re.compile(r"using\s+namespace\s+std\s*::\s*(\w+\s*::\s*)*\w*literals\s*;")
LOCK_FILES = {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "poetry.lock", "Pipfile.lock",
              "uv.lock", "Cargo.lock", ".npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf"}
REGISTRY = re.compile(r"""(resolved|tarball|registry|index-url|source)\W*[=:\s]\W*(registry\+)?https?://""")
# Put together from pieces, or this file would not pass its own rule.
MACHINE_PATH = re.compile(r"(?<![\w./$}~-])/(" + "|".join(["wo" + "rk", "ro" + "ot"]) + r")/[\w.]")
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b")
TEXT_SUFFIXES = (".cpp", ".h", ".py", ".sh", ".cmake", ".txt", ".json", ".md", ".toml", ".sql", ".yml", ".yaml", ".in",
                 ".html", ".mustache", ".svg", ".service", ".ts", ".tsx", ".css", ".js", "")


def is_test(path):
    return path.startswith(("tests/", "bench/", "examples/"))


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def check_size(path, cpp):
    lines = cpp.text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield Violation(path, len(lines), "file-length", f"{len(lines)} lines; {FILE_LINES_MAX} are the limit")
    for number, line in enumerate(lines, 1):
        if len(line) - cpp.raw_columns[number] > COLUMNS_MAX:
            yield Violation(path, number, "columns", f"{len(line)} columns; {COLUMNS_MAX} are the limit")


def check_header(path, text):
    if not text.startswith(("//", "/*")):
        yield Violation(path, 1, "header-comment", "a header opens with a comment that says what it is")
    if not re.search(r"^#pragma once$", text, re.M):
        yield Violation(path, 1, "pragma-once", "#pragma once is missing")


def check_namespaces(path, code):
    for match in re.finditer(r"\busing\s+namespace\s+[\w:\s]+;", code):
        line = line_of(code, match.start())
        if path.endswith(".h"):
            yield Violation(path, line, "using-namespace", "never in a header")
        elif LITERALS_NAMESPACE.fullmatch(match.group(0)):
            continue
        elif not is_test(path):
            yield Violation(path, line, "using-namespace", "only for literals (std::chrono_literals); name the rest")
        elif not re.match(r"using\s+namespace\s+carillon\b", match.group(0)):
            yield Violation(path, line, "using-namespace", "tests may open carillon namespaces only")


def check_sql(path, cpp):
    if is_test(path) or path.startswith("db/") or path in SQL_COMPILERS or not path.endswith(".cpp"):
        return
    for line, text in cpp.literals:
        if SQL.search(text):
            yield Violation(path, line, "sql", "SQL belongs into db/queries/*.sql under a name")


def check_sources_of_time_and_chance(path, code):
    if is_test(path):
        return
    for pattern, homes, advice in SOURCES:
        for match in pattern.finditer(code):
            if path not in homes:
                yield Violation(path, line_of(code, match.start()), "pure", f"{match.group(0).strip()}: {advice}")


def check_cpp(path, text):
    cpp = CppText(text)
    yield from check_size(path, cpp)
    yield from check_namespaces(path, cpp.code)
    yield from check_sql(path, cpp)
    yield from check_sources_of_time_and_chance(path, cpp.code)
    if path.endswith(".h"):
        yield from check_header(path, text)


def check_any_text(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            yield Violation(path, number, "machine-path", "a path of one machine: " + line.strip()[:80])
        if UNFINISHED.search(line):
            yield Violation(path, number, "unfinished", "finish it or write it down in docs: " + line.strip()[:80])
    if path.rsplit("/", 1)[-1] in LOCK_FILES:
        match = REGISTRY.search(text)
        if match:
            yield Violation(path, line_of(text, match.start()), "registry", "a registry's address in a lock file")


def function_lengths(root, paths):
    """(path, line, name, lines) of every function definition that ctags finds."""
    run = subprocess.run(
        ["ctags", "--languages=C++", "--langmap=C++:.cpp.h", "--kinds-C++=f", "--fields=+ne", "--output-format=json",
         "-f", "-", "-L", "-"], input="\n".join(paths), cwd=root, capture_output=True, text=True, check=True)
    for row in map(json.loads, run.stdout.splitlines()):
        if "end" in row:
            yield row["path"], row["line"], row["name"], row["end"] - row["line"] + 1


def check_functions(root, paths):
    for path, line, name, lines in function_lengths(root, paths):
        if lines > FUNCTION_LINES_MAX:
            yield Violation(path, line, "function-length", f"{name} has {lines} lines; {FUNCTION_LINES_MAX} are the limit")


def check_compiled(sources, build, root=ROOT):
    """Fuzz targets are compiled by a preset of their own: their CMake file must name them."""
    commands = json.loads((pathlib.Path(build) / "compile_commands.json").read_text("utf-8"))
    compiled = {str(pathlib.Path(entry["directory"], entry["file"]).resolve()) for entry in commands}
    fuzz = root / "tests/fuzz/CMakeLists.txt"
    fuzz_text = fuzz.read_text("utf-8") if fuzz.exists() else ""
    for path in sources:
        if not path.endswith(".cpp") or str((root / path).resolve()) in compiled:
            continue
        stem = pathlib.Path(path).stem
        if path.startswith("tests/fuzz/") and re.search(rf"\b{stem}|\*", fuzz_text):
            continue
        yield Violation(path, 1, "not-compiled", "no CMake target compiles this file")


def check_queries(queries, sources):
    """Each query by its name; `queries` and `sources` are texts by path."""
    asked = set()
    for path, text in sources.items():
        if not is_test(path):
            asked.update(re.findall(r"\bqueries::(\w+)", text))
    for path, text in queries.items():
        for match in re.finditer(r"^-- name: (\w+)", text, re.M):
            if match.group(1) not in asked:
                yield Violation(path, line_of(text, match.start()), "unused-query", f"nobody asks {match.group(1)}")


def check_texts(root):
    for path in tracked(root):
        name = path.rsplit("/", 1)[-1]
        if not name.endswith(TEXT_SUFFIXES[:-1]) and "." in name.lstrip("."):
            continue
        try:
            text = (root / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        yield from check_any_text(path, text)


def check_tree(root, build):
    sources = read_sources(root)
    for path, text in sources.items():
        yield from check_cpp(path, text)
    yield from check_functions(root, list(sources))
    yield from check_texts(root)
    queries = {path: (root / path).read_text("utf-8") for path in tracked(root) if path.startswith("db/queries/")}
    yield from check_queries({path: text for path, text in queries.items() if path.endswith(".sql")}, sources)
    if build:
        yield from check_compiled(sources, build, root)


def plants():
    long_function = "int f() {\n" + "    work();\n" * 80 + "}\n"
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "a.cpp").write_text(long_function)
        (root / "b.cpp").write_text("int g() {\n    return 1;\n}\n")
        (root / "compile_commands.json").write_text(json.dumps([{"directory": folder, "file": "b.cpp"}]))
        functions = [("a long function", list(check_functions(root, ["a.cpp"])), "function-length"),
                     ("a short function", list(check_functions(root, ["b.cpp"])), None),
                     ("a forgotten file", list(check_compiled(["a.cpp"], root, root)), "not-compiled"),
                     ("a compiled file", list(check_compiled(["b.cpp"], root, root)), None)]
    asked = {"a/a.cpp": "lease->select(db::queries::used, {});", "tests/a.cpp": "db::queries::tested"}
    queries = [("a query", list(check_queries({"db/queries/a.sql": "-- name: used\n"}, asked)), None),
               ("a query nobody asks", list(check_queries({"db/queries/a.sql": "-- name: use\n"}, asked)), "unused-query"),
               ("a query only tests ask", list(check_queries({"db/queries/a.sql": "-- name: tested\n"}, asked)), "unused-query")]
    wide = "// " + "x" * 100
    cpp = [
        ("100 columns", "a/a.cpp", "x" * 100, None),
        ("101 columns", "a/a.cpp", wide, "columns"),
        ("columns are characters, not bytes", "a/a.cpp", "// " + "ж" * 97, None),
        ("a long line of a raw literal", "a/a.cpp", 'auto a = R"(' + "x" * 100 + ')";', None),
        ("a long line with a short raw literal", "a/a.cpp", "x" * 100 + ' = R"(1)";', "columns"),
        ("600 lines", "a/a.cpp", "x\n" * 600, None),
        ("601 lines", "a/a.cpp", "x\n" * 601, "file-length"),
        ("header without comment", "a/a.h", "#pragma once\n", "header-comment"),
        ("header without guard", "a/a.h", "// what\n", "pragma-once"),
        ("good header", "a/a.h", "// what\n#pragma once\n", None),
        ("using namespace in a header", "tests/a.h", "// what\n#pragma once\nusing namespace carillon;", "using-namespace"),
        ("using namespace std", "a/a.cpp", "using namespace std;", "using-namespace"),
        ("using literals", "a/a.cpp", "using namespace std::chrono_literals;", None),
        ("using namespace carillon in a test", "tests/a.cpp", "using namespace carillon::db;", None),
        ("using namespace icu in a test", "tests/a.cpp", "using namespace icu;", "using-namespace"),
        ("SQL in a literal", "audience/a.cpp", 'auto q = "SELECT id FROM clients";', "sql"),
        ("SQL in a raw literal", "audience/a.cpp", 'auto q = R"(\n  DELETE FROM clients)";', "sql"),
        ("SQL in a comment", "audience/a.cpp", '// "SELECT id FROM clients"', None),
        ("SQL in db", "db/a.cpp", 'auto q = "SELECT 1";', None),
        ("SQL in a sanctioned compiler", "audience/segment_sql.cpp", 'auto q = "SELECT 1";', None),
        ("SQL in a test", "tests/db/a.cpp", 'auto q = "SELECT 1";', None),
        ("MAIL FROM is not SQL", "channels/a.cpp", 'auto q = "MAIL FROM:<a@b>";', None),
        ("the wall clock", "scheduler/a.cpp", "auto t = std::chrono::system_clock::now();", "pure"),
        ("the C clock", "scheduler/a.cpp", "auto t = time(nullptr);", "pure"),
        ("the wall clock at home", "base/clock.cpp", "auto t = system_clock::now();", None),
        ("the steady clock", "channels/a.cpp", "auto t = std::chrono::steady_clock::now();", "pure"),
        ("a random device", "campaigns/a.cpp", "std::random_device r;", "pure"),
        ("rand()", "campaigns/a.cpp", "int a = rand();", "pure"),
        ("std::rand()", "campaigns/a.cpp", "int a = std::rand();", "pure"),
        ("a function of ours called random", "audience/a.cpp", "auto rule = random(text);", None),
        ("a word that ends in rand", "campaigns/a.cpp", "int a = operand(1);", None),
        ("a clock in a comment", "campaigns/a.cpp", "// never std::chrono::system_clock::now()", None),
        ("digit separators are no character literals", "campaigns/a.cpp", "int a = 1'000; time(nullptr); int b = 1'000;",
         "pure"),
    ]
    texts = [
        ("a machine path", "a.sh", "cd /" + "work/carillon", "machine-path"),
        ("a home directory", "a.md", "see `/" + "root/x`", "machine-path"),
        ("a web address", "a.md", "https://example.org/" + "work/x", None),
        ("an unfinished place", "a.py", "# TO" + "DO later", "unfinished"),
        ("a lock file with addresses", "web/package-lock.json", '"resolved": "https://registry.example.org/x"', "registry"),
        ("a lock file with a funding page", "web/package-lock.json", '"url": "https://example.org"', None),
    ]
    return ([(name, list(check_cpp(path, text)), rule) for name, path, text, rule in cpp] + functions + queries +
            [(name, list(check_any_text(path, text)), rule) for name, path, text, rule in texts])


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        self_test("tidy", plants())
    build_folder = sys.argv[sys.argv.index("--build") + 1] if "--build" in sys.argv else None
    sys.exit(report("tidy", list(check_tree(ROOT, build_folder))))

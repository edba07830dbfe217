#!/usr/bin/env python3
"""clang-tidy with the checks of .clang-tidy over everything CMake compiles, two files at a time.

    clang_tidy.py --build DIR             all files; what has not changed since it was clean is skipped
    clang_tidy.py --build DIR --changed   only what differs from the main branch
    clang_tidy.py --build DIR --self-test proves that it bites
"""
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from sources import ROOT, Violation, report, self_test, tracked

CLANG = shutil.which("clang++-14") or "clang++"
CLANG_TIDY = shutil.which("clang-tidy-14") or "clang-tidy"
GCC_ONLY = re.compile(r"-W(no-)?(restrict|maybe-uninitialized|error)$|-fcf-protection|-fsanitize=.*|-fno-sanitize.*")


def clang_arguments(entry):
    """The compile command as clang takes it, without compiler, launcher and output."""
    words = shlex.split(entry["command"])
    while not words[0].startswith("-"):
        words.pop(0)
    kept, skip = [], False
    for word in words:
        if skip or word == entry["file"] or GCC_ONLY.fullmatch(word) or word == "-c":
            skip = False
            continue
        if word == "-o":
            skip = True
            continue
        kept.append(word)
    return kept


def findings(output, root, file):
    pattern = re.compile(r"^(/\S+?):(\d+):\d+: (?:warning|error): (.*?) \[([\w.,-]+)\]$", re.M)
    for path, line, text, rule in pattern.findall(output):
        if pathlib.Path(path).is_relative_to(root):
            yield Violation(str(pathlib.Path(path).relative_to(root)), int(line), rule.split(",")[0], text)
        else:  # a library's header, by what our file asks of it
            source = pathlib.Path(file)
            name = str(source.relative_to(root)) if source.is_relative_to(root) else file
            yield Violation(name, 1, rule.split(",")[0], f"{text} (at {path}:{line})")


def check_file(entry, root, cache):
    arguments = clang_arguments(entry)
    preprocessed = subprocess.run([CLANG, *arguments, "-w", "-E", entry["file"]], cwd=entry["directory"],
                                  capture_output=True)
    key = hashlib.sha256(preprocessed.stdout + (ROOT / ".clang-tidy").read_bytes()).hexdigest()
    if preprocessed.returncode == 0 and (cache / key).exists():
        return []
    run = subprocess.run(
        [CLANG_TIDY, "--quiet", f"--config-file={ROOT}/.clang-tidy", entry["file"], "--", *arguments, "-w"],
        cwd=entry["directory"], capture_output=True, text=True)
    found = list(findings(run.stdout, root, entry["file"]))
    if run.returncode != 0 and not found:
        found = [Violation(entry["file"], 1, "clang-tidy", (run.stderr or run.stdout).strip()[-300:])]
    if not found and preprocessed.returncode == 0:
        (cache / key).touch()
    return found


def check(build, root, wanted):
    cache = build / "clang-tidy-clean"
    cache.mkdir(exist_ok=True)
    entries = json.loads((build / "compile_commands.json").read_text("utf-8"))
    entries = {entry["file"]: entry for entry in entries if wanted(entry["file"])}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda entry: check_file(entry, root, cache), entries.values())
    return sorted({violation for result in results for violation in result}), len(entries)


def changed_files():
    base = "origin/main"
    if subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--verify", "-q", base], capture_output=True).returncode:
        base = "main"
    run = subprocess.run(["git", "-C", str(ROOT), "diff", "--name-only", "--merge-base", base],
                         capture_output=True, text=True, check=True)
    return {str(ROOT / name) for name in run.stdout.splitlines()}


def plants():
    cases = []
    for name, text, rule in [
            ("a moved value used again",
             "#include <string>\n#include <utility>\nvoid take(std::string s);\n"
             "void f(std::string s) {\n    take(std::move(s));\n    if (s.empty()) f(\"\");\n}\n",
             "bugprone-use-after-move"),
            ("nothing wrong", "int f() { return 1; }\n", None)]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            source = root / "planted.cpp"
            source.write_text(text)
            (root / "compile_commands.json").write_text(json.dumps(
                [{"directory": str(root), "file": str(source), "command": f"g++ -std=c++20 -c {source} -o x.o"}]))
            found, _ = check(root, root, lambda file: True)
            again, _ = check(root, root, lambda file: True)
            assert found == again
            cases.append((name, found, rule))
    return cases


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        self_test("clang-tidy", plants())
    build_folder = pathlib.Path(sys.argv[sys.argv.index("--build") + 1]).resolve()
    ours = {str(ROOT / path) for path in tracked() if path.endswith(".cpp")}
    if "--changed" in sys.argv:
        ours &= changed_files()
    violations, count = check(build_folder, ROOT, ours.__contains__)
    print(f"clang-tidy: {count} file(s)")
    sys.exit(report("clang-tidy", violations))

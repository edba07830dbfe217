#!/usr/bin/env python3
"""Every C++ file is as clang-format would write it. `--fix` rewrites, `--self-test` proves that the check bites."""
import re
import shutil
import subprocess
import sys
import tempfile
import pathlib

from sources import ROOT, Violation, report, self_test, tracked

CLANG_FORMAT = shutil.which("clang-format-14") or "clang-format"


def check(root, paths):
    run = subprocess.run([CLANG_FORMAT, f"--style=file:{ROOT}/.clang-format", "--dry-run", *paths],
                         cwd=root, capture_output=True, text=True, check=True)
    places = {}
    for path, line in re.findall(r"^(\S+?):(\d+):\d+: warning: code should be clang-formatted", run.stderr, re.M):
        places.setdefault(path, []).append(int(line))
    return [Violation(path, min(lines), "format", f"{len(lines)} place(s); run: {CLANG_FORMAT} -i {path}")
            for path, lines in places.items()]


def plants():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "bad.cpp").write_text("int   f( ){return 1;}\n")
        (root / "good.cpp").write_text("int f();\n")
        return [("badly formatted", check(root, ["bad.cpp"]), "format"), ("well formatted", check(root, ["good.cpp"]), None)]


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        self_test("format", plants())
    sources = [path for path in tracked() if path.endswith((".cpp", ".h"))]
    if "--fix" in sys.argv:
        subprocess.run([CLANG_FORMAT, "-i", *sources], cwd=ROOT, check=True)
    sys.exit(report("format", check(ROOT, sources)))

"""What the style checks share: the list of tracked files, a view of C++ without comments and strings, and reporting."""
import collections
import pathlib
import re
import subprocess
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Violation(NamedTuple):
    path: str
    line: int
    rule: str
    text: str


class Literal(NamedTuple):
    line: int
    text: str


TOKEN = re.compile(
    r'(?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)'
    r'|(?P<raw>R"(?P<delimiter>[^()\\\s]{0,16})\((?P<body>.*?)\)(?P=delimiter)")'
    r'|(?P<string>"(?:[^"\\\n]|\\.|\\\n)*")'
    r"|(?P<char>(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+')",
    re.S)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


class CppText:
    """One C++ text, split into code (comments and literals blanked, lines kept) and its string literals."""

    def __init__(self, text):
        self.text = text
        self.literals = []
        self.comments = []
        self.raw_columns = collections.Counter()  # by line: characters of raw literals, which are data
        self.code = TOKEN.sub(self._take, text)

    def _take(self, match):
        line = self.text.count("\n", 0, match.start()) + 1
        whole = match.group(0)
        if match.group("comment"):
            self.comments.append(Literal(line, whole))
        elif match.group("raw"):
            self.literals.append(Literal(line, match.group("body")))
            self.raw_columns.update({line + i: len(part) for i, part in enumerate(whole.split("\n"))})
        elif match.group("string"):
            self.literals.append(Literal(line, whole[1:-1]))
        return blank(whole)


def includes(text):
    """(line, name, quoted) of every #include."""
    pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.M)
    for match in pattern.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1) or match.group(2), bool(match.group(1))


def tracked(root=ROOT):
    """The files git knows (or would add); without a repository, everything but build folders."""
    try:
        run = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, check=True)
        names = [name for name in run.stdout.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
        names = [name for name in names if not re.match(r"(build|\.git|web/node_modules)/", name)]
    return sorted(name for name in set(names) if (root / name).is_file())


def read_sources(root=ROOT, suffixes=(".cpp", ".h")):
    return {name: (root / name).read_text("utf-8") for name in tracked(root) if name.endswith(suffixes)}


def report(check, violations):
    """Prints what was found; the exit code of the check."""
    for found in sorted(violations):
        print(f"{found.path}:{found.line}: [{found.rule}] {found.text}")
    if violations:
        counts = collections.Counter(found.rule for found in violations)
        print(f"{check}: {len(violations)} violation(s): "
              + ", ".join(f"{count} {rule}" for rule, count in counts.most_common()))
    else:
        print(f"{check}: clean")
    return 1 if violations else 0


def self_test(check, plants):
    """Each plant is (name, function returning violations, rule that must bite or None for a clean one)."""
    failures = 0
    for name, found, rule in plants:
        rules = {violation.rule for violation in found}
        expected = {rule} if rule else set()
        if rules != expected:
            failures += 1
            print(f"{check} self-test '{name}': expected {expected or 'nothing'}, found {rules or 'nothing'}")
    print(f"{check}: {len(plants)} planted cases, {failures} not treated as they should be")
    sys.exit(1 if failures or not plants else 0)

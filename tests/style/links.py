#!/usr/bin/env python3
"""Every relative link of our Markdown leads to a file of the tree, and to a heading where it names one."""
import pathlib
import re
import sys
import tempfile

from sources import ROOT, Violation, report, self_test, tracked

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)|<img[^>]+src=\"([^\"]+)\"", re.M)
CODE = re.compile(r"^(```|~~~).*?^\1[ \t]*$|`[^`\n]+`", re.S | re.M)


def anchors(text):
    """Headings as the usual Markdown hosts name them."""
    for heading in re.findall(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", text, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    yield from re.findall(r"<a (?:name|id)=\"([^\"]+)\"", text)


def without_code(text):
    return CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group(0)), text)


def check_page(root, path):
    text = without_code((root / path).read_text("utf-8"))
    for match in LINK.finditer(text):
        target = next(group for group in match.groups() if group)
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        line = text.count("\n", 0, match.start()) + 1
        file, _, anchor = target.partition("#")
        place = ((root / path).parent / file).resolve() if file else root / path
        if not place.exists() or not place.is_relative_to(root.resolve()):
            yield Violation(path, line, "link", f"{target} leads nowhere")
        elif anchor and place.suffix == ".md" and anchor not in set(anchors(place.read_text("utf-8"))):
            yield Violation(path, line, "anchor", f"{target}: no such heading")


def plants():
    pages = [("a link to a file", "[a](there.md)", None), ("a link to nowhere", "[a](gone.md)", "link"),
             ("an image that is missing", "![a](images/gone.svg)", "link"),
             ("a link that leaves the tree", "[a](../../etc)", "link"),
             ("a heading", "[a](there.md#the-path)", None), ("a missing heading", "[a](there.md#no)", "anchor"),
             ("a heading of the same page", "# One\n[a](#one)", None), ("the web", "[a](https://example.org)", None),
             ("a reference", "[a]: gone.md", "link"), ("code is not a link", "`[a](gone.md)`", None),
             ("a code block is not a link", "```\n[a](gone.md)\n```", None)]
    cases = []
    for name, text, rule in pages:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            (root / "page.md").write_text(text + "\n")
            (root / "there.md").write_text("# The path\n")
            cases.append((name, list(check_page(root, "page.md")), rule))
    return cases


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        self_test("links", plants())
    pages = [path for path in tracked() if path.endswith(".md")]
    sys.exit(report("links", [found for page in pages for found in check_page(ROOT, page)]))

"""What the end-to-end stories have in common: a bank of their own, and all that is not as it should be told at the end."""
import json
import sys
from pathlib import Path

import lab


class Story:
    """A story makes `self.bank` and has `tell`."""

    def __init__(self):
        self.bank = None
        self.broken = []

    def check(self, good, what):
        if not good:
            self.broken.append(what)
            print(f"NOT OK: {what}")

    def tell_chapters(self, *chapters):
        for chapter in chapters:
            before = len(self.broken)
            chapter()
            print(f"{chapter.__name__}: {'ok' if len(self.broken) == before else 'NOT OK'}")


class StoryOfFigures(Story):
    def expect(self, what, found, wanted):
        self.check(found == wanted, f"{what}: {found!r} instead of {wanted!r}")


class StoryOfAnswers(Story):
    """Of the HTTP API."""

    def expect(self, answer, status, what, code=None):
        self.check(answer.status == status and (code is None or answer.code == code),
                   f"{what}: {answer.status} {answer.body[:300]!r}, expected {status} {code or ''}")
        return answer


def main(kind):
    """Runs the story on the engine that the first argument names; the exit status of the test."""
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with lab.temporary_folder() as folder:
        story = kind(engine, folder)
        try:
            story.tell()
        finally:
            story.bank.stop()
    print(json.dumps({"test": Path(sys.argv[0]).stem, "engine": engine, "broken": story.broken}, ensure_ascii=False))
    return 1 if story.broken else 0

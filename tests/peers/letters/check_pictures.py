#!/usr/bin/python3
"""The pictures of docs/images show what the documents say: check_pictures.py

A letter of two pages in each window profile whose symbols other people's readers can read, a fax page of the right width, an
SMS of three parts. (That letters as they are composed now pass the same, and more, is check_letters.py's.) Exit 77: skipped.
"""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
IMAGES = ROOT / "docs/images"


def read(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False).stdout.strip()


def main():
    if not all(shutil.which(tool) for tool in ("zbarimg", "dmtxread")):
        print("skipped: no zbarimg or dmtxread")
        return 77
    from PIL import Image
    profiles = [json.loads(path.read_text("utf-8"))["name"] for path in sorted((ROOT / "examples/windows").glob("*.json"))]
    assert len(profiles) >= 4, profiles
    for profile in profiles:
        first, second = (IMAGES / f"letter-{profile}-{page}.png" for page in (1, 2))
        for path in (first, second):
            width, height = Image.open(path).size
            assert (round(width / 150 * 25.4), round(height / 150 * 25.4)) in ((210, 297), (216, 279)), (path.name, width, height)
        mark = read("dmtxread", "-n", "-N1", "-m10000", first)
        assert re.fullmatch(r"1;[\w-]+;1/1;1", mark), f"{first.name}: the sheet's mark reads {mark!r}"
        code = read("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", second)
        assert re.fullmatch(r"https://\S+/q/[0-9A-Z-]+", code), f"{second.name}: the code reads {code!r}"
    fax = Image.open(IMAGES / "fax-page.png")
    assert fax.size[0] == 1728 and fax.mode == "1", (fax.size, fax.mode)
    picture = (IMAGES / "sms-three-parts.svg").read_text("utf-8")
    words = re.sub(r"<[^>]+>", " ", picture)
    for part in (1, 2, 3):
        assert re.search(rf"\b{part}\s*(/|of|из)\s*3\b", words), f"part {part} of 3 is not in the picture of the SMS"
    print(f"pictures: {len(profiles)} letters of two pages, marks and codes read back; a fax page; an SMS of three parts")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Reads letters back as a print house, a scanner and a reader would: check_letters.py WRITE_PROGRAM [KEEP_FOLDER]

A letter of two pages in every window profile: nothing but the address in the window and nothing outside the zones (by
pixels), QR and DataMatrix symbols read from a scan, text extracted and compared, fonts embedded, the PDF well formed,
the same bytes on a second run. Exit 77: a tool is missing.
"""
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
BODY = SOURCE / "examples/letters/deposit-ru.txt"
SIGNATURE = SOURCE / "examples/letters/signature.png"
ADDRESS = ["Ким Анне Сергеевне", "ул. Большая Садовая, д. 10, кв. 50", "г. Тверь", "170000"]
KEY = "D26-0042-000017"
QR = "https://r.bank.example/q/7KQ2-M9XD-31"
SLACK_MM = 0.6  # a pixel and a half at 150 dpi, half of it from smoothing
failures = []


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, **options).stdout


def expect(good, what):
    if not good:
        failures.append(what)
        print("FAILED:", what)


def pixels(pdf, page, dpi):
    """(width, height, grey bytes) of a page."""
    pgm = run("pdftoppm", "-r", dpi, "-gray", "-f", page, "-l", page, pdf)
    magic, size, depth, data = pgm.split(b"\n", 3)
    width, height = map(int, size.split())
    assert magic == b"P5" and depth == b"255" and len(data) == width * height
    return width, height, data


def inked(image, dpi):
    """(x, y) in mm of every pixel that is not white."""
    width, _, data = image
    for match in re.finditer(rb"[^\xf0-\xff]", data):
        yield (match.start() % width) * 25.4 / dpi, (match.start() // width) * 25.4 / dpi


def box_of(json_box):
    return (json_box["left"], json_box["top"], json_box["left"] + json_box["width"], json_box["top"] + json_box["height"])


def inside(x, y, box, slack=SLACK_MM):
    return box[0] - slack <= x <= box[2] + slack and box[1] - slack <= y <= box[3] + slack


def zones_of(profile, page):
    margins, width, height = profile["margins"], profile["page"]["width"], profile["page"]["height"]
    top = profile["body_top"] if page == 1 else margins["top"]
    zones = [(margins["left"], top, width - margins["right"], height - margins["bottom"]), box_of(profile["footer"])]
    if page == 1:
        zones += [box_of(profile[name]) for name in ("address", "return_line", "letterhead", "contact") if name in profile]
        marks = profile["fold_marks"] + ([profile["hole_mark"]] if "hole_mark" in profile else [])
        zones += [(5, mark, 11.1, mark + 0.2) for mark in marks]
    return zones


def check_window(name, pdf, profile):
    image = pixels(pdf, 1, 150)
    window = box_of(profile["window"])
    allowed = [box_of(profile[part]) for part in ("address", "return_line") if part in profile]
    in_window = [(x, y) for x, y in inked(image, 150) if inside(x, y, window, 0)]
    expect(len(in_window) > 500, f"{name}: the window shows an address ({len(in_window)} pixels)")
    strange = [(x, y) for x, y in in_window if not any(inside(x, y, box) for box in allowed)]
    expect(not strange, f"{name}: {len(strange)} pixels in the window are no address, e.g. {strange[:2]}")
    for page in (1, 2):
        zones = zones_of(profile, page)
        outside = [p for p in inked(pixels(pdf, page, 150), 150) if not any(inside(*p, zone) for zone in zones)]
        expect(not outside, f"{name} page {page}: {len(outside)} pixels outside the zones, e.g. {outside[:2]}")


def check_symbols(name, pdf, folder):
    run("pdftoppm", "-r", 300, "-gray", "-png", pdf, folder / name)
    qr = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", folder / f"{name}-2.png"],
                        capture_output=True, text=True, check=False).stdout.strip()
    expect(qr == QR, f"{name}: the QR code says {qr!r}")
    # The mark stands in the footer; looking there only keeps the reader quick.
    run("pdftoppm", "-r", 300, "-gray", "-png", "-f", 1, "-l", 1, "-x", 0, "-y", 3000, "-W", 900, "-H", 508, pdf,
        folder / f"{name}-foot")
    foot = next(folder.glob(f"{name}-foot*.png"))
    mark = subprocess.run(["dmtxread", "-n", "-N1", "-m10000", foot], capture_output=True, text=True, check=False).stdout.strip()
    expect(mark == f"1;{KEY};1/1;1", f"{name}: the sheet mark says {mark!r}")


def words(text):
    return re.sub(r"[\s*#|:\-•\u00ad]+", "", text)


def check_text(name, pdf, profile):
    text = run("pdftotext", "-enc", "UTF-8", pdf, "-", text=True)
    flat = words(text)
    for paragraph in BODY.read_text("utf-8").split("\n\n"):
        for line in paragraph.splitlines():
            if line.startswith("|") or re.match(r"\d\. ", line):
                continue
            # A page's foot may stand between two lines of a paragraph, never within a line.
            for part in line.split(". "):
                expect(words(part) in flat, f"{name}: text not found: {part[:60]}")
    for needed in ("14,2 %", "375 000,00", "Страница 1 из 2", "Страница 2 из 2", "7KQ2-M9XD", "Исх. № " + KEY,
                   "21 ноября 2026 г.", "С уважением,", "1. Условия вклада на 2 листах"):
        expect(words(needed) in flat, f"{name}: {needed} not found")
    box = [round(value * 72 / 25.4) for value in box_of(profile["address"])]
    read = run("pdftotext", "-f", 1, "-l", 1, "-x", box[0], "-y", box[1], "-W", box[2] - box[0], "-H", box[3] - box[1],
               "-enc", "UTF-8", pdf, "-", text=True).split("\n")
    lines = [line.strip() for line in read if line.strip()]
    expect([line for line in lines if line != "Тверская обл."] == ADDRESS, f"{name}: the window reads {lines}")


def check_file(name, pdf):
    checked = subprocess.run(["qpdf", "--check", pdf], capture_output=True, text=True, check=False)
    expect(checked.returncode == 0, f"{name}: qpdf --check: {checked.stdout} {checked.stderr}")
    fonts = run("pdffonts", pdf, text=True).splitlines()[2:]
    expect(len(fonts) >= 4, f"{name}: {len(fonts)} fonts")
    for font in fonts:
        embedded, subset, unicode_map = font.split()[-5:-2]
        expect((embedded, subset, unicode_map) == ("yes", "yes", "yes"), f"{name}: font not embedded: {font}")


def agreement(dark, near):
    """How much of the black of one image has black of the other within a pixel."""
    from PIL import ImageChops, ImageFilter
    missed = ImageChops.subtract(near.filter(ImageFilter.MinFilter(3)), dark)
    return 1 - missed.histogram()[255] / dark.histogram()[0]


def check_fax(folder):
    """The TIFF shows the same ink at the same places as the PDF does."""
    pdf, tiff = folder / "fax.pdf", folder / "fax.tiff"
    info = run("tiffinfo", tiff, text=True)
    expect(info.count("Image Width: 1728 Image Length: 2292") == 3, f"fax: {info}")
    expect(info.count("CCITT Group 4") == 3 and info.count("204, 196 pixels/inch") == 3, f"fax: {info}")
    text = run("pdftotext", "-enc", "UTF-8", pdf, "-", text=True)
    for needed in ("ФАКС", "Страница 3 из 3", "ООО «Ромашка»", "+7 4822 55-01-99", "Банк «Карильон»"):
        expect(words(needed) in words(text), f"fax: {needed} not found")
    from PIL import Image
    faxed = Image.open(tiff)
    for page in (1, 2, 3):
        faxed.seek(page - 1)
        ours = faxed.convert("L")
        pgm = run("pdftoppm", "-rx", 204, "-ry", 196, "-gray", "-f", page, "-l", page, pdf)
        painted = Image.open(io.BytesIO(pgm)).point(lambda grey: 0 if grey < 128 else 255)
        theirs = Image.new("L", ours.size, 255)
        theirs.paste(painted, ((ours.width - painted.width + 1) // 2, 0))
        expect(theirs.histogram()[0] > 5000, f"fax page {page} is empty")
        there, back = agreement(theirs, ours), agreement(ours, theirs)
        expect(min(there, back) > 0.97, f"fax page {page}: {there:.3f} and {back:.3f} of the black agree")
    print("fax: TIFF, header lines and the same ink as the PDF checked")


def main():
    for tool in ("pdftoppm", "pdftotext", "pdffonts", "qpdf", "zbarimg", "dmtxread", "tiffinfo"):
        if not shutil.which(tool):
            print(f"skipped: no {tool}")
            return 77
    program = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary)
        again = Path(temporary) / "again"
        again.mkdir()
        listed = run(program, BODY, SIGNATURE, folder, text=True).split("\n")
        run(program, BODY, SIGNATURE, again)
        pages = {row.split("\t")[0]: int(row.split("\t")[1]) for row in listed if row}
        expect(sorted(pages) == ["din-5008-b", "ru-dl-right", "uk-dl", "us-10"], f"profiles: {sorted(pages)}")
        for name, count in pages.items():
            pdf = folder / f"{name}.pdf"
            profile = json.loads((SOURCE / f"examples/windows/{name}.json").read_text("utf-8"))
            expect(count == 2, f"{name}: {count} pages")
            expect(pdf.read_bytes() == (again / pdf.name).read_bytes(), f"{name}: a second run makes other bytes")
            check_window(name, pdf, profile)
            check_symbols(name, pdf, Path(temporary))
            check_text(name, pdf, profile)
            check_file(name, pdf)
            print(f"{name}: window, zones, symbols, text, fonts and file checked")
        check_fax(folder)
    print("FAILED" if failures else "letters: all read back")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Acceptance on a published experiment: Hillstrom's e-mail test, loaded as a past campaign and reported.

Imports 64,000 customers, the history of one campaign with two variants and a control group, and what they did, all by
the ordinary import; then compares the report with published figures and with a recount from the file itself. Also: the
same files a second time change nothing, every format is written, and each number opens to as many clients.
"""
import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab

SKIPPED = 77
EXAMPLE = lab.SOURCE / "examples" / "hillstrom"


class Problems:
    def __init__(self):
        self.found = []

    def expect(self, holds, what):
        if not holds:
            self.found.append(what)

    def near(self, value, expected, digits, what):
        """Equal to the printed digits."""
        self.expect(round(value, digits) == round(expected, digits), f"{what}: {value} instead of {expected}")


def import_all(bank, files, problems):
    answers = [bank.carillon("import", "clients", files / "clients.csv", as_json=True),
               bank.carillon("import", "history", files / "history.csv", "--campaign", "hillstrom", as_json=True),
               bank.carillon("import", "conversions", files / "conversions.csv", as_json=True)]
    for answer, rows in zip(answers, (64_000, 64_000, 9_394 + 578)):
        problems.expect(answer["imported"] == rows and answer["rejected"] == 0, f"imported {answer}, expected {rows}")


def check_figures(report, published, problems):
    lifts = {(lift["group"], lift["conversion"]): lift for lift in report["lifts"]}
    money = {lift["group"]: lift for lift in report["money"]}
    for group, hits, of, percent in (("mens", 3894, 21307, 18.276), ("womens", 3238, 21387, 15.140)):
        treated = lifts[group, "goal"]["treated"]
        problems.expect((treated["hits"], treated["of"]) == (hits, of), f"{group}: {treated}")
        problems.near(100 * treated["share"], percent, 3, f"visits of {group}")
    problems.near(100 * lifts["mens", "goal"]["control"]["share"], 10.617, 3, "visits of control")
    for group in ("mens", "womens"):
        expected = published["radcliffe_ate"][group]
        problems.near(100 * lifts[group, "goal"]["difference"]["value"], expected["visit_pp"], 2, f"{group}, visits")
        problems.near(100 * lifts[group, "purchase"]["difference"]["value"], expected["conversion_pp"], 2,
                      f"{group}, conversions")
        problems.near(money[group]["difference"]["value"], expected["spend_usd"], 2, f"{group}, spend")
    mens = lifts["mens", "goal"]
    problems.near(mens["z"], 22.4860, 4, "z of visits, mens")
    problems.near(mens["difference"]["interval"][0], 0.069953, 6, "Newcombe, low")
    problems.near(mens["difference"]["interval"][1], 0.083227, 6, "Newcombe, high")
    problems.near(money["mens"]["t"], 5.3001, 4, "Welch's t of spend, mens")
    problems.expect(report["sample_ratio"]["broken"] is False, f"the split: {report['sample_ratio']}")


def check_formats(bank, problems):
    text = bank.carillon("report", "hillstrom").stdout
    for figure in ("18.276", "15.140", "10.617", "22.4860", "[6.9953", "8.3227", "5.3001"):
        problems.expect(figure in text, f"{figure} is not in the text")
    russian = bank.carillon("report", "hillstrom", "--language", "ru").stdout
    problems.expect("контрольная группа" in russian and "18,276" in russian, "the Russian text lacks its words")
    files = {name: bank.files / f"report.{name}" for name in ("csv", "html", "xlsx", "pdf", "json")}
    for name, path in files.items():
        bank.carillon("report", "hillstrom", "--format", name, "--by", "branch", "--out", path)
    cells = {row["value"] for row in csv.DictReader(io.StringIO(files["csv"].read_text(encoding="utf-8")))}
    problems.expect(any(cell.startswith("0.18275") for cell in cells), "the CSV lacks the share of visits")
    problems.expect("<svg" in files["html"].read_text(encoding="utf-8"), "the HTML has no chart")
    with zipfile.ZipFile(files["xlsx"]) as book:
        problems.expect(book.testzip() is None, "the workbook is damaged")
        problems.expect(b'formatCode="0.000%"' in book.read("xl/styles.xml"), "shares are not shown as shares in the workbook")
        charts = [book.read(name) for name in book.namelist() if name.startswith("xl/charts/chart")]
        problems.expect(any(b'<c:barDir val="bar"/>' in chart and b'<c:min val="0"/>' in chart for chart in charts),
                        "bars of the workbook do not begin at 0")
    pages = subprocess.run(["pdftotext", "-layout", files["pdf"], "-"], capture_output=True, text=True, check=False)
    problems.expect("22.4860" in pages.stdout, "the PDF lacks z")
    json.loads(files["json"].read_text(encoding="utf-8"))
    for step, expected in (("goal", 3894 + 3238), ("control_goal", 2262), ("control", 21306), ("sent", 42694),
                           ("bounced", 0)):
        lines = bank.carillon("report", "hillstrom", "--clients", step).stdout.splitlines()
        problems.expect(len(lines) == expected + 1, f"--clients {step}: {len(lines) - 1} instead of {expected}")


def check_broken_split(bank, problems):
    """CONTROL: with a part of the control group lost, nothing is reported over it."""
    bank.database.run("DELETE FROM messages WHERE state = 'control' AND client_id % 10 = 3")
    report = bank.carillon("report", "hillstrom", as_json=True)
    problems.expect(report["sample_ratio"]["broken"] is True, "a control group without a tenth of it looks sound")
    problems.expect(report["lifts"][0]["difference"] == {"missing": "broken_control"}, "lift over a broken control group")


def run(data, engine):
    problems = Problems()
    published = json.loads((Path(data) / "hillstrom" / "published-results.json").read_text("utf-8"))
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, engine)
        try:
            files = bank.files / "hillstrom"
            subprocess.run([sys.executable, EXAMPLE / "prepare.py", Path(data) / "hillstrom", files], check=True)
            bank.carillon("campaign", "apply", EXAMPLE / "campaign.json")
            import_all(bank, files, problems)
            first = bank.carillon("report", "hillstrom", as_json=True)
            check_figures(first, published, problems)
            import_all(bank, files, problems)
            again = bank.carillon("report", "hillstrom", as_json=True)
            problems.expect(first == again, "the same files a second time changed the report")
            refused = bank.carillon("campaign", "submit", "hillstrom", check=False)
            problems.expect(refused.returncode == 2, "a past campaign could be submitted")
            sent = bank.carillon("run", "--until-idle", "--now", lab.NOON, as_json=True)
            problems.expect(sent["submitted"] == 0, "a past campaign was sent")
            check_formats(bank, problems)
            reconciled = bank.carillon("reconcile", check=False)
            problems.expect(reconciled.returncode == 0, "reconcile: " + reconciled.stdout + reconciled.stderr)
            check_broken_split(bank, problems)
        finally:
            bank.stop()
    print(json.dumps({"test": "hillstrom", "engine": engine, "broken": problems.found}, ensure_ascii=False))
    return 1 if problems.found else 0


def main():
    data = os.environ.get("CARILLON_DATA")
    if not data:
        print("skipped: no CARILLON_DATA")
        return SKIPPED
    return run(data, sys.argv[1] if len(sys.argv) > 1 else "sqlite")


if __name__ == "__main__":
    sys.exit(main())

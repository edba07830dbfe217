#!/usr/bin/python3
"""kill -9 at every single change of the print house's folder: no letter is lost, none is made twice.

A campaign of letters in batches is sent over and over from the same beginning; a library loaded before libc kills the
program at change 1, 2, 3 ... of the folder (a write is cut in half). In every second round the program that goes on is
killed as well. Then a run that ends by itself finds what is left, and the folder's own files are the witness: each letter in
one manifest or waiting for the next one, no full batch waiting, nothing half closed, each manifest beside the PDF it
vouches for. Exit 77: the library is missing.

Controls: the judge must reject doctored folders; kills must have struck; and among the moments there must be the one where
letters of a published batch still wait, which is what a run without anything to send has to clear.
"""
import collections
import csv
import hashlib
import shutil
import sys

from kill_channels import judge_once, rows_of
from trial import lab, main, SMALL_STEPS

LIBRARY = lab.BUILD / "tests" / "libkill_at.so"
BATCH = 3
SETTLED = ("accepted", "delivered", "quarantined")


def launch(bank, house, letters):
    bank.carillon("channel", "apply", bank.write("letter.json", {
        "name": "letter", "kind": "letter", "transport": "print_house", "window": "ru-dl-right",
        "sender": {"name": "Банк", "contact": ["101000, г. Москва"]},
        "print_house": {"folder": str(house), "batch_max": BATCH}}))
    bank.carillon("segment", "apply", bank.write("all.json", {"name": "all", "title": "All", "rule": {"all": []}}))
    bank.carillon("template", "apply", bank.write("note.json", {
        "name": "note", "channel": "letter", "default_locale": "ru",
        "locales": {"ru": {"subject": "О вкладе", "text": "Добрый день, {{client.first_name}}! Банк ждёт вас."}}}))
    clients = ["external_id,kind,first_name,address,locale,time_zone,status"]
    consents = ["client,channel,purpose,granted,at,source"]
    for i in range(letters):
        clients.append(f'C{i},person,Анна,"101000, г. Москва, ул. Мясницкая, д. {i + 1}",ru,Europe/Moscow,active')
        consents.append(f"C{i},letter,marketing,1,2025-01-01T00:00:00Z,contract")
    bank.carillon("import", "clients", bank.write("clients.csv", "\n".join(clients) + "\n"))
    bank.carillon("import", "consents", bank.write("consents.csv", "\n".join(consents) + "\n"))
    bank.launch({"name": "letters", "title": "Letters", "objective": "cross_sell", "segment": "all", "control": {"percent": 0},
                 "steps": [{"channel": "letter", "template": "note"}],
                 "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}})


class Beginning:
    """The bank's files as they are before anything is sent."""

    def __init__(self, bank, house, kept):
        self.bank, self.house, self.kept = bank, house, kept
        for name in self.names():
            source = bank.folder / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, kept / name)

    def names(self):
        return [path.name for path in self.bank.folder.iterdir() if path.name.startswith("bank.db") or path.name == "state"]

    def again(self):
        for name in self.names():
            path = self.bank.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(self.house, ignore_errors=True)
        for source in self.kept.iterdir():
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.bank.folder / source.name)


def send(bank, house, at, *arguments, log=None):
    """The program's exit code; killed at change `at` of the folder, 0: never."""
    wanted = {"LD_PRELOAD": str(LIBRARY), "CARILLON_KILL_FOLDER": str(house), "CARILLON_KILL_AT": str(at)}
    if log:
        wanted["CARILLON_KILL_LOG"] = str(log)
    return bank.start("run", *arguments, **wanted).wait(lab.COMMAND_SECONDS)


def manifests(house):
    return {path: list(csv.DictReader(path.open(encoding="utf-8", newline=""))) for path in house.glob("outbox/letters-*.csv")}


def letters_of(house):
    """Message ids, once for each place where one was made or waits to be."""
    keys = [row["letter_key"] for rows in manifests(house).values() for row in rows]
    keys += [path.name.removesuffix(".letter") for path in house.glob("open/*.letter")]
    return collections.Counter(int(key.split(".")[0]) for key in keys)


def judge(rows, house):
    broken = judge_once(rows, letters_of(house), "letter")
    waiting = sorted(path.name for path in (house / "open").iterdir())
    if len(waiting) >= BATCH:
        broken.append(f"a full batch waits: {waiting[:3]}")
    if left := sorted(path.name for path in (house / "closing").iterdir()):
        broken.append(f"half closed: {left[:3]}")
    for path, lines in manifests(house).items():
        batch = path.with_suffix(".pdf")
        if not batch.exists() or any(line["batch_sha256"] != hashlib.sha256(batch.read_bytes()).hexdigest() for line in lines):
            broken.append(f"{path.name} vouches for another PDF")
        if not (house / "sent" / path.name).exists():
            broken.append(f"{path.name} is not remembered")
    return broken


def controls(rows, house):
    """Doctored folders; a judge that lets one pass is worth nothing."""
    path, lines = next(iter(manifests(house).items()))
    waiting = house / "open" / f"{lines[0]['letter_key']}.letter"
    waiting.write_bytes(b"{}")
    found = {"a letter of a batch still waits": judge(rows, house)}
    waiting.unlink()
    text = path.read_text("utf-8")
    path.write_text("".join(text.splitlines(keepends=True)[:-1]), "utf-8")
    found["a letter is in no manifest"] = judge(rows, house)
    path.write_text(text, "utf-8")
    batch = path.with_suffix(".pdf")
    whole = batch.read_bytes()
    batch.write_bytes(whole[:-1])
    found["a PDF is cut"] = judge(rows, house)
    batch.write_bytes(whole)
    return [f"CONTROL: the judge lets pass: {name}" for name, said in found.items() if not said]


def finish(bank, house, chance, changes, twice):
    """Lets the dead one be taken over; answers whether a second kill struck."""
    later = ("--now", lab.LATER, "--until", lab.LAST)
    struck = twice and send(bank, house, chance.randint(1, changes), *later) == -9
    for _ in range(4):
        code = send(bank, house, 0, *later)
        if code != 0:
            raise lab.LabError(f"the run ended with {code}: " + (bank.folder / "run.log").read_text("utf-8")[-500:])
        if bank.count(f"state NOT IN {SETTLED}") == 0:
            break
    return struck


def run(options, chance):
    if not LIBRARY.exists():
        print(f"skipped: {LIBRARY} is not built")
        sys.exit(77)
    broken, struck, second, overlaps, apart = [], 0, 0, 0, 0
    now = ("--now", lab.NOON, "--until-idle")
    with lab.temporary_folder() as folder, lab.temporary_folder() as kept:
        house = folder / "house"
        bank = lab.Bank(folder, options.engine, SMALL_STEPS)
        try:
            launch(bank, house, options.messages)
            beginning = Beginning(bank, house, kept)
            log = folder / "changes.log"
            if send(bank, house, 0, *now, log=log) != 0:
                raise lab.LabError((bank.folder / "run.log").read_text("utf-8")[-500:])
            changes = log.read_text("utf-8").splitlines()
            broken += judge(rows_of(bank)["letter"], house) + controls(rows_of(bank)["letter"], house)
            for at in range(1 + chance.randrange(options.step), len(changes) + 1, options.step):
                beginning.again()
                struck += send(bank, house, at, *now) == -9
                overlaps += any(count > 1 for count in letters_of(house).values())
                second += finish(bank, house, chance, len(changes), twice=at // options.step % 2)
                rows = rows_of(bank)["letter"]
                apart += sum(row[0] == "quarantined" for row in rows.values())
                broken += [f"killed at change {at} ({changes[at - 1]}): {one}" for one in judge(rows, house)]
                broken += [f"killed at change {at}: {one}" for one in [f"{len(rows)} rows"] if len(rows) != options.messages]
            if struck * options.step < len(changes) - options.step:
                broken.append(f"only {struck} kills struck, {len(changes)} changes")
            if not overlaps:
                broken.append("CONTROL: no kill fell between publishing a batch and putting its letters away")
        finally:
            bank.stop()
    return broken[:10], {"changes": len(changes), "kills": struck, "second_kills": second,
                    "killed_while_put_away": overlaps, "quarantined": apart}


if __name__ == "__main__":
    main("kill_letters", __doc__, run, messages=8, engines=("sqlite",), more=lambda parser: parser.add_argument(
        "--step", type=int, default=1, help="every how many changes a round begins"))

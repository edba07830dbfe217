#!/usr/bin/python3
"""Letters called back before the cut-off, by hand and with their campaign, and what the print house gets: called_back.py

One process sends; the letters wait in the folder for their cut-off. One is cancelled by its number, those of another campaign
with it. When the cut-off has come the manifest holds all others, and nobody can call anything back any more.
"""
import collections
import csv
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab

LETTERS = 6
AFTER = "2026-11-25T12:00:00+03:00"  # the cut-off of the day before has passed


def prepare(bank, folder):
    clients = ["external_id,kind,first_name,address,locale,time_zone,branch,status"]
    consents = ["client,channel,purpose,granted,at,source"]
    for i in range(LETTERS):
        clients.append(f"C{i},person,Анна,\"101000, г. Москва, ул. Мясницкая, д. {i + 1}\",ru,Europe/Moscow,{'odd' if i % 2 else 'even'},active")
        consents.append(f"C{i},letter,marketing,1,2025-01-01T00:00:00Z,contract")
    bank.carillon("import", "clients", bank.write("clients.csv", "\n".join(clients) + "\n"))
    bank.carillon("import", "consents", bank.write("consents.csv", "\n".join(consents) + "\n"))
    bank.carillon("channel", "apply", bank.write("letter.json", {
        "name": "letter", "kind": "letter", "transport": "print_house", "window": "ru-dl-right",
        "sender": {"name": "Банк", "contact": ["101000, г. Москва"]}, "print_house": {"folder": str(folder / "house")}}))
    bank.carillon("template", "apply", bank.write("note.json", {
        "name": "note", "channel": "letter", "default_locale": "ru",
        "locales": {"ru": {"subject": "О вкладе", "text": "Добрый день, {{client.first_name}}!"}}}))
    for which in ("odd", "even"):
        bank.carillon("segment", "apply", bank.write(f"{which}.json", {
            "name": which, "title": which, "rule": {"all": [{"field": "branch", "op": "is", "value": which}]}}))
        bank.launch(lab.an_offer(name=which, segment=which, steps=[{"channel": "letter", "template": "note"}]))


def main():
    broken = []
    expect = lambda holds, what: None if holds else broken.append(what)
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, sys.argv[1] if len(sys.argv) > 1 else "sqlite")
        try:
            prepare(bank, folder)
            bank.carillon("run", "--until-idle", "--now", lab.NOON)
            expect(bank.states() == {"accepted": LETTERS}, f"before: {bank.states()}")
            of = collections.defaultdict(list)
            for campaign, row_id in bank.database.rows("SELECT c.name, m.id FROM messages m JOIN campaigns c ON c.id = m.campaign_id ORDER BY m.id"):
                of[campaign].append(row_id)
            first = str(of["even"][0])
            said = bank.carillon("cancel-message", first, "--reason", "the client called", as_json=True)
            expect(said["result"] == "wanted_back", f"cancel-message says {said}")
            again = bank.carillon("cancel-message", first, check=False)
            expect(again.returncode != 0, "the same is asked for twice")
            bank.carillon("campaign", "cancel", "odd", user="operator")
            bank.carillon("run", "--until-idle", "--now", lab.LATER)
            expect(bank.states() == {"accepted": 2, "cancelled": 4}, f"after the calls: {bank.states()}")
            # Somebody else's letters open the folder again; they wait for the next cut-off.
            bank.launch(lab.an_offer(name="next", segment="odd", steps=[{"channel": "letter", "template": "note"}],
                                     schedule={"once": {"date": "2026-11-25", "time": "11:00"}}))
            bank.carillon("run", "--until-idle", "--now", AFTER)
            time.sleep(1)
            others = "SELECT m.state, COUNT(*) FROM messages m JOIN campaigns c ON c.id = m.campaign_id WHERE c.name <> 'next' GROUP BY m.state"
            keys = [int(row["letter_key"].split(".")[0]) for manifest in (folder / "house/outbox").glob("letters-*.csv")
                    for row in csv.DictReader(manifest.open(encoding="utf-8", newline=""))]
            old = sorted(key for key in keys if key <= LETTERS)
            expect(old == of["even"][1:], f"the print house has {old}, expected {of['even'][1:]}")
            late = bank.carillon("cancel-message", str(of["even"][1]), as_json=True)
            expect(late["result"] == "wanted_back", f"too late, and {late}")
            bank.carillon("run", "--until-idle", "--now", AFTER)
            answer = bank.database.rows(f"SELECT answer FROM message_recalls WHERE message_id = {of['even'][1]}")
            expect(answer and "handed to the print house" in answer[0][0], f"too late, and the answer is {answer}")
            expect(dict(bank.database.rows(others)) == {"accepted": 2, "cancelled": 4}, f"too late: {bank.states()}")
            audit = bank.database.rows("SELECT COUNT(*) FROM audit WHERE action = 'message.cancel'")
            expect(audit[0][0] == 2, f"{audit} entries in the audit log")
            expect(bank.carillon("reconcile", check=False).returncode == 0, "reconcile finds something")
            told = "".join(bank.carillon("explain", f"C{i}").stdout for i in range(LETTERS))
            expect("called back" in told, f"explain does not tell: {told}")
            print(json.dumps({"letters": LETTERS, "states": bank.states(), "manifest": keys}))
        finally:
            bank.stop()
    for what in broken:
        print("FAILED", what)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

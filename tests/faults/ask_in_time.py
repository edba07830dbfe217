#!/usr/bin/python3
"""kill -9 while faxes are handed over, and then fewer minutes than the fax server remembers: who is in doubt is asked for.

The settings are those of every bank: an uncertain message waits 15 minutes for a late answer, the fax channel trusts
HylaFAX's memory for 10. In the minutes after each kill every fax has to be with HylaFAX exactly once and nothing may be left
in doubt. Control: a fax server that forgets sooner than anybody could ask is refused when its channel is opened.
Exit 77: a peer is missing.
"""
import collections
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers" / "fax"))
import hylafax
from kill_channels import SENT, faxes_of, judge_once, launch, rows_of
from trial import kill, lab, main

FAX_PORT = 14591
STEPS = "[dispatch]\nbatch = 50\nin_flight = 150\nsubmitting = 50\n"
# Within the ten minutes, a minute further for each kill: the trial's clock starts at noon.
MINUTE = lab.CAMPAIGN_DAY + "T12:{:02}:00+03:00"


def kill_in_the_act(bank, options, chance):
    """How many kills found a fax on its way."""
    struck = 0
    for minute in range(options.rounds):
        sender = bank.start("run", "--now", MINUTE.format(minute), "--until", MINUTE.format(minute))
        lab.wait_until(lambda: sender.poll() is not None or bank.count("state = 'submitting'") > 0, 60, "faxes are on their way")
        time.sleep(chance.uniform(0.02, 0.3))
        if sender.poll() is not None:
            break
        kill(sender)
        struck += bank.count("state = 'submitting'") > 0
    return struck


def refuses_what_forgets(bank):
    """A run with a server that forgets after a minute says so."""
    path = bank.files / "fax.json"
    settings = path.read_text(encoding="utf-8").replace('"forgets_after_minutes": 10', '"forgets_after_minutes": 1')
    bank.carillon("channel", "apply", bank.write("forgets.json", settings.replace('"name": "fax"', '"name": "fax-forgets"', 1)))
    told = bank.carillon("doctor", check=False)
    return "fax.forgets_too_soon" in told.stdout + told.stderr or "forgets_after_minutes" in told.stdout + told.stderr


def run(options, chance):
    broken = []
    with lab.temporary_folder() as folder, hylafax.FastQueue(folder / "server", FAX_PORT, lines=4, seconds=0).start() as server:
        bank = lab.Bank(folder, options.engine, STEPS)
        try:
            launch(bank, folder, server, {"fax": options.messages}, forgets_after_minutes=10)
            struck = kill_in_the_act(bank, options, chance)
            bank.start("run", "--now", MINUTE.format(options.rounds), "--until", MINUTE.format(options.rounds + 3)).wait(120)
            hylafax.until(lambda: not server.jobs("sendq"), 120, "HylaFAX has sent all")
            rows = rows_of(bank)["fax"]
            jobs, calls = faxes_of(server)
            states = collections.Counter(row[0] for row in rows.values())
            if [state for state in states if state not in (*SENT, "quarantined")]:
                broken.append(f"not all are with the fax server: {dict(states)}")
            broken += judge_once(rows, jobs, "fax jobs") + judge_once(rows, calls, "fax calls")
            if struck == 0:
                broken.append("no kill found a fax on its way")
            if not refuses_what_forgets(bank):
                broken.append("a server that forgets before it can be asked is taken")
            facts = {"kills": struck, "states": dict(states), "asked_again": bank.database.rows(
                "SELECT COUNT(*) FROM message_events WHERE reason LIKE 'asked again%'")[0][0]}
        finally:
            bank.stop()
    return broken, facts


if __name__ == "__main__":
    hylafax.in_namespaces()
    main("ask_in_time", __doc__, run, messages=60, rounds=3)

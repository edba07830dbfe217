#!/usr/bin/python3
"""Letters wait for their cut-off, the program is killed, and when it comes back there is nothing to send.

A campaign of two weeks ago has put letters into the print house's folder; the process was killed before the cut-off. A
program that is started now must close the batch by itself, once, and be killed and started again without another one.
"""
import csv
import datetime
import time
import types

from kill_channels import launch
from trial import kill, lab, main


def manifests(folder):
    return sorted((folder / "house" / "outbox").glob("letters-*.csv"))


def a_tuesday_long_ago():
    day = datetime.date.today() - datetime.timedelta(days=14)
    return (day - datetime.timedelta(days=(day.weekday() - 1) % 7)).isoformat()


def start_and_kill(bank, ready, seconds, what):
    """The program in real time, with nothing to send, until `ready`; then kill -9."""
    process = bank.start("run")
    try:
        lab.wait_until(lambda: ready() or process.poll() is not None, seconds, what)
        assert process.poll() is None, (bank.folder / "run.log").read_text()
    finally:
        kill(process)


def run(options, _):
    lab.CAMPAIGN_DAY = a_tuesday_long_ago()
    noon = lab.CAMPAIGN_DAY + "T12:00:00+03:00"
    broken = []
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, options.engine)
        try:
            launch(bank, folder, types.SimpleNamespace(port=0, notices="", received=""), {"letter": options.messages})
            sender = bank.start("run", "--now", noon, "--until", noon)
            waiting = folder / "house" / "open"
            lab.wait_until(lambda: sender.poll() is not None or bank.count("state = 'accepted'") == options.messages, 60,
                           "all letters are accepted")
            kill(sender)
            assert len(list(waiting.glob("*.letter"))) == options.messages, "letters wait for their cut-off"
            if manifests(folder):
                broken.append("the batch went before its cut-off")
            start_and_kill(bank, lambda: manifests(folder), 30, "the batch that missed its cut-off is closed")
            lock = folder / "house" / ".lock"
            start_and_kill(bank, lambda: is_held(lock), 30, "the folder is open again")
            rows = [row for path in manifests(folder) for row in csv.DictReader(path.open(encoding="utf-8", newline=""))]
            keys = [row["letter_key"] for row in rows]
            if len(manifests(folder)) != 1 or len(keys) != options.messages or len(set(keys)) != len(keys):
                broken.append(f"{len(manifests(folder))} batches, {len(keys)} letters, {len(set(keys))} keys")
            if list(waiting.glob("*.letter")):
                broken.append("letters still wait")
            facts = {"letters": len(keys), "states": bank.states()}
        finally:
            bank.stop()
    return broken, facts


def is_held(path):
    """Whether a process holds the folder, by the kernel's own list."""
    inode = path.stat().st_ino
    with open("/proc/locks", encoding="ascii") as locks:
        return any(f":{inode} " in line for line in locks) and time.sleep(1.5) is None


if __name__ == "__main__":
    main("wait_for_cut_off", __doc__, run, messages=12)

#!/usr/bin/python3
"""Kills the program that sends faxes at random moments and counts: fax_kill.py SEND_PROGRAM [ROUNDS] [SEED]

Every round sends all faxes from the first on again, as a platform does that does not know which of them were taken, and ends
with SIGKILL. Whatever was killed when, in the end HylaFAX has one job for each fax and has dialled each number once: by its
own doneq and its own log of calls. Exit 77: a program is missing.
"""
import collections
import random
import sys
import tempfile
import time
from pathlib import Path

import hylafax
from sender import Sender

PORT = 14560
FAXES_A_ROUND = 2


def ask_for(sender, count):
    for i in range(count):
        sender.say(f"send K-{i} +74952{i:04}00 Анна Ким {i}")


def main():
    hylafax.in_namespaces()
    program = Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    chance = random.Random(seed)
    count, unanswered = FAXES_A_ROUND * rounds, 0
    with tempfile.TemporaryDirectory(prefix="carillon-fax-") as temporary:
        folder = Path(temporary)
        with hylafax.FastQueue(folder / "server", PORT, lines=4, seconds=0).start() as server:
            for number in range(rounds):
                with Sender(program, folder / "sender", server) as sender:
                    ask_for(sender, FAXES_A_ROUND * (number + 1))
                    if chance.random() < 0.5:
                        # Aimed: soon after a job has come to be, when its submission is under way.
                        before = {path.name for path in (server.spool / "sendq").glob("q*")}
                        end = time.monotonic() + 2
                        while time.monotonic() < end and {p.name for p in (server.spool / "sendq").glob("q*")} <= before:
                            pass
                        time.sleep(chance.choice((0, chance.uniform(0, 0.02))))
                    else:
                        time.sleep(chance.uniform(0, 1.2))
                    sender.kill()
                notes = (folder / "sender/handed-over").glob("K-*.fax")
                unanswered += sum(note.read_text().endswith(" \n") for note in notes)
            accepted = set()
            for _ in range(20):
                with Sender(program, folder / "sender", server) as sender:
                    ask_for(sender, count)
                    sender.wait("outcome ", 120, count)
                    assert not [line for line in sender.lines if " uncertain " in line], sender.lines
                    accepted = {line.split()[1] for line in sender.lines if " accepted " in line}
                    if len(accepted) == count:
                        hylafax.until(lambda: not server.jobs("sendq"), 240, "the queue is empty")
                        assert sender.end() == 0
                        break
                time.sleep(1)
            assert len(accepted) == count, f"{len(accepted)} of {count} accepted"
            jobs = collections.Counter(job["jobtag"] for job in server.jobs("doneq"))
            calls = collections.Counter(tag for tag, *_ in server.calls())
            wanted = {f"carillon-K-{i}": 1 for i in range(count)}
            assert jobs == wanted, {tag: n for tag, n in jobs.items() if n != 1} or set(wanted) - set(jobs)
            assert calls == wanted, {tag: n for tag, n in calls.items() if n != 1} or set(wanted) - set(calls)
            assert all(job["state"] == "7" and job["npages"] == "2" for job in server.jobs("doneq"))
    print(f"seed {seed}: {rounds} kills, {unanswered} of them left a submission nobody had the answer to; "
          f"{count} faxes, each one job and one call")
    return 0


if __name__ == "__main__":
    sys.exit(main())

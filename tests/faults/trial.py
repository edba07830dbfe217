"""The frame of every fault test: a campaign into the durable sink, a fault, the verdict, and one JSON line at the end."""
import argparse
import contextlib
import json
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
import verdict

# Small batches: the smaller what is in flight, the more a fault has to hit to be noticed.
SMALL_STEPS = "[dispatch]\nbatch = 50\nin_flight = 150\nsubmitting = 50\nuncertain_minutes = 0\n"


class Trial:
    def __init__(self, folder, engine, messages, chance, settings=SMALL_STEPS, sink=None, database_folder=None,
                 channel=None):
        self.folder = Path(folder)
        self.messages = messages
        self.chance = chance
        self.broken = []
        self.facts = {}
        self.sink = lab.Sink(folder, seed=chance.randrange(1 << 30), **(sink or {}))
        self.bank = None
        try:
            self.bank = lab.Bank(folder, engine, settings, database_folder)
            lab.launch_offer(self.bank, messages, self.sink.port, channel=channel)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.bank:
            self.bank.stop()
        self.sink.stop()

    def expect(self, holds, what):
        if not holds:
            self.broken.append(what)

    def wait_for_messages(self, count, process=None, seconds=120):
        """Until the sink has `count` messages or the process has ended."""
        lab.wait_until(lambda: self.sink.count() >= count or (process and process.poll() is not None), seconds,
                       f"{count} messages in the sink, {self.sink.count()} there")

    def wait_for_quiet(self, seconds=2):
        """Until nothing has arrived for so long."""
        deadline = time.monotonic() + 60
        count, since = self.sink.count(), time.monotonic()
        while time.monotonic() - since < seconds:
            if time.monotonic() > deadline:
                raise lab.LabError(f"messages go on arriving: {count}")
            time.sleep(0.05)
            if self.sink.count() != count:
                count, since = self.sink.count(), time.monotonic()

    def wait_for_end(self, process):
        """Lets a sender end by itself; it must say that all went well."""
        code = process.wait(lab.COMMAND_SECONDS)
        if code != 0:
            self.broken.append(f"the run ended with {code}: {self.log()[-600:]}")

    def finish(self):
        """Sends what is left, lets the time pass for what was deferred, and lets uncertain messages be closed."""
        self.wait_for_end(self.bank.start_sending())
        for _ in range(5):
            if self.bank.count("state IN ('queued', 'deferred', 'held', 'leased', 'submitting', 'uncertain')") == 0:
                return
            self.wait_for_end(self.bank.start("run", "--now", lab.LATER, "--until", lab.LAST))

    def log(self):
        return (self.bank.folder / "run.log").read_text(encoding="utf-8", errors="replace")

    def judge(self, uncertain_bound):
        time.sleep(0.3)  # what a killed sender left in socket buffers may still arrive
        rows, received = verdict.rows_of(self.bank.database), self.sink.lines()
        self.broken += verdict.judge(self.messages, rows, received, uncertain_bound)
        reconciled = self.bank.carillon("reconcile", check=False)
        self.expect(reconciled.returncode == 0, "reconcile: " + reconciled.stdout + reconciled.stderr)
        for name, log in verdict.doctored(received, rows).items():
            self.expect(verdict.judge(self.messages, rows, log, uncertain_bound),
                        f"CONTROL: the judge lets {name} pass")
        self.facts.update(verdict.figures(rows, received), uncertain_bound=uncertain_bound)
        return self


@contextlib.contextmanager
def trial(*arguments, **named):
    with lab.temporary_folder() as folder:
        one = Trial(folder, *arguments, **named)
        try:
            yield one
        finally:
            one.stop()


def main(name, description, run, messages, rounds=None, engines=("sqlite", "mariadb"), more=None):
    """`run(options, chance)` answers (broken, facts); `more(parser)` adds options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--engine", choices=engines, default=engines[0])
    parser.add_argument("--messages", type=int, default=messages)
    if rounds:
        parser.add_argument("--rounds", type=int, default=rounds)
    if more:
        more(parser)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    begun = time.monotonic()
    broken, facts = run(options, random.Random(options.seed))
    print(json.dumps({"test": name, "engine": options.engine, "messages": options.messages, "seed": options.seed,
                      "seconds": round(time.monotonic() - begun, 1), **facts, "broken": broken}, ensure_ascii=False))
    sys.exit(1 if broken else 0)


def kill(process, signal_number=signal.SIGKILL):
    process.send_signal(signal_number)
    process.wait(60)

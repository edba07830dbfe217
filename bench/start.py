#!/usr/bin/python3
"""From the start of the process to the first message a provider has, with a million messages waiting.

Yardstick: one start a second.
"""
import os
import sys
import time

import measure
from measure import lab

REPEATS = 5


def first_message_seconds(bank, sink):
    """Starts a sender and kills it once the sink has something new."""
    before = sink.size()
    begun = time.monotonic()
    sender = bank.start_sending()
    while sink.size() == before and sender.poll() is None:
        time.sleep(0.0005)
    seconds = time.monotonic() - begun
    sender.terminate()
    _, _, rusage = os.wait4(sender.pid, 0)
    sender.returncode = 0
    if sink.size() == before:
        raise lab.LabError((bank.folder / "run.log").read_text()[-1000:])
    return seconds, measure.Usage(seconds, rusage)


def main():
    options = measure.arguments(__doc__, 1_000_000).parse_args()
    with lab.temporary_folder() as folder:
        sink = lab.Sink(folder)
        bank = lab.Bank(folder, options.engine, options.settings)
        try:
            lab.launch_offer(bank, options.messages, sink.port)
            bank.carillon("run", "--until-idle", "--plan-only", "--now", lab.NOON)
            starts = [first_message_seconds(bank, sink) for _ in range(REPEATS)]
            seconds = measure.median([one for one, _ in starts])
            waiting = bank.count("state = 'queued'")
            measure.finish("start", options, 1 / seconds, 1, starts[-1][1], messages=waiting,
                           seconds=round(seconds, 3), slowest=round(max(one for one, _ in starts), 3))
        finally:
            bank.stop()
            sink.stop()


if __name__ == "__main__":
    sys.exit(main())

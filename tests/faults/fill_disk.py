#!/usr/bin/python3
"""The disk of the database fills up during a campaign and is freed later.

A sender that cannot record what it does must stop sending, and go on by itself when there is room again: nothing lost,
nothing twice. Control: while the disk is full, a write of our own fails, and no message arrives.
Needs root for a small file system of its own.
"""
import os
import shutil
import subprocess
import sys
import time

from trial import lab, main, trial

SIZE_MB = 48


def fill(folder):
    """Takes every byte that is left."""
    with open(folder / "ballast", "ab", buffering=0) as ballast:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                continue


def is_full(folder):
    try:
        with open(folder / "probe", "wb", buffering=0) as probe:
            probe.write(b"x" * 8192)
        return False
    except OSError:
        return True


def run(options, chance):
    with lab.temporary_folder("carillon-disk-") as disk:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", disk], check=True)
        try:
            return on_small_disk(options, chance, disk)
        finally:
            subprocess.run(["umount", "-l", disk], check=True)


def on_small_disk(options, chance, disk):
    with trial(options.engine, options.messages, chance, database_folder=disk, sink={"delay_ms": 4},
               channel={"connections": 4}) as one:
        sender = one.bank.start_sending()
        one.wait_for_messages(options.messages // 5, sender)
        fill(disk)
        full_at = one.sink.count()
        one.wait_for_quiet()  # what was in flight, and what finds room in the files that are there
        one.expect(is_full(disk), "CONTROL: the disk is not full")
        quiet_from = one.sink.count()
        time.sleep(2)
        one.facts.update(after_full=quiet_from - full_at, while_full=one.sink.count() - quiet_from,
                         sender_survived=sender.poll() is None)
        one.expect(one.facts["while_full"] == 0, f"{one.facts['while_full']} were sent that could not be recorded")
        (disk / "ballast").unlink()
        (disk / "probe").unlink(missing_ok=True)
        one.expect(sender.poll() is None, f"the sender died: {one.log()[-600:]}")
        one.wait_for_end(sender)
        one.finish()
        one.judge(uncertain_bound=0 if one.facts["sender_survived"] else 150)
    return one.broken, one.facts


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("mount"):
        print("skipped: a small file system needs root")
        sys.exit(77)
    main("fill_disk", __doc__, run, messages=6000, engines=("sqlite",))

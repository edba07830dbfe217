#!/usr/bin/python3
"""Two senders on one database, started at the same moment: both work, nobody receives anything twice.

With --freeze one of them is stopped (SIGSTOP) for longer than its heartbeat lasts and then goes on: the other has taken
its work over, and the sleeper must not send what is no longer its own.
"""
import signal
import time

from trial import SMALL_STEPS, lab, main, trial

HEARTBEAT_SECONDS = 3


def senders_that_worked(one):
    """Dispatchers in whose fence range messages were sent."""
    return one.bank.database.rows(
        "SELECT d.id, COUNT(*) FROM dispatchers d JOIN messages m"
        " ON m.fence >= d.id * 16777216 AND m.fence < (d.id + 1) * 16777216 WHERE m.state = 'accepted' GROUP BY d.id")


def both_at_once(options, chance):
    # Slow enough that neither has finished before the other has begun.
    with trial(options.engine, options.messages, chance, sink={"delay_ms": 5}, channel={"connections": 4}) as one:
        senders = [one.bank.start_sending() for _ in range(2)]
        for sender in senders:
            one.wait_for_end(sender)
        one.judge(uncertain_bound=0)
        shares = senders_that_worked(one)
        one.facts["shares"] = dict(shares)
        one.expect(len(shares) == 2, f"CONTROL: only {len(shares)} of two senders did any work")
    return one


def one_asleep(options, chance):
    settings = SMALL_STEPS + f"heartbeat_seconds = {HEARTBEAT_SECONDS}\n"
    with trial(options.engine, options.messages, chance, settings=settings, sink={"delay_ms": 10},
               channel={"connections": 3}) as one:
        sleeper = one.bank.start_sending()
        one.wait_for_messages(options.messages // 10, sleeper)
        sleeper.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        in_flight = one.bank.count("state = 'submitting'")
        helper = one.bank.start_sending()
        asleep_at = time.monotonic()
        # The helper takes over once the heartbeat is silent; one that has run out of work before that is followed by another.
        while one.bank.database.rows("SELECT COUNT(*) FROM dispatchers WHERE ended_at IS NULL"
                                     " AND id = (SELECT MIN(id) FROM dispatchers)")[0][0] > 0:
            if time.monotonic() - asleep_at > 60:
                raise lab.LabError("waited 60 s in vain: the helper takes over")
            if helper.poll() is not None:
                helper = one.bank.start_sending()
            time.sleep(0.2)
        time.sleep(max(0, asleep_at + 2 * HEARTBEAT_SECONDS - time.monotonic()))
        sleeper.send_signal(signal.SIGCONT)
        one.wait_for_end(helper)
        one.wait_for_end(sleeper)
        one.finish()
        one.judge(uncertain_bound=in_flight)
        one.facts["freeze_uncertain"] = one.facts["uncertain"]
        one.expect(in_flight > 0, "CONTROL: nothing was in flight when the sender fell asleep")
    return one


def run(options, chance):
    shared = both_at_once(options, chance)
    asleep = one_asleep(options, chance)
    return shared.broken + asleep.broken, {**shared.facts, **asleep.facts}


if __name__ == "__main__":
    main("share_work", __doc__, run, messages=5000, engines=("mariadb", "sqlite"))

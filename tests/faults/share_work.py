#!/usr/bin/python3
"""Two senders on one database, started at the same moment: both work, nobody receives anything twice.

Then one of them is stopped (SIGSTOP) for longer than its heartbeat lasts and goes on: the other has taken its work over,
and the sleeper must not send what is no longer its own. On MariaDB that holds also for a sleeper inside a transaction:
the server takes its locks away. SQLite's lock belongs to the process that has it, and nothing takes it from a live one;
there the sleeper is stopped between two transactions.
"""
import signal
import time

from trial import SMALL_STEPS, lab, main, trial

# Long enough that a busy machine whose disk is slow does not silence those who are awake.
HEARTBEAT_SECONDS = 10


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


def fall_asleep(one, sleeper, in_transaction):
    """Stops the sender with messages in flight, inside a transaction or outside of any; answers how many are in flight."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and sleeper.poll() is None:
        sleeper.send_signal(signal.SIGSTOP)
        one.bank.database.settle(dead=False)
        if one.bank.database.is_locked() == in_transaction:
            in_flight = one.bank.count("state = 'submitting'")  # now that every COMMIT on its way has arrived
            if in_flight > 0:
                return in_flight
        sleeper.send_signal(signal.SIGCONT)
        time.sleep(one.chance.uniform(0, 0.02))
    raise lab.LabError(f"the sender was never caught {'in' if in_transaction else 'out'}side a transaction")


def wait_for_takeover(one, sleeper_id):
    """The helper takes over once the heartbeat is silent; one that has run out of work before is followed by another."""
    helper = one.bank.start_sending()
    deadline = time.monotonic() + 60
    while one.bank.database.rows(f"SELECT ended_at FROM dispatchers WHERE id = {sleeper_id}")[0][0] is None:
        if time.monotonic() > deadline:
            raise lab.LabError("waited 60 s in vain: the helper takes over")
        if helper.poll() is not None:
            one.wait_for_end(helper)
            helper = one.bank.start_sending()
        time.sleep(0.2)
    return helper


def one_asleep(options, chance, in_transaction):
    settings = SMALL_STEPS + f"heartbeat_seconds = {HEARTBEAT_SECONDS}\n"
    with trial(options.engine, options.messages, chance, settings=settings, sink={"delay_ms": 10},
               channel={"connections": 3}) as one:
        sleeper = one.bank.start_sending()
        try:
            one.wait_for_messages(options.messages // 10, sleeper)
            in_flight = fall_asleep(one, sleeper, in_transaction)
            sleeper_id = one.bank.database.rows("SELECT MAX(id) FROM dispatchers")[0][0]
            helper = wait_for_takeover(one, sleeper_id)
        finally:
            sleeper.send_signal(signal.SIGCONT)
        one.wait_for_end(helper)
        one.wait_for_end(sleeper)
        one.finish()
        one.judge(uncertain_bound=in_flight)
    return one


def run(options, chance):
    shared = both_at_once(options, chance)
    broken, facts = shared.broken, shared.facts
    for in_transaction in (False, True) if options.engine == "mariadb" else (False,):
        asleep = one_asleep(options, chance, in_transaction)
        broken = broken + asleep.broken
        where = "asleep_in_a_transaction" if in_transaction else "asleep"
        facts[where] = {name: asleep.facts[name] for name in ("uncertain", "uncertain_bound", "closed_unknown_but_received")}
    return broken, facts


if __name__ == "__main__":
    main("share_work", __doc__, run, messages=5000, engines=("mariadb", "sqlite"))

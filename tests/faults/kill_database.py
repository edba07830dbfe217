#!/usr/bin/python3
"""kill -9 of the MariaDB server during a campaign, started again after a moment, many times.

The sender must live through it and finish by itself: nothing lost, nothing twice, nothing uncertain, since every answer
of the provider reached a process that could wait until the database was back.
Control: acknowledged writes of another connection break off at each kill.
"""
import subprocess
import time

from trial import lab, main, trial


def run(options, chance):
    # Slow enough that the campaign outlasts the kills.
    with trial(options.engine, options.messages, chance, sink={"delay_ms": 5}, channel={"connections": 3}) as one:
        sender = one.bank.start_sending()
        refused = 0
        kills = 0
        for number in range(options.rounds):
            step = max((options.messages - one.sink.count()) // (options.rounds - number + 2), 20)
            one.wait_for_messages(one.sink.count() + chance.randrange(step), sender)
            if sender.poll() is not None:
                break
            one.bank.database.control("kill")
            kills += 1
            refused += not answers(one.bank.database)
            time.sleep(chance.uniform(0, 2))
            one.bank.database.control("start")
        one.facts.update(kills=kills, sender_survived=sender.poll() is None)
        one.expect(sender.poll() is None or kills == options.rounds, f"the sender died: {one.log()[-600:]}")
        one.wait_for_end(sender)
        one.finish()
        one.judge(uncertain_bound=0)
        one.expect(refused == kills, f"CONTROL: {kills - refused} kills left the database answering")
        one.expect(kills >= options.rounds * 0.8, f"only {kills} of {options.rounds} kills struck")
    return one.broken, one.facts


def answers(database):
    try:
        return bool(database.rows("SELECT 1"))
    except (lab.LabError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    main("kill_database", __doc__, run, messages=5000, rounds=3, engines=("mariadb",))

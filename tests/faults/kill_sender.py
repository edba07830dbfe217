#!/usr/bin/python3
"""kill -9 of the sender at random moments of a campaign, again and again until it is finished.

Every message of the audience must be received once, or be in a final state that explains itself; none twice.
Controls: the judge must reject doctored logs, and a sender that keeps only a cursor must fail under the same kills.
"""
import time

from trial import kill, lab, main, trial, verdict
import naive_sender


def wait_for_kill_moment(sender, sink, chance, mean_progress):
    """Most kills come while messages flow; some while the program is still starting."""
    if chance.random() < 0.1:
        time.sleep(chance.uniform(0, 0.1))
        return
    # Never so far that the rounds left have nothing to kill. A line has about a hundred bytes.
    goal = sink.size() + min(chance.expovariate(1), 2) * mean_progress * 100
    deadline = time.monotonic() + 60
    while sink.size() < goal and sender.poll() is None and time.monotonic() < deadline:
        time.sleep(0.0005)
    time.sleep(chance.uniform(0, 0.02))


def run_with_kills(start, sink, rounds, chance, messages, after_kill):
    """Starts and kills until the rounds are used up or the sender finishes; answers the kills that struck."""
    for kills in range(rounds):
        sender = start()
        left = max(messages - sink.count(), 200)
        wait_for_kill_moment(sender, sink, chance, left / (rounds - kills + 3))
        if sender.poll() is not None:
            return kills
        kill(sender)
        after_kill()
    return rounds


def control(folder, rounds, messages, chance, moves):
    """The same kills against a sender that keeps only a cursor. It must lose or double; answers what it did."""
    sink = lab.Sink(folder, seed=chance.randrange(1 << 30))
    try:
        def start():
            return naive_sender.start(folder, sink.port, messages, moves)
        run_with_kills(start, sink, rounds, chance, messages, lambda: None)
        if start().wait(lab.COMMAND_SECONDS) != 0:
            raise lab.LabError("the naive sender did not finish")
        return verdict.judge(messages, naive_sender.rows_of(folder, messages), sink.lines(), 0)
    finally:
        sink.stop()


def run(options, chance):
    with trial(options.engine, options.messages, chance) as one:
        submitting = []

        def count_submitting():
            one.bank.database.settle(dead=True)  # the server may still be at a COMMIT of the dead
            submitting.append(one.bank.count("state = 'submitting'"))

        kills = run_with_kills(one.bank.start_sending, one.sink, options.rounds, chance, options.messages,
                               count_submitting)
        one.finish()
        one.judge(uncertain_bound=sum(submitting))
        one.expect(kills >= options.rounds * 0.8, f"only {kills} of {options.rounds} kills struck")
        one.facts["kills"] = kills
    for moves in ("before", "after"):
        with lab.temporary_folder() as folder:
            faults = control(folder, min(options.rounds, 20), options.messages, chance, moves)
        one.facts[f"control_cursor_moved_{moves}"] = faults
        one.expect(faults, f"CONTROL: a sender whose cursor moves {moves} sending passed; the kills do not bite")
    return one.broken, one.facts


if __name__ == "__main__":
    main("kill_sender", __doc__, run, messages=5000, rounds=10)

#!/usr/bin/python3
"""SIGTERM during a campaign, several times: what is in flight is finished, the rest is given back, nothing is uncertain.

Control: the same moments with kill -9 do leave uncertain messages.
"""
import signal

from trial import kill, lab, main, trial


# Slow enough that a sender is still at work when we notice how far it is, also on a busy machine.
SLOWLY = {"sink": {"delay_ms": 4}, "channel": {"connections": 4}}


def run_with_signal(one, rounds, signal_number):
    """Answers the exit codes of the senders that were still at work."""
    codes = []
    for number in range(rounds):
        sender = one.bank.start_sending()
        one.wait_for_messages(one.messages * (number + 1) // (rounds + 2), sender)
        if sender.poll() is None:
            kill(sender, signal_number)
            codes.append(sender.returncode)
    return codes


def run(options, chance):
    with trial(options.engine, options.messages, chance, **SLOWLY) as one:
        codes = run_with_signal(one, options.rounds, signal.SIGTERM)
        open_rows = one.bank.count("state IN ('leased', 'submitting', 'uncertain')")
        one.expect(open_rows == 0, f"{open_rows} rows were left in flight by a gentle stop")
        one.expect(codes and set(codes) <= {0, 128 + signal.SIGTERM}, f"exit codes {codes}")
        one.finish()
        one.judge(uncertain_bound=0)
        one.facts["gentle_stops"] = len(codes)
    with trial(options.engine, options.messages, chance, **SLOWLY) as rough:
        run_with_signal(rough, options.rounds, signal.SIGKILL)
        rough.finish()
        uncertain = rough.bank.database.rows("SELECT COUNT(*) FROM message_events WHERE to_state = 'uncertain'")[0][0]
        one.expect(uncertain > 0, "CONTROL: kill -9 at the same moments left nothing uncertain")
        one.facts["control_uncertain_with_kill_9"] = uncertain
    return one.broken, one.facts


if __name__ == "__main__":
    main("stop_gently", __doc__, run, messages=4000, rounds=3)

#!/usr/bin/python3
"""Pausing and resuming a campaign while it is being sent.

Once `campaign pause` has answered, only what was being submitted at that moment may still arrive; after `resume` the
rest goes on where it stopped. Control: without a pause the same wait brings many more messages.
"""
import time

from trial import lab, main, trial

LOOK = 0.5  # seconds of silence that are checked after a pause


def run(options, chance):
    with trial(options.engine, options.messages, chance, sink={"delay_ms": 4}, channel={"connections": 4}) as one:
        sender = one.bank.start_sending()
        overshoots, flow = [], []
        for number in range(options.rounds):
            one.wait_for_messages(options.messages * (number + 1) // (options.rounds + 2), sender)
            before = one.sink.count()
            time.sleep(LOOK)
            flow.append(one.sink.count() - before)
            one.bank.carillon("campaign", "pause", "offer", user="operator")
            at_pause, in_flight = one.sink.count(), one.bank.count("state = 'submitting'")
            time.sleep(LOOK)
            overshoots.append(one.sink.count() - at_pause)
            one.expect(overshoots[-1] <= in_flight + 1, f"{overshoots[-1]} arrived after a pause with {in_flight} in flight")
            settled = one.sink.count()
            time.sleep(LOOK / 2)
            one.expect(one.sink.count() == settled, "messages kept arriving after the pause")
            one.bank.carillon("campaign", "resume", "offer", user="approver")
            if sender.poll() is not None:  # a paused campaign leaves the sender idle: it may end
                sender = one.bank.start_sending()
        one.wait_for_end(sender)
        one.finish()
        one.judge(uncertain_bound=0)
        one.facts.update(most_after_pause=max(overshoots), least_without_pause=min(flow))
        one.expect(min(flow) > 20, f"CONTROL: without a pause only {min(flow)} messages arrived")
    return one.broken, one.facts


if __name__ == "__main__":
    main("pause_and_resume", __doc__, run, messages=6000, rounds=3)

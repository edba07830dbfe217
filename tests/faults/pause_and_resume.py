#!/usr/bin/python3
"""Pausing and resuming a campaign while it is being sent.

Once `campaign pause` has answered, only what was being submitted at that moment may still arrive, whoever sends and
however long one waits; after `resume` the rest goes on where it stopped. Control: without a pause more arrives than was
being submitted.
"""
from trial import main, trial


def in_flight_and_arrived(one):
    """In this order: what arrives in between counts twice, so the first bounds what may come after the second."""
    in_flight = one.bank.count("state = 'submitting'")
    return in_flight, one.sink.count()


def flow_unpaused(one, sender):
    in_flight, arrived = in_flight_and_arrived(one)
    one.wait_for_messages(arrived + in_flight + 1, sender)
    one.expect(one.sink.count() > arrived + in_flight, "CONTROL: without a pause no more arrived than was in flight")


def pause(one, sender):
    """Answers how many still arrived after a pause, and how many might have."""
    one.bank.carillon("campaign", "pause", "offer", user="operator")
    in_flight, arrived = in_flight_and_arrived(one)
    # Nobody looks at a clock: a sender ends when it has nothing to do and knows what became of those in flight. One
    # that goes on sending ends later, and one that is started now would find work.
    one.wait_for_end(sender)
    one.wait_for_end(one.bank.start_sending())
    late = one.sink.count() - arrived
    one.expect(late <= in_flight, f"{late} arrived after a pause with {in_flight} in flight")
    return late, in_flight


def run(options, chance):
    with trial(options.engine, options.messages, chance, sink={"delay_ms": 4}, channel={"connections": 4}) as one:
        pauses = []
        for number in range(options.rounds):
            sender = one.bank.start_sending()
            one.wait_for_messages(options.messages * (number + 1) // (options.rounds + 2), sender)
            flow_unpaused(one, sender)
            pauses.append(pause(one, sender))
            one.bank.carillon("campaign", "resume", "offer", user="approver")
        one.finish()
        one.judge(uncertain_bound=0)
        one.facts["late_of_in_flight"] = max(pauses)
        one.expect(any(in_flight > 0 for _, in_flight in pauses), "CONTROL: no pause found anything in flight")
    return one.broken, one.facts


if __name__ == "__main__":
    main("pause_and_resume", __doc__, run, messages=6000, rounds=3)

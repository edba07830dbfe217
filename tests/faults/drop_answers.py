#!/usr/bin/python3
"""A provider that hangs up after the final dot of every fiftieth message: half of those it took, half it did not.

Nobody can know which, so marketing mail stays `closed_unknown` and is never sent again: no copy is received twice.
"""
from trial import main, trial


def run(options, chance):
    with trial(options.engine, options.messages, chance, sink={"drop_after_dot": 0.02}) as one:
        one.finish()
        unanswered = sum(line.answer == "unanswered" for line in one.sink.lines())
        # A connection that is cut takes the answers before it along, and what was pipelined behind.
        one.judge(uncertain_bound=options.messages // 10)
        one.facts["taken_without_answer"] = unanswered
        one.expect(unanswered > options.messages // 400, f"CONTROL: only {unanswered} answers were dropped")
        one.expect(one.facts["uncertain"] >= unanswered, "a message without an answer is not on record as uncertain")
        one.expect(one.facts["closed_unknown_but_received"] >= unanswered, "an unanswered one was not left unknown")
    return one.broken, one.facts


if __name__ == "__main__":
    main("drop_answers", __doc__, run, messages=5000)

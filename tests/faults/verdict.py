"""The judge of a fault test: joins what the sink received with what the database says, and names every broken promise.

It knows nothing of how the fault was made, and is itself tested by doctored logs (doctored() below).
"""
import collections

# A message in one of these states explains itself; everything else open at the end is a loss.
FINAL_WITHOUT_SENDING = {"failed", "suppressed", "expired", "cancelled", "quarantined", "skipped", "control"}
UNKNOWN = {"closed_unknown", "uncertain"}
SENT = {"accepted", "delivered"}


class Row:
    """One message of the database, as far as the judge cares."""

    def __init__(self, row_id, address, state, reason, was_uncertain):
        self.row_id = row_id
        self.address = address
        self.state = state
        self.reason = reason
        self.was_uncertain = was_uncertain


def rows_of(database):
    """Messages with the addresses of their clients, and whether `uncertain` stands in their history."""
    return [Row(*row) for row in database.rows(
        "SELECT m.id, k.address, m.state, m.reason, CASE WHEN EXISTS (SELECT 1 FROM message_events e"
        " WHERE e.message_id = m.id AND e.to_state = 'uncertain') THEN 1 ELSE 0 END"
        " FROM messages m LEFT JOIN contacts k ON k.client_id = m.client_id AND k.channel = 'email'")]


def judge(audience, rows, received, uncertain_bound, resend_allowed=False):
    """Violations in words; none: the promises hold."""
    broken = []
    copies = collections.defaultdict(list)
    for one in received:
        copies[one.row_id()].append(one)
    known = {row.row_id for row in rows}

    def report(what, ids):
        ids = sorted(ids)
        if ids:
            broken.append(f"{len(ids)} {what}, e.g. {ids[:5]}")

    if len(rows) != audience:
        broken.append(f"the audience was {audience}, but there are {len(rows)} rows")
    report("received that nobody wrote down", copies.keys() - known)
    report("lost: accepted by our books, never received",
           {row.row_id for row in rows if row.state in SENT and row.row_id not in copies})
    report("still open", {row.row_id for row in rows
                          if row.state not in SENT | UNKNOWN | FINAL_WITHOUT_SENDING or row.state == "uncertain"})
    # Everybody in these campaigns may and should be reached: too late, capped or refused can only come of the fault.
    report("denied their message", {row.row_id for row in rows if row.state in FINAL_WITHOUT_SENDING - {"quarantined"}})
    report("ended without a reason", {row.row_id for row in rows
                                      if row.state in FINAL_WITHOUT_SENDING and not row.reason})
    report("ended unsent by our books, yet received",
           {row.row_id for row in rows if row.state in FINAL_WITHOUT_SENDING - {"quarantined"} and row.row_id in copies})
    report("unknown without `uncertain` in their history",
           {row.row_id for row in rows if row.state in UNKNOWN and not row.was_uncertain})
    report("received twice", {row.row_id for row in rows if len(copies[row.row_id]) > 1 and
                              not (resend_allowed and row.was_uncertain and len(copies[row.row_id]) == 2)})
    report("went to a stranger", {row.row_id for row in rows
                                  if any(one.recipient != row.address for one in copies[row.row_id])})
    uncertain = sum(row.was_uncertain for row in rows)
    if uncertain > uncertain_bound:
        broken.append(f"{uncertain} were uncertain, but only {uncertain_bound} were being submitted when a fault struck")
    return broken


def figures(rows, received):
    """What a reader wants to know besides the verdict."""
    states = collections.Counter(row.state for row in rows)
    taken = {one.row_id() for one in received}
    unknown = [row for row in rows if row.state in UNKNOWN]
    return {"states": dict(states), "received": len(received), "uncertain": sum(row.was_uncertain for row in rows),
            "closed_unknown_but_received": sum(row.row_id in taken for row in unknown)}


def doctored(received, rows):
    """Logs with one fault each; a judge that lets one of them pass is worth nothing."""
    sent = next(i for i, one in enumerate(received) if any(
        row.row_id == one.row_id() and row.state in SENT for row in rows[:2000] + rows[-2000:]))
    return {"a line dropped": received[:sent] + received[sent + 1:],
            "a line doubled": received + received[sent:sent + 1]}

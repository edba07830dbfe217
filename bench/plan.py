#!/usr/bin/python3
"""Freezing the audience of a campaign: one row for every client, with contact, time zone, variant, or the reason why not.

Yardstick: a bare INSERT ... SELECT of as many rows into a table of the same columns, in the same database.
"""
import sys
import time

import measure
from measure import lab

COPY = {
    "sqlite": ("CREATE TABLE bare AS SELECT * FROM messages WHERE 1 = 0",
               "DROP TABLE bare"),
    "mariadb": ("CREATE TABLE bare AS SELECT * FROM messages WHERE 1 = 0", "DROP TABLE bare"),
}


def columns_of(database):
    if database.engine == "sqlite":
        return [row[1] for row in database.rows("PRAGMA table_info(messages)")]
    return [row[0] for row in database.rows("SHOW COLUMNS FROM messages")]


def yardstick_seconds(database):
    """Rows like those of the plan, from the clients, into a table without keys and checks."""
    values = {"id": "c.id", "run_id": "1", "client_id": "c.id", "campaign_id": "1", "step": "1", "channel": "'email'",
              "variant": "0", "contact": "k.number", "state": "'queued'", "due_at": "1795507200000", "attempt": "0",
              "send_by": "1795507200000", "crashes": "0", "resends": "0", "units": "1"}
    columns = columns_of(database)
    create, drop = COPY[database.engine]
    database.run(create)
    begun = time.monotonic()
    database.run(f"INSERT INTO bare ({', '.join(columns)}) SELECT {', '.join(values.get(c, 'NULL') for c in columns)}"
                 " FROM clients c JOIN contacts k ON k.client_id = c.id")
    seconds = time.monotonic() - begun
    database.run(drop)
    return seconds


def main():
    options = measure.arguments(__doc__, 1_000_000).parse_args()
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, options.engine, options.settings)
        try:
            lab.launch_offer(bank, options.messages, 25)
            bare = [yardstick_seconds(bank.database)]
            usage, _ = measure.measured(bank.command("run", "--until-idle", "--plan-only", "--now", lab.NOON))
            bare.append(yardstick_seconds(bank.database))
            planned = bank.count("state = 'queued'")
            if planned != options.messages:
                raise lab.LabError(f"only {planned} were queued: {bank.states()}")
            yardstick = measure.median(bare)
            measure.finish("plan", options, planned / usage.seconds, planned / yardstick, usage,
                           seconds=round(usage.seconds, 2), times_the_bare_insert=round(usage.seconds / yardstick, 2))
        finally:
            bank.stop()


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""The report of a campaign of a million messages (two variants, a tenth in control) with three million events.

2.5 million responses and half a million conversions, made set-wise. The program starts anew and the database file is
dropped from the page cache first. Yardstick: hand-written SQL for the same figures in the same database, as somebody
would type it (sqlite3 or mariadb), also cold; its figures must equal those of the report.
"""
import os
import sys
import time

import measure
from measure import lab

DAY = 86_400_000
SENT = 1_790_000_000_000
CAMPAIGN = {"name": "offer", "title": "Offer", "objective": "cross_sell", "segment": "everyone", "control": {"percent": 10},
            "steps": [{"channel": "email", "template": "offer"}],
            "variants": [{"name": "a"}, {"name": "b"}],
            "schedule": {"once": {"date": "2026-09-21", "time": "11:00"}},
            "conversion": {"event": "purchase", "window": "14d"}}


def numbers(first, last):
    return f"WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})"


SLICE = 200_000


def insert(database, count, head, tail):
    """`head` (numbers) `tail` for 1 to `count`, a slice at a time: a transaction of millions of rows takes a server long."""
    for first in range(1, count + 1, SLICE):
        database.run(*QUICKLY.get(database.engine, ()), head + numbers(first, min(count, first + SLICE - 1)) + tail)


QUICKLY = {"mariadb": ("SET unique_checks = 0", "SET foreign_key_checks = 0", "SET GLOBAL innodb_flush_log_at_trx_commit = 0")}


def fill(database, count):
    """Client i is in control when i % 10 = 0; the others have variant i % 2 and responses by their number."""
    database.run(
        "UPDATE campaigns SET state = 'past'",
        "INSERT INTO runs (id, campaign_id, slot, as_of, at_time, lane, priority, state, planned_through, matched,"
        f" created_at, frozen_at, settled_at) SELECT 1, id, 'once', '2026-09-21', 660, 3, 50, 'frozen', {count}, {count},"
        f" {SENT}, {SENT}, {SENT} FROM campaigns")
    insert(database, count, "INSERT INTO messages (id, run_id, client_id, campaign_id, step, channel, variant, state, due_at,"
           " submitted_at, finished_at, attempt, units) ",
           " SELECT i, 1, i, 1, 1, 'email', ((i - i % 10) / 10) % 2, CASE WHEN i % 10 = 0 THEN 'control' WHEN i % 97 = 0"
           f" THEN 'bounced' ELSE 'accepted' END, {SENT}, CASE WHEN i % 10 = 0 THEN NULL ELSE {SENT} + i END,"
           f" CASE WHEN i % 10 = 0 THEN NULL ELSE {SENT} + i END, 1, 1 FROM n")
    # What was composed of each message that was sent, with as much data as an offer has.
    insert(database, count, "INSERT INTO message_contents (message_id, template_id, channel_id, locale, address, composed_at, data) ",
           " SELECT i, (SELECT MAX(id) FROM documents WHERE kind = 'template'), (SELECT MAX(id) FROM documents WHERE kind = 'channel'),"
           f" 'ru', 'client' || i || '@client.test', {SENT}, '" + '{"client":{"first_name":"Anna","last_name":"Orlova"}' + " " * 150 +
           "}' FROM n WHERE i % 10 <> 0")
    insert(database, count * 5 // 2, "INSERT INTO responses (source, external_id, client_id, campaign_id, message_id, kind, at) ",
           f" SELECT 'bench', i, 1 + (i * 7) % {count}, 1, 1 + (i * 7) % {count},"
           f" CASE WHEN i % 5 < 3 THEN 'open' WHEN i % 5 = 3 THEN 'click' ELSE 'robot_click' END, {SENT} + 3600000 + i FROM n")
    insert(database, count // 2, "INSERT INTO conversions (client_id, kind, name, at, amount_minor, currency, source, external_id) ",
           f" SELECT 1 + (i * 13) % {count}, 'purchase', 'purchase', {SENT} + {DAY} + i, 1000 + i % 977, 'RUB', 'bench', i FROM n")


BY_HAND = {
    "carried": "SELECT k.channel_id, m.channel, COUNT(*), SUM(m.units) FROM messages m JOIN message_contents k"
               " ON k.message_id = m.id WHERE m.run_id = 1 AND m.state IN ('accepted', 'delivered', 'bounced')"
               " GROUP BY k.channel_id, m.channel",
    "states": "SELECT m.variant, m.state, COUNT(*) FROM messages m WHERE m.run_id IN (SELECT id FROM runs WHERE campaign_id = 1)"
              " GROUP BY m.variant, m.state",
    "responses": "SELECT kind, COUNT(*), COUNT(DISTINCT client_id) FROM responses WHERE campaign_id = 1 GROUP BY kind",
    "goal": "SELECT m.variant, m.state = 'control', COUNT(DISTINCT m.client_id), COUNT(DISTINCT x.client_id) FROM messages m"
            " LEFT JOIN (SELECT DISTINCT v.client_id FROM conversions v WHERE v.kind = 'purchase'"
            f" AND v.at >= {SENT} AND v.at < {SENT} + 14 * {DAY}) x ON x.client_id = m.client_id"
            " WHERE m.run_id = 1 GROUP BY m.variant, m.state = 'control'",
    "money": f"SELECT m.state = 'control', COUNT(*), SUM(x.amount), SUM(x.amount * 1.0 * x.amount) FROM messages m"
             " LEFT JOIN (SELECT v.client_id, SUM(v.amount_minor) AS amount FROM conversions v"
             f" WHERE v.at >= {SENT} AND v.at < {SENT} + 14 * {DAY} GROUP BY v.client_id) x ON x.client_id = m.client_id"
             " WHERE m.run_id = 1 GROUP BY m.state = 'control'"}


def make_cold(database):
    """Drops the file of SQLite from the page cache; a server keeps its own pool, which stays warm."""
    if database.engine != "sqlite":
        return
    database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("", "-wal"):
        path = str(database.path) + suffix
        if os.path.exists(path):
            with open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def by_hand(database):
    make_cold(database)
    begun = time.monotonic()
    answers = {name: database.rows(statement) for name, statement in BY_HAND.items()}
    return time.monotonic() - begun, answers


def check(report, answers):
    groups = {group["name"]: group for group in report["groups"]}
    control = sum(row[3] for row in answers["goal"] if row[1])
    treated = sum(row[3] for row in answers["goal"] if not row[1])
    if (groups["control"]["goal"], groups["treated"]["goal"]) != (control, treated):
        raise lab.LabError(f"goal: {groups} against {answers['goal']}")
    kinds = {(kind["kind"], kind["events"], kind["clients"]) for kind in report["responses"]}
    if kinds != {tuple(row) for row in answers["responses"]}:
        raise lab.LabError(f"responses: {kinds} against {answers['responses']}")
    carried = [(provider["messages"], provider["units"]) for provider in report["providers"]]
    if carried != [tuple(row[2:]) for row in answers["carried"]]:
        raise lab.LabError(f"carried: {carried} against {answers['carried']}")
    if sorted(row["count"] for row in report["counts"]) != sorted(row[2] for row in answers["states"]):
        raise lab.LabError("states differ")


def main():
    options = measure.arguments(__doc__, 1_000_000).parse_args()
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, options.engine, options.settings)
        try:
            lab.populate(bank.database, options.messages)
            bank.carillon("channel", "apply", bank.write("email.channel.json", lab.a_channel(25)))
            bank.carillon("template", "apply", bank.write("offer.template.json", lab.a_template()))
            bank.carillon("campaign", "apply", bank.write("offer.campaign.json", CAMPAIGN))
            fill(bank.database, options.messages)
            hand, cold = [], []
            for _ in range(2):
                seconds, answers = by_hand(bank.database)
                hand.append(seconds)
                make_cold(bank.database)
                usage, output = measure.measured(bank.command("report", "offer", as_json=True))
                cold.append(usage.seconds)
                report = lab.json.loads(output.splitlines()[-1])
            check(report, answers)
            seconds, yardstick = min(cold), min(hand)
            measure.finish("report", options, options.messages / seconds, options.messages / yardstick, usage,
                           seconds=round(seconds, 2), by_hand_seconds=round(yardstick, 2))
        finally:
            bank.stop()


if __name__ == "__main__":
    sys.exit(main())

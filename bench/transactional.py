#!/usr/bin/python3
"""One urgent message while a bulk campaign is being dispatched: from `POST /messages` to the moment the provider has it.

The provider is one SMTP server for both, behind one account, which writes down when it took what
(tests/faults/durable_sink.cpp); it runs beside us on the same processors. The bulk is frozen and waits paused, so that the
database is the same in both halves: first urgent messages alone, then the same number at the same rate while the bulk is
sent as fast as it goes. Requests come at random moments, each over a connection of its own, and wait for nobody.
Time starts before the connection and ends with the provider's line. Limit: the 99th percentile of the second half under
100 ms. `bulk_left` proves that the bulk was not over before we were.
"""
import datetime
import json
import os
import random
import sys
import threading
import time
import uuid

import measure
from measure import lab

sys.path.insert(0, str(lab.SOURCE / "tests" / "support"))
import api
from front import Front

LIMIT_MS = 100


def lunch_zone(now):
    """A zone where it is noon or a little later now: nobody's quiet hours."""
    offset = 12 - now.hour
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/UTC", datetime.timezone(datetime.timedelta(hours=offset))


def add_urgent_clients(bank, first, count):
    """Clients who want no marketing, so that the bulk is not for them."""
    numbers = f"WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {first + count - 1})"
    bank.database.run(
        "INSERT INTO clients (id, external_id, kind, last_name, first_name, locale, time_zone, branch, manager, status,"
        " income_minor, search_name, mix, created_at, updated_at) " + numbers +
        " SELECT i, 'U' || i, 'person', 'Иваненко', 'Анна', 'ru', 'Europe/Moscow', 'Отделение № 1', 'М. Орлова', 'active',"
        " 5000000, 'urgent ' || i, 1, 0, 0 FROM n",
        "INSERT INTO contacts (client_id, number, channel, address, priority, verified, state, updated_at) " + numbers +
        " SELECT i, 1, 'email', 'urgent' || i || '@client.test', 1, 1, 'active', 0 FROM n")


def a_decision():
    """About a kilobyte, two merge fields."""
    text = "Здравствуйте, {{client.first_name}}!\n\nБанк принял решение по вашей заявке. Подробности у вашего менеджера.\n{{bank.name}}\n"
    return {"name": "decision", "channel": "email", "default_locale": "ru",
            "locales": {"ru": {"subject": "Решение по заявке", "text": text,
                               "html": '<!doctype html>\n<html lang="ru"><head><meta charset="utf-8"><title>Решение</title></head>'
                                       "<body><p>" + text.replace("\n", "<br>") + "</p></body></html>"}}}


def prepare(bank, options, port):
    """A frozen bulk, paused, and a running campaign that answers requests. Returns the API token of a program."""
    name, zone = lunch_zone(datetime.datetime.now(datetime.timezone.utc))
    slot = {"once": {"date": datetime.datetime.now(zone).date().isoformat(), "time": "11:00"}}
    lab.launch_offer(bank, options.messages, port, channel={"connections": 9}, campaign={"schedule": slot, "name": "bulk"})
    bank.database.run(f"UPDATE clients SET time_zone = '{name}'")
    add_urgent_clients(bank, options.messages + 1, 2 * options.urgent)
    bank.carillon("template", "apply", bank.write("decision.template.json", a_decision()))
    bank.launch({"name": "decision", "title": "Решение", "objective": "service", "purpose": "transactional",
                 "segment": "everyone", "steps": [{"channel": "email", "template": "decision"}],
                 "schedule": {"event": {"name": "decision"}}, "recheck": False})
    bank.carillon("run", "--until-idle", "--plan-only")
    bank.carillon("campaign", "pause", "bulk", "--reason", "the bench comes first", user="operator")
    api.add_user(bank, "core", "operator")
    return bank.carillon("token", "create", "bench", "--owner", "core", "--scopes", "messages.send", as_json=True)["secret"]


def post_all(port, token, clients, per_second, seed):
    """Asks for one message for each client; answers when each was asked for, in milliseconds of the wall clock."""
    chance, asked, trouble, threads = random.Random(seed), {}, [], []

    def post(client):
        asked[client] = time.time() * 1000
        answer = api.Caller(port, token).post("/messages", {"campaign": "decision", "client": f"U{client}"},
                                              Idempotency_Key=str(uuid.uuid4()))
        if answer.status != 202:
            trouble.append((client, answer.status, answer.body[:300]))

    for client in clients:
        threads.append(threading.Thread(target=post, args=(client,)))
        threads[-1].start()
        time.sleep(chance.expovariate(per_second))
    for thread in threads:
        thread.join()
    if trouble:
        raise lab.LabError(f"{len(trouble)} requests failed, such as {trouble[0]}")
    return asked


def took(sink, asked):
    """Milliseconds from the request to the provider, each, once all of them have arrived."""
    wanted = {f"urgent{client}@client.test": at for client, at in asked.items()}
    arrived = {}

    def all_there():
        arrived.update((line.recipient.strip("<>"), line.millis) for line in sink.lines() if "urgent" in line.recipient)
        return all(address in arrived for address in wanted)

    deadline = time.monotonic() + 120
    while not all_there():
        if time.monotonic() > deadline:
            raise lab.LabError(f"{sum(address not in arrived for address in wanted)} never came to the provider")
        time.sleep(0.5)
    return sorted(arrived[address] - at for address, at in wanted.items())


def percentile(values, share):
    return round(values[min(len(values) - 1, int(len(values) * share))])


def main():
    parser = measure.arguments(__doc__, 200_000)
    parser.add_argument("--urgent", type=int, default=400, help="urgent messages of each half")
    parser.add_argument("--per-second", type=float, default=25)
    parser.add_argument("--profile", help="file for perf record of the second half")
    options = parser.parse_args()
    with lab.temporary_folder() as folder:
        sink = lab.Sink(folder)
        bank = lab.Bank(folder, options.engine, options.settings)
        try:
            token = prepare(bank, options, sink.port)
            front = Front(bank, "--roles", "web,send", CARILLON_SERVER_ACCESS_LOG="no")
            first = options.messages + 1
            alone = took(sink, post_all(front.port, token, range(first, first + options.urgent), options.per_second, 1))
            print(f"alone: p50 {percentile(alone, 0.5)} ms, p99 {percentile(alone, 0.99)} ms, worst {percentile(alone, 1)} ms", flush=True)
            bank.carillon("campaign", "resume", "bulk", user="operator")
            lab.wait_until(lambda: bank.count("state = 'accepted' AND run_id = 1") > 2000, 60, "the bulk is on its way")
            watch = start_profile(front, options)
            begun, sent = time.monotonic(), bank.count("state = 'accepted'")
            asked = post_all(front.port, token, range(first + options.urgent, first + 2 * options.urgent), options.per_second, 2)
            bulk_left = bank.count("state IN ('queued', 'leased', 'submitting')")
            rate = (bank.count("state = 'accepted'") - sent) / (time.monotonic() - begun)
            if watch:
                lab.end(watch, 2)
            beside = took(sink, asked)
            print(f"beside the bulk: p50 {percentile(beside, 0.5)} ms, p99 {percentile(beside, 0.99)} ms, worst {percentile(beside, 1)} ms",
                  flush=True)
            print(json.dumps({"bench": "transactional", "engine": options.engine, "messages": options.messages, "urgent": options.urgent,
                              "per_second": options.per_second, "p50_ms": percentile(beside, 0.5), "p99_ms": percentile(beside, 0.99),
                              "worst_ms": percentile(beside, 1), "alone_p50_ms": percentile(alone, 0.5),
                              "alone_p99_ms": percentile(alone, 0.99), "bulk_per_second": round(rate), "bulk_left": bulk_left,
                              "within_limit": percentile(beside, 0.99) < LIMIT_MS and bulk_left > 0,
                              "load_average": round(os.getloadavg()[0], 1)}))
        finally:
            bank.stop()
            sink.stop()


def start_profile(front, options):
    import subprocess
    if not options.profile:
        return None
    return subprocess.Popen(["perf", "record", "-g", "-F", "199", "-o", options.profile, "-p", str(front.process.pid)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())

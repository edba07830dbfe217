#!/usr/bin/python3
"""The browser app at the size of a bank: 1,000,000 clients with three contracts each and 100 campaigns, of which 20 run and 40 are
over with 50,000 messages each.

The clients are made by the bench's generator and come in by the ordinary import; --keep FOLDER keeps the bank there and takes it again, so
that only the first run has to fill it. Measured on loopback, of each the median of several turns, against the limits of the design:
  screen     a person who is signed in opens a screen in Chromium: from the request to figures that can be clicked, under 1 s; `cold`
             without the browser's cache; `screen_api` is the server's part, each question from its sending to its last byte
  count      how many a rule matches, which the app asks while the rule is being written, under 300 ms
  waterfall  who of them can be written to by e-mail and by SMS: the app asks for it when it has shown the size; no limit
  list       every list of the app and what else its first screens ask, under 200 ms
Each figure is printed with its limit, `ok` or `OVER`; the last line is one JSON object.
"""
import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import measure
from measure import lab

SOURCE = Path(__file__).resolve().parents[1]
BANK = SOURCE / "examples/demo-bank"
PASSWORD = "correct horse battery"
LIMITS_MS = {"screen": 1000, "count": 300, "list": 200}
LISTS = ["/dashboard", "/campaigns?limit=50", "/campaigns?q=offer&state=running&limit=50", "/segments?limit=50", "/segments/fields", "/templates?limit=50", "/pictures?limit=50",
         "/clients?limit=50", "/clients?cursor=900000&limit=50", "/clients?q=C00500000", "/clients?q={common}", "/clients?q={rare}", "/clients?q=nobody+has+this+name",
         "/messages?limit=50", "/messages?state=accepted,delivered&limit=50", "/messages?state=failed,bounced&limit=50", "/messages?state=quarantined&limit=50",
         "/messages?campaign=offer-3&limit=50", "/messages?campaign=offer-3&state=failed&limit=50", "/campaigns/offer-3/progress", "/campaigns/offer-3/failures",
         "/calls?limit=50", "/tasks?limit=100", "/imports?limit=50", "/channels",
         "/calendar?from=2026-11-01&to=2026-12-06", "/clients/C00000007", "/clients/C00000007/messages?limit=50"]
HOUSEKEEPING = ["/users?limit=50", "/tokens?limit=50", "/audit?limit=50"]
PERSON = {"field": "kind", "op": "is", "value": "person"}
RULES = {
    "status and age": {"all": [PERSON, {"field": "status", "op": "is", "value": "active"}, {"field": "age", "op": ">=", "value": 30}]},
    "branch": {"all": [{"field": "branch", "op": "in", "value": ["B-001", "B-002", "B-003"]}, {"field": "income", "op": ">=", "value": "60000.00"}]},
    "overdue loan": {"all": [PERSON, {"contract": {"kind": "loan", "where": [{"field": "overdue_days", "op": ">=", "value": 30}]}}]},
    "deposit, not young": {"all": [{"not": {"field": "age", "op": "<", "value": 25}}, {"contract": {"kind": "deposit", "where": [{"field": "status", "op": "is", "value": "active"}]}}]},
    "birthday": {"all": [PERSON, {"anniversary": {"in_days": 0}}]},
    "no loan, a tenth of them": {"all": [{"not": {"contract": {"kind": "loan"}}}, {"random": {"percent": 10, "salt": "spring"}}]}}
TURNS = 5
RUNNING, PAST = 20, 40  # of the campaigns; each has a twentieth of the clients as messages
SENT = 1_790_000_000_000
STATES = {  # of message i, by whether the campaign runs: all kinds, most of them sent
    False: "CASE WHEN i % 23 IN (0, 1) THEN 'skipped' WHEN i % 97 = 0 THEN 'bounced' WHEN i % 211 = 0 THEN 'failed' WHEN i % 2 THEN 'accepted' ELSE 'delivered' END",
    True: "CASE WHEN i % 23 IN (0, 1) THEN 'skipped' WHEN i % 97 = 0 THEN 'bounced' WHEN i % 211 = 0 THEN 'failed' WHEN i % 3 = 0 THEN 'queued' ELSE 'accepted' END"}


def database_in(folder, engine, is_kept):
    if engine == "sqlite":
        database = lab.Sqlite(folder / "demo-bank")
        database.path = database.folder / "carillon.db"
        return database
    if not is_kept:
        return lab.Mariadb(folder)
    database = lab.Mariadb.__new__(lab.Mariadb)
    database.folder, database.socket = folder / "mariadb", folder / "mariadb/mariadb.sock"
    database.control("start")
    return database


class Bench:
    def __init__(self, folder, clients, campaigns, engine="sqlite"):
        self.folder, self.clients, self.campaigns = folder, clients, campaigns
        self.is_filled = (folder / "filled").exists()
        self.database = database_in(folder, engine, self.is_filled)
        settings = (BANK / "carillon.toml").read_text(encoding="utf-8")
        (folder / "carillon.toml").write_text(self.database.settings() + settings[settings.index("[bank]"):], encoding="utf-8")
        self.server = None
        self.environment = dict(os.environ, CARILLON_SERVER_PORT="0", CARILLON_SERVER_ACCESS_LOG="no", CARILLON_ACCESS_PASSWORD_MEMORY="8")

    def carillon(self, *words):
        done = subprocess.run([lab.BUILD / "carillon", "--config", self.folder / "carillon.toml", *words], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise lab.LabError(f"{words}: {done.stdout[-1000:]} {done.stderr[-1000:]}")

    def fill(self):
        """The bank, its people, a campaign that has begun and the others as drafts."""
        (self.folder / "demo-bank").mkdir(exist_ok=True)
        subprocess.run([lab.BUILD / "carillon-demo-data", "demo-bank/data", str(self.clients)], cwd=self.folder, check=True)
        self.carillon("migrate")
        for name in ("email", "sms-north", "sms-south", "sms", "fax", "letter", "call"):
            self.carillon("channel", "apply", BANK / f"channels/{name}.json")
        for kind in ("clients", "contracts", "consents"):
            self.carillon("import", kind, f"demo-bank/data/{kind}.csv")
            (self.folder / f"demo-bank/data/{kind}.csv").unlink()
        for name in ("everyone", "active-people", "overdue-loans", "top-clients", "companies"):
            self.carillon("segment", "apply", BANK / f"segments/{name}.json")
        for name in ("birthday", "birthday-sms", "deposit-offer"):
            self.carillon("template", "apply", BANK / f"templates/{name}.json")
        (self.folder / "password").write_text(PASSWORD + "\n", encoding="utf-8")
        for name, role in (("anna", "author"), ("boris", "approver"), ("olga", "operator,data_steward,manager"), ("vera", "admin,auditor")):
            self.carillon("user", "add", name, "--roles", role, "--password-file", "password")
        for number in range(self.campaigns - 1):
            path = self.folder / "campaign.json"
            path.write_text(json.dumps({"name": f"offer-{number}", "title": f"Offer {number}", "objective": "cross_sell", "segment": "top-clients",
                                        "steps": [{"channel": "email", "template": "deposit-offer"}],
                                        "schedule": {"once": {"date": f"2026-12-{1 + number % 28:02}", "time": "11:00"}}}), encoding="utf-8")
            self.carillon("--as", "anna", "campaign", "apply", path)
        self.carillon("--as", "anna", "campaign", "apply", BANK / "campaigns/birthday.json")
        for name in ["demo-birthday", *(f"offer-{number}" for number in range(RUNNING - 1))][:self.campaigns]:
            self.carillon("--as", "anna", "campaign", "submit", name)
            self.carillon("--as", "boris", "campaign", "approve", name)
            self.carillon("--as", "olga", "campaign", "start", name)

    def send(self):
        """Runs with messages for the campaigns that have begun and as many times PAST again that are over, tasks and calls; made inside the engine: this is about reading."""
        count = self.clients // 20
        numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        ids = [row[0] for row in self.database.rows(f"SELECT id FROM campaigns ORDER BY state = 'running' DESC, id LIMIT {RUNNING + PAST}")]
        self.database.run(f"UPDATE campaigns SET state = 'past' WHERE id IN ({', '.join(str(one) for one in ids[RUNNING:])})")
        for at, campaign in enumerate(ids):
            running = at < RUNNING
            self.database.run(
                "INSERT INTO runs (id, campaign_id, slot, as_of, at_time, lane, priority, state, planned_through, matched, created_at, frozen_at, settled_at)"
                f" VALUES ({1 + at}, {campaign}, 'bench', '2026-11-01', 660, 3, 50, 'frozen', {self.clients}, {count}, {SENT}, {SENT}, {'NULL' if running else SENT})",
                f"INSERT INTO messages (run_id, client_id, campaign_id, step, channel, state, reason, due_at, submitted_at, finished_at, attempt) {numbers}"
                f" SELECT {1 + at}, 1 + (i * 19 + {at} * 7) % {self.clients}, {campaign}, 1, 'email', {STATES[running]}, CASE WHEN i % 23 < 2 THEN 'no_consent' END,"
                f" {SENT}, CASE WHEN i % 23 > 1 THEN {SENT} + i END, {SENT} + i, 1 FROM n")
        self.database.run(
            f"INSERT INTO manager_tasks (kind, manager, client_id, text, created_at, done_at, unique_key) {numbers}"
            f" SELECT 'returned', CASE i % 3 WHEN 0 THEN 'olga' ELSE 'maria' END, i, 'A letter came back', {SENT}, CASE WHEN i % 100 > 0 THEN {SENT} + i END, 'bench ' || i FROM n",
            f"INSERT INTO call_tasks (message_id, client_id, state, due_at, manager, closed_at) {numbers}"
            f" SELECT i, i, CASE WHEN i % 100 > 0 THEN 'closed' ELSE 'open' END, {SENT} + i, 'olga', CASE WHEN i % 100 > 0 THEN {SENT} + i END FROM n")
        if self.database.engine == "mariadb":
            self.database.rows("ANALYZE TABLE clients, contacts, consents, contracts, runs, messages")

    def wake(self):
        """What was sent lately stays so in a bank that is kept: a quarter of the running campaigns began today."""
        self.database.run(f"UPDATE runs SET created_at = {int(time.time() * 1000) - 3_600_000} WHERE id <= {RUNNING // 4}")

    def serve(self):
        self.server = subprocess.Popen([lab.BUILD / "carillon", "--config", self.folder / "carillon.toml", "serve", "--roles", "web"], cwd=self.folder,
                                       env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.base = next(line.split()[-1] for line in self.server.stdout if "listening on" in line)
        self.connection = http.client.HTTPConnection(self.base.split("//")[1], timeout=120)
        self.sign_in("olga")

    def sign_in(self, user):
        self.headers = {}
        self.headers["X-CSRF-Token"] = self.ask("POST", "/session", {"user": user, "password": PASSWORD})["csrf"]

    def ask(self, method, path, body=None):
        self.connection.close()  # the server ends idle ones, and the screens take their time
        headers = dict(self.headers, **({"Content-Type": "application/json"} if body else {}))
        self.connection.request(method, "/api/v1" + path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise lab.LabError(f"{method} {path}: {answer.status} {text[:500]}")
        if answer.getheader("Set-Cookie"):
            self.headers["Cookie"] = answer.getheader("Set-Cookie").split(";")[0]
        return json.loads(text)

    def median_ms(self, method, path, body=None):
        taken = []
        for _ in range(TURNS):
            begun = time.monotonic()
            self.ask(method, path, body)
            taken.append((time.monotonic() - begun) * 1000)
        return round(statistics.median(taken), 1)

    def screens(self):
        done = subprocess.run(["node", SOURCE / "bench/app_screen.mjs", self.base, "olga", PASSWORD, str(TURNS)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise lab.LabError(done.stdout + done.stderr)
        return json.loads(done.stdout.splitlines()[-1])

    def names(self):
        """A name that many have and one that few have, as somebody types them."""
        common = self.database.rows("SELECT last_name FROM clients WHERE last_name IS NOT NULL GROUP BY last_name ORDER BY COUNT(*) DESC LIMIT 1")[0][0]
        rare = self.database.rows(f"SELECT search_name FROM clients WHERE id = {self.clients - 3}")[0][0]
        return {"common": urllib.parse.quote(common), "rare": urllib.parse.quote(rare)}

    def stop(self):
        if self.server:
            lab.end(self.server)
        self.database.stop()


def asked(rule, channels):
    return {"segment": {"name": "asked", "rule": rule}, "channels": channels, "purpose": "marketing"}


def tell(kind, name, value, over):
    limit = LIMITS_MS.get(kind)
    verdict = "" if not limit else f"{'ok' if value <= limit else 'OVER'} (limit {limit})"
    print(f"{kind:10} {value:9.1f} ms  {verdict:18} {name}", flush=True)
    if limit and value > limit:
        over.setdefault(kind, {})[name] = value
    return value


def measured(bench, options):
    names, over = bench.names(), {}

    def ask_all(kind, questions):
        return {name: tell(kind, name, bench.median_ms(*question), over) for name, question in questions.items()}

    figures = {"count": ask_all("count", {name: ("POST", "/segments:count", asked(rule, [])) for name, rule in RULES.items()}),
               "waterfall": ask_all("waterfall", {name: ("POST", "/segments:count", asked(rule, ["email", "sms"])) for name, rule in RULES.items()}),
               "list": ask_all("list", {path: ("GET", path.format(**names)) for path in LISTS})}
    screens = bench.screens()
    figures["screen"] = {name: tell("screen", name, one["ms"], over) for name, one in screens.items()}
    bench.sign_in("vera")
    figures["list"].update(ask_all("list", {path: ("GET", path) for path in HOUSEKEEPING}))
    print(json.dumps({"bench": "app", "engine": options.engine, "clients": options.clients, "campaigns": options.campaigns, "limits_ms": LIMITS_MS, **figures,
                      "screen_api": {name: one["api"] for name, one in screens.items()}, "over": over, "load_average": round(os.getloadavg()[0], 1)}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "mariadb"), default="sqlite")
    parser.add_argument("--clients", type=int, default=1_000_000)
    parser.add_argument("--campaigns", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="where the bank is kept, and taken from the next time")
    options = parser.parse_args()
    with lab.temporary_folder() as passing:
        folder = options.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, options.clients, options.campaigns, options.engine)
        try:
            if not bench.is_filled:
                begun = time.monotonic()
                bench.fill()
                bench.send()
                (folder / "filled").touch()
                print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)
            bench.wake()
            bench.serve()
            measured(bench, options)
        finally:
            bench.stop()


if __name__ == "__main__":
    sys.exit(main())

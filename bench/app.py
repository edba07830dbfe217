#!/usr/bin/python3
"""The browser app at the size of a bank: 1,000,000 clients with three contracts each and 100 campaigns.

Made by the bench's generator and the ordinary import (--folder FOLDER keeps the bank there and takes it again). Measured on
loopback, against the limits of the design: the first screen of a person who is signed in (Chromium, from the request to figures that
can be clicked) under 1 s, counting typical segments under 300 ms, every list of the app under 200 ms. Of each the median
of several turns; `over` names what is above its limit. --engine mariadb is not measured here.
"""
import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import measure
from measure import lab

SOURCE = Path(__file__).resolve().parents[1]
BANK = SOURCE / "examples/demo-bank"
PASSWORD = "correct horse battery"
LIMITS_MS = {"screen": 1000, "count": 300, "list": 200}
LISTS = ["/dashboard", "/campaigns?limit=50", "/segments?limit=50", "/templates?limit=50", "/clients?limit=50", "/clients?q=C00500000", "/messages?limit=50",
         "/calls?limit=50", "/tasks?limit=50", "/imports?limit=50", "/channels",
         "/calendar?from=2026-11-01&to=2026-12-06", "/clients/C00000007", "/clients/C00000007/messages?limit=50"]
HOUSEKEEPING = ["/users?limit=50", "/tokens?limit=50", "/audit?limit=50"]
PERSON = {"field": "kind", "op": "is", "value": "person"}
RULES = {
    "status and age": {"all": [PERSON, {"field": "status", "op": "is", "value": "active"}, {"field": "age", "op": ">=", "value": 30}]},
    "branch": {"all": [{"field": "branch", "op": "in", "value": ["B-001", "B-002", "B-003"]}, {"field": "income", "op": ">=", "value": "60000.00"}]},
    "overdue loan": {"all": [PERSON, {"contract": {"kind": "loan", "where": [{"field": "overdue_days", "op": ">=", "value": 30}]}}]},
    "deposit, not young": {"all": [{"not": {"field": "age", "op": "<", "value": 25}}, {"contract": {"kind": "deposit", "where": [{"field": "status", "op": "is", "value": "active"}]}}]}}
TURNS = 5


class Bench:
    def __init__(self, folder, clients, campaigns):
        self.folder, self.clients, self.campaigns = folder, clients, campaigns
        self.environment = dict(os.environ, CARILLON_SERVER_PORT="0", CARILLON_SERVER_ACCESS_LOG="no", CARILLON_ACCESS_PASSWORD_MEMORY="8")

    def carillon(self, *words):
        done = subprocess.run([lab.BUILD / "carillon", "--config", BANK / "carillon.toml", *words], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise lab.LabError(f"{words}: {done.stdout[-1000:]} {done.stderr[-1000:]}")

    def fill(self):
        """The bank, its people, a campaign that has begun and the others as drafts."""
        (self.folder / "demo-bank").mkdir()
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
        self.carillon("--as", "anna", "campaign", "submit", "demo-birthday")
        self.carillon("--as", "boris", "campaign", "approve", "demo-birthday")
        self.carillon("--as", "olga", "campaign", "start", "demo-birthday")

    def serve(self):
        self.server = subprocess.Popen([lab.BUILD / "carillon", "--config", BANK / "carillon.toml", "serve", "--roles", "web"], cwd=self.folder,
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

    def stop(self):
        self.server.terminate()
        self.server.wait()


def measured(bench, options):
    figures = {"screen": bench.screens(),
               "count": {name: bench.median_ms("POST", "/segments:count", {"segment": {"name": "asked", "rule": rule}, "channels": ["email"], "purpose": "marketing"}) for name, rule in RULES.items()},
               "list": {path: bench.median_ms("GET", path) for path in LISTS}}
    bench.sign_in("vera")
    figures["list"].update({path: bench.median_ms("GET", path) for path in HOUSEKEEPING})
    over = {kind: {name: value for name, value in found.items() if value > LIMITS_MS[kind]} for kind, found in figures.items()}
    print(json.dumps({"bench": "app", "engine": "sqlite", "clients": options.clients, "campaigns": options.campaigns, "limits_ms": LIMITS_MS, **figures,
                      "over": {kind: found for kind, found in over.items() if found}, "load_average": round(os.getloadavg()[0], 1)}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=1_000_000)
    parser.add_argument("--campaigns", type=int, default=100)
    parser.add_argument("--folder", type=Path, help="where the bank is kept, and taken from the next time")
    options = parser.parse_args()
    with lab.temporary_folder() as passing:
        folder = options.folder or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        bench = Bench(folder, options.clients, options.campaigns)
        if not (folder / "filled").exists():
            begun = time.monotonic()
            bench.fill()
            (folder / "filled").touch()
            print(f"filled in {time.monotonic() - begun:.0f} s")
        bench.serve()
        try:
            measured(bench, options)
        finally:
            bench.stop()


if __name__ == "__main__":
    sys.exit(main())

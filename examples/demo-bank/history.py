#!/usr/bin/python3
"""Two years of the demo bank, lived through in simulated time: history.py FOLDER [--carillon PROGRAM] [--today DAY].

FOLDER holds the CSV files of carillon-demo-data; the database beside it is new and migrated. Everything goes through the
program: `carillon serve --now` for what people and mail programs do (the HTTP API, opens, clicks), `carillon run --now
--until` for what it does by itself, `snapshot`, `import`, `plan check` and `inbound mail` as a bank would call them.
The same day gives the same bank: chance is a digest of names, never a generator.
"""
import argparse
import csv
import datetime as dt
import email
import email.policy
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
PASSWORD = "carillon demo bank"
PEOPLE = {"anna": "author", "boris": "approver", "olga": "operator", "dmitri": "data_steward", "maria": "manager",
          "ivan": "auditor", "vera": "admin"}
MONTHS = 24
IDLE_SECONDS = 5  # the server ends connections that wait longer (server.idle_seconds is 15)
STAFF_OWNERS = ["M. Orlova", "A. Petrov", "I. Sokolov"]
NEWCOMERS = 0.12  # of the clients; the others were there two years ago
SOURCES = ["branch", "website", "partner", "friend"]
# product, segment, goal, what converts without the offer and what the offer adds
OFFERS = [("deposit", "savers", "deposit_opened", 0.030, 0.022), ("card", "card-holders", "card_issued", 0.020, 0.030),
          ("loan", "borrowers", "loan_granted", 0.015, 0.004), ("insurance", "families", "policy_sold", 0.010, 0.015),
          ("deposit", "top-clients", "deposit_opened", 0.040, 0.035), ("card", "young", "card_issued", 0.025, -0.004)]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SCANNER = "LinkScanner/2.1 (security robot)"


def chance(*names):
    """Between 0 and 1, the same for the same names."""
    digest = hashlib.sha256("/".join(map(str, names)).encode()).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def at(day, hour, minute=0):
    return dt.datetime(day.year, day.month, day.day, hour, minute)


def csv_text(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


class Refused(Exception):
    pass


class Person:
    """Somebody who is signed in at a running server."""

    def __init__(self, port, name):
        self.port, self.csrf, self.cookie = port, None, None
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        answer = self.ask("POST", "/session", {"user": name, "password": PASSWORD})
        self.csrf = answer["csrf"]

    def ask(self, method, path, body=None, kind="application/json", **headers):
        if self.cookie:
            headers["Cookie"] = self.cookie
        if self.csrf and method != "GET":
            headers["X-CSRF-Token"] = self.csrf
        if body is not None:
            headers["Content-Type"] = kind
            body = json.dumps(body).encode() if kind == "application/json" else body.encode()
        self.connection.close()  # the server ends idle ones
        self.connection.request(method, "/api/v1" + path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {text[:600]}")
        if answer.getheader("Set-Cookie"):
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        return json.loads(text) if text else None


class Server:
    """`carillon serve` at a moment that stands still; people sign in when they are first asked for."""

    def __init__(self, port):
        self.port, self.people = port, {}
        self.public = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.visited = time.monotonic()

    def person(self, name):
        if name not in self.people:
            self.people[name] = Person(self.port, name)
        return self.people[name]

    def visit(self, path, agent, address):
        if time.monotonic() - self.visited > IDLE_SECONDS:
            self.public.close()
        self.visited = time.monotonic()
        self.public.request("GET", path, headers={"User-Agent": agent, "X-Forwarded-For": address})
        answer = self.public.getresponse()
        answer.read()
        if answer.status >= 400:
            raise Refused(f"GET {path}: {answer.status}")

    def bring_in(self, kind, rows, mapping=None):
        if not rows:
            return
        steward = self.person("dmitri")
        upload = steward.ask("POST", f"/imports?kind={kind}&file={kind}.csv", csv_text(rows), kind="text/csv")
        result = steward.ask("POST", f"/imports/{upload['id']}/run", {"mapping": mapping} if mapping else {})
        if result["rows_rejected"]:
            raise Refused(f"{kind}: {result['rejected'][:3]}")

    def write(self, definition):
        self.person("anna").ask("PUT", f"/campaigns/{definition['name']}", definition, **{"If-None-Match": "*"})

    def submit(self, definition):
        self.write(definition)
        self.person("anna").ask("POST", f"/campaigns/{definition['name']}/submit")

    def approve(self, definition):
        self.submit(definition)
        boris = self.person("boris")
        hash_ = boris.ask("GET", f"/campaigns/{definition['name']}")["hash"]
        boris.ask("POST", f"/campaigns/{definition['name']}/approve", {"hash": hash_})

    def launch(self, definition):
        self.approve(definition)
        self.person("olga").ask("POST", f"/campaigns/{definition['name']}/start", {"undo_seconds": 0})


class Bank:
    def __init__(self, program, folder, today):
        self.program, self.folder, self.today = program, folder, today
        self.spent = {}
        self.day = None
        self.environment = dict(os.environ, CARILLON_SERVER_PORT="0", CARILLON_SERVER_ACCESS_LOG="no",
                                CARILLON_SERVER_TRUSTED_PROXIES="127.0.0.1", CARILLON_SANDBOX_DURABLE="no")

    def command(self, *words):
        return [str(self.program), "--config", str(HERE / "carillon.toml"), *map(str, words)]

    @contextmanager
    def clocked(self, what):
        begun = time.monotonic()
        try:
            yield
        finally:
            self.spent[what] = self.spent.get(what, 0) + time.monotonic() - begun

    def carillon(self, *words, given=None):
        with self.clocked(words[0]):
            done = subprocess.run(self.command(*words), input=given, capture_output=True, text=True, check=False,
                                  cwd=self.folder.parent, env=self.environment)
        if done.returncode != 0:
            raise Refused(f"carillon {' '.join(map(str, words))}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
        return done.stdout

    @contextmanager
    def serve(self, moment):
        with self.clocked("serve"):
            process = subprocess.Popen(self.command("serve", "--roles", "web", "--now", stamp(moment)), cwd=self.folder.parent,
                                       env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            said = []
            try:
                port = None
                for line in process.stdout:
                    said.append(line)
                    found = re.search(r"listening on http://[^:]+:(\d+)", line)
                    if found:
                        port = int(found.group(1))
                        break
                if port is None:
                    raise Refused("carillon serve does not listen: " + "".join(said))
                yield Server(port)
            finally:
                process.terminate()
                process.wait()
                process.stdout.close()

    def run(self, until):
        self.carillon("run", "--now", stamp(self.now), "--until", stamp(until))
        self.now = until

    def pictures(self, until):
        """Lets time pass with a picture of all clients every other Monday morning."""
        day = self.now.date()
        while at(day, 5) < until:
            if at(day, 5) > self.now and day.toordinal() % 14 == 1:
                self.run(at(day, 5))
                self.carillon("snapshot", "--now", stamp(at(day, 5)))
            day += dt.timedelta(days=1)
        self.run(until)


class Clients:
    """The bank's own files, month by month: who comes and goes, what is owed, what is saved."""

    def __init__(self, folder, start):
        self.start = start
        read = lambda name: list(csv.DictReader(open(folder / f"{name}.csv", encoding="utf-8", newline="")))
        self.people, self.contracts, self.consents = read("clients"), read("contracts"), read("consents")
        first = round(len(self.people) * (1 - NEWCOMERS))
        self.founders = {row["external_id"] for row in self.people[:first]}
        self.newcomers = [row["external_id"] for row in self.people[first:]]
        self.rows = {row["external_id"]: row for row in self.people}
        self.overdue, self.opened = {}, 0

    def person(self, name, status):
        return dict(self.rows[name], status=status, **{"attributes.source": SOURCES[int(chance("source", name) ** 1.5 * 4)]})

    def contract(self, row, **changed):
        """Nothing is overdue when the story begins, nothing is older than its client."""
        debts = {"overdue": "", "overdue_since": "", "status": "active"}
        due = self.start + dt.timedelta(days=760 + int(chance("due", row["external_id"]) * 28))
        return dict(row, **{**debts, "next_payment_on": due.date().isoformat() if row["kind"] == "loan" else "", **changed})

    def beginning(self):
        people = [self.person(name, self.rows[name]["status"]) for name in self.rows if name in self.founders]
        contracts = [self.contract(row) for row in self.contracts if row["client"] in self.founders]
        consents = [dict(row, at=min(row["at"], stamp(self.start))) for row in self.consents if row["client"] in self.founders]
        return people, contracts, consents

    def month(self, index, day):
        """(clients, contracts, consents) that change in this month."""
        arriving = self.newcomers[index * len(self.newcomers) // MONTHS:(index + 1) * len(self.newcomers) // MONTHS]
        people = [self.person(name, "prospect") for name in arriving]
        before = self.newcomers[max(0, index - 4) * len(self.newcomers) // MONTHS:index * len(self.newcomers) // MONTHS]
        won = [name for name in before if int(chance("won", name) * 9) == (index + self.newcomers.index(name)) % 4]
        people += [self.person(name, "active") for name in won]
        people += [self.person(name, "inactive" if chance("wakes", name, index) < 0.6 else "active") for name in sorted(self.founders)
                   if chance("sleeps", name, index) < 0.004]
        consents = [dict(row, at=stamp(day)) for row in self.consents if row["client"] in set(arriving)]
        return people, self.accounts(index, day, set(won)), consents

    def accounts(self, index, day, won):
        changed = []
        for row in self.contracts:
            name, client = row["external_id"], row["client"]
            if client in won:
                changed.append(self.contract(row, opened_on=day.date().isoformat()))
            if client not in self.founders:
                continue
            if name in self.overdue:  # most pay within two months
                if chance("pays", name, index) < 0.45:
                    del self.overdue[name]
                    changed.append(self.contract(row))
            elif row["kind"] == "loan" and chance("late", name, index) < 0.012:
                since = day - dt.timedelta(days=20 + int(chance("since", name, index) * 30))
                self.overdue[name] = since
                changed.append(self.contract(row, status="overdue", overdue=f"{float(row['amount']) / 24:.2f}",
                                             overdue_since=since.date().isoformat()))
            elif row["kind"] in ("account", "deposit") and chance("moves", name, index) < 0.12:
                share = 0.75 + chance("by", name, index) * 0.6 + index * 0.006
                changed.append(self.contract(row, balance=f"{float(row['balance']) * share:.2f}"))
        return changed

    def sold(self, product, client, day):
        """The contract behind a conversion."""
        self.opened += 1
        kind = {"deposit": "deposit", "card": "card", "loan": "loan"}.get(product, "account")
        name = {"deposit": "term", "card": "gold", "loan": "consumer"}.get(product, "insurance")
        amount = round(20_000 + chance("amount", client, day) * 300_000, 2)
        row = dict.fromkeys(self.contracts[0], "")
        return dict(row, external_id=f"N{self.opened}", client=client, kind=kind, product=name, status="active", currency="RUB",
                    amount=f"{amount:.2f}", balance=f"{amount:.2f}", opened_on=day.date().isoformat())


MAPPING = {"kind": "clients", "attributes": {"source": "text"}}
CLEARED = {"overdue", "overdue_since", "next_payment", "next_payment_on"}


def contract_mapping(rows):
    fields = {name: {"column": name, "empty": "clear"} if name in CLEARED else name for name in rows[0]}
    return {"kind": "contracts", "fields": fields}


class Mail:
    """What lies in the sandbox's folder of one day, as the clients' mail programs see it."""

    def __init__(self, path):
        self.path = path
        whole = path.read_bytes()
        self.client = "C%08d" % int(re.search(rb"<user(\d+)@", whole).group(1))
        text = email.message_from_bytes(whole, policy=email.policy.compat32)
        body = b"".join(part.get_payload(decode=True) or b"" for part in text.walk() if part.get_content_type() == "text/html").decode()
        first = lambda pattern: (re.findall(pattern, body) or [None])[0]
        self.pixel, self.links, self.leave = first(r"/o/[\w.-]+"), re.findall(r"/c/[\w-]+/\d+\.\d+", body), first(r"/u/[\w.-]+")


class Story:
    def __init__(self, bank, clients):
        self.bank, self.clients = bank, clients
        self.end = at(bank.today, 9)
        self.start = clients.start
        self.offers = []

    def tell(self):
        bank = self.bank
        bank.now = self.start
        with bank.serve(self.start) as server:
            people, contracts, consents = self.clients.beginning()
            server.bring_in("clients", people, MAPPING)
            server.bring_in("contracts", contracts, contract_mapping(contracts))
            server.bring_in("consents", consents)
            for definition in self.standing():
                server.launch(definition)
        bank.carillon("snapshot", "--now", stamp(self.start))
        for index in range(MONTHS):
            self.month(index)
        self.last_days()

    def standing(self):
        """What runs by itself all the time."""
        for name in ("birthday", "overdue", "credit-decision"):
            definition = json.loads((HERE / f"campaigns/{name}.json").read_text(encoding="utf-8"))
            if "recurring" in definition["schedule"]:
                definition["schedule"]["recurring"]["start"] = self.start.date().isoformat()
            yield definition
        yield {"name": "comeback", "title": "We would like to see you again", "objective": "reactivation", "owner": STAFF_OWNERS[0],
               "segment": "sleeping", "tracking": True, "control": {"percent": 20}, "steps": [{"channel": "email", "template": "offer-comeback"}],
               "conversion": {"event": "came_back", "window": "30d"},
               "schedule": {"recurring": {"rrule": "FREQ=MONTHLY;BYMONTHDAY=20", "start": self.start.date().isoformat(), "time": "12:00"}}}

    def month_day(self, index, day):
        """`day` days after the beginning of month `index`, on a working day."""
        first = self.start + dt.timedelta(days=index * 365 * 2 // MONTHS)
        moment = first + dt.timedelta(days=day)
        return moment + dt.timedelta(days=(7 - moment.weekday()) if moment.weekday() > 4 else 0)

    def offer(self, index, day, time="11:00", **changed):
        product, segment, event, base, lift = OFFERS[index % len(OFFERS)]
        definition = {
            "name": f"{product}-{day:%Y-%m}", "title": f"{product.capitalize()}, {day:%B %Y}", "objective": "cross_sell",
            "owner": STAFF_OWNERS[index % 3], "segment": segment, "tracking": True, "control": {"percent": 15},
            "steps": [{"channel": "email", "template": f"offer-{product}"}], "household": "one_per_address",
            "schedule": {"once": {"date": f"{day:%Y-%m-%d}", "time": time}}, "ends": f"{day + dt.timedelta(days=1):%Y-%m-%d}",
            "conversion": {"event": event, "window": "21d"},
            "plan": {"reach": 500 + 100 * (index % 4), "response_percent": 8, "cost": "60.00", "limit_percent": 20}}
        if product in ("deposit", "card"):
            definition["variants"] = [{"name": "plain"}, {"name": "urgent", "templates": {"1": f"offer-{product}-b"}}]
        return {**definition, **changed}

    def month(self, index):
        bank = self.bank
        first, day = self.month_day(index, 0), self.month_day(index, 9)
        definition = self.offer(index, day)
        with bank.serve(at(first.date(), 7)) as server:
            bank.now = max(bank.now, at(first.date(), 7))
            people, contracts, consents = self.clients.month(index, first)
            server.bring_in("clients", people, MAPPING)
            contracts += self.bought(server, index - 1)
            server.bring_in("contracts", contracts, contract_mapping(self.clients.contracts))
            server.bring_in("consents", consents)
            self.answer_calls(server, index)
            server.launch(definition)
        bank.pictures(at(day.date(), 14))
        self.read_mails(index, definition["name"], day, 0)
        bank.pictures(at((day + dt.timedelta(days=1)).date(), 18))
        self.read_mails(index, definition["name"], day, 1)
        bank.pictures(at((day + dt.timedelta(days=5)).date(), 18))
        self.read_mails(index, definition["name"], day, 2)
        self.offers.append((definition, day))
        following = self.month_day(index + 1, 0) if index + 1 < MONTHS else self.end - dt.timedelta(days=3)
        bank.pictures(at(following.date(), 7))

    def mails(self, day):
        folder = self.bank.folder / "outbox" / f"{day:%Y-%m-%d}"
        return [Mail(path) for path in sorted(folder.glob("*.eml"))] if folder.is_dir() else []

    def read_mails(self, index, name, day, wave):
        """The first readers within hours, most by the next day, the last within a week; a scanner follows links at once."""
        keen = 0.25 + 0.15 * chance("keen", index)
        if wave == 0:
            self.delivered = [mail for mail in self.mails(day) if mail.pixel]
        with self.bank.serve(self.bank.now) as server, self.bank.clocked("visits"):
            for mail in self.delivered:
                when = chance("when", name, mail.client)
                network = hashlib.sha256(mail.client.encode()).digest()
                address = f"{20 + network[0] % 150}.{network[1]}.{network[2]}.7"
                if wave == 0 and chance("scanned", mail.client) < 0.03 and mail.links:
                    server.visit(mail.links[0], SCANNER, address)
                if (0 if when < 0.45 else 1 if when < 0.85 else 2) != wave or chance("opens", name, mail.client) > keen:
                    continue
                server.visit(mail.pixel, BROWSER, address)
                if mail.links and chance("clicks", name, mail.client) < 0.28:
                    server.visit(mail.links[int(chance("link", name, mail.client) ** 2 * len(mail.links))], BROWSER, address)

    def behind(self, name, step):
        rows = csv.DictReader(io.StringIO(self.bank.carillon("report", name, "--clients", step)))
        return sorted({row.get("client") or row.get("external_id") for row in rows})

    def bought(self, server, index):
        """What the clients of last month's offer bought, with and without it; as the core bank tells it."""
        if index < 0:
            return []
        definition, day = self.offers[index]
        product, _, event, base, lift = OFFERS[index % len(OFFERS)]
        sales, contracts = [], []
        for step, share in (("assigned", base + lift), ("control", base)):
            for client in self.behind(definition["name"], step):
                moment = at(day.date(), 10) + dt.timedelta(hours=1 + int(chance("after", index, client) * 19 * 24))
                if chance("buys", index, client) >= share or moment > self.bank.now:
                    continue
                contract = self.clients.sold(product, client, moment)
                contracts.append(contract)
                sales.append({"client": client, "kind": "purchase", "at": stamp(moment), "external_id": contract["external_id"], "name": event,
                              "amount": f"{float(contract['amount']) * 0.02:.2f}", "currency": "RUB", "product": contract["product"], "source": "core"})
        server.bring_in("conversions", sales)
        return contracts

    def answer_calls(self, server, index):
        olga = server.person("olga")
        for number in range(6):
            task = olga.ask("POST", "/calls:claim", {})["task"]
            if task is None:
                return
            ends = ["informed", "interested", "no_answer", "refused", "informed", "wrong_number"]
            olga.ask("POST", f"/calls/{task['id']}/close", {"disposition": ends[int(chance("call", index, number) * len(ends))]})

    def last_days(self):
        """What a visitor finds on his first day: something of every kind."""
        bank, day = self.bank, self.end
        later = lambda days: self.month_day(0, 0) + (day - self.month_day(0, 0)) + dt.timedelta(days=days)
        date = lambda days: f"{later(days):%Y-%m-%d}"
        once = lambda days, time: {"once": {"date": date(days), "time": time}}
        plain = lambda name, title, days, time="11:00", **more: {
            "name": name, "title": title, "objective": "cross_sell", "owner": STAFF_OWNERS[len(name) % 3], "segment": "savers",
            "steps": [{"channel": "email", "template": "deposit-offer"}], "schedule": once(days, time), **more}
        tariffs = json.loads((HERE / "campaigns/tariffs.json").read_text(encoding="utf-8"))
        with bank.serve(bank.now) as server:
            contracts = self.bought(server, MONTHS - 1)
            server.bring_in("contracts", contracts, contract_mapping(self.clients.contracts))
            server.launch({**tariffs, "schedule": once(-2, "10:00")})
            server.launch(plain("loan-weekend", "A loan for the country house", -1, segment="borrowers", control={"percent": 5}))
            server.launch(plain("deposit-now", "The deposit of the year", 0, "13:00", segment="active-people", tracking=True,
                                plan={"reach": 2500, "response_percent": 5, "cost": "80.00"}))
        bank.pictures(self.end - dt.timedelta(hours=23))
        with bank.serve(bank.now) as server:
            olga = server.person("olga")
            olga.ask("POST", "/campaigns/loan-weekend/pause", {"reason": "The rate in the text is last month's; wait for the new one."})
            self.answer_calls(server, MONTHS)
            server.person("anna").ask("PUT", "/campaigns/loan-weekend-fixed", {**plain("loan-weekend-fixed", "A loan for the country house, new rate", 5, segment="borrowers")}, **{"If-None-Match": "*"})
        bank.pictures(self.end)
        with bank.serve(self.end) as server:
            server.submit(plain("gold-card", "A gold card for the best clients", 3, segment="top-clients"))
            server.submit(plain("insurance-winter", "Insurance for the winter", 6, segment="families"))
            server.approve(plain("deposit-new-year", "A deposit for the New Year", 12))
            server.write(plain("card-students", "A card for students", 8, segment="young"))
            server.write(plain("deposit-second-letter", "The deposit again, for those who did not answer", 12, "15:00"))
            server.submit(plain("loan-refinance", "Bring your loan to us", 9, segment="card-holders"))
            server.person("boris").ask("POST", "/campaigns/loan-refinance/reject", {"comment": "Say from which amount on, please, and name the rate."})
            server.launch(plain("fees-cancelled", "No fees for transfers", 2, segment="card-holders"))
            server.person("olga").ask("POST", "/campaigns/fees-cancelled/cancel", {"reason": "The tariff committee has put it off."})
            server.person("olga").ask("POST", "/events", {"name": "credit_decision", "client": "C00000007",
                                      "payload": {"approved": True, "amount": "150000.00 RUB", "reference": "A-1"}}, **{"Idempotency-Key": "application-1"})
        bank.run(self.end + dt.timedelta(minutes=10))
        bank.carillon("snapshot", "--now", stamp(bank.now))
        self.forget_old_mails()
        bank.carillon("tracking", "judge")
        self.come_back()
        self.profits()

    def forget_old_mails(self):
        """The sandbox keeps what was sent in the last ten days; nobody looks at older files, the database knows them all."""
        oldest = (self.end - dt.timedelta(days=10)).strftime("%Y-%m-%d")
        for folder in self.bank.folder.glob("outbox*/????-??-??"):
            if folder.name < oldest:
                shutil.rmtree(folder)

    def come_back(self):
        """Two addresses do not exist any more, three clients answer."""
        mails = sorted((self.bank.folder / "outbox" / f"{self.end:%Y-%m-%d}").glob("*.eml"))
        for number, path in enumerate(mails[:5]):
            sent = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            client = re.search(r"<(\S+)>", str(sent["To"])).group(1)
            if number < 2:
                text = BOUNCE.format(client=client, id=sent["Message-ID"], date=sent["Date"])
            else:
                asks = ["Can I take the money out before the end?", "Please call me tomorrow after six.", "How much do I need at least?"][number - 2]
                text = (f"From: {client}\nTo: replies@carillon-bank.example\nSubject: Re: your letter\nDate: {sent['Date']}\nMessage-ID: <answer-{number}@example.com>\n"
                        f"In-Reply-To: {sent['Message-ID']}\nContent-Type: text/plain; charset=utf-8\n\n{asks}\n")
            self.bank.carillon("inbound", "mail", "-", "--account", "email", given=text)

    def profits(self):
        """What managers promised for their best clients, and what came of it."""
        months = [(self.end - dt.timedelta(days=31 * back)).strftime("%Y-%m") for back in (3, 2, 1)]
        plans, facts = [], []
        for client in sorted(self.clients.founders)[::70]:
            for month in months:
                for metric, size in (("average_balance", 200_000), ("fee_income", 1_500)):
                    planned = round(size * (0.4 + chance("plan", client, metric)), 2)
                    row = {"client": client, "period": month, "metric": metric, "currency": "RUB"}
                    plans.append({**row, "amount": f"{planned:.2f}", "limit_percent": "25"})
                    facts.append({**row, "amount": f"{planned * (0.86 + chance('fact', client, metric, month) * 0.42):.2f}"})
        for kind, rows in (("plans", plans), ("facts", facts)):
            path = self.bank.folder / "data" / f"{kind}.csv"
            path.write_text(csv_text(rows), encoding="utf-8")
            self.bank.carillon("import", kind, path)
        self.bank.carillon("plan", "check", "--now", stamp(self.end))


BOUNCE = """From: MAILER-DAEMON@mx.example.com
To: bounces@bounces.carillon-bank.example
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: <returned-{client}>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="part"
MIME-Version: 1.0

--part
Content-Type: text/plain

<{client}>: host mx.example.com said: 550 5.1.1 User unknown

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {client}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--part
Content-Type: text/rfc822-headers

Message-ID: {id}
To: {client}

--part--
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--carillon", type=Path, default=SOURCE / "build/release/carillon")
    parser.add_argument("--today", type=dt.date.fromisoformat, default=dt.datetime.now(dt.timezone.utc).date())
    options = parser.parse_args()
    bank = Bank(options.carillon.resolve(), options.folder.resolve(), options.today)
    begun = time.monotonic()
    try:
        Story(bank, Clients(options.folder / "data", at(options.today, 6) - dt.timedelta(days=730))).tell()
    except Refused as trouble:
        print(f"history.py: {stamp(bank.now)}: {trouble}", file=sys.stderr)
        return 1
    spent = ", ".join(f"{what} {seconds:.0f} s" for what, seconds in sorted(bank.spent.items(), key=lambda one: -one[1]))
    print(f"two years until {options.today} in {time.monotonic() - begun:.0f} s ({spent})")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Plans against facts and the bank's view, from the command line, on stories whose numbers can be counted on paper.

A campaign that reaches half of what was planned becomes one task of its owner, however often it is looked at, with the
deviation in words; one within its limit becomes none (control). Clients' monthly figures likewise, once a client, month and
figure. Snapshots of five days: sizes, who joined and left, migration, products together, sources; a change of today leaves
the stored days as they were.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfFigures, main

CLIENTS = 20
NEXT_MORNING = "2026-11-25T09:00:00+03:00"


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.folder = folder
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n")
        self.rows = self.bank.database.rows
        self.run = self.bank.database.run

    def tasks(self, kind, *more):
        return [task for task in self.bank.carillon("tasks", "list", *more, as_json=True) if task["kind"] == kind]

    def dashboards(self):
        front = Front(self.bank, "--roles", "web", "--now", NEXT_MORNING)
        try:
            return {role: signed_in(front.port, role).get("/dashboard").json for role in ("author", "data_steward")}
        finally:
            lab.end(front.process)

    def campaigns(self):
        plan = {"reach": 2 * CLIENTS, "cost": "100.00", "limit_percent": 10}
        lab.launch_offer(self.bank, CLIENTS, 1, channel={"transport": "file", "spool": str(self.folder / "outbox")},
                         campaign={"plan": plan, "owner": "М. Орлова"})
        kept = {"reach": CLIENTS, "limit_percent": 10}
        self.bank.launch(lab.an_offer("kept", plan=kept, owner="М. Орлова", objective="service"))
        self.bank.carillon("run", "--until-idle", "--now", lab.NOON, CARILLON_REPORTS_LANGUAGE="ru")
        self.expect("sent", self.bank.count("state = 'accepted'"), 2 * CLIENTS)
        for _ in range(3):
            self.bank.carillon("run", "--until-idle", "--now", NEXT_MORNING, CARILLON_REPORTS_LANGUAGE="ru")
        self.bank.carillon("plan", "check", "offer", "--now", NEXT_MORNING)
        found = self.tasks("plan")
        self.expect("tasks", [(task["campaign"], task["manager"]) for task in found], [("offer", "М. Орлова")])
        words = found[0]["text"] if found else ""
        self.expect("the words: " + words, "охват: 20; по плану 40: на 50,0\u00a0% меньше" in words, True)
        self.expect("cost is told too", "затраты: 0,00\u00a0RUB; по плану 100,00\u00a0RUB" in words, True)
        self.expect("others' tasks", self.tasks("plan", "--manager", "nobody"), [])
        answer = self.bank.carillon("plan", "check", "kept", "--now", NEXT_MORNING, as_json=True)["campaigns"][0]
        self.expect("control", [figure["beyond_limit"] for figure in answer["figures"]], [False])
        told = self.bank.carillon("report", "offer", as_json=True)["plan"]["figures"][0]
        self.expect("the report", (told["figure"], told["planned"], told["fact"]), ("reach", 40, 20))
        self.expect("the report in words", "План и факт" in self.bank.carillon("report", "offer", "--language", "ru").stdout, True)
        for role in ("author", "data_steward"):
            add_user(self.bank, role, role)
        before = self.dashboards()
        self.expect("whom the dashboard tells", {role: [one["campaign"] for one in board["deviates"]] for role, board in before.items()},
                    {"author": ["offer"], "data_steward": []})
        self.expect("it says what the task says", before["author"]["deviates"][0]["text"], words)
        self.expect("what is over runs no more", before["author"]["running"], [])
        self.bank.carillon("tasks", "done", found[0]["id"])
        self.expect("done, and not told any more", self.dashboards()["author"]["deviates"], [])
        self.bank.carillon("plan", "check", "--now", NEXT_MORNING)
        self.expect("done", (self.tasks("plan"), len(self.tasks("plan", "--all"))), ([], 1))
        self.expect("no such task", self.bank.carillon("tasks", "done", 999_999, check=False).returncode, 2)

    def profitability(self):
        plans = ["client,period,metric,detail,amount,currency,limit_percent",
                 "C1,2026-10,total,,1000.00,RUB,10", "C2,2026-10,total,,1000.00,RUB,10", "C3,2026-10,total,,1000.00,RUB,10",
                 "C1,2026-10,fee_income,transfers,50,RUB,20", "C9999,2026-10,total,,1,RUB,", "C4,2026-13,total,,1,RUB,",
                 "C4,2026-10,profit,,1,RUB,"]
        facts = ["client,period,metric,detail,amount,currency", "C1,2026-10,total,,800.00,RUB", "C2,2026-10,total,,950.00,RUB",
                 "C1,2026-10,fee_income,transfers,75,RUB"]
        imported = self.bank.carillon("import", "plans", self.bank.write("plans.csv", "\n".join(plans) + "\n"), as_json=True)
        self.expect("plans", (imported["imported"], imported["rejected"]), (4, 3))
        path = self.bank.write("facts.csv", "\n".join(facts) + "\n")
        self.run("UPDATE clients SET industry = 'mining' WHERE id <= 2")
        for _ in range(2):
            self.bank.carillon("import", "facts", path)
            self.bank.carillon("plan", "check", "--now", NEXT_MORNING)
        texts = [task["text"] for task in self.tasks("profit")]
        self.expect("client tasks", [(" total " in text, "20.0\u00a0% less" in text, "50.0\u00a0% more" in text) for text in texts],
                    [(False, False, True), (True, True, False)])
        rows = self.bank.carillon("report", "profitability", "--from", "2026-10", "--by", "industry", as_json=True)["rows"]
        self.expect("by industry", [(row["group"], row["metric"], row["clients"], row["planned_minor"], row["fact_minor"], row["beyond_limit"],
                                     row["without_fact"]) for row in rows if row["metric"] == "total"],
                    [("mining", "total", 2, 200000, 175000, 1, 0), ("", "total", 0, 0, 0, 0, 1)])
        self.bank.carillon("report", "profitability", "--from", "2026-10", "--format", "xlsx", "--out", self.folder / "p.xlsx")
        self.expect("no such month", self.bank.carillon("report", "profitability", "--from", "2026", check=False).returncode, 2)

    def snapshot(self, day, *statements, check=True):
        self.run(*statements) if statements else None
        return self.bank.carillon("snapshot", "--date", day, "--now", day + "T12:00:00Z", check=check)

    def contract(self, number, client, product, balance, kind="deposit"):
        return ("INSERT INTO contracts (external_id, client_id, kind, product, status, currency, balance_minor, overdue_minor,"
                f" updated_at) VALUES ('K{number}', {client}, '{kind}', '{product}', 'active', 'RUB', {balance}, 0, 0)")

    def pictures(self):
        rule = {"name": "rich", "title": "Rich", "rule": {"contract": {"currency": "RUB", "where": [{"field": "balance", "op": ">=", "value": 100}]}}}
        self.bank.carillon("segment", "apply", self.bank.write("rich.segment.json", rule))
        deposits = [self.contract(i, i, "deposit", 20_000) for i in range(1, 5)]
        cards = [self.contract(100 + i, i, "card", 0, "card") for i in (1, 2, 9)]
        self.snapshot("2026-11-26", *deposits, *cards, "UPDATE clients SET status = 'prospect' WHERE id > 15",
                      "INSERT INTO attribute_types (name, type) VALUES ('source', 'text')",
                      "INSERT INTO client_attributes (client_id, name, text_value) VALUES (16, 'source', 'site'), (17, 'source', 'site'),"
                      " (18, 'source', 'friends')")
        self.snapshot("2026-11-28", "UPDATE contracts SET balance_minor = 1 WHERE external_id = 'K1'", self.contract(5, 5, "deposit", 30_000),
                      "UPDATE clients SET status = 'inactive' WHERE id = 15", "UPDATE clients SET status = 'active' WHERE id = 16")
        again = self.snapshot("2026-11-28").stdout
        self.expect("the same day again", "stands already" in again, True)
        self.expect("a past day", self.snapshot("2026-11-27", check=False).returncode, 2)
        report = lambda *more: self.bank.carillon("report", "bank", "--from", "2026-11-26", "--to", "2026-11-28", *more, as_json=True)
        told = report("--by", "day")
        rich = next(story for story in told["segments"] if story["segment"] == "rich")["periods"]
        self.expect("rich", [(p["clients"], p["joined"], p["left"], p["funds_minor"], p["products"]) for p in rich],
                    [(4, 0, 0, 80_000, 6), (4, 1, 1, 90_000, 5)])
        self.expect("months", [p["clients"] for p in next(s for s in report("--by", "month")["segments"] if s["segment"] == "rich")["periods"]], [4])
        moves = {(move["from"], move["to"]): move["clients"] for move in told["migration"]}
        self.expect("migration", moves, {("active", "active"): 14, ("active", "inactive"): 1, ("prospect", "active"): 1, ("prospect", "prospect"): 4})
        self.expect("retention", told["retention"], {"of": 15, "stayed": 14})
        pair = told["products_together"][0]
        self.expect("pairs", (pair["first"], pair["second"], pair["clients"], round(pair["support"], 4), round(pair["confidence"], 4),
                              round(pair["lift"], 4)), ("card", "deposit", 2, 0.3333, 0.6667, 0.8))
        sources = {one["source"]: (one["prospects"], one["won"], one["days_to_win"]) for one in told["sources"]}
        self.expect("sources", sources, {"site": (2, 1, 2.0), "friends": (1, 0, 0), "": (2, 0, 0)})
        self.expect("value", (told["value"]["measure"], told["value"]["who_bring_80"]), ("balances", 4))
        self.run("UPDATE contracts SET balance_minor = 0", "UPDATE clients SET status = 'leaving'", "DELETE FROM client_attributes")
        self.expect("the past does not change", report("--by", "day"), told)
        for language in ("en", "ru"):
            for form in ("pdf", "xlsx", "html"):
                path = self.folder / f"bank-{language}.{form}"
                self.bank.carillon("report", "bank", "--from", "2026-11-26", "--to", "2026-11-28", "--by", "day", "--format", form, "--out", path,
                                   "--language", language)
                self.expect(f"{path.name} is not empty", path.stat().st_size > 2000, True)

    def page(self):
        told = self.bank.carillon("client", "show", "C1", "--format", "json")
        titles = [section["title"] for section in json.loads(told.stdout)["sections"]]
        self.expect("the page", titles, ["Profile", "Loyalty", "Profit", "Activity", "Outlook", "Products", "Promotions"])
        page = self.bank.carillon("client", "show", "C1", "--language", "ru").stdout
        for word in ("Профиль", "deposit", "комиссионный доход (transfers)", "rich", "offer"):
            self.expect(f"'{word}' on the page", word in page, True)
        self.bank.carillon("client", "show", "C1", "--format", "pdf", "--out", self.folder / "c1.pdf")
        self.expect("no such client", self.bank.carillon("client", "show", "nobody", check=False).returncode, 2)
        sliced = self.bank.carillon("report", "offer", "--by", "segment", as_json=True)["breakdowns"][0]["slices"]
        self.expect("by segment", {one["value"]: one["treated"]["of"] for one in sliced}, {"everyone": CLIENTS, "rich": 4})

    def tell(self):
        self.campaigns()
        self.profitability()
        self.pictures()
        self.page()


if __name__ == "__main__":
    sys.exit(main(Story))

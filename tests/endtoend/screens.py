#!/usr/bin/python3
"""What screens ask of the HTTP API beside the story of api.py: pages as pictures, test sends, a launch that is taken back,
what was approved beside what is asked for, another day in the calendar, reports as files.
"""
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfAnswers, main

CLIENTS = 20
ROLES = ["author", "approver", "operator", "manager", "auditor"]
NOTE = {"name": "note", "channel": "email", "default_locale": "ru", "locales": {
    "ru": {"subject": "Здравствуйте", "text": "{{client.first_name}}, добрый день.\n{{unsubscribe_url}}"},
    "en": {"subject": "Hello", "text": "Dear {{client.first_name}}.\n{{unsubscribe_url}}"}}}
PAGE = {"name": "paper", "channel": "fax", "default_locale": "ru", "locales": {
    "ru": {"subject": "Уведомление", "text": "{{client.first_name}}!\n\n" + "Мы пишем вам. " * 700}}}
FAX = {"name": "fax", "kind": "fax", "transport": "file", "spool": "outbox-fax", "cost_per_page_minor": 400,
       "sender": {"name": "Банк", "number": "+7 495 000-00-01"}, "cover_page": False}
PNG = b"\x89PNG\r\n\x1a\n"


def campaign(name, **more):
    return {"name": name, "title": "Письмо", "objective": "service", "segment": "everyone", "control": {"percent": 0},
            "steps": [{"channel": "email", "template": "note"}],
            "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}, **more}


class Screens(StoryOfAnswers):
    def __init__(self, engine, folder):
        super().__init__()
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n[launch]\nundo_seconds = 3600\n")
        lab.populate(self.bank.database, CLIENTS)
        self.bank.database.run(
            "INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
            " SELECT id, 'email', 'service', 1, 0, 'contract' FROM clients")
        self.bank.carillon("channel", "apply", self.bank.write("fax.json", FAX))
        for role in ROLES:
            add_user(self.bank, role, role)
        self.start()

    def start(self):
        self.front = Front(self.bank, "--roles", "web,send", "--now", lab.NOON)
        self.port = self.front.port
        self.people = {role: signed_in(self.port, role) for role in ROLES}

    def prepare(self):
        author = self.people["author"]
        self.expect(author.put("/segments/everyone", {"name": "everyone", "rule": {"all": []}}), 200, "a segment")
        for template in (NOTE, PAGE):
            self.expect(author.put(f"/templates/{template['name']}", template), 200, f"template {template['name']}")

    def pages(self):
        author = self.people["author"]
        first = self.expect(author.post("/templates:page?page=1&width=400", {"name": "paper"}), 200, "a page as a picture")
        pages = int(first.headers.get("x-pages", 0))
        self.check(first.body.startswith(PNG) and first.headers["content-type"] == "image/png" and pages >= 2,
                   f"a PNG of {pages} pages")
        self.check(int.from_bytes(first.body[16:20], "big") == 400, "as wide as was asked for")
        second = self.expect(author.post("/templates:page?page=2&width=400", {"template": PAGE, "client": "C1"}), 200, "a draft's second page")
        self.check(second.body.startswith(PNG) and second.body != first.body, "another picture")
        self.expect(author.post(f"/templates:page?page={pages + 1}", {"name": "paper"}), 404, "behind the last", "page.unknown")
        self.expect(author.post("/templates:page", {"name": "note"}), 422, "an e-mail has none", "page.channel")
        for bad in ("page=0", "page=x", "width=5000", "width=-1"):
            self.expect(author.post(f"/templates:page?{bad}", {"name": "paper"}), 422, bad, "page.number")

    def tests(self):
        author, operator = self.people["author"], self.people["operator"]
        ask = {"name": "note", "client": "C3", "to": ["anna@bank.example", "boris@bank.example"]}
        sent = self.expect(author.post("/templates:test", ask, Idempotency_Key="test-0001"), 200, "a test is sent").json
        self.check([one["outcome"] for one in sent["items"]] == ["accepted", "accepted"] and sent["channel"] == "email",
                   f"to both: {sent}")
        mails = [path.read_bytes() for path in (self.bank.folder / "outbox").rglob("*") if path.is_file()]
        self.check(sum(b"anna@bank.example" in mail for mail in mails) == 1, "once to each")
        self.expect(author.post("/templates:test", ask, Idempotency_Key="test-0001"), 409, "repeated, it is not sent again", "test.done")
        again = [path for path in (self.bank.folder / "outbox").rglob("*") if path.is_file()]
        self.check(len(again) == len(mails), f"{len(again)} mails, {len(mails)} before")
        self.check(self.bank.database.rows("SELECT COUNT(*) FROM messages")[0][0] == 0, "and no message is in the books")
        fax = self.expect(operator.post("/templates:test", {"name": "paper", "to": ["+74950000099"]}), 200, "a fax").json
        self.check(fax["items"][0]["outcome"] == "accepted" and fax["items"][0]["units"] >= 2, f"of some pages: {fax}")
        for bad, code in (({"to": []}, "test.to"), ({"to": ["x@b.example"] * 6}, "test.to"), ({"to": [5]}, "test.to"),
                          ({"to": ["no address"]}, None), ({"to": ["a@b.example"], "client": "nobody"}, "client.unknown")):
            answer = author.post("/templates:test", {"name": "note", **bad})
            self.check(answer.status in (404, 422) and code in (None, answer.code), f"{bad}: {answer.status} {answer.body[:200]}")
        self.bank.database.run("INSERT INTO suppressions (subject, value, channel, purpose, reason, source, at)"
                               " VALUES ('address', 'never@bank.example', '*', '*', 'STOP', 'test', 0)")
        self.expect(author.post("/templates:test", {"name": "note", "to": ["never@bank.example"]}), 422, "who said stop",
                    "test.suppressed")
        self.expect(self.people["approver"].post("/templates:test", ask), 403, "an approver tests nothing", "access.forbidden")
        rows = self.people["auditor"].get("/audit?actor=author").json["items"]
        told = [row for row in rows if row["action"] == "template.test"]
        self.check(len(told) == 1 and "anna@" not in str(told), f"the log has it, masked: {told}")

    def launch(self):
        author, approver, operator = (self.people[one] for one in ("author", "approver", "operator"))
        self.expect(author.put("/campaigns/letter", campaign("letter")), 200, "a campaign")
        self.check(author.get("/campaigns/letter/approved").json["approved"] is None, "nothing was approved yet")
        moved = self.expect(author.post("/campaigns/letter/move", {"date": "2026-11-26", "time": "10:30"}), 200, "is moved").json
        self.check(moved["schedule"]["once"] == {"date": "2026-11-26", "time": "10:30"}, f"to its day: {moved['schedule']}")
        self.expect(author.post("/campaigns/letter/move", {"date": "2026-31-12"}), 422, "to no day")
        self.expect(author.post("/campaigns/letter/move", {"date": lab.CAMPAIGN_DAY, "time": "11:00"}), 200, "and back")
        self.expect(author.post("/campaigns/letter/submit"), 200, "submitted")
        self.expect(author.post("/campaigns/letter/move", {"date": "2026-11-26"}), 409, "it stays", "campaign.wrong_state")
        seen = approver.get("/campaigns/letter").json
        self.expect(approver.post("/campaigns/letter/approve", {"hash": seen["hash"]}), 200, "approved")
        self.expect(operator.post("/campaigns/letter/start/undo"), 409, "nothing to take back", "launch.none")
        begun = self.expect(operator.post("/campaigns/letter/start"), 200, "started").json
        self.check(begun["state"] == "approved" and begun["takes_effect_at"], f"but not yet: {begun}")
        self.expect(operator.post("/campaigns/letter/start"), 409, "once is enough", "launch.waiting")
        self.check("undo_start" in operator.get("/campaigns/letter").json["actions"], "it can be taken back")
        time.sleep(1.5)
        self.check(self.bank.count() == 0, "nothing is planned meanwhile")
        undone = self.expect(operator.post("/campaigns/letter/start/undo"), 200, "taken back").json
        self.check(undone["takes_effect_at"] is None and undone["state"] == "approved", f"as before: {undone}")
        self.expect(operator.post("/campaigns/letter/start", {"undo_seconds": 3601}), 422, "too long a time")

    def approved(self):
        author, approver, operator = (self.people[one] for one in ("author", "approver", "operator"))
        self.expect(operator.post("/campaigns/letter/start"), 200, "started again")
        etag = author.get("/campaigns/letter").headers["etag"]
        self.expect(author.put("/campaigns/letter", campaign("letter", title="Другое письмо"), etag), 200, "an edit")
        changed = author.get("/campaigns/letter").json
        self.check(changed["state"] == "draft" and changed["takes_effect_at"] is None, f"ends the wait: {changed['state']}")
        text = author.get("/templates/note")
        new = dict(text.json["content"])
        new["locales"]["ru"]["subject"] = "Добрый день"
        self.expect(author.put("/templates/note", new, text.headers["etag"]), 200, "another text")
        both = self.expect(approver.get("/campaigns/letter/approved"), 200, "what was approved").json
        subject = {which: next(part for part in both[which]["parts"] if part["kind"] == "template")["content"]["locales"]["ru"]["subject"]
                   for which in ("approved", "asked")}
        self.check(subject == {"approved": "Здравствуйте", "asked": "Добрый день"}, f"beside what is asked for: {subject}")
        self.check((both["approved"]["campaign"]["title"], both["asked"]["campaign"]["title"]) == ("Письмо", "Другое письмо") and
                   both["approved"]["by"] == "approver" and both["approved"]["hash"] != both["asked"]["hash"], "both whole")
        self.check(all((part["content"] is None) == (part["kind"] == "channel") for part in both["asked"]["parts"]), "without secrets")

    def restart(self):
        """The wait survives the death of the server, and ends by itself."""
        author, approver, operator = (self.people[one] for one in ("author", "approver", "operator"))
        self.expect(author.post("/campaigns/letter/submit"), 200, "submitted")
        seen = approver.get("/campaigns/letter").json
        self.expect(approver.post("/campaigns/letter/approve", {"hash": seen["hash"]}), 200, "approved")
        self.expect(operator.post("/campaigns/letter/start", {"undo_seconds": 2}), 200, "started")
        self.front.kill()
        self.check(self.bank.count() == 0, "nothing was sent")
        self.start()
        running = lab.wait_until(lambda: (lambda one: one if one["state"] == "running" else None)(
            self.people["operator"].get("/campaigns/letter").json), 60, "it starts by itself")
        self.check(running["takes_effect_at"] is None and running["started_at"], "and says so")
        lab.wait_until(lambda: self.bank.count("state = 'accepted'") == CLIENTS, 60, "it is sent")
        starts = [row for row in self.people["auditor"].get("/audit?limit=200").json["items"] if row["action"] == "campaign.start"]
        self.check([row["actor"] for row in starts] == ["operator"], f"in the operator's name: {starts}")

    def reports(self):
        operator = self.people["operator"]
        for form, begins in (("csv", b""), ("html", b"<!"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
            answer = self.expect(operator.get(f"/campaigns/letter/report/export?format={form}&language=ru"), 200, f"the report as {form}")
            self.check(answer.body.startswith(begins) and len(answer.body) > 500 and
                       answer.headers["content-disposition"] == f'attachment; filename="letter.{form}"', f"{form}: {answer.body[:60]}")
        for bad in ("", "?format=json", "?format=doc", "?format=csv&language=xx"):
            self.expect(operator.get("/campaigns/letter/report/export" + bad), 422, f"export{bad}")
        author = self.people["author"]
        self.expect(author.post("/campaigns/letter/duplicate", {"name": "second"}), 201, "a second campaign")
        both = self.expect(operator.get("/reports/comparison?names=letter,second"), 200, "both compared").json
        self.check(len(both["campaigns"]) == 2, f"both: {both}")
        self.expect(operator.get("/reports/comparison?names=letter"), 422, "one alone", "report.names")
        self.expect(operator.get("/reports/comparison?names=letter,nobody"), 404, "with none", "campaign.unknown")
        self.check(operator.get("/reports/comparison?names=letter,second&format=pdf").body.startswith(b"%PDF"), "as a PDF")
        self.bank.carillon("snapshot", "--now", lab.NOON)
        bank = self.expect(operator.get("/reports/bank?by=week"), 200, "the bank's report").json
        self.check(isinstance(bank, dict) and bank, "says something")
        self.check(operator.get("/reports/bank?format=xlsx").body.startswith(b"PK"), "as a workbook")
        self.expect(operator.get("/reports/bank?by=hour"), 422, "by the hour", "report.period")
        self.expect(operator.get("/reports/bank?from=2026-02-01&to=2026-01-01"), 422, "backwards", "report.days")
        self.expect(operator.get("/reports/profitability?from=2026-01&to=2026-11"), 200, "profitability")
        self.expect(operator.get("/reports/profitability?from=2026"), 422, "of a year", "report.month")
        self.expect(operator.get("/clients/C1/page"), 200, "a client's page")
        self.check(operator.get("/clients/C1/page?format=html&language=ru").body.startswith(b"<!"), "as HTML")
        self.expect(operator.get("/clients/nobody/page"), 404, "of nobody", "client.unknown")
        self.expect(self.people["auditor"].get("/clients/C1/page"), 403, "not for who sees no addresses", "access.forbidden")
        self.expect(self.people["manager"].get("/clients/C1/page"), 404, "nor for another branch's manager", "client.unknown")

    def tell(self):
        self.tell_chapters(self.prepare, self.pages, self.tests, self.launch, self.approved, self.restart, self.reports)


if __name__ == "__main__":
    sys.exit(main(Screens))

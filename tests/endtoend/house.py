#!/usr/bin/python3
"""What operators ask the program itself for, over the API as on the command line: settings of channels, policies, calendars and
reports by e-mail; doctor, reconcile, snapshot, plans, retention, opens and clicks, what came in by mail.

Answers are those of the commands. Controls: a row that does not add up is found by both; a file of the server that no channel
names is refused, the one that is named already is not.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfFigures, main

ROOT = Path(__file__).resolve().parents[2]
ROLES = ["admin", "operator", "auditor", "author"]
MAIL = "From: client@elsewhere.test\r\nTo: offers@bank.test\r\nSubject: Question\r\nMessage-ID: <one@elsewhere.test>\r\n\r\nHello\r\n"


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.folder = folder
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n")
        lab.launch_offer(self.bank, 20, 1, channel={"transport": "file", "spool": str(folder / "outbox")})
        self.bank.carillon("run", "--until-idle", "--now", lab.NOON)
        for role in ROLES:
            add_user(self.bank, role, role)
        self.front = Front(self.bank, "--roles", "web", "--now", lab.LATER)
        self.people = {role: signed_in(self.front.port, role) for role in ROLES}

    def refused(self, what, answer, status, code):
        self.expect(what, (answer.status, answer.code), (status, code))

    def channels(self):
        admin, auditor = self.people["admin"], self.people["auditor"]
        read = auditor.get("/channels/email")
        self.expect("the channel", (read.status, read.json["content"]["spool"], read.json["version"]), (200, str(self.folder / "outbox"), 2))
        etag = read.headers["etag"]
        changed = dict(read.json["content"], **{"from": {"name": "Другой банк", "address": "offers@bank.test"}})
        elsewhere = dict(changed, spool=str(self.folder / "elsewhere"))
        self.refused("not by an operator", self.people["operator"].put("/channels/email", changed, etag), 403, "access.forbidden")
        self.refused("not another folder", admin.put("/channels/email", elsewhere, etag), 422, "channel.place")
        said = admin.post("/channels:check", elsewhere).json["problems"]
        self.expect("the check says so", [one["code"] for one in said], ["channel.place"])
        said = admin.post("/channels:check", dict(changed, kind="pigeon")).json["problems"]
        self.expect("and what is wrong", len(said) >= 1 and said[0]["code"] != "channel.place", True)
        self.expect("and nothing else", admin.post("/channels:check", changed).json["problems"], [])
        self.refused("without what was read", admin.call("PUT", "/channels/email", changed), 428, "etag.missing")
        self.refused("on something old", admin.put("/channels/email", changed, '"old"'), 412, "etag.mismatch")
        self.refused("another name", admin.put("/channels/post", changed), 422, "document.name")
        written = admin.put("/channels/email", changed, etag)
        self.expect("the same folder", (written.status, written.json["version"], written.headers["etag"] != etag), (200, 3, True))
        self.expect("stored", auditor.get("/channels/email").json["content"]["from"]["name"], "Другой банк")
        self.refused("no such channel", auditor.get("/channels/none"), 404, "channel.unknown")
        probed = self.people["operator"].post("/channels/email/probe").json
        self.expect("it answers", probed["ok"], True)
        self.refused("none to ask", self.people["operator"].post("/channels/none/probe"), 404, "channel.unknown")

    def policies_and_calendars(self):
        admin, auditor = self.people["admin"], self.people["auditor"]
        read = auditor.get("/policies")
        same = admin.put("/policies", read.json["content"], read.headers["etag"])
        self.expect("the same again changes nothing", (same.status, same.json["version"]), (200, read.json["version"]))
        wrong = dict(read.json["content"], bank_zone="Nowhere/Else")
        answer = admin.put("/policies", wrong, read.headers["etag"])
        self.expect("a mistake", answer.status, 422)
        self.expect("is found before", len(admin.post("/policies:check", wrong).json["problems"]) > 0, True)
        year = json.loads((ROOT / "examples/calendars/ru-2026.json").read_text())
        self.expect("a calendar", admin.put("/calendars/RU-2026", year).status, 200)
        self.expect("is in the list", [one["name"] for one in auditor.get("/calendars").json["items"]], ["RU-2026"])
        self.expect("as it was given", auditor.get("/calendars/RU-2026").json["content"]["days_off"], year["days_off"])
        self.expect("no mistake", admin.post("/calendars:check", year).json["problems"], [])
        self.refused("another year", admin.put("/calendars/RU-2027", year), 422, "document.name")
        self.refused("no such year", auditor.get("/calendars/RU-1999"), 404, "calendar.unknown")

    def report_mails(self):
        admin, operator = self.people["admin"], self.people["operator"]
        weekly = {"name": "weekly", "title": "Отчёт", "report": {"campaign": "offer"}, "format": "pdf", "channel": "email",
                  "schedule": {"rrule": "FREQ=WEEKLY", "start": "2030-01-01", "time": "09:00"}, "to": ["anna@bank.test", "boris@bank.test"]}
        self.expect("no mistake", admin.post("/report-mails:check", weekly).json["problems"], [])
        self.expect("a report", admin.put("/report-mails/weekly", weekly).status, 200)
        self.expect("is in the list", [one["name"] for one in operator.get("/report-mails").json["items"]], ["weekly"])
        self.expect("is read", operator.get("/report-mails/weekly").json["content"]["to"], weekly["to"])
        sent = operator.post("/report-mails/weekly/send")
        self.expect("it is to go now", (sent.status, sent.json), (202, {"queued": 2}))
        self.bank.carillon("run", "--until-idle", "--now", lab.LATER)
        log = operator.get("/report-mails:log").json["items"]
        self.expect("it went", [(one["to"], one["state"]) for one in log], [("anna@bank.test", "sent"), ("boris@bank.test", "sent")])
        self.expect("as the command says", self.bank.carillon("report-mail", "log", as_json=True), log)
        self.refused("no such report", operator.post("/report-mails/none/send"), 404, "report.unknown")
        etag = operator.get("/report-mails/weekly").headers["etag"]
        self.refused("an old one", admin.delete("/report-mails/weekly", If_Match='"old"'), 412, "etag.mismatch")
        self.expect("it is removed", admin.delete("/report-mails/weekly", If_Match=etag).status, 204)
        self.refused("and gone", operator.get("/report-mails/weekly"), 404, "report.unknown")
        self.refused("once", admin.delete("/report-mails/weekly", If_Match=etag), 404, "report.unknown")

    def checks(self):
        auditor = self.people["auditor"]
        self.expect("settings in force", auditor.get("/settings").json["bank.name"], self.bank.carillon("config", as_json=True)["bank.name"])
        doctor = auditor.post("/doctor").json
        same = self.bank.carillon("doctor", as_json=True, check=False)
        self.expect("doctor looks at the same", [one["check"] for one in doctor["checks"]],
                    [one["check"] for one in json.loads(same.stdout.splitlines()[-1])["checks"]])
        found = auditor.post("/reconcile", {}).json
        self.expect("it adds up", (found["clean"], found), (True, self.bank.carillon("reconcile", as_json=True)))
        self.expect("of one campaign", auditor.post("/reconcile", {"campaign": "offer"}).json["clean"], True)
        self.bank.database.run("UPDATE runs SET matched = matched + 1")
        found = auditor.post("/reconcile", {}).json
        self.expect("control: a hole is found", (found["clean"], [one["invariant"] for one in found["findings"] if not one["ok"]]), (False, ["I1"]))
        self.expect("control: by the command, too", self.bank.carillon("reconcile", check=False).returncode, 1)
        self.bank.database.run("UPDATE runs SET matched = matched - 1")
        self.refused("no such campaign", auditor.post("/reconcile", {"campaign": "none"}), 404, "campaign.unknown")
        self.refused("no name", auditor.post("/reconcile", {"campaign": 5}), 422, "body.type")

    def errands(self):
        operator = self.people["operator"]
        taken = operator.post("/snapshots", {}).json
        self.expect("a snapshot", (taken["day"], taken["new"], taken["clients"]), (lab.CAMPAIGN_DAY, True, 20))
        self.expect("stands", operator.post("/snapshots", {}).json["new"], False)
        again = self.bank.carillon("snapshot", "--now", lab.LATER, as_json=True)
        self.expect("for the command, too", (again["day"], again["new"]), (lab.CAMPAIGN_DAY, False))
        self.refused("not of the past", operator.post("/snapshots", {"day": "2020-01-01"}), 422, "snapshot.past")
        self.refused("not of the future", operator.post("/snapshots", {"day": "2099-01-01"}), 422, "snapshot.future")
        self.refused("no day", operator.post("/snapshots", {"day": "soon"}), 422, "date.invalid")
        self.expect("plans", operator.post("/plans:check", {}).json, {"campaigns": [], "client_tasks": 0})
        self.refused("no plan", operator.post("/plans:check", {"campaign": "offer"}), 422, "plan.missing")
        self.refused("no campaign", operator.post("/plans:check", {"campaign": "none"}), 404, "campaign.unknown")
        self.expect("retention", operator.post("/retention:run").json, self.bank.carillon("retain", as_json=True))
        self.expect("opens and clicks", operator.get("/tracking").json["items"], self.bank.carillon("tracking", "show", as_json=True))
        self.expect("judged", operator.post("/tracking:judge", {"again": True}).json, {"judged": 0})
        self.refused("again?", operator.post("/tracking:judge", {"again": "yes"}), 422, "body.type")
        self.refused("no mailbox", operator.post("/inbound:poll"), 422, "inbound.no_account")

    def inbound(self):
        operator = self.people["operator"]
        path = self.folder / "mail.eml"
        path.write_bytes(MAIL.encode())
        self.bank.carillon("inbound", "mail", path, "--account", "email")
        listed = operator.get("/inbound?unmatched=true").json["items"]
        self.expect("what matched nothing", [(one["account"], one["from"], one["subject"]) for one in listed],
                    [("email", "client@elsewhere.test", "Question")])
        self.expect("as the command says", [str(one["id"]) for one in listed],
                    [str(one["id"]) for one in self.bank.carillon("inbound", "list", "--unmatched", as_json=True)])
        mail = operator.get(f"/inbound/{listed[0]['id']}/content")
        self.expect("as it came", (mail.headers["content-type"], mail.body), ("message/rfc822", MAIL.encode()))
        self.refused("another", operator.get("/inbound/999999/content"), 404, "inbound.unknown")
        self.expect("no fax", operator.get("/faxes").json, {"items": [], "next": None})
        self.refused("none to see", operator.get("/faxes/1/content"), 404, "inbound.unknown")
        self.refused("not for an author", self.people["author"].get("/inbound"), 403, "access.forbidden")

    def log(self):
        rows = self.people["auditor"].get("/audit?limit=200").json["items"]
        done = {(row["actor"], row["action"]) for row in rows}
        for actor, action in (("admin", "channel.apply"), ("admin", "calendar.apply"), ("admin", "report.delete"), ("operator", "report.send"),
                              ("operator", "snapshot.take"), ("operator", "plan.check"), ("operator", "retention.run"),
                              ("operator", "tracking.judge_again"), ("operator", "inbound.look")):
            if (actor, action) not in done:
                self.broken.append(f"{actor} {action} is not in the log: {sorted(done)}")
        self.expect("the log holds", self.people["auditor"].post("/audit:verify").json["ok"], True)

    def tell(self):
        self.tell_chapters(self.channels, self.policies_and_calendars, self.report_mails, self.checks, self.errands, self.inbound, self.log)


if __name__ == "__main__":
    sys.exit(main(Story))

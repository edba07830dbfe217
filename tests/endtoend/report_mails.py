#!/usr/bin/python3
"""Reports go to managers by e-mail at their times: once for each slot and recipient, with the report as a file.

Also when the process is killed while the mail server is silent: then once more under the same Message-ID. Controls: a slot
before the file was applied is nobody's; a run at another time of the day sends nothing; a file with mistakes is refused with
each of them.
"""
import email
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from story import StoryOfFigures, main

TO = ["anna@bank.test", "boris@bank.test"]


def mails(folder):
    found = [email.message_from_bytes(path.read_bytes()) for path in sorted(folder.rglob("*.eml"))]
    return [(mail["To"], mail["Message-ID"], [part for part in mail.walk() if part.get_filename()]) for mail in found]


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.folder = folder
        self.bank = lab.Bank(folder, engine)
        lab.launch_offer(self.bank, 20, 1, channel={"transport": "file", "spool": str(folder / "outbox")})
        self.bank.carillon("run", "--until-idle", "--now", lab.NOON)
        self.bank.carillon("snapshot", "--date", lab.CAMPAIGN_DAY, "--now", lab.NOON)
        self.spool("reports")

    def spool(self, name, **more):
        settings = {"name": "managers", "kind": "email", "transport": "file", "spool": str(self.folder / name),
                    "from": {"name": "Банк", "address": "reports@bank.test"}, **more}
        self.bank.carillon("channel", "apply", self.bank.write("managers.channel.json", settings))

    def schedule(self, name, subject, form, time, since=0):
        document = {"name": name, "title": "Отчёт " + name, "report": subject, "format": form, "language": "ru", "channel": "managers",
                    "schedule": {"rrule": "FREQ=DAILY", "start": lab.CAMPAIGN_DAY, "time": time}, "to": TO}
        self.bank.carillon("report-mail", "apply", self.bank.write(f"{name}.json", document))
        # Documents bear the time of this machine, which has nothing to do with the campaign's.
        self.bank.database.run(f"UPDATE documents SET created_at = {since} WHERE kind = 'report' AND name = '{name}'")

    def run_at(self, moment):
        self.bank.carillon("run", "--until-idle", "--now", moment)

    def once_a_slot(self):
        self.schedule("daily", {"campaign": "offer", "by": ["branch"]}, "pdf", "13:00")
        self.schedule("picture", {"bank": {"days": 30, "by": "day"}}, "xlsx", "13:00")
        self.schedule("late", {"campaign": "offer"}, "pdf", "13:00", since=1795600860000)  # 13:01 of the second day
        self.run_at(lab.CAMPAIGN_DAY + "T12:59:00+03:00")
        self.expect("before the slot", mails(self.folder / "reports"), [])
        for _ in range(3):
            self.run_at(lab.CAMPAIGN_DAY + "T13:00:30+03:00")
        found = mails(self.folder / "reports")
        self.expect("mails", sorted((to, files[0].get_filename()) for to, _, files in found),
                    sorted((to, name) for to in TO for name in ("daily-2026-11-24.pdf", "picture-2026-11-24.xlsx")))
        self.expect("each its own Message-ID", len({number for _, number, _ in found}), 4)
        for _, _, files in found:
            content = files[0].get_payload(decode=True)
            self.expect(files[0].get_filename(), (content[:4] in (b"%PDF", b"PK\x03\x04"), len(content) > 3000), (True, True))
        log = self.bank.carillon("report-mail", "log", as_json=True)
        self.expect("the log", sorted({one["state"] for one in log}), ["sent"])
        self.run_at("2026-11-25T13:01:00+03:00")
        self.expect("the next day", len(mails(self.folder / "reports")), 8)

    def killed(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.spool("unused", transport="smtp", host="127.0.0.1", port=silent.getsockname()[1], tls="off")
            process = self.bank.start("run", "--until-idle", "--now", "2026-11-26T13:01:00+03:00")
            states = lambda: dict(self.bank.database.rows("SELECT state, COUNT(*) FROM report_mails GROUP BY state"))
            lab.wait_until(lambda: states().get("sending"), 30, "a report is being sent")
            process.kill()
            process.wait(20)
        key = self.bank.database.rows("SELECT message_key FROM report_mails WHERE state = 'sending'")[0][0]
        self.spool("second")
        self.run_at("2026-11-26T13:05:00+03:00")  # the dead process may still be at it
        self.run_at("2026-11-26T13:20:00+03:00")
        self.run_at("2026-11-26T13:40:00+03:00")
        found = mails(self.folder / "second")
        self.expect("after the kill, with the third schedule", len(found), 6)
        self.expect("the same Message-ID", sum(key in number for _, number, _ in found), 1)
        self.expect("states after the kill", states(), {"sent": 14})

    def refused(self):
        bad = {"name": "Bad Name", "report": {"campaign": "x", "bank": {}}, "format": "doc", "to": ["nobody"],
               "schedule": {"rrule": "FREQ=HOURLY", "start": "2026-11-24", "time": "25:00"}, "colour": 1}
        done = self.bank.carillon("report-mail", "apply", self.bank.write("bad.json", bad), check=False)
        self.expect("exit code", done.returncode, 2)
        for word in ("$.name", "$.report", "$.format", "$.to[0]", "$.colour", "$.schedule"):
            self.expect(f"names {word}", word in done.stderr, True)

    def tell(self):
        self.once_a_slot()
        self.killed()
        self.refused()


if __name__ == "__main__":
    sys.exit(main(Story))

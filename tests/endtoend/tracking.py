#!/usr/bin/python3
"""Opens and clicks of a campaign that asks for them, through `carillon serve`.

The links in the mails lead through us and on to what the template says; every acknowledged open and click is in the
database after kill -9 under load; robots are kept and counted apart, and judging again gives the same. Forged links are
404 and change nothing. Control: a campaign without tracking has the links of the template and no pixel.
"""
import email
import http.client
import json
import re
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front

CLIENTS = 30
PERSON = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"


def links_of(folder):
    """By message: tracked links and the pixel, as paths."""
    found = {}
    for path in folder.rglob("*.eml"):
        mail = email.message_from_bytes(path.read_bytes())
        html = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_payload(decode=True).decode()
        number = int(mail["Message-ID"].strip("<> ").split(".")[0])
        found[number] = (re.findall(r'href="https://bank\.test(/c/[^"]+)"', html),
                         re.findall(r'src="https://bank\.test(/o/[^"]+)"', html), html)
    return found


class Story:
    def __init__(self, engine, folder):
        self.folder = folder
        self.bank = lab.Bank(folder, engine)
        self.rows = self.bank.database.rows
        lab.launch_offer(self.bank, CLIENTS, 1, channel={"transport": "file", "spool": str(folder / "outbox")},
                         campaign={"tracking": True})
        self.bank.carillon("run", "--until-idle", "--now", lab.NOON)
        self.broken = []

    def expect(self, what, found, wanted):
        if found != wanted:
            self.broken.append(f"{what}: {found!r} instead of {wanted!r}")

    def count(self):
        return self.rows("SELECT COUNT(*) FROM tracking_events")[0][0]

    def people_and_robots(self, links):
        front = Front(self.bank, "--roles", "web", "--now", lab.LATER)
        person = ["-A", PERSON]
        first, second, third, fourth = sorted(links)[:4]
        click, pixel, _ = links[first]
        status, answer = front.curl(click[0], "-i", *person)
        self.expect("a click leads on", (status, "Location: https://bank.test/offer" in answer), (302, True))
        status, answer = front.curl(pixel[0], "-i", *person)
        self.expect("the pixel", (status, "Content-Type: image/gif" in answer, "Content-Length: 43" in answer), (200, True, True))
        front.curl(links[second][1][0], *person)
        front.curl(links[third][0][0], "-A", "Barracuda Sentinel")
        front.curl(links[fourth][0][0], "-I", *person)
        for forged in (click[0].replace("/c/", "/c/9"), click[0][:-1] + "99", click[0].rsplit("/", 1)[0] + "/1.1", pixel[0][:-1],
                       "/o/1.x", click[0].rsplit("/", 1)[0] + "/-1.1", pixel[0] + "/1"):
            self.expect(f"forged {forged}", front.curl(forged, *person)[0], 404)
        self.expect("kept", self.count(), 5)
        lab.end(front.process)
        self.judge(first, second)

    def judge(self, first, second):
        expected = [{"kind": "click", "verdict": "agent", "count": 1}, {"kind": "click", "verdict": "head", "count": 1},
                    {"kind": "click", "verdict": "person", "count": 1}, {"kind": "open", "verdict": "person", "count": 2}]
        responses = [(first, "click"), (first, "open"), (second, "open")]
        for again in ((), ("--again",)):
            self.bank.carillon("tracking", "judge", *again)
            self.expect("verdicts", self.bank.carillon("tracking", "show", as_json=True), expected)
            self.expect("responses", self.rows("SELECT message_id, kind FROM responses ORDER BY message_id, kind"), responses)
        self.activity()
        # Who turns out to be a robot is no response any more.
        self.bank.database.run(f"UPDATE tracking_events SET method = 'HEAD' WHERE message_id = {second}")
        self.bank.carillon("tracking", "judge", "--again")
        self.expect("refuted", self.rows("SELECT message_id, kind FROM responses ORDER BY message_id, kind"), responses[:2])

    def activity(self):
        """Over time and by link; the sums are those of the report, and the API says the same as the command."""
        by_time = [self.bank.carillon("report", "offer", "--activity", by, as_json=True)["points"]
                   for by in ("hour", "day", "weekday_hour")]
        for points in by_time:
            self.expect("one moment", [[point[key] for key in ("opens", "clicks", "opens_robots", "clicks_robots")] for point in points],
                        [[2, 1, 0, 2]])
        self.expect("hour of the week", [(point["weekday"], point["hour"]) for point in by_time[2]], [(2, 12)])
        links = self.bank.carillon("report", "offer", "--activity", "link", as_json=True)
        self.expect("by link", links["points"], [{"link": "https://bank.test/offer", "clicks": 1, "clicks_robots": 2}])
        add_user(self.bank, "boss", "manager")
        front = Front(self.bank, "--roles", "web", "--now", lab.LATER)
        boss = signed_in(front.port, "boss")
        self.expect("over the API", boss.get("/campaigns/offer/report/activity?by=link").json, links)
        self.expect("no such series", boss.get("/campaigns/offer/report/activity?by=minute").code, "report.activity")
        self.expect("no such campaign", boss.get("/campaigns/other/report/activity?by=hour").code, "campaign.unknown")
        lab.end(front.process)

    def kill_under_load(self, links):
        before = self.count()
        front = Front(self.bank, "--roles", "web", "--now", lab.LATER)
        paths = [path for click, pixel, _ in links.values() for path in click + pixel]
        acknowledged = [0] * 16

        def load(slot):
            connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=20)
            try:
                for i in range(100_000):
                    connection.request("GET", paths[(slot + i) % len(paths)], headers={"User-Agent": PERSON})
                    answer = connection.getresponse()
                    answer.read()
                    acknowledged[slot] += answer.status in (200, 302)
            except (OSError, http.client.HTTPException):
                return

        threads = [threading.Thread(target=load, args=(slot,)) for slot in range(len(acknowledged))]
        for thread in threads:
            thread.start()
        lab.wait_until(lambda: sum(acknowledged) > 2000, 60, "some load")
        front.kill()
        for thread in threads:
            thread.join()
        kept = self.count() - before
        # At most one request of each connection was stored and not yet answered.
        self.expect("nothing acknowledged is lost", sum(acknowledged) <= kept <= sum(acknowledged) + len(threads), True)
        return sum(acknowledged), kept

    def same_bytes(self, links):
        number = min(links)
        again = self.bank.carillon("show-message", number).stdout
        html = links[number][2]
        token = re.search(r"/o/([^\"]+)", html).group(1)
        self.expect("the token is made again", token in again.replace("=\n", ""), True)

    def tell(self):
        links = links_of(self.folder / "outbox")
        self.expect("mails", len(links), CLIENTS)
        self.expect("one pixel each", {len(pixel) for _, pixel, _ in links.values()}, {1})
        self.expect("one link each", {len(click) for click, _, _ in links.values()}, {1})
        self.expect("the way out is not tracked", all("https://bank.test/u/" in html for _, _, html in links.values()), True)
        self.same_bytes(links)
        self.people_and_robots(links)
        acknowledged, kept = self.kill_under_load(links)
        self.bank.launch(lab.an_offer("plain", schedule={"once": {"date": lab.NEXT_WEEK, "time": "11:30"}}))
        self.bank.carillon("run", "--until-idle", "--now", lab.NEXT_WEEK_NOON)
        plain = [html for number, (_, _, html) in links_of(self.folder / "outbox").items() if number not in links]
        self.expect("control: without tracking", [len(plain), sum("/c/" in html or "/o/" in html for html in plain)], [CLIENTS, 0])
        return {"acknowledged": acknowledged, "kept": kept}


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    with lab.temporary_folder() as folder:
        story = Story(engine, folder)
        try:
            figures = story.tell()
        finally:
            story.bank.stop()
    print(json.dumps({"test": "tracking", "engine": engine, **figures, "broken": story.broken}, ensure_ascii=False))
    return 1 if story.broken else 0


if __name__ == "__main__":
    sys.exit(main())

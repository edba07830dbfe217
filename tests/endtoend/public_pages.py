#!/usr/bin/python3
"""Unsubscribing, preferences and response codes, through `carillon serve`.

GET never changes what a client gets; POST does, once, and the next campaign leaves the client out. Forged and damaged
links change nothing and get a friendly page in the reader's language. What was acknowledged is in the database after
kill -9. Control: a client who did nothing gets the next campaign.
"""
import email
import hashlib
import hmac
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from front import Front
from story import StoryOfFigures, main

CLIENTS = 8
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def response_code(secret, number):
    mac = hmac.new(secret, f"response {number}".encode(), hashlib.sha256).digest()
    text = ""
    rest = number
    while rest or not text:
        text = LETTERS[rest % 32] + text
        rest //= 32
    return text + "-" + "".join(LETTERS[byte % 32] for byte in mac[:4])


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.folder = folder
        self.bank = lab.Bank(folder, engine)
        self.rows = self.bank.database.rows
        lab.launch_offer(self.bank, CLIENTS, 1, channel={"transport": "file", "spool": str(folder / "outbox")})
        self.bank.carillon("run", "--until-idle", "--now", lab.NOON)
        self.front = Front(self.bank)

    def mails(self):
        """By client: the path of the link in List-Unsubscribe."""
        found = {}
        for path in (self.folder / "outbox").rglob("*.eml"):
            mail = email.message_from_bytes(path.read_bytes())
            number = int(mail["Message-ID"].strip("<> ").split(".")[0])
            self.expect("one click is offered", mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
            link = re.search(r"<https://bank\.test(/u/[^>]+)>", mail["List-Unsubscribe"].replace("\r\n ", "")).group(1)
            found[self.rows(f"SELECT client_id FROM messages WHERE id = {number}")[0][0]] = link
        self.expect("mails", len(found), CLIENTS)
        return found

    def refusals(self):
        return self.rows("SELECT COUNT(*) FROM consents WHERE granted = 0")[0][0]

    def unsubscribe(self, links):
        front = self.front
        status, page = front.curl(links[1], "-i")
        self.expect("the page", status, 200)
        self.expect("its language", 'lang="ru"' in page and "Отписаться" in page, True)
        for header in ("default-src 'none'", "Cache-Control: no-store", "Referrer-Policy: no-referrer"):
            self.expect(header, header in page, True)
        self.expect("in English", 'lang="en"' in front.curl(links[3])[1], True)
        self.expect("browsers find an icon", front.curl("/favicon.ico"), (204, ""))
        front.curl(links[1], "-I")
        self.expect("looking changes nothing", self.refusals(), 0)
        for _ in range(2):
            self.expect("one click", front.curl(links[1], "--data", "List-Unsubscribe=One-Click")[0], 200)
        front.kill()
        self.expect("responses", self.rows("SELECT kind, detail FROM responses"), [("unsubscribe", "one_click")])
        self.expect("consent withdrawn", self.rows("SELECT client_id, source FROM consents WHERE granted = 0"),
                    [(1, "unsubscribe page")])
        self.expect("suppressed", self.rows("SELECT value, channel, purpose FROM suppressions"),
                    [("client1@client.test", "email", "marketing")])
        self.expect("the proof", self.rows("SELECT COUNT(*) FROM page_actions")[0][0], 1)
        front.start()
        forged = [links[2][:-1] + ("A" if links[2][-1] != "A" else "B"), links[2].replace("/u/", "/u/9"), "/u/x", "/u/1.",
                  links[2][:-3], "/p/" + links[2][3:-1], "/u/%ff%fe", "/r/2F-AAAA"]
        for link in forged:
            status, page = front.curl(link, "-X", "POST", "-H", "Accept-Language: ru")
            self.expect(f"a forged link {link}", (status, "Ссылка не работает" in page), (404, True))
        self.expect("forged links change nothing", self.refusals(), 1)
        self.expect("by the button", front.curl(links[2], "-X", "POST")[0], 200)
        self.expect("kinds", self.rows("SELECT detail FROM responses ORDER BY detail"), [("one_click",), ("page",)])

    def preferences(self, links):
        front = self.front
        page = front.curl("/p/" + links[1][3:])[1]
        self.expect("offers are off", 'name="email.marketing"' in page and
                    re.search(r'name="email\.marketing"[^>]* checked', page) is None, True)
        self.expect("service is on", re.search(r'name="email\.service"[^>]* checked', page) is not None, True)
        path = "/p/" + links[4][3:]
        self.expect("a foreign form", front.curl(path, "--data", "x=1")[0], 200)
        self.expect("changes nothing", self.refusals(), 2)
        for _ in range(2):
            self.expect("all off", front.curl(path, "--data", "saved=1")[0], 200)
        self.expect("both purposes", self.rows("SELECT purpose, granted FROM consents WHERE client_id = 4 ORDER BY purpose"),
                    [("marketing", 0), ("service", 0)])
        self.expect("one response", self.rows("SELECT COUNT(*) FROM responses WHERE kind = 'preferences'")[0][0], 1)
        self.expect("back again", front.curl("/p/" + links[2][3:], "--data", "saved=1&email.marketing=on&email.service=on")[0], 200)
        self.expect("no suppression is left", self.rows("SELECT COUNT(*) FROM suppressions WHERE value = 'client2@client.test'")[0][0], 0)
        self.expect("history", self.rows("SELECT COUNT(*) FROM consent_history WHERE client_id = 2")[0][0], 2)

    def codes(self):
        secret = str(self.rows("SELECT secret FROM instance")[0][0]).encode()
        number = self.rows("SELECT id FROM messages WHERE client_id = 5")[0][0]
        code = response_code(secret, number)
        front = self.front
        self.expect("the form", front.curl("/r")[0], 200)
        self.expect("to the code", "Location: /r/" + code.lower() in front.curl("/r?code=" + code.lower(), "-i")[1], True)
        front.curl("/r/" + code, "-I")
        self.expect("HEAD is no visit", self.rows("SELECT COUNT(*) FROM responses WHERE source = 'response code'")[0][0], 0)
        for spelt in (code, code.lower(), code.replace("-", "")):
            status, page = front.curl("/r/" + spelt)
            self.expect("the landing", status, 200)
        first_name = self.rows("SELECT first_name FROM clients WHERE id = 5")[0][0]
        self.expect("it is personal", first_name in page, True)
        self.expect("interested", front.curl("/r/" + code, "-X", "POST")[0], 200)
        front.curl("/r/" + code, "-X", "POST")
        self.expect("each once", self.rows("SELECT kind FROM responses WHERE source = 'response code' ORDER BY kind"),
                    [("interested",), ("visit",)])
        statuses = [front.curl(f"/r/{LETTERS[i]}2-AAAA")[0] for i in range(25)]
        self.expect("guessing is slowed down", (statuses[0], statuses[-1]), (404, 429))

    def next_campaign(self):
        self.bank.launch(lab.an_offer("second", schedule={"once": {"date": lab.NEXT_WEEK, "time": "11:30"}}))
        self.bank.carillon("run", "--until-idle", "--now", lab.NEXT_WEEK_NOON)
        outcome = dict(self.rows("SELECT client_id, state FROM messages m WHERE campaign_id ="
                                 " (SELECT id FROM campaigns WHERE name = 'second')"))
        self.expect("who said stop is left out", [outcome[1], outcome[4]], ["skipped", "skipped"])
        self.expect("control: the others are not", [outcome[2], outcome[3]], ["accepted", "accepted"])

    def tell(self):
        links = self.mails()
        self.unsubscribe(links)
        self.preferences(links)
        self.codes()
        lab.end(self.front.process)
        self.next_campaign()


if __name__ == "__main__":
    sys.exit(main(Story))

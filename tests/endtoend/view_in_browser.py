#!/usr/bin/python3
"""An e-mail opened in a browser by the link that is in it, through `carillon serve`.

The page is the HTML part of the very mail, byte for byte, also when the template has changed since; a mail without HTML shows
its text. Looking changes nothing, and an open is counted once however often the pixel is fetched. Forged links, links of
another purpose, an erased client and a message whose time is over get one and the same page. Control: a value changed in what
is kept shows on the page.
"""
import email
import html
import http.client
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfFigures, main

CLIENTS = 8
HERE = "https://bank.test"
PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"}
WORDS = {"ru": ("Открыть в браузере", "Здравствуйте, {{client.first_name}}!\n\nУсловия: https://bank.test/terms?a=1&b=2.\n"),
         "en": ("View in browser", "Dear {{client.first_name}},\n\nthe terms: https://bank.test/terms?a=1&b=2.\n")}


def shown():
    """The template of the lab with a link to itself above, and pictures."""
    template = lab.a_template()
    for language, parts in template["locales"].items():
        link = f'<p><a href="{{{{view_url}}}}">{WORDS[language][0]}</a></p><img src="https://pictures.bank.test/a.png" alt="">'
        parts["html"] = parts["html"].replace('<div class="card">', '<div class="card">' + link)
        parts["text"] += "{{view_url}}\n"
    return template


def plain():
    return {"name": "plain", "channel": "email", "default_locale": "ru", "locales": {
        language: {"subject": "<Условия> & {{client.first_name}}", "text": text + "{{view_url}}\n"}
        for language, (_, text) in WORDS.items()}}


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.folder = folder
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n")
        self.rows = self.bank.database.rows
        lab.populate(self.bank.database, CLIENTS)
        self.bank.carillon("channel", "apply", self.bank.write("email.json", lab.a_channel(1, transport="file", spool=str(folder / "outbox"))))
        self.bank.carillon("segment", "apply", self.bank.write("everyone.json", {"name": "everyone", "rule": {"all": []}}))
        for template in (shown(), plain()):
            self.bank.carillon("template", "apply", self.bank.write("template.json", template))
        self.bank.launch(lab.an_offer(tracking=True))
        self.bank.database.run("INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
                               " SELECT id, 'email', 'service', 1, 0, 'contract' FROM clients")
        self.bank.launch(lab.an_offer("terms", objective="service", steps=[{"channel": "email", "template": "plain"}]))
        self.bank.carillon("run", "--until-idle", "--now", lab.NOON)
        self.mails = self.all_mails()

    def all_mails(self):
        """By campaign and client: (message, path of the link, HTML part, text part)."""
        found = {}
        for path in (self.folder / "outbox").rglob("*.eml"):
            mail = email.message_from_bytes(path.read_bytes())
            parts = {part.get_content_type(): part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()}
            number = int(mail["Message-ID"].strip("<> ").split(".")[0])
            client, campaign = self.rows(f"SELECT m.client_id, g.name FROM messages m JOIN campaigns g ON g.id = m.campaign_id WHERE m.id = {number}")[0]
            text = parts["text/plain"].decode().replace("\r\n", "\n")
            link = re.search(re.escape(HERE) + r"(/w/\S+)", text).group(1)
            found[campaign, client] = (number, link, parts.get("text/html"), text)
        self.expect("mails", len(found), 2 * CLIENTS)
        return found

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=20)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def traces(self):
        """Everything that a visit could have left, and what a client gets."""
        return [self.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in
                ("tracking_events", "responses", "page_actions", "consents", "consent_history", "suppressions", "message_events")] + \
            self.rows("SELECT COUNT(*) FROM consents WHERE granted = 0") + sorted(self.bank.states().items())

    def same_bytes(self):
        before = self.traces()
        for client in range(1, CLIENTS + 1):
            _, link, part, _ = self.mails["offer", client]
            status, headers, page = self.ask(link, **PERSON)
            self.expect(f"the page of {client}", status, 200)
            self.check(page == part, f"the page of {client} is the HTML part: {len(page)} bytes, {len(part)} bytes")
            self.expect("its link stands in the HTML, too", f'href="{HERE}{link}"'.encode() in page, True)
            self.expect("its links are led", f'href="{HERE}/c/'.encode() in page, True)
            self.expect("the language of the client", headers["content-language"], "en" if client % 3 == 0 else "ru")
            status, head, body = self.ask(link, "HEAD")
            self.expect("HEAD", (status, int(head["content-length"]), body), (200, len(page), b""))
            self.expect("no other method", [self.ask(link, method)[0] for method in ("POST", "DELETE")], [405, 405])
        self.expect("looking changes nothing", self.traces(), before)
        policy = {one.split()[0]: one.split()[1:] for one in headers["content-security-policy"].split("; ")}
        self.expect("what the page may", policy, {
            "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"], "default-src": ["'none'"], "img-src": ["https:", "data:", "'self'"],
            "style-src": ["'unsafe-inline'"], "base-uri": ["'none'"], "form-action": ["'none'"], "frame-ancestors": ["'none'"]})
        self.expect("headers", [headers.get(name) for name in ("content-type", "cache-control", "referrer-policy", "x-robots-tag", "x-content-type-options", "set-cookie")],
                    ["text/html; charset=utf-8", "no-store", "no-referrer", "noindex, nofollow", "nosniff", None])

    def text_only(self):
        _, link, part, text = self.mails["terms", 1]
        self.expect("no HTML part", part, None)
        status, headers, page = self.ask(link)
        page = page.decode()
        self.expect("a page", (status, headers["content-language"], "<script" in page), (200, "ru", False))
        body = re.search(r'<p class="mail">(.*?)</p>', page, re.S).group(1)
        self.expect("the text", html.unescape(re.sub(r"</?a[^>]*>", "", body)), text)
        self.expect("its links can be clicked", re.findall(r'href="([^"]+)"', body), ["https://bank.test/terms?a=1&amp;b=2", HERE + link])
        name = self.rows("SELECT first_name FROM clients WHERE id = 1")[0][0]
        self.expect("its subject", f"<title>&lt;Условия&gt; &amp; {name}</title>" in page, True)
        self.expect("in English", self.ask(self.mails["terms", 3][1])[1]["content-language"], "en")

    def offered(self):
        """The app offers the field, and its preview shows where the link will stand."""
        add_user(self.bank, "author", "author")
        author = signed_in(self.front.port, "author")
        self.expect("among the fields", "view_url" in [field["name"] for field in author.get("/templates/fields").json["items"]], True)
        for client in ("", "C1"):
            page = author.post("/templates:preview", {"template": shown(), "client": client})
            self.expect(f"a preview as {client or 'nobody'}", (page.status, "{{" in page.json["html"], "view" in page.json["html"]), (200, False, True))
        self.expect("as a client", 'href="https://bank.example/w/preview"' in page.json["html"], True)

    def opens(self):
        """The pixel of the mail, and the same one again from the page: one open."""
        number, link, part, _ = self.mails["offer", 2]
        pixel = re.search(re.escape(HERE).encode() + rb'(/o/[^"]+)"', part).group(1).decode()
        for _ in range(2):
            self.expect("the pixel", self.ask(pixel, **PERSON)[0], 200)
            self.ask(link, **PERSON)
        self.expect("of one message", self.rows("SELECT DISTINCT message_id FROM tracking_events"), [(number,)])
        lab.end(self.front.process)
        self.bank.carillon("tracking", "judge", "--again")
        self.expect("one open", self.rows("SELECT message_id, kind FROM responses"), [(number, "open")])
        points = self.bank.carillon("report", "offer", "--activity", "day", as_json=True)["points"]
        self.expect("in the report", [point["opens"] for point in points], [1])
        self.front.start()

    def changed_since(self):
        template = shown()
        for parts in template["locales"].values():
            parts["html"] = "<p>Entirely new. {{unsubscribe_url}}</p>"
        self.bank.carillon("template", "apply", self.bank.write("template.json", template))
        self.bank.database.run("UPDATE clients SET first_name = 'Changed' WHERE id = 4")
        _, link, part, _ = self.mails["offer", 4]
        self.check(self.ask(link)[2] == part, "as it was sent")
        self.bank.database.run("UPDATE message_contents SET data = REPLACE(data, 'client.first_name\":\"', 'client.first_name\":\"X')"
                               f" WHERE message_id = {self.mails['offer', 5][0]}")
        _, link, part, _ = self.mails["offer", 5]
        self.check(self.ask(link)[2] != part, "CONTROL: changed values make the same bytes")

    def nothing_to_see(self):
        """Every reason has the same answer."""
        number, link, part, _ = self.mails["offer", 1]
        stop = re.search(re.escape(HERE).encode() + rb'/u/([^"]+)"', part).group(1).decode()
        pixel = re.search(re.escape(HERE).encode() + rb'/o/([^"]+)"', part).group(1).decode()
        token = link[3:]
        refused = ["/w/" + stop, "/w/" + pixel, "/w/x", "/w/1.", "/w/%ff%fe", "/w/" + token[:-1], "/w/" + token + "A", "/w/9" + token,
                   "/w/" + token[:-1] + ("B" if token[-1] == "A" else "A"), self.mails["offer", 6][1], self.mails["offer", 7][1]]
        self.bank.carillon("client", "erase", "C6", "--confirm", "C6")
        self.bank.database.run(f"UPDATE message_contents SET composed_at = 1 WHERE message_id = {self.mails['offer', 7][0]}")
        self.bank.carillon("retain", CARILLON_RETENTION_CONTENTS_MONTHS="6")
        answers = [self.ask(path, **{"Accept-Language": "ru"}) for path in refused]
        self.expect("one answer for all", len({(status, body, str({name: value for name, value in headers.items() if name != "date"}))
                                               for status, headers, body in answers}), 1)
        status, headers, body = answers[0]
        self.expect("a friendly one", (status, headers["content-type"], "Ссылка не работает" in body.decode()), (404, "text/html; charset=utf-8", True))
        self.expect("in English", "This link does not work" in self.ask(refused[0])[2].decode(), True)
        self.expect("its token serves nothing else", [self.ask(f"/{page}/{token}")[0] for page in "upo"], [404] * 3)
        self.expect("nor does POST", [self.ask(f"/{page}/{token}", "POST")[0] for page in "up"], [404] * 2)
        self.expect("guessing stops nobody who has the link", (self.ask(link)[0], self.ask("/u/" + stop)[0]), (200, 200))
        self.expect("nobody is unsubscribed", self.rows("SELECT COUNT(*) FROM consents WHERE granted = 0")[0][0], 0)

    def after_a_crash(self):
        self.front.kill()
        self.front.start()
        _, link, part, _ = self.mails["offer", 8]
        self.check(self.ask(link)[2] == part, "the same after kill -9")

    def without_address(self):
        """Where clients cannot reach us there is no such link: the mail that needs it is not made, one that can do without is."""
        maybe = plain()
        maybe["name"] = "maybe"
        for parts in maybe["locales"].values():
            parts["text"] = "{{client.first_name}}{{#view_url}}\n{{view_url}}{{/view_url}}\n"
        self.bank.carillon("template", "apply", self.bank.write("template.json", maybe))
        later = {"schedule": {"once": {"date": lab.NEXT_WEEK, "time": "11:30"}}}
        self.bank.launch(lab.an_offer("maybe", objective="service", steps=[{"channel": "email", "template": "maybe"}], **later))
        needs = lab.an_offer("needs", objective="service", steps=[{"channel": "email", "template": "plain"}], **later)
        self.bank.carillon("campaign", "apply", self.bank.write("needs.json", needs))
        refused = self.bank.carillon("campaign", "submit", "needs", check=False, CARILLON_PUBLIC_URL="")
        self.expect("it is not even submitted", (refused.returncode != 0, "'view_url' has no value" in refused.stdout + refused.stderr), (True, True))
        self.bank.launch(needs)
        self.bank.carillon("run", "--until-idle", "--now", lab.NEXT_WEEK_NOON, CARILLON_PUBLIC_URL="")
        states = self.rows("SELECT g.name, m.state, COUNT(*) FROM messages m JOIN campaigns g ON g.id = m.campaign_id"
                           " WHERE g.name IN ('maybe', 'needs') AND m.state <> 'skipped' GROUP BY g.name, m.state ORDER BY 1, 2")
        self.expect("one is made, one is not", [(name, state == "accepted") for name, state, _ in states], [("maybe", True), ("needs", False)])
        reason = self.rows("SELECT DISTINCT m.reason FROM messages m JOIN campaigns g ON g.id = m.campaign_id WHERE g.name = 'needs' AND m.state <> 'skipped'")
        self.expect("and why", {"'view_url' has no value" in str(one) for one, in reason}, {True})

    def tell(self):
        self.front = Front(self.bank, "--roles", "web", "--now", lab.LATER)
        self.tell_chapters(self.same_bytes, self.text_only, self.offered, self.opens, self.changed_since, self.nothing_to_see, self.after_a_crash)
        lab.end(self.front.process)
        self.tell_chapters(self.without_address)


if __name__ == "__main__":
    sys.exit(main(Story))

#!/usr/bin/python3
"""The library of pictures, from an upload to the mail that shows one, through `carillon serve` and the command line.

A picture is taken for what its bytes are, once; a mail names it by the public address, and there it is: for a year, as nothing but
a picture, on the pages' own listener. The preview shows it from where previews are and asks nobody else. While a template names it
it cannot be removed, nor while a campaign was approved with a version that did. Both is in the audit log. Control: a picture that
no template names goes, and its address with it.
"""
import email
import hashlib
import http.client
import re
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from pictures import a_gif, a_png
from story import StoryOfFigures, main

HERE = "https://bank.test"
LEAF, SUN, DOT = a_png(320, 200), a_png(64, 64, (229, 165, 10)), a_gif(3, 2)


def note(name, *addresses):
    shown = "".join(f'<img src="{address}" alt="">' for address in addresses)
    return {"name": name, "channel": "email", "default_locale": "ru", "locales": {
        "ru": {"subject": "Письмо", "text": "{{client.first_name}}\n{{unsubscribe_url}}", "html": f"<p>{shown}<a href=\"{{{{unsubscribe_url}}}}\">x</a></p>"}}}


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.folder = folder
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n")
        lab.populate(self.bank.database, 3)
        self.bank.database.run("INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
                               " SELECT id, 'email', 'service', 1, 0, 'contract' FROM clients")
        self.bank.carillon("channel", "apply", self.bank.write("email.json", lab.a_channel(1, transport="file", spool=str(folder / "outbox"))))
        self.bank.carillon("segment", "apply", self.bank.write("everyone.json", {"name": "everyone", "rule": {"all": []}}))
        for role in ("author", "auditor", "data_steward"):
            add_user(self.bank, role, role)
        self.public_port = lab.free_port()
        self.front = Front(self.bank, "--roles", "web", "--now", lab.NOON, CARILLON_SERVER_PUBLIC_PORT=str(self.public_port))
        self.author = signed_in(self.front.port, "author")

    def ask(self, path, port=None, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.public_port, timeout=20)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def send(self, picture, name, kind="image/png", **headers):
        return self.author.call("POST", f"/pictures?file={urllib.parse.quote(name)}", picture, Content_Type=kind, **headers)

    def upload(self):
        leaf = self.send(LEAF, "Осенний лист.png")
        self.expect("taken", leaf.status, 201)
        self.leaf = leaf.json
        digest = hashlib.sha256(LEAF).hexdigest()
        self.expect("as it is", [self.leaf[key] for key in ("id", "file", "type", "width", "height", "bytes", "path", "address", "used_by", "created_by")],
                    [digest, "Осенний лист.png", "image/png", 320, 200, len(LEAF), f"/i/{digest}.png", f"{HERE}/i/{digest}.png", [], "author"])
        again = self.send(LEAF, "another name.png")
        self.expect("the same bytes are the same picture", (again.status, again.json), (201, self.leaf))
        self.sun = self.send(SUN, "sun.png", Idempotency_Key="the-sun-0001").json
        self.expect("repeated", self.send(SUN, "sun.png", Idempotency_Key="the-sun-0001").json, self.sun)
        dot = self.send(DOT, "folder/dot.png").json
        self.expect("by its content, not by name or type", (dot["type"], dot["file"], dot["path"][-4:], dot["width"], dot["height"]),
                    ("image/gif", "dot.png", ".gif", 3, 2))
        self.dot = dot
        listed = self.author.get("/pictures").json
        self.expect("by name", [one["file"] for one in listed["items"]], ["dot.png", "sun.png", "Осенний лист.png"])
        self.expect("where mails find them", listed["public_address"], HERE + "/i/")
        pages, cursor = [], ""
        while cursor is not None:
            page = self.author.get(f"/pictures?limit=1&cursor={urllib.parse.quote(cursor)}").json
            pages, cursor = pages + [one["id"] for one in page["items"]], page["next"]
        self.expect("one by one", pages, [one["id"] for one in listed["items"]])
        self.expect("not for everybody", signed_in(self.front.port, "data_steward").call("POST", "/pictures?file=x.png", SUN, Content_Type="image/png").status, 403)

    def refused(self):
        for what, bytes_of, kind, status, code in (
                ("a drawing with scripts", b"<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>", "image/svg+xml", 415, "http.content_type"),
                ("the same in disguise", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", 422, "picture.format"),
                ("a page behind a picture", DOT + b"<script>x()</script>", "image/gif", 422, "picture.broken"),
                ("cut off", LEAF[:-20], "image/png", 422, "picture.broken"),
                ("nothing", b"", "image/png", 422, "picture.format"),
                ("too long a side", a_png(1, 10_001), "image/png", 422, "picture.side")):
            answer = self.send(bytes_of, "x.png", kind)
            self.expect(what, (answer.status, answer.code), (status, code))
        kept = self.send(LEAF[:-12] + b"\0\x0f\xff\xf4" b"teSt" + b"x" * ((1 << 20) - 12 - len(LEAF)), "big.png")
        self.expect("up to a megabyte it is looked at", (kept.status, kept.code), (422, "picture.broken"))

    def mailed(self):
        for name, address in (("leafy", self.leaf["address"]), ("sunny", self.sun["address"])):
            self.expect(name, self.author.put(f"/templates/{name}", note(name, address)).status, 200)
        self.bank.launch(lab.an_offer("autumn", objective="service", steps=[{"channel": "email", "template": "leafy"}]))
        self.bank.carillon("run", "--until-idle", "--now", lab.NOON)
        mails = [email.message_from_bytes(path.read_bytes()) for path in (self.folder / "outbox").rglob("*.eml")]
        self.expect("mails", len(mails), 3)
        html = next(part for part in mails[0].walk() if part.get_content_type() == "text/html").get_payload(decode=True).decode()
        address = re.search(r'<img src="([^"]+)"', html).group(1)
        self.expect("the mail names it", address, self.leaf["address"])
        self.path = address.removeprefix(HERE)

    def served(self):
        for what, port in (("public", self.public_port), ("app", self.front.port)):
            status, headers, body = self.ask(self.path, port)
            self.expect(f"{what}: the very bytes", (status, body == LEAF), (200, True))
            self.expect(f"{what}: headers", [headers.get(name) for name in ("content-type", "cache-control", "etag", "x-content-type-options", "content-security-policy", "set-cookie")],
                        ["image/png", "public, max-age=31536000, immutable", f'"{self.leaf["id"]}"', "nosniff", "default-src 'none'", None])
        status, headers, body = self.ask(self.path, method="HEAD")
        self.expect("HEAD", (status, int(headers["content-length"]), body), (200, len(LEAF), b""))
        status, headers, body = self.ask(self.path, If_None_Match=f'"{self.leaf["id"]}"')
        self.expect("known", (status, body, headers["etag"]), (304, b"", f'"{self.leaf["id"]}"'))
        self.expect("a GIF", self.ask(self.dot["path"])[1]["content-type"], "image/gif")
        self.expect("nothing else is done with it", [self.ask(self.path, method=method)[0] for method in ("POST", "DELETE")], [405, 405])
        stem = self.path[:-4]
        unknown = ["/i/" + "0" * 64 + ".png", stem + ".gif", stem, stem + ".png.html", "/i/" + self.leaf["id"].upper() + ".png", "/i/x", "/i/..%2f..%2fetc", "/i/%00", "/i/" + "a" * 5000]
        answers = [self.ask(path, Accept_Language="ru") for path in unknown[:-2] + ["/u/1.x"]]
        self.expect("unknown is as on every page", len({(status, body) for status, _, body in answers}), 1)
        self.expect("a friendly one", (answers[0][0], "Ссылка не работает" in answers[0][2].decode()), (404, True))
        self.expect("nor anything odd", {self.ask(path)[0] // 100 for path in unknown}, {4})

    def previewed(self):
        """From where previews are: no other host is asked, and a foreign picture still is none."""
        draft = note("draft", self.leaf["address"], "https://elsewhere.test/i/" + self.leaf["id"] + ".png")
        answer = self.author.post("/templates:preview", {"template": draft}).json
        self.expect("the mail itself names the public address", self.leaf["address"] in answer["html"], True)
        frame = urllib.parse.urlsplit(answer["frame"])
        status, headers, body = self.ask(frame.path, frame.port)
        body = body.decode()
        pictures = re.findall(r'<img src="([^"]*)"', body)
        self.expect("ours from there, a foreign one not", (pictures[0], pictures[1][:5]), (f"http://127.0.0.1:{frame.port}{self.path}", "data:"))
        self.expect("no other host", (HERE in body, "elsewhere" in body), (False, False))
        self.expect("the policy lets it through", "img-src data: 'self';" in headers["content-security-policy"], True)
        self.expect("there it is", self.ask(self.path, frame.port)[2] == LEAF, True)

    def removed(self):
        leaf, sun, dot = (f"/pictures/{one['id']}" for one in (self.leaf, self.sun, self.dot))
        used = {one["file"]: one["used_by"] for one in self.author.get("/pictures").json["items"]}
        self.expect("who names them", used, {"dot.png": [], "sun.png": ["template sunny"], "Осенний лист.png": ["template leafy"]})
        refused = self.author.delete(sun, Accept_Language="ru")
        self.expect("named", (refused.status, refused.code, "sunny" in refused.json["detail"], "шаблон" in refused.json["detail"]), (409, "picture.in_use", True, True))
        for name in ("leafy", "sunny"):
            read = self.author.get(f"/templates/{name}")
            self.expect("without it", self.author.put(f"/templates/{name}", note(name), read.headers["etag"]).status, 200)
        self.expect("no template names it now", self.author.delete(sun).status, 204)
        self.expect("its address is gone", (self.ask(self.sun["path"])[0], self.ask(self.sun["path"], self.front.port)[0]), (404, 404))
        self.expect("once", (self.author.delete(sun).status, self.author.delete(sun).code), (404, "picture.unknown"))
        held = self.author.delete(leaf)
        self.expect("mails were sent with it", (held.status, held.code), (409, "picture.in_use"))
        self.expect("so they keep it", self.ask(self.path)[0], 200)
        self.expect("CONTROL: that nobody names goes", self.author.delete(dot).status, 204)
        log = [(row["actor"], row["action"], row["object"]) for row in signed_in(self.front.port, "auditor").get("/audit?limit=200").json["items"] if row["action"].startswith("picture.")]
        self.expect("the audit log", log[::-1], [("author", f"picture.{action}", f"picture {one['id']}") for action, one in
                                                 (("add", self.leaf), ("add", self.sun), ("add", self.dot), ("remove", self.sun), ("remove", self.dot))])

    def commands(self):
        path = self.folder / "flag.png"
        path.write_bytes(a_png(30, 20, (200, 0, 0)))
        added = self.bank.carillon("picture", "add", path, as_json=True)
        self.expect("added", (added["file"], added["width"], added["height"], added["address"]), ("flag.png", 30, 20, f"{HERE}/i/{added['id']}.png"))
        listed = self.bank.carillon("picture", "list", as_json=True)
        self.expect("listed", [(one["file"], one["used_by"]) for one in listed], [("flag.png", []), ("Осенний лист.png", ["leafy"])])
        self.expect("as people read it", "320 x 200" in self.bank.carillon("picture", "list").stdout, True)
        held = self.bank.carillon("picture", "remove", self.leaf["id"], check=False)
        self.expect("held", (held.returncode, "leafy" in held.stderr), (2, True))
        self.bank.carillon("picture", "remove", added["id"])
        self.expect("removed", len(self.bank.carillon("picture", "list", as_json=True)), 1)
        path.write_bytes(b"no picture")
        refused = self.bank.carillon("picture", "add", path, check=False)
        self.expect("refused", (refused.returncode, "neither a PNG" in refused.stderr), (2, True))

    def without_address(self):
        lab.end(self.front.process)
        self.front = Front(self.bank, CARILLON_PUBLIC_URL="")
        listed = signed_in(self.front.port, "author").get("/pictures").json
        self.expect("no mail would find them", (listed["public_address"], [one["address"] for one in listed["items"]]), (None, [None]))
        self.expect("the app still shows them", self.ask(listed["items"][0]["path"], self.front.port)[0], 200)

    def tell(self):
        self.tell_chapters(self.upload, self.refused, self.mailed, self.served, self.previewed, self.removed, self.commands, self.without_address)


if __name__ == "__main__":
    sys.exit(main(Story))

#!/usr/bin/python3
"""Messages are looked at on an origin of their own, and so are the pages of clients where the settings say so.

The preview comes under a ticket from another port, runs nothing, sets no cookie and is not to be had from the API's origin;
behind a name of the API that does not fit there is none. Control: without `server.public_port` the pages are where the API is.
"""
import http.client
import sys
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfFigures, main

NOTE = {"name": "note", "channel": "email", "default_locale": "ru", "locales": {
    "ru": {"subject": "Письмо", "text": "{{client.first_name}}\n{{unsubscribe_url}}",
           "html": "<p>Здравствуйте, {{client.first_name}}</p><img src=\"https://elsewhere.test/a.png\" alt=\"\">"
                   "<a href=\"{{unsubscribe_url}}\">x</a>"}}}
QUESTION = {"template": NOTE, "client": "C000001"}


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n")
        lab.populate(self.bank.database, 3)
        QUESTION["client"] = self.bank.database.rows("SELECT MIN(external_id) FROM clients")[0][0]
        add_user(self.bank, "author", "author")

    def ask(self, port, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def frame(self, port, **headers):
        author = signed_in(port, "author")
        answer = author.post("/templates:preview", QUESTION, **headers)
        self.expect("a preview", answer.status, 200)
        return answer.json["frame"]

    def look(self):
        front = Front(self.bank)
        address = urllib.parse.urlsplit(self.frame(front.port))
        self.expect("another origin", (address.hostname, address.port != front.port), ("127.0.0.1", True))
        status, headers, body = self.ask(address.port, address.path, Cookie="carillon_session=abc")
        self.expect("the message", (status, headers["content-type"], "Здравствуйте, " in body), (200, "text/html; charset=utf-8", True))
        self.expect("no picture of another host", "elsewhere.test" in body, False)
        policy = headers["content-security-policy"]
        self.expect("a sandbox", (policy.split(";")[0], "allow-" in policy, "script-src" in policy), ("sandbox", False, False))
        self.expect("nothing loads", "default-src 'none'" in policy and "img-src data: 'self';" in policy, True)
        self.expect("no cookie", "set-cookie" in headers, False)
        dark = self.ask(address.port, address.path + "?view=dark")[2]
        self.expect("in the dark", (dark.startswith("<style>"), dark.endswith(body)), (True, True))
        self.expect("not from the API's origin", self.ask(front.port, address.path)[0], 404)
        self.expect("not without its ticket", [self.ask(address.port, path)[0] for path in
                                               (address.path[:-1], "/v/", "/v/" + "A" * 43)], [404] * 3)
        self.expect("no API at the preview's origin", [self.ask(address.port, path)[0] for path in
                                                       ("/api/v1/session", "/u/x", "/docs", "/", "/metrics")], [404] * 5)
        index = self.ask(front.port, "/")[1].get("content-security-policy")
        if index is not None:  # the app may not be built
            self.expect("the app frames it and nothing else", index.split("frame-src ")[1], f"http://127.0.0.1:{address.port}")
        self.expect("through a proxy there is none", self.frame(front.port, X_Forwarded_For="203.0.113.9"), None)
        self.expect("under another name there is none", self.frame(front.port, Host="bank.test"), None)
        self.expect("control: pages of clients are here", self.ask(front.port, "/r")[0], 200)
        lab.end(front.process)

    def apart(self):
        port = lab.free_port()
        front = Front(self.bank, CARILLON_SERVER_PUBLIC_PORT=str(port), CARILLON_SERVER_PREVIEW_URL="https://previews.bank.test/")
        self.expect("as the settings say", self.frame(front.port, Host="bank.test").startswith("https://previews.bank.test/v/"), True)
        status, headers, body = self.ask(port, "/r")
        self.expect("pages of clients", (status, "set-cookie" in headers, "<form" in body), (200, False, True))
        self.expect("are not where the API is", [self.ask(front.port, path)[0] for path in ("/r", "/u/1.x", "/o/1.x")], [404] * 3)
        self.expect("nor is the API where they are", [self.ask(port, path)[0] for path in ("/api/v1/session", "/metrics", "/")], [404] * 3)
        lab.end(front.process)

    def tell(self):
        self.look()
        self.apart()


if __name__ == "__main__":
    sys.exit(main(Story))

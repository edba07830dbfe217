#!/usr/bin/python3
"""What providers and diallers report reaches the rows through `carillon serve`, told by curl.

Receipts and answers with a secret of the URL, calls with a signature. Repeats change nothing, forged and stale requests
change nothing, and what was acknowledged is in the database after kill -9 at once. The database that does not answer is a
503. Control: a receipt of another state does change the message.
"""
import hashlib
import hmac
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfFigures, main

CLIENTS = 12
SECRET = "a secret of the provider"


class Reporter(Front):
    """A provider that calls us back."""

    def call(self, body, secret=SECRET, at=None, text=None):
        stamp = str(int(time.time() if at is None else at))
        raw = text if text is not None else json.dumps(body)
        signature = hmac.new(secret.encode(), f"{stamp}.{raw}".encode(), hashlib.sha256).hexdigest()
        return self.curl("/callbacks/call/calls", "-X", "POST", "-H", "Content-Type: application/json", "-H",
                         f"X-Signature: sha256={signature}", "-H", f"X-Timestamp: {stamp}", "--data-binary", raw)[0]


def sms_channel(folder):
    (folder / "secret").write_text(SECRET)
    return {"name": "sms", "kind": "sms", "transport": "file", "spool": str(folder / "outbox"), "sender": "BANK",
            "http": {"url": "http://127.0.0.1:1/", "allow_http": True, "form": {"to": "{{to}}"},
                     "callbacks": {"guard": "parameter", "parameter": "secret", "secret_file": str(folder / "secret"),
                                   "receipt": {"key": "key", "state": "state", "error": "error", "bad_address": ["17"],
                                               "states": {"delivered": "delivered", "failed": "failed"}},
                                   "inbound": {"from": "from", "to": "to", "text": "text", "id": "id"}}}}


def prepare(bank, folder):
    lab.populate(bank.database, CLIENTS)
    bank.database.run(
        "INSERT INTO contacts (client_id, number, channel, address, priority, verified, state, updated_at)"
        " SELECT id, 2, 'sms', '+7900000' || (1000 + id), 1, 1, 'active', 0 FROM clients",
        "INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
        " SELECT id, 'sms', 'marketing', 1, 0, 'contract' FROM clients",
        "INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
        " SELECT id, 'call', 'marketing', 1, 0, 'contract' FROM clients")
    text = {"default_locale": "en", "locales": {"en": {"text": "Dear {{client.first_name}}, come and see us."}}}
    documents = [("segment", {"name": "everyone", "title": "Everyone", "rule": {"all": []}}),
                 ("channel", sms_channel(folder)),
                 ("channel", {"name": "call", "kind": "call", "callbacks": {"secret_file": str(folder / "secret")}}),
                 ("template", {"name": "sms-note", "channel": "sms", **text}),
                 ("template", {"name": "call-note", "channel": "call", **text})]
    for kind, document in documents:
        bank.carillon(kind, "apply", bank.write(f"{document['name']}.{kind}.json", document))
    for channel in ("sms", "call"):
        bank.launch(lab.an_offer(f"by-{channel}", steps=[{"channel": channel, "template": f"{channel}-note"}]))
    bank.carillon("run", "--until-idle", "--now", lab.NOON)


def keys_of(bank, channel):
    secret = bank.database.rows("SELECT secret FROM instance")[0][0]
    ids = [row[0] for row in bank.database.rows(f"SELECT id FROM messages WHERE channel = '{channel}'"
                                                " AND state = 'accepted' ORDER BY id")]
    return {number: f"{number}." + hmac.new(str(secret).encode(), f"message {number}".encode(),
                                            hashlib.sha256).hexdigest()[:16] for number in ids}


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.bank = lab.Bank(folder, engine)
        prepare(self.bank, folder)
        self.front = Reporter(self.bank)

    def state(self, message):
        return self.bank.database.rows(f"SELECT state FROM messages WHERE id = {message}")[0][0]

    def receipt(self, key, state="delivered", secret=SECRET, **more):
        data = [word for name, value in {"key": key, "state": state, "secret": secret, **more}.items()
                for word in ("--data-urlencode", f"{name}={value}")]
        return self.front.curl("/callbacks/sms/receipts", "-G", *data)[0]

    def receipts(self):
        keys = keys_of(self.bank, "sms")
        self.expect("sent", len(keys), CLIENTS)
        first, second, third, fourth = list(keys)[:4]
        self.expect("a receipt", self.receipt(keys[first]), 204)
        self.expect("its message", self.state(first), "delivered")
        self.expect("a repeat", self.receipt(keys[first]), 204)
        self.expect("receipts kept", self.bank.database.rows("SELECT COUNT(*) FROM receipts")[0][0], 1)
        self.expect("a forged receipt", self.receipt(keys[second], secret="guessed"), 403)
        self.expect("one without a secret", self.front.curl(f"/callbacks/sms/receipts?key={keys[second]}&state=failed")[0], 403)
        self.expect("a damaged one", self.receipt(keys[second], ""), 400)
        self.expect("untouched", self.state(second), "accepted")
        self.expect("control: a failure", self.receipt(keys[second], "failed", error="17"), 204)
        self.expect("control: bounced", self.state(second), "bounced")
        self.expect("an unknown account", self.front.curl("/callbacks/nobody/receipts?x=1")[0], 404)
        self.expect("an account without callbacks", self.front.curl("/callbacks/call/receipts?x=1")[0], 403)
        self.expect("of nobody", self.receipt("17.0000000000000000"), 204)
        self.expect("acknowledged", self.receipt(keys[third]), 204)
        self.front.kill()
        self.expect("in the database after kill -9", self.state(third), "delivered")
        self.front.start()
        self.expect("POST as well", self.front.curl(
            "/callbacks/sms/receipts?secret=" + SECRET.replace(" ", "%20"), "--data-urlencode", f"key={keys[fourth]}",
            "--data-urlencode", "state=delivered")[0], 204)
        self.expect("by POST", self.state(fourth), "delivered")

    def inbound(self):
        path = "/callbacks/sms/inbound?secret=" + SECRET.replace(" ", "%20")
        say = ["--data-urlencode", "from=+79000001001", "--data-urlencode", "to=BANK", "--data-urlencode", "text=Стоп!",
               "--data-urlencode", "id=mo-1"]
        for _ in range(2):
            self.expect("an answer", self.front.curl(path, *say)[0], 204)
        self.front.kill()
        rows = self.bank.database.rows
        self.expect("answers", rows("SELECT kind, COUNT(*) FROM inbound GROUP BY kind"), [("stop", 1)])
        self.expect("suppressed", rows("SELECT COUNT(*) FROM suppressions WHERE value = '+79000001001'")[0][0], 3)
        self.front.start()
        self.expect("a forged answer", self.front.curl("/callbacks/sms/inbound?secret=x", *say)[0], 403)

    def calls(self):
        tasks = [row[0] for row in self.bank.database.rows("SELECT message_id FROM call_tasks ORDER BY message_id")]
        keys = keys_of(self.bank, "call")
        front = self.front
        result = {"id": "dial-1", "task": tasks[0], "disposition": "interested", "note": "wants it"}
        self.expect("a forged call", front.call(result, secret="guessed"), 403)
        self.expect("an old one", front.call(result, at=time.time() - 1000), 403)
        self.expect("no JSON", front.call(None, text="{"), 400)
        self.expect("no disposition", front.call({**result, "disposition": "happy"}), 400)
        self.expect("an unknown field", front.call({**result, "x": 1}), 400)
        self.expect("an unknown task", front.call({**result, "task": 999999}), 404)
        self.expect("a key of nobody", front.call({"id": "d", "key": "1.00", "disposition": "refused"}), 404)
        self.expect("nothing yet", self.bank.database.rows("SELECT COUNT(*) FROM call_results")[0][0], 0)
        self.expect("a call", front.call(result), 204)
        front.kill()
        self.expect("its message", self.state(tasks[0]), "delivered")
        front.start()
        self.expect("a repeat", front.call(result), 204)
        self.expect("the same task again", front.call({**result, "id": "dial-2"}), 409)
        self.expect("a call back without a time", front.call({"id": "dial-3", "task": tasks[1], "disposition": "call_back"}), 400)
        self.expect("by key", front.call({"id": "dial-4", "key": keys[tasks[1]], "disposition": "do_not_call"}), 204)
        rows = self.bank.database.rows
        self.expect("responses", rows("SELECT kind FROM responses WHERE source = 'call' ORDER BY kind"),
                    [("do_not_call",), ("interested",)])
        self.expect("results", rows("SELECT COUNT(*) FROM call_results")[0][0], 2)
        self.expect("suppressed", rows("SELECT COUNT(*) FROM suppressions WHERE channel = 'call'")[0][0], 1)

    def managers(self):
        """A client manager at a screen closes the calls of his own clients, whatever number he names."""
        run, rows = self.bank.database.run, self.bank.database.rows
        add_user(self.bank, "maria", "manager", ["Отделение № 3"])
        maria = signed_in(self.front.port, "maria")
        own, other = [row[0] for row in rows("SELECT message_id FROM call_tasks WHERE state = 'open' ORDER BY message_id")][:2]
        run(f"UPDATE call_tasks SET manager = 'maria' WHERE message_id = {own}")
        said = {"disposition": "do_not_call"}
        refused = maria.post(f"/calls/{other}/close", said)
        self.expect("another's call", (refused.status, refused.code), (404, "call.unknown"))
        self.expect("stays open", rows(f"SELECT state FROM call_tasks WHERE message_id = {other}")[0][0], "open")
        self.expect("the list", [one["id"] for one in maria.get("/calls").json["items"]], [own])
        self.expect("one's own", maria.post(f"/calls/{own}/close", said).status, 204)
        self.expect("is closed", rows(f"SELECT state FROM call_tasks WHERE message_id = {own}")[0][0], "closed")

    def trouble(self):
        keys = keys_of(self.bank, "sms")
        key = keys[list(keys)[-1]]
        self.bank.database.run("ALTER TABLE receipts RENAME TO receipts_away")
        self.expect("a database in trouble", self.receipt(key), 503)
        self.bank.database.run("ALTER TABLE receipts_away RENAME TO receipts")
        self.expect("the same again", self.receipt(key), 204)
        self.expect("ready", self.front.curl("/readyz")[0], 200)
        metrics = self.front.curl("/metrics")[1]
        self.expect("metrics", 'carillon_messages{channel="sms",state="delivered"}' in metrics, True)
        log = (self.bank.folder / "serve.log").read_text()
        self.expect("nothing personal in the log", [word for word in ("secret", "+7900", keys[list(keys)[0]]) if word in log], [])

    def tls(self):
        """The built-in TLS: a client that knows the authority is served, HTTP in the clear and old versions are not."""
        folder = self.bank.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "tls.key",
                        "-out", folder / "tls.pem"], check=True, capture_output=True)
        port = lab.free_port()
        server = self.bank.start("serve", "--roles", "web", CARILLON_SERVER_PORT=str(port),
                                 CARILLON_SERVER_TLS_CERTIFICATE=str(folder / "tls.pem"),
                                 CARILLON_SERVER_TLS_KEY=str(folder / "tls.key"))

        def curl(*options):
            return subprocess.run(["curl", "-sS", "--max-time", "10", *options], capture_output=True, text=True, timeout=20)
        url = f"https://127.0.0.1:{port}"
        known = ["--cacert", str(folder / "tls.pem")]
        lab.wait_until(lambda: curl(*known, url + "/healthz").stdout == "ok\n", 20, "TLS answers")
        self.expect("two requests on one line", curl(*known, url + "/healthz", url + "/readyz").stdout, "ok\nready\n")
        (folder / "large").write_text("x" * 200_000)
        self.expect("a large body", curl(*known, "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", f"@{folder / 'large'}", url + "/callbacks/sms/inbound").stdout, "403")
        self.expect("an unknown authority", curl(url + "/healthz").returncode, 60)
        self.expect("TLS 1.1", curl(*known, "--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", url + "/healthz").returncode != 0, True)
        self.expect("in the clear", curl(f"http://127.0.0.1:{port}/healthz").returncode != 0, True)
        lab.end(server)

    def tell(self):
        self.tls()
        self.receipts()
        self.inbound()
        self.calls()
        self.managers()
        self.trouble()
        lab.end(self.front.process)
        self.expect("a gentle stop", self.front.process.returncode, 0)


if __name__ == "__main__":
    sys.exit(main(Story))

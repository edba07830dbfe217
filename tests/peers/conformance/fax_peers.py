"""Fax: HylaFAX with scripted lines (tests/peers/fax), and a fax service over HTTP."""
import base64
import hashlib
import hmac
import http.server
import json
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from peer import ROOT, Peer, pdf_text

sys.path.insert(0, str(ROOT / "tests/peers/fax"))
import hylafax  # noqa: E402
from relay import Relay  # noqa: E402

QUEUE, QUEUE_RELAY = 14559, 14570
CLOUD, CLOUD_TLS, CLOUD_OTHER, CLOUD_RELAY = 21310, 21311, 21312, 21313


class Hylafax(Peer):
    adapter = "HylaFAX"
    programs = ("faxq", "hfaxd", "faxmodem")
    addresses = {"good": "+79{n}42", "deferred": "+79{n}99", "rejected": "+79{n}95", "slow": "+79{n}42", "late receipt": "+79{n}93"}
    forms = {"text": "pages", "long text": "9000", "long units": "3", "emoji": "refused", "deferred": "receipt",
             "rejected": "receipt", "timeout": "settled", "lost answer": "settled"}
    skip = {"throttled": "HylaFAX takes every job into its queue",
            "bad TLS": "the protocol has no TLS: the same machine or a tunnel (docs/fax.md)"}

    def start(self):
        self.server = hylafax.FastQueue(self.folder / "server", QUEUE, lines=4, seconds=0.1).start()
        self.relay = Relay(QUEUE_RELAY, QUEUE, rb"JSUBM[^\n]*\n")

    def stop(self):
        self.server.stop()

    def settings(self):
        def fax(port):
            return {"name": "fax", "kind": "fax", "transport": "hfaxd", "host": "127.0.0.1", "port": port, "folder": f"memory-{port}",
                    "notices": str(self.server.notices), "received": str(self.server.received), "dials_max": 2, "poll_seconds": 0.5,
                    "sender": {"name": "Банк", "number": "+7 495 100-01-00"},
                    "timeouts": {"connect_seconds": 2, "reply_seconds": 8, "data_seconds": 5, "settle_seconds": 8}}
        return {"main": fax(QUEUE), "faulty": fax(QUEUE_RELAY)}

    def jobs(self):
        return self.server.jobs("sendq") + self.server.jobs("doneq")

    def seen(self, mark):
        return [{"text": f"{job['totpages']} pages", "key": job["jobtag"]} for job in self.jobs() if mark in job.get("jobtag", "")]

    def harmed(self):
        return [job["number"] for job in self.jobs() if not job["number"].startswith("+79")]

    def prepare(self, behaviour):
        super().prepare(behaviour)
        if behaviour == "receipt again":
            for path in sorted((self.server.spool / "doneq").glob("q*"))[-3:]:
                subprocess.run(["bin/notify-carillon", path.relative_to(self.server.spool), "done", "0:01"],
                               cwd=self.server.spool, check=True)
            hylafax.owned(self.server.spool / "carillon")


class Provider(http.server.BaseHTTPRequestHandler):
    """A fax service. The last two digits of the number ask for a behaviour, as those of the SMPP centre do."""
    protocol_version = "HTTP/1.1"
    refusals = {"20": (503, "unavailable"), "11": (422, "invalid_number"), "12": (422, "blocked"), "88": (429, "rate_limited")}

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        peer = self.server.peer
        if self.headers.get("Authorization") != "Bearer fax-token" or self.path != "/v1/faxes":
            return self.answer(401, {"error": {"code": "unauthorized"}})
        digits = body["to"][-2:]
        if digits in self.refusals:
            status, code = self.refusals[digits]
            return self.answer(status, {"error": {"code": code}}, {"Retry-After": "1"} if status == 429 else {})
        fax = {"id": f"fx{len(peer.faxes):06}", "text": pdf_text(base64.b64decode(body["content"], validate=True)),
               "key": self.headers["Idempotency-Key"], "callback": body["callback"], "to": body["to"]}
        assert fax["key"] == body["reference"], body
        peer.faxes.append(fax)
        if digits == "02":
            time.sleep(0.4)
        self.answer(202, {"id": fax["id"], "status": "queued"})
        if digits != "03":
            peer.call_back(fax)

    def answer(self, status, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class CloudFax(Peer):
    adapter = "fax over HTTP"
    programs = ("pdftotext", "openssl")
    addresses = {"good": "+79{n}42", "deferred": "+74952000020", "rejected": "+74952000011", "throttled": "+74952000088",
                 "late receipt": "+74952000003", "slow": "+74952000002"}
    forms = {"text": "bare", "long text": "9000", "long units": "3", "emoji": "refused", "idempotent resubmission": "same key"}

    def start(self):
        self.certificates()
        (self.folder / "token").write_text("fax-token")
        (self.folder / "secret").write_text("fax-secret")
        self.faxes, self.heard = [], []
        self.servers = [self.listen(CLOUD)]
        secured = self.listen(CLOUD_TLS)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        secured.socket = context.wrap_socket(secured.socket, server_side=True, do_handshake_on_connect=False)
        self.servers.append(secured)
        for server in self.servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        # All of a request has arrived with the end of its JSON.
        self.relay = Relay(CLOUD_RELAY, CLOUD, rb"\}\s*$", rb"HTTP/1.1 100")

    def listen(self, port):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Provider)
        server.peer = self
        server.handle_error = lambda *_: None  # a client that does not trust us, or one that left
        return server

    def stop(self):
        for server in self.servers:
            server.shutdown()

    def settings(self):
        def turned(address, authority="ca.pem"):
            given = json.loads((ROOT / "examples/channels/cloud-fax.json").read_text())
            given.pop("rate_per_second")
            http_part = given["http"]
            http_part.pop("token_env")
            http_part.update({"url": address + "/v1/faxes", "token_file": "token", "allow_http": True, "total_seconds": 2, "ca_file": authority})
            http_part["callbacks"].pop("secret_env")
            http_part["callbacks"]["secret_file"] = "secret"
            return given
        return {"main": turned(f"http://127.0.0.1:{CLOUD}"), "faulty": turned(f"http://127.0.0.1:{CLOUD_RELAY}"),
                "good_tls": turned(f"https://localhost:{CLOUD_TLS}"), "bad_tls": turned(f"https://localhost:{CLOUD_TLS}", "other.pem")}

    def call_back(self, fax):
        """Signed as the example's settings ask for: HMAC-SHA256 over time and body."""
        body, now = json.dumps({"id": fax["id"], "status": "delivered", "pages": 1}), str(int(time.time()))
        signature = hmac.new(b"fax-secret", f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
        self.heard.append({"method": "POST", "url": fax["callback"].replace("https://carillon.bank.example", ""), "body": body,
                           "headers": {"Content-Type": "application/json", "X-Timestamp": now, "X-Signature": signature}})

    def callbacks(self):
        taken, self.heard = self.heard, []
        return taken

    def prepare(self, behaviour):
        super().prepare(behaviour)
        if behaviour in ("receipt due", "receipt again"):
            self.call_back(self.faxes[-1])

    def seen(self, mark):
        return [{"text": fax["text"], "key": fax["key"]} for fax in self.faxes if mark in fax["text"]]

    def harmed(self):
        return [fax["to"] for fax in self.faxes if not fax["to"].startswith(("+79", "+7495"))]

#!/usr/bin/python3
"""Of two providers one hangs: slow_providers.py [email|http]

E-mail relays: one takes connections and never says a word. HTTP providers of short messages: one reads requests and never
answers. Neither fails, so no error speaks against it for minutes. Yet every message that had not begun with it goes through
the other one; at most one for each of its connections may wait or be in doubt, and nobody gets a message twice.
"""
import collections
import http.server
import json
import re
import socket
import socketserver
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab

COUNT, CONNECTIONS = 300, 4
HEALTH = {"answers_min": 10, "latency_max_seconds": 8, "open_seconds": 3600}


class Relay(socketserver.StreamRequestHandler):
    """A mail relay that takes everything."""

    def handle(self):
        self.say("220 relay")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                self.server.got[re.search(rb"<(.*?)>", line).group(1).decode()] += 1
            if verb == b"DATA":
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
            self.say("250 relay" if verb != b"QUIT" else "221 bye")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Provider(http.server.BaseHTTPRequestHandler):
    """Takes every short message."""
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one segment, or every one waits for a delayed acknowledgement

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got[body["to"]] += 1
        if self.server.hangs:
            return time.sleep(3600)
        answer = b'{"status": "queued", "id": "%d"}' % len(self.server.got)
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address, request_queue_size = True, True, 100

    def __init__(self, handler, hangs=False):
        super().__init__(("127.0.0.1", 0), handler)
        self.got, self.hangs, self.port = collections.Counter(), hangs, self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Mute:
    """Takes connections into the kernel's queue and says nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port, self.got = self.listener.getsockname()[1], collections.Counter()

    def attempts(self):
        """How many came."""
        self.listener.setblocking(False)
        came = []
        while True:
            try:
                came.append(self.listener.accept()[0])
            except BlockingIOError:
                for one in came:
                    one.close()
                return len(came)


def mail_account(name, port):
    return {**lab.a_channel(port), "name": name, "connections": CONNECTIONS}


def http_account(name, port):
    return {"name": name, "kind": "sms", "transport": "http", "sender": "BANK",
            "http": {"url": f"http://127.0.0.1:{port}/send", "allow_http": True, "connections": CONNECTIONS, "total_seconds": 60,
                     "json": {"to": "{{to}}", "text": "{{text}}", "key": "{{key}}"}}}


def prepare(bank, channel, accounts):
    lab.populate(bank.database, COUNT)
    rows = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT})"
    if channel == "sms":
        bank.database.run(
            "INSERT INTO contacts (client_id, number, channel, address, priority, verified, state, updated_at) " + rows +
            " SELECT i, 2, 'sms', '+7916' || substr('000000' || i, -7), 1, 1, 'active', 0 FROM n",
            "INSERT INTO consents (client_id, channel, purpose, granted, at, source) " + rows +
            " SELECT i, 'sms', 'marketing', 1, 0, 'contract' FROM n")
    for account in accounts:
        bank.carillon("channel", "apply", bank.write(f"{account['name']}.json", account))
    bank.carillon("channel", "apply", bank.write("group.json", {
        "name": channel, "kind": channel, "providers": [{"account": one["name"]} for one in accounts], "health": HEALTH}))
    bank.carillon("segment", "apply", bank.write("everyone.json", {"name": "everyone", "title": "All", "rule": {"all": []}}))
    short = {"name": "offer", "channel": "sms", "default_locale": "en", "locales": {"en": {"text": "A deposit for you"}}}
    bank.carillon("template", "apply", bank.write("offer.json", lab.a_template() if channel == "email" else short))
    bank.launch(lab.an_offer(steps=[{"channel": channel, "template": "offer"}]))


def run(channel):
    slow, fast = (Mute(), Threads(Relay)) if channel == "email" else (Threads(Provider, hangs=True), Threads(Provider))
    make = mail_account if channel == "email" else http_account
    broken = []
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, settings="[dispatch]\nbatch = 20\nsubmitting = 40\nstop_seconds = 2\n")
        try:
            prepare(bank, channel, [make("slow", slow.port), make("fast", fast.port)])
            sender = bank.start("run", "--now", lab.NOON)
            try:
                # It goes on until it is stopped; nobody waits for the slow one's own time-outs.
                lab.wait_until(lambda: len(fast.got) >= COUNT - CONNECTIONS or sender.poll() is not None, 120,
                               f"all but {CONNECTIONS} of {COUNT} with the fast one, {len(fast.got)} are")
                told = bank.carillon("channels", "list", as_json=True)
            except lab.LabError:
                print((bank.folder / "run.log").read_text()[-2000:], bank.states(), bank.carillon("channels", "list").stdout)
                raise
            finally:
                lab.end(sender, seconds=60)
            attempts = slow.attempts() if channel == "email" else len(slow.got)
            twice = [to for to, times in (fast.got + slow.got).items() if times > 1]
            if twice:
                broken.append(f"given twice, e.g. {twice[:3]}")
            state = {row["provider"]: (row["state"], row["reason"]) for row in told if row["channel"] == channel}
            if attempts == 0:
                broken.append(f"CONTROL: nobody tried the slow one: {state['slow']}")
            doubt = bank.count("state IN ('uncertain', 'closed_unknown')")
            if doubt > CONNECTIONS:
                broken.append(f"{doubt} in doubt, the slow one has {CONNECTIONS} connections")
            print(json.dumps({"channel": channel, "fast": len(fast.got), "slow_saw": len(slow.got), "in_doubt": doubt,
                              "slow": state["slow"], "states": bank.states()}, ensure_ascii=False))
        finally:
            bank.stop()
    return broken


def main():
    broken = [f"{channel}: {what}" for channel in (["sms" if sys.argv[1] == "http" else "email"] if len(sys.argv) > 1 else
                                                   ["email", "sms"]) for what in run(channel)]
    for what in broken:
        print("FAILED", what)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""What happens is told outside, at least once: a real campaign, real receivers that fail, hang and are shut down, and the
program killed with -9 in between.

Each receiver checks every signature by itself (Python's hmac). The control counts what a program without repetitions would
have lost: events whose first delivery was refused. Then: what is given up can be sent again, 410 switches a receiver off,
addresses inside the house are refused at the door and at the connection.
"""
import base64
import collections
import hashlib
import hmac
import http.server
import json
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front

CLIENTS = 600
SETTINGS = """
[webhooks]
allow_http = "yes"
private_targets = "yes"
first_seconds = 1
longest_seconds = 1
timeout_seconds = 2
"""


class Receiver:
    """An HTTP server that answers as `answer(event id, number of this attempt)` says: a status, or None for never."""

    def __init__(self, answer, port=0):
        self.answer = answer
        self.secret = None
        self.attempts = collections.Counter()
        self.taken, self.refused_at_first, self.bad = {}, set(), []
        self.lock, self.gone = threading.Lock(), threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(dict((name.lower(), value) for name, value in self.headers.items()), body)
                if status is None:
                    receiver.gone.wait(30)
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request, client_address):
                pass  # a program that was killed leaves broken lines

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def take(self, headers, body):
        event, stamp = headers["webhook-id"], headers["webhook-timestamp"]
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{event}.{stamp}.".encode() + body, hashlib.sha256).digest()
        with self.lock:
            if headers["webhook-signature"] != "v1," + base64.b64encode(mac).decode() or abs(time.time() - int(stamp)) > 60:
                self.bad.append((event, headers["webhook-signature"]))
            self.attempts[event] += 1
            status = self.answer(event, self.attempts[event])
            if status is not None and 200 <= status < 300:
                known = self.taken.setdefault(event, json.loads(body))
                if known != json.loads(body):
                    self.bad.append((event, "another body at another attempt"))
            elif self.attempts[event] == 1:
                self.refused_at_first.add(event)
            return status

    def events(self, kind):
        with self.lock:
            return [body["data"] for body in self.taken.values() if body["type"] == kind]

    def stop(self):
        self.gone.set()
        self.server.shutdown()
        self.server.server_close()


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def add(bank, name, receiver, *more):
    receiver.secret = bank.carillon("webhook", "add", name, f"http://127.0.0.1:{receiver.port}/hook", *more, as_json=True)["secret"]


def listed(bank, name):
    return next(one for one in bank.carillon("webhook", "list", as_json=True) if one["name"] == name)


def serving(bank):
    return Front(bank, "--roles", "web,send", "--now", lab.NOON)


def campaign_with_kills(bank, sink, receivers):
    """The campaign is sent while the program is killed twice; returns the last server, still running."""
    lab.launch_offer(bank, CLIENTS, sink.port)
    for part in (1, 2):
        front = serving(bank)
        lab.wait_until(lambda: len(receivers["good"].events("message.accepted")) >= CLIENTS * part // 4, 120,
                       f"a part of the events has arrived ({part})")
        front.kill()
    front = serving(bank)
    open_states = "state IN ('queued', 'held', 'leased', 'submitting', 'deferred')"
    lab.wait_until(lambda: bank.count(open_states) == 0, 180, "the campaign is over")
    return front


def accepted(bank):
    return {row[0] for row in bank.database.rows("SELECT id FROM messages WHERE state = 'accepted'")}


def told(receiver):
    return {event["message"] for event in receiver.events("message.accepted")}


def all_arrive(bank, folder):
    sink = lab.Sink(folder, delay_ms=60)  # slow enough to be killed at work
    receivers = {"good": Receiver(lambda event, attempt: 204),
                 "flaky": Receiver(lambda event, attempt: 503 if attempt == 1 and hash(event) % 3 == 0 else 200),
                 "dead": Receiver(lambda event, attempt: None)}
    try:
        for name, receiver in receivers.items():
            add(bank, name, receiver)
        front = campaign_with_kills(bank, sink, receivers)
        expected = accepted(bank)
        check(len(expected) > CLIENTS // 2, f"only {len(expected)} were accepted: {bank.states()}")
        for name in ("good", "flaky"):
            lab.wait_until(lambda: told(receivers[name]) == expected, 240, f"{name} has heard of every message")
            check(not receivers[name].bad, f"{name}: {receivers[name].bad[:3]}")
        check(receivers["good"].events("campaign.started")[0]["campaign"] == "offer", "the start was told")
        one = receivers["good"].events("message.accepted")[0]
        check(set(one) == {"state", "reason", "message", "client", "campaign", "channel"} and one["client"].startswith("C"), one)
        lost = {event for event in receivers["flaky"].refused_at_first if event.startswith("message_accepted")}
        check(lost, "the control would have lost nothing")
        check(not receivers["dead"].taken, "the dead one took something")
        waiting = listed(bank, "dead")
        check(waiting["waiting"] >= len(expected) and waiting["last_error"], waiting)
        lab.wait_until(lambda: listed(bank, "good")["waiting"] == 0, 60, "nothing waits for the good one")
        print(f"{len(expected)} messages told, each at least once, through 2 kills; without repetitions {len(lost)} events were lost; "
              f"{sum(receivers['good'].attempts.values()) - len(receivers['good'].attempts)} repeats", flush=True)
        back_again(bank, receivers, expected)
        front.kill()
    finally:
        for receiver in receivers.values():
            receiver.stop()
        sink.stop()


def back_again(bank, receivers, expected):
    """What is given up is listed, and can be sent again once the receiver answers."""
    bank.database.run("UPDATE webhook_deliveries SET told_since = 1")
    lab.wait_until(lambda: listed(bank, "dead")["given_up"] > 0, 60, "something is given up")
    given_up = bank.carillon("webhook", "given-up", "dead", as_json=True)
    check(given_up[0]["last_error"], given_up[0])
    receivers["dead"].answer = lambda event, attempt: 200
    receivers["dead"].gone.set()
    bank.carillon("webhook", "resend", "dead")
    lab.wait_until(lambda: told(receivers["dead"]) == expected, 240, "the dead one has come back and heard everything")
    check(not receivers["dead"].bad, receivers["dead"].bad[:3])


def switched_off(bank):
    """410: gone. The audit log and a task tell it; over the API it is enabled again."""
    add_user(bank, "vera", "admin")
    gone = Receiver(lambda event, attempt: 410)
    front = serving(bank)
    try:
        admin = signed_in(front.port, "vera")
        answer = admin.post("/webhooks", {"name": "gone", "url": f"http://127.0.0.1:{gone.port}/x", "kinds": ["campaign.paused"]},
                            Idempotency_Key="webhook-gone")
        check(answer.status == 201, answer.body)
        gone.secret = answer.json["secret"]
        check(admin.post("/webhooks", {"name": "gone", "url": "https://bank.test/"}).status == 409, "taken twice")
        check("secret" not in json.dumps(admin.get("/webhooks").json), "the secret is shown again")
        bank.carillon("campaign", "pause", "offer", "--reason", "a test", user="operator")
        lab.wait_until(lambda: admin.get("/webhooks/gone").json["state"] == "disabled", 60, "it is switched off")
        check(not gone.bad, gone.bad)
        rows = bank.database.rows("SELECT action FROM audit WHERE object = 'webhook gone' ORDER BY seq")
        check([row[0] for row in rows] == ["webhook.add", "webhook.disable"], rows)
        check(bank.database.rows("SELECT COUNT(*) FROM manager_tasks WHERE kind = 'webhook'")[0][0] == 1, "no task")
        tried = admin.post("/webhooks/gone/test")
        check(tried.status == 200 and tried.json["status"] == 410 and not tried.json["ok"], tried.body)
        gone.answer = lambda event, attempt: 200
        check(admin.post("/webhooks/gone/enable").json["state"] == "active", "enabled")
        check(admin.get("/webhooks/gone/given-up").json["items"][0]["type"] == "campaign.paused", "listed")
        check(admin.post("/webhooks/gone/resend").json == {"deliveries": 1}, "sent again")
        lab.wait_until(lambda: gone.events("campaign.paused"), 60, "told after all")
        old = gone.secret
        gone.secret = admin.post("/webhooks/gone/secret").json["secret"]
        check(gone.secret != old and admin.post("/webhooks/gone/test").json["ok"] and not gone.bad, "a new secret signs")
        check(admin.delete("/webhooks/gone").status == 204 and admin.get("/webhooks/gone").status == 404, "removed")
    finally:
        front.kill()
        gone.stop()


def inside_is_refused(bank):
    strict = {"CARILLON_WEBHOOKS_PRIVATE_TARGETS": "no"}
    refused = ["http://127.0.0.1/", "http://localhost:8080/", "http://[::1]/", "http://10.1.2.3/", "http://169.254.169.254/latest",
               "http://[::ffff:192.168.0.1]/", "ftp://bank.test/", "http://anna:secret@bank.test/", "http://bank.test/#x", "bank.test"]
    for url in refused:
        done = bank.carillon("webhook", "add", "inside", url, check=False, **strict)
        check(done.returncode == 2, f"{url}: {done.stdout}{done.stderr}")
    plain = bank.carillon("webhook", "add", "plain", "http://bank.test/", check=False, CARILLON_WEBHOOKS_ALLOW_HTTP="no")
    check(plain.returncode == 2 and "https" in plain.stdout + plain.stderr, plain.stderr)
    # A name that leads inside passes the door, but not the connection.
    trap = Receiver(lambda event, attempt: 200)
    try:
        trap.secret = bank.carillon("webhook", "add", "trap", f"http://127.1:{trap.port}/", as_json=True)["secret"]
        done = bank.carillon("webhook", "test", "trap", check=False, **strict)
        check(done.returncode == 1 and "address inside" in done.stdout and not trap.attempts, done.stdout + done.stderr)
        check(bank.carillon("webhook", "test", "trap", check=False).returncode == 0 and trap.attempts, "the control is not connected")
        bank.carillon("webhook", "remove", "trap")
    finally:
        trap.stop()


def main():
    engine = sys.argv[1]
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, engine, SETTINGS)
        try:
            all_arrive(bank, folder)
            switched_off(bank)
            inside_is_refused(bank)
        finally:
            bank.stop()
    print("ok")


if __name__ == "__main__":
    sys.exit(main())

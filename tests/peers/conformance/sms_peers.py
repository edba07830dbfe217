"""Short messages: an SMPP centre and a REST provider written with other people's libraries, and Kannel."""
import json
import os
import subprocess
import urllib.request

from peer import ROOT, Peer, Skipped, listens, until
from relay import Relay

SMS = ROOT / "tests/peers/sms"
EXAMPLES = ROOT / "examples/channels"
CENTRE, CENTRE_CONTROL, CENTRE_TLS = 21075, 21076, 21077
REST, REST_CONTROL, REST_TLS, HOOK = 21085, 21086, 21087, 21088
KANNEL, RELAY = 21013, 21092


class Node(Peer):
    """Peers written for Node; its packages are installed before the namespace is entered (conform.py)."""
    control = 0
    programs = ("node", "openssl")
    addresses = {"good": "+79{n}99", "deferred": "+79{n}20", "rejected": "+79{n}11", "throttled": "+79{n}88",
                 "timeout": "+79{n}00", "lost answer": "+79{n}01", "late receipt": "+79{n}03",
                 "duplicate receipt": "+79{n}04", "slow": "+79{n}02"}

    def node(self, name, script, *arguments):
        if not (self.build / "sms/node_modules").is_dir():
            raise Skipped("the npm packages cannot be installed")
        self.run(name, "node", SMS / script, *arguments, env=dict(os.environ, NODE_PATH=self.build / "sms/node_modules"))

    def centre(self):
        self.node("centre", "centre.js", CENTRE, CENTRE_CONTROL, CENTRE_TLS, "server.key", "server.pem")
        until(lambda: listens(CENTRE) and listens(CENTRE_CONTROL), 30, "the centre listens")

    def hook(self):
        self.node("hook", "hook.js", HOOK)
        until(lambda: listens(HOOK), 30, "callbacks are heard")

    @staticmethod
    def get(port, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return json.load(answer)

    def messages(self):
        """Whole messages, put together from their parts."""
        parts, whole = {}, []
        for one in self.get(self.control, "/seen"):
            place = (one["to"].lstrip("+"), one["reference"])
            parts.setdefault(place, {})[one["number"]] = one["text"]
            if len(parts[place]) == one["total"]:
                key = one.get("key", str(one["reference"]))
                whole.append((place[0], "".join(text for _, text in sorted(parts.pop(place).items())), key))
        return whole

    def seen(self, mark):
        refused = ("11", "20", "88")  # shown to the peer, and not taken
        return [{"text": text, "key": key} for to, text, key in self.messages() if mark in text and not to.endswith(refused)]

    def harmed(self):
        return [to for to, *_ in self.messages() if to == "79990000000"]

    def prepare(self, behaviour):
        super().prepare(behaviour)
        away = getattr(self, "is_down", False)
        if not self.relay and behaviour != "unreachable" and away != (behaviour == "down"):
            self.is_down = not away
            self.get(self.control, "/up" if away else "/down")


class Smpp(Node):
    adapter = "SMPP"
    control = CENTRE_CONTROL
    forms = {"long units": "6", "idempotent resubmission": "same key"}

    def start(self):
        self.certificates()
        (self.folder / "password").write_text("secret")
        self.centre()

    def settings(self):
        def smpp(port, **given):
            return {"name": "sms", "kind": "sms", "transport": "smpp", "sender": "BANK", "parts_max": 20,
                    "smpp": {"host": "127.0.0.1", "port": port, "system_id": "bank", "password_file": "password",
                             "timeouts": {"response_seconds": 2, "enquire_seconds": 5}, **given}}
        secured = {"tls": "implicit", "tls_name": "localhost"}
        return {"main": smpp(CENTRE, tls="off"), "good_tls": smpp(CENTRE_TLS, ca_file="ca.pem", **secured),
                "bad_tls": smpp(CENTRE_TLS, ca_file="other.pem", **secured)}


class Rest(Node):
    adapter = "SMS over HTTP"
    control = REST_CONTROL
    forms = {"long units": "6", "idempotent resubmission": "same key"}

    def start(self):
        self.certificates()
        (self.folder / "account").write_text("AC1")
        (self.folder / "password").write_text("secret")
        self.hook()
        self.node("rest", "rest.js", REST, REST_CONTROL, f"http://127.0.0.1:{HOOK}", REST_TLS, "server.key", "server.pem")
        until(lambda: listens(REST_CONTROL), 30, "the provider listens")

    def settings(self):
        def turned(address, authority):
            given = json.loads((EXAMPLES / "twilio-shaped.json").read_text())
            given.pop("rate_per_second")
            given.update({"parts_max": 10, "transliterate": False})
            http = given["http"]
            http.pop("token_env")
            http["url"] = address + "/Accounts/{{secret.account}}/Messages.json"
            http.update({"user": "AC1", "token_file": "password", "ca_file": authority, "allow_http": True, "total_seconds": 2,
                         "idempotency_header": "Idempotency-Key", "secrets": {"account": {"file": "account"}}})
            http["form"]["StatusCallback"] = f"http://127.0.0.1:{HOOK}/receipt?key={{{{key_hex}}}}"
            http["callbacks"].pop("secret_env")
            http["callbacks"].update({"secret_file": "password", "public_url": f"http://127.0.0.1:{HOOK}"})
            return given
        return {"main": turned(f"http://127.0.0.1:{REST}", "ca.pem"), "bad_tls": turned(f"https://localhost:{REST_TLS}", "other.pem"),
                "good_tls": turned(f"https://localhost:{REST_TLS}", "ca.pem")}

    def callbacks(self):
        return [one for one in self.get(HOOK, "/taken") if one["url"].startswith("/receipt")]


class Kannel(Rest):
    adapter = "Kannel"
    control = CENTRE_CONTROL
    programs = (*Node.programs, "bearerbox", "smsbox", "curl")
    addresses = {**Node.addresses, "timeout": "+79{n}99", "lost answer": "+79{n}99", "slow": "+79{n}99"}
    forms = {"long units": "6", "deferred": "receipt", "rejected": "receipt"}
    skip = {"throttled": "Kannel itself tries again what its centre throttles",
            "bad TLS": "Kannel stands on the same machine; without TLS by its settings",
            "idempotent resubmission": "Kannel knows no keys of its callers"}

    def start(self):
        self.certificates()
        for name, secret in (("password", "secret"), ("callback", "callback")):
            (self.folder / name).write_text(secret)
        self.centre()
        self.hook()
        self.run("bearerbox", "bearerbox", SMS / "kannel.conf")
        until(lambda: listens(21001), 20, "bearerbox listens")
        self.run("smsbox", "smsbox", SMS / "kannel.conf")
        until(lambda: listens(KANNEL), 20, "smsbox listens")
        until(lambda: "online" in subprocess.run(["curl", "-s", "http://127.0.0.1:21000/status.txt?password=status"],
                                                 capture_output=True, text=True, check=False).stdout.split("CENTRE")[-1],
              20, "Kannel is bound to the centre")
        self.relay = Relay(RELAY, KANNEL, rb"\r\n\r\n")

    def settings(self):
        def turned(port):
            given = json.loads((EXAMPLES / "kannel.json").read_text())
            given.update({"parts_max": 10, "transliterate": False})
            http = given["http"]
            http.update({"url": f"http://127.0.0.1:{port}/cgi-bin/sendsms", "total_seconds": 2,
                         "secrets": {"kannel": {"file": "password"}, "callback": {"file": "callback"}}})
            http["query"]["dlr-url"] = http["query"]["dlr-url"].replace("127.0.0.1:8080/callbacks/sms", f"127.0.0.1:{HOOK}")
            http["callbacks"].pop("secret_env")
            http["callbacks"]["secret_file"] = "callback"
            return given
        return {"main": turned(KANNEL), "faulty": turned(RELAY)}

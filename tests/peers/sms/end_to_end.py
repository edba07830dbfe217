#!/usr/bin/python3
"""A provider's receipt reaches the message's state through `carillon serve`: end_to_end.py rest|kannel NPM_FOLDER.

A campaign goes out over HTTP to the REST provider or to Kannel before the SMPP centre of the conformance suite; they call
back to our endpoint, signed by the provider's own library or with Kannel's secret. Delivered and failed messages end as
such, STOP suppresses. Control: while our server is down a message stays accepted. Exit 77 means skipped.
"""
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))
import lab
from front import Front

CLIENTS = 12
FAILING = 33  # the last two digits of a number that is never reached
EXAMPLES = HERE.parents[2] / "examples" / "channels"


class Peers:
    """The processes beside us, stopped by their own pid."""

    def __init__(self, folder, packages):
        self.folder = folder
        self.environment = dict(os.environ, NODE_PATH=str(packages / "node_modules"))
        self.started = []

    def start(self, name, *command):
        with open(self.folder / f"{name}.log", "wb") as log:
            self.started.append(subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, cwd=self.folder,
                                                 env=self.environment))

    def wait_for(self, port):
        def answers():
            import socket
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        lab.wait_until(answers, 20, f"port {port}")

    def stop(self):
        for process in reversed(self.started):
            lab.end(process)


class Rest:
    def __init__(self, peers, port):
        folder = peers.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-keyout", folder / "server.key", "-out", folder / "server.pem"],
                       check=True, capture_output=True)
        self.port, self.control, tls = lab.free_port(), lab.free_port(), lab.free_port()
        hook = f"http://127.0.0.1:{port}"
        peers.start("rest", "node", HERE / "rest.js", self.port, self.control, hook + "/callbacks/sms", tls, "server.key", "server.pem")
        peers.wait_for(self.control)
        peers.wait_for(self.port)
        self.settings = json.loads((EXAMPLES / "twilio-shaped.json").read_text())
        self.settings.pop("rate_per_second")
        http = self.settings["http"]
        http.update({"url": f"http://127.0.0.1:{self.port}/Accounts/{{{{secret.account}}}}/Messages.json", "user": "AC1",
                     "token_file": str(folder / "password"), "allow_http": True, "secrets": {"account": {"file": str(folder / "account")}}})
        http.pop("token_env")
        http["form"]["StatusCallback"] = hook + "/callbacks/sms/receipts?key={{key_hex}}"
        http["callbacks"].pop("secret_env")
        http["callbacks"].update({"secret_file": str(folder / "password"), "public_url": hook})


class Kannel:
    def __init__(self, peers, port):
        folder = peers.folder
        for name in ("server.key", "server.pem"):
            (folder / name).touch()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-keyout", folder / "server.key", "-out", folder / "server.pem"],
                       check=True, capture_output=True)
        peers.start("centre", "node", HERE / "centre.js", 21075, 21076, 21077, "server.key", "server.pem")
        peers.wait_for(21075)
        self.control = 21076
        config = (HERE / "kannel.conf").read_text().replace("http://127.0.0.1:21088/inbound",
                                                            f"http://127.0.0.1:{port}/callbacks/sms/inbound")
        (folder / "kannel.conf").write_text(config)
        peers.start("bearerbox", "bearerbox", folder / "kannel.conf")
        peers.wait_for(21001)
        peers.start("smsbox", "smsbox", folder / "kannel.conf")
        peers.wait_for(21013)
        lab.wait_until(lambda: "online" in get("http://127.0.0.1:21000/status.txt?password=status"), 20, "Kannel is bound")
        self.settings = json.loads((EXAMPLES / "kannel.json").read_text())
        http = self.settings["http"]
        http["url"] = "http://127.0.0.1:21013/cgi-bin/sendsms"
        (folder / "callback").write_text("callback")
        http["secrets"] = {"kannel": {"file": str(folder / "password")}, "callback": {"file": str(folder / "callback")}}
        http["query"]["dlr-url"] = http["query"]["dlr-url"].replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        http["callbacks"].pop("secret_env")
        http["callbacks"]["secret_file"] = str(folder / "callback")


def get(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode("utf-8", "replace")


def prepare(bank, settings):
    lab.populate(bank.database, CLIENTS)
    # The last two digits ask the peer for a behaviour: 70 and more are ordinary.
    bank.database.run(
        f"INSERT INTO contacts (client_id, number, channel, address, priority, verified, state, updated_at) SELECT id, 2, 'sms',"
        f" '+79005550' || (id % 10) || CASE WHEN id = 1 THEN '{FAILING}' ELSE 70 + id END, 1, 1, 'active', 0 FROM clients",
        "INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
        " SELECT id, 'sms', 'marketing', 1, 0, 'contract' FROM clients")
    documents = [("segment", {"name": "everyone", "title": "Everyone", "rule": {"all": []}}), ("channel", settings),
                 ("template", {"name": "note", "channel": "sms", "default_locale": "en",
                               "locales": {"en": {"text": "Dear {{client.first_name}}, come and see us."}}})]
    for kind, document in documents:
        bank.carillon(kind, "apply", bank.write(f"{document['name']}.{kind}.json", document))
    bank.launch(lab.an_offer("by-sms", steps=[{"channel": "sms", "template": "note"}]))


def tell(folder, subject, packages):
    (folder / "account").write_text("AC1")
    (folder / "password").write_text("secret")
    peers, bank, broken = Peers(folder, packages), None, []
    try:
        bank = lab.Bank(folder)
        front = Front(bank, "--roles", "web")
        peer = {"rest": Rest, "kannel": Kannel}[subject](peers, front.port)
        prepare(bank, peer.settings)
        bank.carillon("run", "--until-idle", "--now", lab.NOON)
        wanted = {"delivered": CLIENTS - 1, "bounced": 1}
        try:
            lab.wait_until(lambda: bank.states() == wanted, 20, "all receipts")
        except lab.LabError:
            broken.append(f"states {bank.states()} instead of {wanted}")
        stop = urllib.parse.urlencode({"from": "79005550272", "to": "BANK", "text": "STOP"})
        get(f"http://127.0.0.1:{peer.control}/mo?{stop}")
        try:
            lab.wait_until(lambda: bank.database.rows("SELECT COUNT(*) FROM suppressions WHERE value = '+79005550272'")[0][0] == 3,
                           20, "STOP suppresses")
        except lab.LabError:
            broken.append(f"STOP: {bank.database.rows('SELECT sender, kind FROM inbound')}")
        receipts = bank.database.rows("SELECT COUNT(*) FROM receipts")[0][0]
        lab.end(front.process)
        bank.launch(lab.an_offer("again", steps=[{"channel": "sms", "template": "note"}],
                                 schedule={"once": {"date": lab.NEXT_WEEK, "time": "11:30"}}))
        bank.carillon("run", "--until-idle", "--now", lab.NEXT_WEEK_NOON)
        time.sleep(1)
        silent = bank.count("state = 'accepted'")
        if silent != CLIENTS - 1:
            broken.append(f"CONTROL: {silent} accepted while nobody listens: {bank.states()}")
        return {"receipts": receipts, "broken": broken}
    finally:
        if bank:
            bank.stop()
        peers.stop()


def main():
    subject, packages = sys.argv[1], Path(sys.argv[2]).resolve()
    for tool in ("node", "npm", "openssl") + (("bearerbox",) if subject == "kannel" else ()):
        if not shutil.which(tool):
            print(f"skipped: no {tool}")
            return 77
    if subprocess.run([HERE / "packages.sh", packages], check=False).returncode != 0:
        print("skipped: the npm packages cannot be installed")
        return 77
    if subject == "kannel" and "CARILLON_IN_NAMESPACE" not in os.environ:
        if subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode != 0:
            print("skipped: no network namespaces")
            return 77
        command = 'ip link set lo up; exec "$@"'
        return subprocess.run(["unshare", "-n", "bash", "-c", command, "bash", sys.executable, __file__, *sys.argv[1:]],
                              env=dict(os.environ, CARILLON_IN_NAMESPACE="yes"), check=False).returncode
    with lab.temporary_folder() as folder:
        result = tell(folder, subject, packages)
    print(json.dumps({"test": "sms_end_to_end", "subject": subject, **result}, ensure_ascii=False))
    return 1 if result["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())

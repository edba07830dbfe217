#!/usr/bin/python3
"""kill -9 of the whole program while it sends by SMS, fax, letter and call at once, and what the peers say of it.

Witnesses, each outside our database: an SMPP centre written by others, HylaFAX's queue files and log of calls, the
manifests and open folder of the print house; for calls the tasks, which are rows. A short message may be missing or in doubt
only if it was in the centre's window at a kill; a fax or a letter is never doubled and never lost, unless it is set apart
for a person (quarantined), which needs two deaths at which it was in hand alone. Controls: the judge must reject
doctored witnesses, and the kills must strike a program at work. Exit 77: a peer is missing.
"""
import collections
import csv
import os
import shutil
import subprocess
import sys
import time
import urllib.request
import json
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers" / "fax"))
import hylafax
from trial import kill, lab, main, SMALL_STEPS

PEERS = Path(__file__).resolve().parents[1] / "peers"
SMPP_PORT, CONTROL_PORT, FAX_PORT = 21575, 21576, 14590
SHARES = {"sms": 0.6, "letter": 0.25, "call": 0.1, "fax": 0.05}  # of the messages
SENT = ("accepted", "delivered")
WINDOW = 20  # short messages without an answer at one time


class Centre:
    """tests/peers/sms/centre.js with the npm packages beside the build."""

    def __init__(self, folder):
        packages = lab.BUILD / "peers" / "sms"
        done = subprocess.run([PEERS / "sms" / "packages.sh", packages], capture_output=True, check=False, timeout=300)
        if not shutil.which("node") or done.returncode != 0:
            print("skipped: no node or no npm packages")
            sys.exit(77)
        with open(folder / "centre.log", "wb") as log:
            self.process = subprocess.Popen(["node", PEERS / "sms" / "centre.js", str(SMPP_PORT), str(CONTROL_PORT)],
                                            stdout=log, stderr=log, env=dict(os.environ, NODE_PATH=packages / "node_modules"))
        lab.wait_until(self.is_up, 20, "the SMPP centre answers")

    def is_up(self):
        try:
            return self.ask("/stats") is not None
        except OSError:
            return False

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{CONTROL_PORT}{path}", timeout=20) as answer:
            return json.load(answer)

    def received(self):
        """Recipients, once for each submit_sm: every text here is one part."""
        return collections.Counter("+" + one["to"].lstrip("+") for one in self.ask("/seen"))

    def stop(self):
        lab.end(self.process)


def channels(folder, server):
    return {
        "sms": {"name": "sms", "kind": "sms", "transport": "smpp", "sender": "BANK",
                "smpp": {"host": "127.0.0.1", "port": SMPP_PORT, "tls": "off", "system_id": "bank",
                         "password_file": str(folder / "password"), "window": WINDOW, "parts_per_second": 40,
                         "timeouts": {"response_seconds": 5, "enquire_seconds": 5}}},
        "letter": {"name": "letter", "kind": "letter", "transport": "print_house", "window": "ru-dl-right",
                   "sender": {"name": "Банк", "contact": ["101000, г. Москва"]},
                   "print_house": {"folder": str(folder / "house"), "batch_max": 25}},
        "call": {"name": "call", "kind": "call"},
        "fax": {"name": "fax", "kind": "fax", "transport": "hfaxd", "host": "127.0.0.1", "port": server.port,
                "folder": str(folder / "handed-over"), "notices": str(server.notices), "received": str(server.received),
                "sender": {"name": "Банк", "number": "+7 495 100-01-00"}, "dials_max": 2, "poll_seconds": 1,
                # Nobody clears this server's finished jobs, and the trial's clock leaps over the 15 minutes of a doubt.
                "forgets_after_minutes": 600,
                "timeouts": {"connect_seconds": 5, "reply_seconds": 25, "data_seconds": 15, "settle_seconds": 5}},
    }


def populate(bank, counts):
    # The last two digits tell the centre and the fax lines what to do; 42 is nothing special.
    clients = ["external_id,kind,first_name,phone,fax,address,locale,time_zone,branch,status"]
    consents = ["client,channel,purpose,granted,at,source"]
    number = 0
    for channel, count in counts.items():
        for i in range(count):
            number += 1
            phone = f"+79{number:07}42" if channel in ("sms", "call") else ""
            fax = f"+7495{number:05}42" if channel == "fax" else ""
            address = f'"101000, г. Москва, ул. Мясницкая, д. {i + 1}"' if channel == "letter" else ""
            clients.append(f"C{number},person,Анна,{phone},{fax},{address},ru,Europe/Moscow,{channel},active")
            consents.append(f"C{number},{channel},marketing,1,2025-01-01T00:00:00Z,contract")
    bank.carillon("import", "clients", bank.write("clients.csv", "\n".join(clients) + "\n"))
    bank.carillon("import", "consents", bank.write("consents.csv", "\n".join(consents) + "\n"))


def launch(bank, folder, server, counts, **fax):
    """One campaign for each channel of `counts`; `fax`: settings of that channel that differ."""
    for channel, settings in channels(folder, server).items():
        if channel not in counts:
            continue
        settings.update(fax if channel == "fax" else {})
        parts = {"text": "Добрый день, {{client.first_name}}! Банк ждёт вас."}
        if channel in ("fax", "letter"):
            parts["subject"] = "О вкладе"
        bank.carillon("channel", "apply", bank.write(f"{channel}.json", settings))
        bank.carillon("segment", "apply", bank.write(f"{channel}.segment.json", {
            "name": f"by-{channel}", "title": channel, "rule": {"all": [{"field": "branch", "op": "is", "value": channel}]}}))
        bank.carillon("template", "apply", bank.write(f"{channel}.template.json", {
            "name": f"note-{channel}", "channel": channel, "default_locale": "ru", "locales": {"ru": parts}}))
    populate(bank, counts)
    for channel in counts:
        bank.launch({"name": f"by-{channel}", "title": channel, "objective": "cross_sell", "segment": f"by-{channel}",
                     "control": {"percent": 0}, "steps": [{"channel": channel, "template": f"note-{channel}"}],
                     "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}})


def rows_of(bank):
    """channel -> {message id: (state, address, was uncertain)}"""
    rows = collections.defaultdict(dict)
    for channel, row_id, state, address, uncertain in bank.database.rows(
            "SELECT m.channel, m.id, m.state, k.address, CASE WHEN EXISTS (SELECT 1 FROM message_events e"
            " WHERE e.message_id = m.id AND e.to_state = 'uncertain') THEN 1 ELSE 0 END"
            " FROM messages m JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact"):
        rows[channel][row_id] = (state, str(address) if str(address).startswith("+") else f"+{address}", uncertain)
    return rows


def letters_of(folder):
    """Message ids by the print house's own files: closed batches and what waits for the next one."""
    house = folder / "house"
    keys = [row["letter_key"] for manifest in house.glob("outbox/letters-*.csv")
            for row in csv.DictReader(manifest.open(encoding="utf-8", newline=""))]
    keys += [path.name.removesuffix(".letter") for path in house.glob("open/*.letter")]
    return collections.Counter(int(key.split(".")[0]) for key in keys)


def faxes_of(server):
    """(jobs, calls) by message id."""
    def number(tag):
        return int(tag.removeprefix("carillon-").split(".")[0])
    return (collections.Counter(number(job["jobtag"]) for job in server.jobs("doneq")),
            collections.Counter(number(tag) for tag, *_ in server.calls()))


def judge_once(rows, found, what):
    """Every message is with the peer exactly once, whatever was killed when; one that was set apart is not there at all."""
    wanted = collections.Counter(i for i, row in rows.items() if row[0] != "quarantined")
    broken = [f"{what}: {len(found - wanted)} more than once, unknown or set apart"] if found - wanted else []
    lost = [i for i in wanted if i not in found]
    return broken + ([f"{what}: {len(lost)} lost, e.g. {lost[:3]}"] if lost else [])


def judge_sms(rows, found, bound):
    broken = []
    doubled = [address for address, count in found.items() if count > 1]
    if doubled:
        broken.append(f"sms: {len(doubled)} received twice, e.g. {doubled[:3]}")
    lost = [i for i, (state, address, uncertain) in rows.items()
            if address not in found and not uncertain and state != "quarantined"]
    if lost:
        broken.append(f"sms: {len(lost)} lost, e.g. {[(i, rows[i]) for i in lost[:3]]}")
    uncertain = sum(row[2] for row in rows.values())
    if uncertain > bound:
        broken.append(f"sms: {uncertain} uncertain, {bound} may have been with the centre")
    return broken


def still_open(rows):
    return [f"{channel}: {len(left)} still open, e.g. {left[:3]}" for channel, of in rows.items()
            if (left := [(i, row[0]) for i, row in of.items() if row[0] not in (*SENT, "closed_unknown", "quarantined")])]


def kill_again_and_again(bank, options, chance):
    submitting, struck = collections.Counter(), 0
    for _ in range(options.rounds):
        sender = bank.start_sending()
        time.sleep(chance.uniform(0.4, 1.6))
        if sender.poll() is not None:
            break
        kill(sender)
        bank.database.settle(dead=True)
        struck += 1
        submitting.update(dict(bank.database.rows(
            "SELECT channel, COUNT(*) FROM messages WHERE state = 'submitting' GROUP BY channel")))
    return struck, submitting


def finish(bank, server, broken):
    for _ in range(8):
        sender = bank.start("run", "--now", lab.LATER, "--until", lab.LAST)
        if sender.wait(lab.COMMAND_SECONDS) != 0:
            broken.append("the run failed: " + (bank.folder / "run.log").read_text()[-500:])
        if bank.count("state IN ('queued', 'deferred', 'held', 'leased', 'submitting', 'uncertain')") == 0:
            break
        time.sleep(1)
    hylafax.until(lambda: not server.jobs("sendq"), 240, "HylaFAX has sent all")


def controls(rows, sms, letters, jobs, bound):
    """Witnesses with one fault each; a judge that lets one pass is worth nothing."""
    one = next(a for s, a, u in rows["sms"].values() if s in SENT and not u)
    some = next(iter(letters))
    fax = next(iter(jobs))
    doctored = {
        "an SMS doubled": judge_sms(rows["sms"], sms + collections.Counter([one]), bound),
        "a window doubted too much": judge_sms(rows["sms"], sms, -1),
        "an SMS dropped": judge_sms(rows["sms"], collections.Counter({a: n for a, n in sms.items() if a != one}), bound),
        "a letter doubled": judge_once(rows["letter"], letters + collections.Counter([some]), "letter"),
        "a fax dropped": judge_once(rows["fax"], jobs - collections.Counter([fax]), "fax"),
    }
    return [f"CONTROL: the judge lets pass: {name}" for name, found in doctored.items() if not found]


def run(options, chance):
    counts = {channel: max(10, int(options.messages * share)) for channel, share in SHARES.items()}
    broken = []
    with lab.temporary_folder() as folder, hylafax.FastQueue(folder / "server", FAX_PORT, lines=4, seconds=0).start() as server:
        (folder / "password").write_text("secret")
        centre, bank = Centre(folder), None
        try:
            bank = lab.Bank(folder, options.engine, SMALL_STEPS)
            launch(bank, folder, server, counts)
            struck, submitting = kill_again_and_again(bank, options, chance)
            finish(bank, server, broken)
            rows = rows_of(bank)
            sms, letters, (jobs, calls) = centre.received(), letters_of(folder), faxes_of(server)
            tasks = collections.Counter(row[0] for row in bank.database.rows("SELECT message_id FROM call_tasks"))
            broken += [f"{channel}: {len(rows[channel])} rows for {count} clients"
                       for channel, count in counts.items() if len(rows[channel]) != count]
            apart = sum(row[0] == "quarantined" for of in rows.values() for row in of.values())
            if apart > struck // 2:
                broken.append(f"{apart} set apart by {struck} kills: some were not alone at two of them")
            broken += still_open(rows) + judge_sms(rows["sms"], sms, struck * WINDOW)
            broken += judge_once(rows["letter"], letters, "letter") + judge_once(rows["fax"], jobs, "fax jobs")
            broken += judge_once(rows["fax"], calls, "fax calls") + judge_once(rows["call"], tasks, "call")
            if not broken:
                broken += controls(rows, sms, letters, jobs, struck * WINDOW)
            if struck < min(options.rounds, 3):  # every kill leaves a window in doubt, so the campaign ends soon
                broken.append(f"only {struck} of {options.rounds} kills struck a program at work")
            reconciled = bank.carillon("reconcile", check=False)
            if reconciled.returncode != 0:
                broken.append("reconcile: " + reconciled.stdout)
            states = {channel: dict(collections.Counter(row[0] for row in of.values())) for channel, of in rows.items()}
            facts = {"kills": struck, "states": states, "submitting_at_kills": dict(submitting),
                     "reasons": bank.database.rows("SELECT channel, state, reason, COUNT(*) FROM messages WHERE state NOT IN"
                                                   " ('accepted', 'delivered') GROUP BY channel, state, reason"),
                     "sms_uncertain": sum(row[2] for row in rows["sms"].values()), "sms_received": sum(sms.values()),
                     "letters": sum(letters.values()), "fax_jobs": sum(jobs.values()), "fax_calls": sum(calls.values()),
                     "call_tasks": sum(tasks.values())}
        finally:
            if bank:
                bank.stop()
            centre.stop()
    return broken, facts


if __name__ == "__main__":
    hylafax.in_namespaces()
    main("kill_channels", __doc__, run, messages=2000, rounds=12)

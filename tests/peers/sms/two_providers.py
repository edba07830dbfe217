#!/usr/bin/env python3
"""One campaign through two SMPP centres; one of them is killed in the middle and comes back.

The real program, real centres, and the centres' own logs: no number is in them twice, each that the program calls
accepted is in them once, and what is missing or in doubt is what was in flight at the moment of the kill.
Usage: two_providers.py FOLDER_OF_NPM_PACKAGES [--messages N]. Exit 77: skipped.
"""
import argparse
import collections
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))
import lab

RATE = 400  # messages a second of each provider
WINDOW = 20  # units without an answer: what a kill may leave in doubt
OPEN_SECONDS = 1


class Centre:
    def __init__(self, folder, name, packages):
        self.log = folder / f"{name}.received"
        self.log.touch()
        self.port, self.control = lab.free_port(), lab.free_port()
        self.environment = dict(os.environ, NODE_PATH=str(packages / "node_modules"), CENTRE_LOG=str(self.log),
                                CENTRE_QUIET="1")
        self.start()

    def start(self):
        self.process = subprocess.Popen(["node", str(HERE / "centre.js"), str(self.port), str(self.control)],
                                        env=self.environment, stdout=subprocess.PIPE, text=True)
        if "up" not in self.process.stdout.readline():
            raise lab.LabError("the centre did not start")

    def kill(self):
        lab.end(self.process, signal.SIGKILL)

    def received(self):
        """(milliseconds, number) of every submit_sm."""
        return [(int(at), number) for at, number in (line.split() for line in self.log.read_text().splitlines())]


def settings(name, port, password, cost):
    return {"name": name, "kind": "sms", "transport": "smpp", "sender": "BANK", "rate_per_second": RATE,
            "cost_per_part_minor": cost,
            "smpp": {"host": "127.0.0.1", "port": port, "tls": "off", "system_id": "bank", "password_file": str(password),
                     "window": WINDOW, "timeouts": {"response_seconds": 3}}}


def number_of(client):
    return f"7916{client:05d}77"  # 77: the centre does nothing special


def prepare(bank, centres, count):
    lab.populate(bank.database, count)
    rows = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    bank.database.run(
        "INSERT INTO contacts (client_id, number, channel, address, priority, verified, state, updated_at) " + rows +
        " SELECT i, 2, 'sms', '+7916' || substr('0000' || i, -5) || '77', 1, 1, 'active', 0 FROM n",
        "INSERT INTO consents (client_id, channel, purpose, granted, at, source) " + rows +
        " SELECT i, 'sms', 'marketing', 1, 0, 'contract' FROM n")
    password = bank.write("password", "secret")
    for (name, centre), cost in zip(centres.items(), (350, 410)):
        bank.carillon("channel", "apply", bank.write(f"{name}.json", settings(name, centre.port, password, cost)))
    bank.carillon("channel", "apply", bank.write("sms.json", {
        "name": "sms", "kind": "sms", "providers": [{"account": name} for name in centres],
        "health": {"answers_min": 10, "open_seconds": OPEN_SECONDS}}))
    bank.carillon("segment", "apply", bank.write("everyone.json", {"name": "everyone", "title": "All", "rule": {"all": []}}))
    bank.carillon("template", "apply", bank.write("short.json", {
        "name": "short", "channel": "sms", "default_locale": "en",
        "locales": {"en": {"text": "Dear {{client.first_name}}, a deposit for you"}}}))
    bank.launch(lab.an_offer(steps=[{"channel": "sms", "template": "short"}]))


def kill_and_restore(bank, centres, count):
    """The run, with the first centre dead for two seconds; answers when it was killed and started (ms)."""
    first = centres["north"]
    run = bank.start_sending()
    lab.wait_until(lambda: len(first.received()) > count // 10 or run.poll() is not None, 60, "the campaign begins")
    first.kill()
    killed = time.time() * 1000
    time.sleep(2)
    health = bank.carillon("channels", "list", as_json=True)
    states = {row["provider"]: row["state"] for row in health if row["channel"] == "sms"}
    first.start()
    started = time.time() * 1000
    if run.wait(180) != 0:
        raise lab.LabError((bank.folder / "run.log").read_text())
    waiting = bank.database.rows("SELECT reason FROM messages WHERE state = 'deferred'")
    print(f"{len(waiting)} wait for a further try: {waiting[:3]}", file=sys.stderr)
    bank.carillon("run", "--until-idle", "--now", lab.LATER)
    return killed, started, states


def judge(bank, centres, count, killed, started, states, expect):
    logs = {name: centre.received() for name, centre in centres.items()}
    times = collections.Counter(number for log in logs.values() for _, number in log)
    sent = {address[1:] for (address,) in bank.database.rows(
        "SELECT k.address FROM messages m JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact"
        " WHERE m.state IN ('accepted', 'delivered')")}
    doubt = {address[1:] for (address,) in bank.database.rows(
        "SELECT k.address FROM messages m JOIN contacts k ON k.client_id = m.client_id AND k.number = m.contact"
        " WHERE m.state IN ('uncertain', 'closed_unknown')")}
    expect(len(sent) + len(doubt) == count, f"{len(sent)} accepted and {len(doubt)} in doubt of {count}: {bank.states()}")
    expect(max(times.values()) == 1, f"received more than once: {[n for n, c in times.items() if c > 1][:5]}")
    expect(sent <= set(times), f"accepted, but in no log: {len(sent - set(times))}")
    expect(set(times) - sent <= doubt, "received, and neither accepted nor in doubt")
    expect(len(doubt) <= WINDOW, f"{len(doubt)} in doubt, the window is {WINDOW}")
    expect(states["north"] in ("open", "half_open"), f"CONTROL: the dead one was {states['north']} when looked at")
    expect(states["south"] == "closed", f"the other one was {states['south']}")
    dead = sum(killed < at < started for at, _ in logs["north"])
    meanwhile = sum(killed + 500 < at < started for at, _ in logs["south"])
    expect(dead == 0, "CONTROL: the dead one received messages")
    seconds = (started - killed - 500) / 1000
    # Against its own rate before: how fast both are is the machine's affair.
    begun = min(at for log in logs.values() for at, _ in log)
    before = sum(at < killed for at, _ in logs["south"]) / ((killed - begun) / 1000)
    expect(before > 0 and meanwhile / seconds > 0.4 * before,
           f"the other one received {meanwhile} in {seconds:.1f} s, and {before:.0f} a second before")
    back = [at for at, _ in logs["north"] if at >= started]
    expect(len(back) > count // 20, f"CONTROL: the restored one received {len(back)}")
    busiest = {name: max(sum(0 <= at - begin < 1000 for at, _ in log) for begin, _ in log[::25])
               for name, log in logs.items()}
    for name, most in busiest.items():
        expect(most <= RATE * 1.25, f"{name} received {most} in a second, its limit is {RATE}")
    return {"messages": count, "north": len(logs["north"]), "south": len(logs["south"]), "in_doubt": len(doubt),
            "in_doubt_received": len(doubt & set(times)), "north_after_return": len(back),
            "first_after_return_ms": round(back[0] - started) if back else None, "busiest_second": busiest,
            "south_while_north_was_dead_per_s": round(meanwhile / seconds)}


def check_report(bank, centres, facts, expect):
    report = bank.carillon("report", "offer", as_json=True)
    by_provider = {row["provider"]: row for row in report["providers"]}
    taken = sum(row["messages"] for row in by_provider.values())
    expect(set(by_provider) == set(centres), f"the report names {sorted(by_provider)}")
    expect(taken == facts["messages"] - facts["in_doubt"], f"the report counts {taken}")
    expect(by_provider["south"]["cost"] == f"{by_provider['south']['units'] * 410 / 100:.2f} RUB",
           f"the cost of the second is {by_provider['south']['cost']}")
    left = bank.database.rows("SELECT c.external_id FROM messages m JOIN clients c ON c.id = m.client_id"
                              " JOIN message_contents k ON k.message_id = m.id WHERE k.passed_over IS NOT NULL LIMIT 1")
    expect(left, "CONTROL: nobody was passed over")
    if left:
        told = bank.carillon("explain", left[0][0]).stdout
        expect("through south; not north (open: " in told, f"explain does not tell why: {told}")
        facts["explain"] = [line.strip() for line in told.splitlines() if "through" in line]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("--messages", type=int, default=6000)
    options = parser.parse_args()
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("SKIPPED: no node or no npm")
        return 77
    if subprocess.run([str(HERE / "packages.sh"), str(options.packages)], check=False).returncode != 0:
        print("SKIPPED: the npm packages cannot be installed")
        return 77
    broken = []
    expect = lambda holds, what: None if holds else broken.append(what)
    with lab.temporary_folder() as folder:
        centres = {}
        bank = None
        try:
            for name in ("north", "south"):
                centres[name] = Centre(folder, name, options.packages)
            bank = lab.Bank(folder, settings="[dispatch]\nbatch = 100\n")
            prepare(bank, centres, options.messages)
            killed, started, states = kill_and_restore(bank, centres, options.messages)
            facts = judge(bank, centres, options.messages, killed, started, states, expect)
            check_report(bank, centres, facts, expect)
        finally:
            if bank:
                bank.stop()
            for centre in centres.values():
                lab.end(centre.process)
    print(json.dumps(facts, ensure_ascii=False))
    for what in broken:
        print("FAILED:", what)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""What a client received can be made again byte for byte from what was kept (I7).

A campaign goes through SMTP into the sink, which keeps each message by its digest, and another one into the sandbox
folder; `carillon show-message` must print exactly those bytes, also after the template has changed. Control: a client
whose name was changed in the stored merge data gets different bytes.
"""
import email
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab

MESSAGES = 60


def made_again(bank, message_id):
    done = subprocess.run(bank.command("show-message", message_id), capture_output=True, timeout=60)
    if done.returncode != 0:
        raise lab.LabError(done.stdout.decode() + done.stderr.decode())
    return done.stdout


def row_of(raw):
    return int(email.message_from_bytes(raw)["Message-ID"].strip("<> ").split(".")[0])


def change_template(bank):
    changed = lab.a_template()
    for parts in changed["locales"].values():
        parts["text"] = "Entirely new. {{unsubscribe_url}}"
    bank.carillon("template", "apply", bank.write("offer.template.json", changed))


def compare(bank, received, where, broken):
    if len(received) != MESSAGES:
        broken.append(f"{where}: {len(received)} of {MESSAGES} messages")
    different = [row_of(raw) for raw in received if made_again(bank, row_of(raw)) != raw]
    if different:
        broken.append(f"{where}: {len(different)} messages differ, e.g. {different[:3]}")


def control(bank, raw, broken):
    row = row_of(raw)
    bank.database.run(f"UPDATE message_contents SET data = REPLACE(data, 'client.first_name\":\"', 'client.first_name\":\"X')"
                      f" WHERE message_id = {row}")
    if made_again(bank, row) == raw:
        broken.append("CONTROL: changed merge data make the same bytes")


def through(engine, channel, collect, where, broken):
    """`collect` answers the received messages."""
    with lab.temporary_folder() as folder:
        (folder / "kept").mkdir()
        sink = lab.Sink(folder, keep=folder / "kept")
        bank = None
        try:
            bank = lab.Bank(folder, engine)
            lab.launch_offer(bank, MESSAGES, sink.port, channel=channel(folder))
            bank.carillon("run", "--until-idle", "--now", lab.NOON)
            change_template(bank)
            received = collect(folder)
            compare(bank, received, where, broken)
            control(bank, received[0], broken)
        finally:
            if bank:
                bank.stop()
            sink.stop()


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    broken = []
    through(engine, lambda folder: {}, lambda folder: [path.read_bytes() for path in (folder / "kept").iterdir()],
            "smtp", broken)
    through(engine, lambda folder: {"transport": "file", "spool": str(folder / "outbox")},
            lambda folder: [path.read_bytes() for path in (folder / "outbox").rglob("*.eml")], "sandbox", broken)
    print(json.dumps({"test": "same_bytes", "engine": engine, "messages": 2 * MESSAGES, "broken": broken}))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

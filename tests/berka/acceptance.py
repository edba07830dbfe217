#!/usr/bin/python3
"""Acceptance on a bank nobody here made: import it, count known groups, remind its debtors through real mail servers.

Imports the Berka tables through the command line, counts 45 loans in debt, three birthdays on 29 February and 88 owners
of gold cards, then runs the debt campaign in Czech and English through a private Postfix (STARTTLS, AUTH) into Dovecot
mailboxes, and reads the mailboxes back with programs of other people: each debtor has exactly one message, in the right
language, with the right amount and date, with a DKIM signature that holds, equal to the byte to what
`carillon show-message` makes again.
"""
import base64
import datetime
import email
import email.policy
import json
import os
import re
import shutil
import subprocess
import sys
import time
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
import debtors

SKIPPED = 77
DOMAIN = "berka.example"
MAIL_SERVER = lab.SOURCE / "tests" / "peers" / "email" / "mail_server.sh"
LONG_DATES = {"cs": "{d}. {m} {y}", "en": "{m} {d}, {y}"}
MONTHS = {"cs": ["ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října",
                 "listopadu", "prosince"],
          "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                 "November", "December"]}

SEGMENTS = [
    {"name": "debtors", "title": "Loans in debt",
     "rule": {"contract": {"kind": "loan", "where": [{"field": "status", "op": "is", "value": "D"}]}}},
    {"name": "leap-day", "title": "Born on 29 February", "rule": {"anniversary": {"field": "birth_date", "in_days": 0}}},
    {"name": "gold", "title": "Gold cards",
     "rule": {"contract": {"kind": "card", "where": [{"field": "product", "op": "is", "value": "gold"}]}}}]

TEMPLATE = {
    "name": "overdue", "channel": "email", "default_locale": "cs", "locales": {
        "cs": {"subject": "Splátka úvěru {{contract.number}}",
               "html": "<p lang=\"cs\">Vážený kliente {{client.first_name}} {{client.last_name}},</p>"
                       "<p>od <b>{{contract.overdue_since}}</b> neevidujeme splátku <b>{{contract.overdue}}</b>.</p>"
                       "<p>{{bank.name}}, {{bank.phone}}</p>",
               "text": "Vážený kliente {{client.first_name}} {{client.last_name}},\n\nod {{contract.overdue_since}} "
                       "neevidujeme splátku {{contract.overdue}}.\n\n{{bank.name}}, {{bank.phone}}\n"},
        "en": {"subject": "Payment of your loan {{contract.number}}",
               "html": "<p lang=\"en\">Dear {{client.first_name}} {{client.last_name}},</p>"
                       "<p>since <b>{{contract.overdue_since}}</b> a payment of <b>{{contract.overdue}}</b> is due.</p>"
                       "<p>{{bank.name}}, {{bank.phone}}</p>",
               "text": "Dear {{client.first_name}} {{client.last_name}},\n\nsince {{contract.overdue_since}} a payment of "
                       "{{contract.overdue}} is due.\n\n{{bank.name}}, {{bank.phone}}\n"}}}

CAMPAIGN = {"name": "overdue-loan", "title": "Overdue loans", "objective": "debt", "segment": "debtors",
            "steps": [{"channel": "email", "template": "overdue"}],
            "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "09:00"}}}


class Problems:
    def __init__(self):
        self.found = []

    def expect(self, holds, what):
        if not holds:
            self.found.append(what)


def import_bank(bank, data, problems):
    """As examples/berka/README.md says; then a second file turns every fourth client to English."""
    example = lab.SOURCE / "examples" / "berka"
    files = bank.files / "berka"
    subprocess.run([sys.executable, example / "prepare.py", Path(data) / "berka", files], check=True)
    with open(files / "languages.csv", "w", encoding="ascii") as out:
        out.write("external_id,locale\n")
        out.writelines(f"{row['client_id']},en\n" for row in debtors.table(data, "client")
                       if debtors.language_of(int(row["client_id"])) == "en")
    for kind, file, mapping in (("clients", "clients", True), ("contracts", "contracts", True),
                                ("consents", "consents", False), ("clients", "languages", False)):
        options = ["--map", example / f"{file}.map.json"] if mapping else []
        answer = bank.carillon("import", kind, files / f"{file}.csv", *options, "--rejects", files / f"{file}.rejects.csv",
                               as_json=True)
        problems.expect(answer["rejected"] == 0, f"{answer['rejected']} rows of {file} were rejected")
    for what, expected in (("clients", 5369), ("contracts", 4500 + 682 + 892)):
        found = bank.database.rows(f"SELECT COUNT(*) FROM {what}")[0][0]
        problems.expect(found == expected, f"{found} {what} instead of {expected}")


def matching(bank, segment, as_of):
    answer = bank.carillon("segment", "count", segment, "--as-of", as_of, "--purpose", "debt", as_json=True)
    return answer["matched"]


def count_groups(bank, problems):
    for segment in SEGMENTS:
        bank.carillon("segment", "apply", bank.write(f"{segment['name']}.segment.json", segment))
    for name, as_of, expected in (("debtors", lab.CAMPAIGN_DAY, 45), ("leap-day", "2028-02-29", 3),
                                  ("gold", lab.CAMPAIGN_DAY, 88)):
        found = matching(bank, name, as_of)
        problems.expect(found == expected, f"segment {name}: {found} instead of {expected}")


def make_key(folder):
    """An RSA key for DKIM; answers the DNS record of its public half."""
    key = folder / "dkim.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key],
                   check=True, capture_output=True)
    public = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True)
    return key, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public.stdout)


class MailServer:
    def __init__(self, folder, users):
        self.folder = folder / "mail-server"
        self.port = lab.free_port()
        base = self.port - 25
        done = subprocess.run(["bash", MAIL_SERVER, "up", self.folder, str(base)], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise lab.LabError(done.stdout + done.stderr)
        with open(self.folder / "dovecot" / "users", "a", encoding="ascii") as file:
            file.writelines(f"{user}:{{PLAIN}}secret\n" for user in users)
        settings = self.folder / "postfix" / "etc"
        subprocess.run(["postconf", "-c", settings, "-e", f"virtual_mailbox_domains = {DOMAIN}"], check=True)
        subprocess.run(["postfix", "-c", settings, "reload"], check=True, capture_output=True)

    def mailboxes(self):
        """user -> the bytes of its messages."""
        root = self.folder / "mail" / DOMAIN
        found = {}
        for path in sorted(root.glob("*/new/*")) + sorted(root.glob("*/cur/*")):
            found.setdefault(path.relative_to(root).parts[0], []).append(path.read_bytes())
        return found

    def queue_is_empty(self):
        spool = self.folder / "postfix" / "spool"
        return not any(path.is_file() for queue in ("incoming", "active", "deferred", "maildrop")
                       for path in (spool / queue).rglob("*"))

    def stop(self):
        subprocess.run(["bash", MAIL_SERVER, "down", self.folder], check=False, timeout=60)


def send(bank, server, key):
    bank.write("password", "relaypw")
    channel = {"name": "email", "kind": "email", "transport": "smtp", "host": "localhost", "port": server.port,
               "tls": "required", "ca_file": str(server.folder / "tls" / "ca.pem"), "user": "relay@bank.test",
               "password_file": str(bank.files / "password"), "connections": 4, "bounce_domain": "bank.test",
               "from": {"name": "Banka", "address": "loans@bank.test"},
               "dkim": [{"selector": "s1", "domain": "bank.test", "key_file": str(key)}]}
    bank.carillon("channel", "apply", bank.write("email.channel.json", channel))
    bank.carillon("template", "apply", bank.write("overdue.template.json", TEMPLATE))
    bank.launch(CAMPAIGN)
    return bank.carillon("run", "--until-idle", "--now", lab.NOON, as_json=True)


def amount_in(text, amount):
    """The amount as people write it: spaces or commas between thousands, comma or point before the decimals."""
    whole, decimals = amount.split(".")
    digits = re.sub(r"[^0-9]", "", whole)
    grouped = r"[\s\u00a0\u202f,.]?".join(re.findall(r"\d{1,3}(?=(?:\d{3})*$)", digits))
    return re.search(r"(?<!\d)" + grouped + r"[,.]" + decimals + r"(?!\d)", text) is not None


def date_in(text, date, language):
    year, month, day = (int(part) for part in date.split("-"))
    shapes = [LONG_DATES[language].format(d=day, m=MONTHS[language][month - 1], y=year),
              f"{day}. {month}. {year}", f"{day:02}.{month:02}.{year}", f"{month}/{day}/{year}", f"{month}/{day}/{year % 100}"]
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    return any(shape in plain for shape in shapes)


def check_message(raw, debt, record, problems):
    who = f"client {debt.client}"
    language = debtors.language_of(debt.client)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    problems.expect(message["To"].addresses[0].addr_spec == debt.address, f"{who}: To {message['To']}")
    problems.expect(f"L{debt.loan}" in message["Subject"], f"{who}: subject {message['Subject']}")
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content()
        problems.expect(amount_in(text, debt.amount), f"{who}: {debt.amount} is not in {text!r}")
        problems.expect(date_in(text, debt.since, language), f"{who}: {debt.since} is not in {text!r}")
        problems.expect(("Dear" in text) == (language == "en"), f"{who}: not in {language}: {text!r}")
    wire = sent_part(raw)
    problems.expect(verifies(wire, record), f"{who}: the DKIM signature does not hold")
    forged = wire.replace(debt.since[:4].encode(), b"2031")
    problems.expect(not verifies(forged, record), f"{who}: CONTROL: a forged date keeps its signature")


def verifies(raw, record):
    """By python3-dkim, on the day of the campaign: it refuses signatures from the future."""
    import dkim
    dkim.time = types.SimpleNamespace(time=lambda: datetime.datetime.fromisoformat(lab.NOON).timestamp() + 60)
    try:
        return dkim.verify(raw, dnsfunc=lambda name, timeout=5: record)
    except dkim.DKIMException:
        return False


def sent_part(raw):
    """What we sent: without the trace fields that the servers put in front, with CRLF line ends."""
    lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    first = next(i for i, line in enumerate(lines) if line.lower().startswith(b"dkim-signature:"))
    return b"\r\n".join(lines[first:])


def check_bytes(bank, raw, who, problems):
    """I7: what the client received can be made again byte for byte."""
    message_id = email.message_from_bytes(raw)["Message-ID"].strip("<> ").split(".")[0]
    done = subprocess.run(bank.command("show-message", message_id), capture_output=True, timeout=60)
    problems.expect(done.returncode == 0 and done.stdout == sent_part(raw),
                    f"{who}: show-message {message_id} differs from what arrived")


def check_mailboxes(bank, server, debts, record, problems):
    boxes = server.mailboxes()
    expected = {debt.user: debt for debt in debts}
    problems.expect(boxes.keys() == expected.keys(),
                    f"mailboxes: missing {sorted(expected.keys() - boxes.keys())}, extra {sorted(boxes.keys() - expected.keys())}")
    for user, messages in boxes.items():
        problems.expect(len(messages) == 1, f"{user} has {len(messages)} messages")
        if user in expected:
            check_message(messages[0], expected[user], record, problems)
            check_bytes(bank, messages[0], user, problems)
    ids = [email.message_from_bytes(raw)["Message-ID"] for messages in boxes.values() for raw in messages]
    problems.expect(len(set(ids)) == len(ids), "a Message-ID came twice")
    return len(ids)


def run(data, engine):
    problems = Problems()
    debts = debtors.debts(data)
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, engine)
        server = None
        try:
            import_bank(bank, data, problems)
            count_groups(bank, problems)
            server = MailServer(folder, [debt.address for debt in debts])
            key, record = make_key(folder)
            sent = send(bank, server, key)
            problems.expect(sent["accepted"] == 45, f"accepted {sent['accepted']} of 45")
            again = bank.carillon("run", "--until-idle", "--now", lab.NOON, as_json=True)
            problems.expect(again["submitted"] == 0, "a second run sent again")
            lab.wait_until(lambda: sum(map(len, server.mailboxes().values())) >= 45 and server.queue_is_empty(), 60,
                           f"45 messages in the mailboxes, {sum(map(len, server.mailboxes().values()))} there")
            time.sleep(1)
            arrived = check_mailboxes(bank, server, debts, record, problems)
            reconciled = bank.carillon("reconcile", check=False)
            problems.expect(reconciled.returncode == 0, "reconcile: " + reconciled.stdout + reconciled.stderr)
        finally:
            if server:
                server.stop()
            bank.stop()
    print(json.dumps({"test": "berka", "engine": engine, "arrived": arrived, "broken": problems.found}, ensure_ascii=False))
    return 1 if problems.found else 0


def main():
    data = os.environ.get("CARILLON_DATA")
    if not data:
        print("skipped: no CARILLON_DATA")
        return SKIPPED
    missing = [tool for tool in ("postfix", "dovecot", "openssl") if not shutil.which(tool)]
    if missing or os.geteuid() != 0:
        print(f"skipped: real mail servers need root and {', '.join(missing) or 'nothing else'}")
        return SKIPPED
    return run(data, sys.argv[1] if len(sys.argv) > 1 else "sqlite")


if __name__ == "__main__":
    sys.exit(main())

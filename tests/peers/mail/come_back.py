#!/usr/bin/python3
"""What comes back from real servers is counted right, and killing the fetcher neither loses nor doubles it.

One campaign of 1,000 goes through Postfix to clients of whom some do not exist, some are away, some answer STOP or write,
some leave by one click, some follow the link, and a scanner follows the links of others. Postfix returns its own bounces to
the keyed return address; they are fetched over IMAP and the answers over POP3 (Dovecot, TLS) by `carillon inbound poll`,
which is killed again and again; clicks come to `carillon serve`. `report` must count each right, forged and replayed tokens
must change nothing, and the next campaign must keep to what was refused. Usage: come_back.py [sqlite|mariadb]. Exit 77:
skipped.
"""
import email
import email.header
import email.message
import email.utils
import os
import random
import re
import shutil
import smtplib
import ssl
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import lab
from front import Front

CLIENTS, UNKNOWN, AWAY, STOP, WRITE = 1000, 50, 20, 10, 5
LEAVE, CLICK, SCANNED = 30, 100, 200
FIRST_LEAVER = UNKNOWN + AWAY + STOP + WRITE + 1
FIRST_CLICKER = FIRST_LEAVER + LEAVE
FIRST_SCANNED = FIRST_CLICKER + CLICK
PERSON = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"
# Two weeks later: no cap of the first campaign reaches so far.
NEXT_DAY = "2026-12-08"
SERVER = Path(__file__).resolve().parents[1] / "email" / "mail_server.sh"


def mails_in(folder):
    return list(folder.glob("new/*")) + list(folder.glob("cur/*"))


def answer(server, folder, port):
    """The clients who are away, say STOP or write, as their mail programs would."""
    context = ssl.create_default_context(cafile=str(server / "tls" / "ca.pem"))
    with smtplib.SMTP("localhost", port, timeout=60) as smtp:
        smtp.starttls(context=context)
        smtp.login("relay@bank.test", "relaypw")
        for i in range(UNKNOWN + 1, UNKNOWN + AWAY + STOP + WRITE + 1):
            box = folder / f"client{i}"
            original = email.message_from_bytes(mails_in(box)[0].read_bytes())
            reply = email.message.EmailMessage()
            reply["From"] = f"client{i}@client.test"
            reply["Subject"] = "Re: " + str(email.header.make_header(email.header.decode_header(original["Subject"])))
            reply["In-Reply-To"] = original["Message-ID"]
            reply["Message-ID"] = email.utils.make_msgid(domain="client.test")
            reply["Date"] = email.utils.formatdate()
            if i <= UNKNOWN + AWAY:
                reply["To"] = original["Return-Path"].strip("<>")
                reply["Auto-Submitted"] = "auto-replied"
                reply.set_content("Я в отпуске. STOP writing to me until Monday.")
            elif i <= UNKNOWN + AWAY + STOP:
                reply["To"] = "offers@bank.test"
                reply.set_content("Стоп\n\n-- \nИван\n\n> Здравствуйте\n")
            else:
                reply["To"] = "offers@bank.test"
                reply.set_content("Call me at noon, please.\n\n24.11.2026, 12:00, Банк <offers@bank.test>:\n> Hello\n")
            smtp.send_message(reply, to_addrs=[reply["To"]],
                              from_addr="" if i <= UNKNOWN + AWAY else reply["From"])


def paths_of(box):
    """The tracked link and the way out of the mail that a client has received."""
    mail = email.message_from_bytes(mails_in(box)[0].read_bytes())
    html = next(part for part in mail.walk() if part.get_content_type() == "text/html").get_payload(decode=True).decode()
    out = re.sub(r"\s+", "", mail["List-Unsubscribe"])
    return re.search(r'href="https://bank\.test(/c/[^"]+)"', html)[1], re.search(r"<https://bank\.test(/u/[^>]+)>", out)[1]


def what_was_kept(bank):
    """Everything that a response may have changed."""
    return [bank.database.rows(f"SELECT {columns} FROM {table} ORDER BY {columns}") for columns, table in (
        ("subject, value, channel, purpose", "suppressions"), ("kind, client_id", "responses"),
        ("client_id, channel, purpose, granted", "consents"), ("state, id", "messages"))]


def use_links(bank, boxes, broken):
    """People leave and click, a scanner clicks; then all of it again, and with broken keys."""
    front = Front(bank, "--roles", "web", "--now", lab.LATER, CARILLON_SERVER_TRUSTED_PROXIES="127.0.0.1")
    person = lambda i: ["-A", PERSON, "-H", f"X-Forwarded-For: 10.{i // 250}.{i % 250}.7"]
    scanner = ["-A", PERSON, "-H", "X-Forwarded-For: 203.0.113.9"]
    leavers = {i: paths_of(boxes / f"client{i}")[1] for i in range(FIRST_LEAVER, FIRST_CLICKER)}
    clickers = {i: paths_of(boxes / f"client{i}")[0] for i in range(FIRST_CLICKER, FIRST_SCANNED)}
    scanned = [paths_of(boxes / f"client{i}")[0] for i in range(FIRST_SCANNED, FIRST_SCANNED + SCANNED)]
    leave = lambda path: front.curl(path, "--data", "List-Unsubscribe=One-Click")[0]
    check("one click leaves", {leave(path) for path in leavers.values()}, {200}, broken)
    check("people follow the link", {front.curl(path, *person(i))[0] for i, path in clickers.items()}, {302}, broken)
    check("the scanner follows the links", {front.curl(path, *scanner)[0] for path in scanned}, {302}, broken)
    bank.carillon("tracking", "judge")
    before = what_was_kept(bank)
    for i, path in list(leavers.items())[:5]:
        leave(path)
        front.curl(path)  # GET shows a page and changes nothing
    for i, path in list(clickers.items())[:5]:
        front.curl(path, *person(i))
    for path in (clickers[FIRST_CLICKER], leavers[FIRST_LEAVER]):
        for forged in (path.replace("/c/", "/c/9").replace("/u/", "/u/9"), path[:-1] + ("A" if path[-1] != "A" else "B"), path[:-4]):
            front.curl(forged, "--data", "List-Unsubscribe=One-Click")
            front.curl(forged, *person(3))
    for path in scanned[:5]:
        front.curl(path.replace("/c/", "/u/").rsplit("/", 1)[0], "--data", "List-Unsubscribe=One-Click")
    bank.carillon("tracking", "judge")
    check("replayed and forged tokens change nothing", what_was_kept(bank) == before, True, broken)
    lab.end(front.process)


def report(bank, broken):
    told = bank.carillon("report", "offer", as_json=True)
    rates = {rate["name"]: rate["hits"] for rate in told["rates"]}
    kinds = {kind["kind"]: (kind["clients"], kind["automatic"]) for kind in told["responses"]}
    check("the report's rates", {name: rates[name] for name in ("reach", "delivery", "click", "response", "opt_out")}, {
        "reach": CLIENTS, "delivery": CLIENTS - UNKNOWN, "click": CLICK, "response": CLICK + WRITE, "opt_out": STOP + LEAVE}, broken)
    check("the report's kinds", {name: kinds.get(name) for name in ("click", "stop", "unsubscribe", "reply", "auto_reply", "bounce",
                                                                         "robot_click")}, {
        "click": (CLICK, False), "stop": (STOP, False), "unsubscribe": (LEAVE, False), "reply": (WRITE, False),
        "auto_reply": (AWAY, True), "bounce": (UNKNOWN, True), "robot_click": (SCANNED, True)}, broken)
    verdicts = {(one["kind"], one["verdict"]): one["count"] for one in bank.carillon("tracking", "show", as_json=True)}
    check("clicks of the scanner, counted apart", verdicts.get(("click", "network")), SCANNED, broken)
    opted_out = bank.carillon("report", "offer", "--clients", "opted_out").stdout.splitlines()
    check("clients behind the opt-outs", len(opted_out) - 1, STOP + LEAVE, broken)


def fetch_with_kills(bank, boxes, kills):
    """Polls until the mailboxes are empty; the first `kills` rounds are killed at some moment."""
    draw = random.Random(11)
    killed = 0
    for _ in range(200):
        process = bank.start("inbound", "poll", log="poll.log")
        if killed < kills:
            time.sleep(draw.uniform(0.02, 0.35))
            if process.poll() is None:
                process.kill()
                killed += 1
        process.wait(120)
        if killed >= kills and not any(mails_in(box) for box in boxes):
            return killed
    raise lab.LabError("the mailboxes are never empty:\n" + (bank.folder / "poll.log").read_text())


def check(name, got, expected, broken):
    print(f"{'ok' if got == expected else 'BROKEN'}: {name}: {got}" + ("" if got == expected else f", expected {expected}"))
    if got != expected:
        broken.append(name)


def judge(bank, broken):
    one = lambda statement: bank.database.rows(statement)[0][0]
    check("bounced messages", bank.count("state = 'bounced'"), UNKNOWN, broken)
    check("accepted messages", bank.count("state = 'accepted'"), CLIENTS - UNKNOWN, broken)
    check("invalid contacts", one("SELECT COUNT(*) FROM contacts WHERE state = 'invalid'"), UNKNOWN, broken)
    for kind, number in (("hard", UNKNOWN), ("auto_reply", AWAY), ("reply", STOP + WRITE)):
        check(f"mails of kind {kind}", one(f"SELECT COUNT(*) FROM inbound_mails WHERE kind = '{kind}' AND message_id IS NOT NULL"),
              number, broken)
    check("mails in all", one("SELECT COUNT(*) FROM inbound_mails"), UNKNOWN + AWAY + STOP + WRITE, broken)
    check("addresses that said STOP", one("SELECT COUNT(DISTINCT value) FROM suppressions WHERE reason = 'STOP'"), STOP, broken)
    check("addresses of hard bounces", one("SELECT COUNT(*) FROM suppressions WHERE reason = 'hard bounce'"), UNKNOWN, broken)
    check("STOP responses", one("SELECT COUNT(*) FROM responses WHERE kind = 'stop'"), STOP, broken)
    check("tasks for managers", one("SELECT COUNT(*) FROM manager_tasks WHERE kind = 'reply' AND text = 'Call me at noon, please.'"),
          WRITE, broken)


def forge(bank, broken):
    """Mails with broken keys, piped in: nothing but their own rows changes."""
    before = bank.database.rows("SELECT COUNT(*) FROM suppressions") + bank.database.rows("SELECT COUNT(*) FROM responses")
    raw = ("From: MAILER-DAEMON@x.test\nTo: bounces+" + "a" * 32 + "@bank.test\nSubject: Undeliverable\n\n"
           "client200@client.test: 550 5.1.1 user unknown\n")
    done = subprocess.run(bank.command("inbound", "mail", "--account", "pipe"), input=raw, text=True, capture_output=True)
    check("exit code of the pipe", done.returncode, 0, broken)
    after = bank.database.rows("SELECT COUNT(*) FROM suppressions") + bank.database.rows("SELECT COUNT(*) FROM responses")
    check("suppressions and responses after a forged bounce", after, before, broken)
    check("forged mails kept", bank.database.rows("SELECT COUNT(*) FROM inbound_mails WHERE matched_by = 'forged'")[0][0], 1, broken)
    config = bank.folder / "nowhere.toml"
    config.write_text('[database]\npath = "/proc/nowhere/bank.db"\n')
    done = subprocess.run([str(lab.BUILD / "carillon"), "--config", str(config), "inbound", "mail", "--account", "pipe"],
                          input=raw, text=True, capture_output=True)
    check("exit code without a database", done.returncode, 75, broken)
    story = bank.carillon("explain", "C1").stdout
    check("explain names the bounce", "a mail came back: the address does not exist" in story, True, broken)
    story = bank.carillon("explain", f"C{UNKNOWN + AWAY + 1}").stdout
    check("explain names the answer", "the client answered STOP: Стоп" in story, True, broken)


def next_campaign(bank, broken):
    bank.launch(lab.an_offer(name="again", schedule={"once": {"date": NEXT_DAY, "time": "11:00"}}))
    bank.carillon("run", "--until-idle", "--now", NEXT_DAY + "T12:00:00+03:00")
    got = bank.database.rows("SELECT COUNT(*) FROM messages m JOIN campaigns c ON c.id = m.campaign_id"
                             " WHERE c.name = 'again' AND m.state IN ('accepted', 'bounced')")[0][0]
    check("messages of the next campaign", got, CLIENTS - UNKNOWN - STOP - LEAVE, broken)


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("postfix", "dovecot", "openssl")):
        print("skipped: needs root, postfix, dovecot and openssl")
        return 77
    broken = []
    with lab.temporary_folder() as folder:
        base = lab.free_port()
        server = folder / "server"
        subprocess.run([SERVER, "up", server, str(base)], check=True, timeout=120)
        bank = None
        try:
            with open(server / "dovecot" / "users", "a", encoding="ascii") as users:
                users.writelines(f"client{i}@client.test:{{PLAIN}}x\n" for i in range(UNKNOWN + 1, CLIENTS + 1))
            bank = lab.Bank(folder, engine)
            for name, word in (("relay", "relaypw"), ("bounces", "bouncespw"), ("offers", "offerspw")):
                (folder / name).write_text(word)
            ca = str(server / "tls" / "ca.pem")
            inbox = {"url": f"imaps://localhost:{base + 93}", "user": "bounces@bank.test",
                     "password_file": str(folder / "bounces"), "ca_file": ca}
            lab.launch_offer(bank, CLIENTS, base + 25, campaign={"tracking": True}, channel={
                "host": "localhost", "tls": "required", "ca_file": ca, "user": "relay@bank.test",
                "password_file": str(folder / "relay"), "inbox": inbox})
            bank.carillon("channel", "apply", bank.write("answers.channel.json", {
                "name": "answers", "kind": "email", "spool": "spool", "from": {"address": "offers@bank.test"},
                "inbox": dict(inbox, url=f"pop3s://localhost:{base + 95}", user="offers@bank.test",
                              password_file=str(folder / "offers"))}))
            bank.carillon("run", "--until-idle", "--now", lab.NOON)
            boxes = server / "mail" / "client.test"
            bounces, offers = (server / "mail" / "bank.test" / name for name in ("bounces", "offers"))
            lab.wait_until(lambda: sum(len(mails_in(box)) for box in boxes.glob("*")) >= CLIENTS - UNKNOWN, 180, "delivery")
            lab.wait_until(lambda: len(mails_in(bounces)) >= UNKNOWN, 60, "bounces")
            answer(server, boxes, base + 25)
            lab.wait_until(lambda: len(mails_in(bounces)) >= UNKNOWN + AWAY, 60, "vacation answers")
            lab.wait_until(lambda: len(mails_in(offers)) >= STOP + WRITE, 60, "answers")
            print(f"killed {fetch_with_kills(bank, (bounces, offers), 12)} times while fetching")
            use_links(bank, boxes, broken)
            judge(bank, broken)
            report(bank, broken)
            forge(bank, broken)
            next_campaign(bank, broken)
        finally:
            if bank:
                bank.stop()
            subprocess.run([SERVER, "down", server], check=False, timeout=60)
    if broken:
        print("BROKEN: " + ", ".join(broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""E-mail and e-mail-to-fax: Postfix and Dovecot (tests/peers/email/mail_server.sh)."""
import email
import email.policy
import subprocess

from peer import ROOT, Peer, Skipped, listens, pdf_text, until
from relay import Relay

BASE, PLAIN, RELAY, LIMITED = 21200, 21240, 21241, 21242
SCRIPT = ROOT / "tests/peers/email/mail_server.sh"
# The second one lets a client send one mail a minute.
PLAIN_SERVICE = """127.0.0.1:{port} inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o smtpd_sasl_auth_enable=no
  -o mynetworks=127.0.0.0/8
  -o smtpd_client_restrictions=permit_mynetworks,reject
  -o smtpd_relay_restrictions=permit_mynetworks,reject
  -o smtpd_recipient_restrictions=check_recipient_access,regexp:{folder}/access,permit_mynetworks,reject
"""
LIMIT = """  -o smtpd_client_message_rate_limit=1
  -o smtpd_client_event_limit_exceptions=
"""


class Postfix(Peer):
    adapter = "SMTP"
    programs = ("postfix", "dovecot", "openssl")
    addresses = {"good": "anna+n{n}@client.test", "deferred": "deferred{n}@client.test",
                 "rejected": "rejected{n}@client.test"}
    forms = {"long text": "150000", "idempotent resubmission": "same key"}
    no_receipts = "what became of a mail comes back as mail: tests/peers/mail/come_back.py"
    skip = {"late receipt": no_receipts, "duplicate receipt": no_receipts}

    def start(self):
        self.certificates()
        self.server = self.folder / "server"
        up = subprocess.run([SCRIPT, "up", self.server, str(BASE)], capture_output=True, text=True, check=False)
        if up.returncode == 77:
            raise Skipped(up.stdout)
        assert up.returncode == 0, up.stderr
        (self.folder / "access").write_text(
            r"/^(deferred.*|\+?[0-9]*20)@/ 450 4.2.0 greylisted, come back" "\n"
            r"/^(rejected.*|\+?[0-9]*11)@/ 550 5.1.1 no such user" "\n")
        (self.folder / "aliases").write_text(r"/^\+?[0-9]+@client\.test$/ anna@client.test" "\n")
        etc = self.server / "postfix/etc"
        access = f"check_recipient_access regexp:{self.folder}/access"
        subprocess.run(["postconf", "-c", etc, "-e", f"smtpd_recipient_restrictions = {access}, permit_sasl_authenticated, reject",
                        f"virtual_alias_maps = regexp:{self.folder}/aliases", "smtpd_error_sleep_time = 0"], check=True)
        with (etc / "master.cf").open("a") as master:
            master.write(PLAIN_SERVICE.format(port=PLAIN, folder=self.folder))
            master.write(PLAIN_SERVICE.format(port=LIMITED, folder=self.folder) + LIMIT)
        subprocess.run(["postfix", "-c", etc, "reload"], check=True, capture_output=True)
        until(lambda: listens(PLAIN), 20, "Postfix listens")
        self.relay = Relay(RELAY, PLAIN, rb"\r\n\.\r\n")
        (self.folder / "password").write_text("relaypw")

    def stop(self):
        subprocess.run([SCRIPT, "down", self.server], check=False)

    def account(self, **given):
        return {"name": "email", "kind": "email", "transport": "smtp", "host": "localhost", "port": BASE + 25, "tls": "required",
                "ca_file": str(self.server / "tls/ca.pem"), "user": "relay@bank.test", "password_file": "password",
                "connections": 2, "from": {"name": "Банк", "address": "news@bank.test"}, "bounce_domain": "bank.test", **given}

    def settings(self):
        plain = self.account(host="127.0.0.1", port=RELAY, tls="off", timeouts={"dot_seconds": 2, "greeting_seconds": 5})
        for key in ("user", "password_file", "ca_file"):
            plain.pop(key)
        return {"main": self.account(), "faulty": plain, "throttling": {**plain, "port": LIMITED}, "bad_tls": self.account(ca_file="other.pem"), "good_tls": self.account()}

    def mails(self):
        for path in sorted((self.server / "mail/client.test").glob("*/new/*")):
            yield path, email.message_from_bytes(path.read_bytes(), policy=email.policy.default)

    def seen(self, mark):
        found = []
        for _, mail in self.mails():
            text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n").removesuffix("\n")
            if mark in text:
                found.append({"text": text, "key": mail["Message-ID"]})
        return found

    def harmed(self):
        allowed = ("anna",)
        return [str(path) for path, _ in self.mails() if path.parts[-3] not in allowed]


class FaxGateway(Postfix):
    """The gateway is a mail server; what it makes of the mail is its own business."""
    adapter = "e-mail to fax"
    programs = (*Postfix.programs, "pdftotext")
    addresses = {"good": "+79{n}42", "deferred": "+74952000020", "rejected": "+74952000011"}
    forms = {"text": "bare", "long text": "9000", "long units": "3", "emoji": "refused", "idempotent resubmission": "same key"}
    skip = {name: "the gateway answers by mail, which people read" for name in ("late receipt", "duplicate receipt")}

    def settings(self):
        return {name: {"name": "fax", "kind": "fax", "transport": "email", "gateway": {"domain": "client.test"}, "email": one,
                       "sender": {"name": "Банк", "number": "+7 495 100-01-00"}} for name, one in super().settings().items()}

    def seen(self, mark):
        found = []
        for path, mail in self.mails():
            for part in mail.iter_attachments():
                kept = path.with_suffix(".text")  # read once
                if not kept.exists():
                    kept.write_text(pdf_text(part.get_content()))
                if mark in (text := kept.read_text()):
                    found.append({"text": text, "key": mail["Message-ID"]})
        return found

    def mails(self):
        return ((path, mail) for path, mail in super().mails() if path.suffix != ".text")

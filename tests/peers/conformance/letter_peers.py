"""Letters: a private cupsd (tests/peers/letters/check_ipp.py) and the folder of a print house."""
import csv
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from peer import ROOT, Peer, pdf_text, until
from relay import Relay

sys.path.insert(0, str(ROOT / "tests/peers/letters"))
import check_ipp  # noqa: E402

CUPS, CUPS_TLS, CUPS_RELAY = 21631, 21632, 21633
# The file "mood" says what the printer does to the next jobs.
BACKEND = """#!/bin/sh
[ $# -eq 0 ] && {{ echo 'network printhouse "Unknown" "Letters"'; exit 0; }}
case "$(cat "{folder}/mood" 2> /dev/null)" in
  rejected) echo "ERROR: out of paper for good" >&2; exit 5 ;;
  slow) sleep 0.3 ;;
esac
cat "${{6:--}}" > "{folder}/printed/$1.part" && mv "{folder}/printed/$1.part" "{folder}/printed/$1.pdf"
echo "$1 $3" >> "{folder}/printed/list"
"""
# Who may print with a name and a password: what PAM asks is answered by a script of ours.
PAM = "auth required pam_exec.so expose_authtok quiet {folder}/check-password\naccount required pam_permit.so\n"
CHECK = """#!/bin/sh
read -r given
[ "$PAM_USER" = lp ] && [ "$given" = print-secret ]
"""
ACCESS = """<Location /printers/locked>
  AuthType Basic
  Require valid-user
  Order allow,deny
  Allow 127.0.0.1
</Location>
"""


class Letter(Peer):
    addresses = {"good": "101000, г. Москва, ул. Мясницкая, д. {n}"}

    def letter(self, transport, **given):
        return {"name": "letter", "kind": "letter", "transport": transport, "window": "ru-dl-right",
                "sender": {"name": "Банк", "contact": ["101000, г. Москва"]}, **given}


class Cups(Letter):
    adapter = "IPP"
    programs = ("cupsd", "lpadmin", "pdftotext", "openssl")
    forms = {"text": "bare", "long text": "9000", "emoji": "refused", "rejected": "receipt", "timeout": "settled",
             "lost answer": "settled"}
    skip = {"throttled": "cupsd queues without an end; one that does not is one that defers"}

    def start(self):
        self.certificates()
        check_ipp.BACKEND = BACKEND
        check_ipp.SERVER = check_ipp.SERVER.replace("Browsing No", f"SSLListen 127.0.0.1:{CUPS_TLS}\nServerName localhost\nBrowsing No") + ACCESS
        check_ipp.FILES += f"ServerKeychain {self.folder}/keys\nCreateSelfSignedCerts no\n"
        keys = self.folder / "keys"
        keys.mkdir()
        for name, suffix in (("server.pem", "crt"), ("server.key", "key")):
            shutil.copy(self.folder / name, keys / f"localhost.{suffix}")
        pam = self.folder / "pam"
        pam.write_text(PAM.format(folder=self.folder))
        (self.folder / "check-password").write_text(CHECK)
        (self.folder / "check-password").chmod(0o755)
        subprocess.run(["mount", "--bind", pam, "/etc/pam.d/cups"], check=True)  # in our namespace only
        (self.folder / "password").write_text("print-secret")
        (self.folder / "wrong").write_text("guessed")
        self.cups = check_ipp.Cups(self.folder / "cups", CUPS)
        self.cups.start()
        for queue in ("letters", "locked"):
            self.cups.run("lpadmin", "-p", queue, "-E", "-v", "printhouse://loop/", "-m", "raw")
        self.relay = Relay(CUPS_RELAY, CUPS, rb"%%EOF", rb"HTTP/1.1 100")

    def stop(self):
        self.cups.stop()

    def settings(self):
        def ipp(port, **given):
            return self.letter("ipp", ipp={"host": "localhost", "port": port, "queue": "letters", "timeout_seconds": 3,
                                           "poll_seconds": 0.1, **given})
        return {"main": ipp(CUPS, queue="locked", user="lp", password_file="password"), "faulty": ipp(CUPS_RELAY),
                "good_tls": ipp(CUPS_TLS, tls=True, ca_file="ca.pem"), "bad_tls": ipp(CUPS_TLS, tls=True, ca_file="other.pem"),
                "deferred": ipp(CUPS, queue="locked", user="lp", password_file="wrong")}

    def prepare(self, behaviour):
        super().prepare(behaviour)
        mood = self.folder / "cups/mood"
        if behaviour in ("rejected", "slow"):
            mood.write_text(behaviour)
        elif behaviour not in ("late receipt", "refusal due"):  # the printer may not have begun with the job yet
            mood.unlink(missing_ok=True)
        if behaviour == "late receipt":
            self.cups.run("cupsdisable", "locked")
        if behaviour == "receipt due":
            self.cups.run("cupsenable", "locked")

    def seen(self, mark):
        # What was printed, and by the server's own list of jobs what will be.
        found = []
        for path in (self.folder / "cups/printed").glob("*.pdf"):
            kept = path.with_suffix(".text")
            if not kept.exists():
                kept.write_text(pdf_text(path))
            if mark in (text := kept.read_text()):
                found.append({"text": text, "key": path.stem})
        return found


class PrintHouse(Letter):
    adapter = "print house"
    programs = ("pdftotext",)
    forms = {"text": "bare", "long text": "9000", "emoji": "refused", "rejected": "receipt"}
    disk = "a folder of our own disk takes a letter or does not: tests/peers/letters/kill_drop_folder.py kills it half-way"
    skip = {"throttled": "a folder never asks for fewer letters", "timeout": disk, "lost answer": disk,
            "bad TLS": "the transfer to the print house is not ours"}

    def start(self):
        self.house = self.folder / "house"
        self.read, self.told = {}, 0

    def settings(self):
        return {"main": self.letter("print_house", print_house={"folder": "house", "batch_max": 1})}

    def letters(self):
        """key -> text, by the manifests and the pages they name."""
        for manifest in sorted(self.house.glob("outbox/letters-*.csv")):
            if manifest in self.read:
                continue
            rows = {}
            for row in csv.DictReader(manifest.open(encoding="utf-8", newline="")):
                first = int(row["first_page"])
                rows[row["letter_key"].removeprefix("'")] = pdf_text(manifest.with_suffix(".pdf"), first, first + int(row["pages"]) - 1)
            self.read[manifest] = rows
        return [(key, text) for rows in self.read.values() for key, text in rows.items()]

    def seen(self, mark):
        return [{"text": text, "key": key} for key, text in self.letters() if mark in text]

    def tell(self, header, row):
        """A file of the print house about the letter that went out last."""
        time.sleep(1)  # its batch is closed right after it was accepted
        newest = max(until(lambda: list(self.house.glob("outbox/letters-*.csv")), 20, "a batch"), key=lambda path: path.stat().st_mtime_ns)
        key = next(csv.DictReader(newest.open(encoding="utf-8", newline="")))["letter_key"]
        self.told += 1
        part = self.house / f"incoming/{self.told}.csv.part"
        part.write_text(f"{header}\n{key},{row}\n")
        part.rename(part.with_suffix(""))

    def prepare(self, behaviour):
        away = self.house / "away"
        if behaviour in ("down", "deferred"):
            (self.house / "open").rename(away)
        elif away.exists() and behaviour != "unreachable":
            away.rename(self.house / "open")
        if behaviour in ("receipt due", "receipt again"):
            self.tell("letter_key,status,at", "posted,2026-11-20T10:00:00Z")
        if behaviour == "refusal due":
            self.tell("letter_key,returned_at,reason", "2026-11-20T10:00:00Z,unknown")

#!/usr/bin/python3
"""Prints letters on a private cupsd whose printer fails on demand: check_ipp.py PRINT_PROGRAM [PORT]

Everything runs in a temporary folder on loopback. The printer is a backend of our own: it stores what it prints, and
looks at the job's name for what is to go wrong. A relay in front of the server loses an answer. Exit 77: skipped.
"""
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BACKEND = """#!/bin/sh
[ $# -eq 0 ] && {{ echo 'network printhouse "Unknown" "Letters"'; exit 0; }}
case "$3" in
  FAIL*) echo "ERROR: out of paper for good" >&2; exit 5 ;;
  HOLD*) exit 3 ;;
esac
cat "${{6:--}}" > "{folder}/printed/$1.pdf"
echo "$3" >> "{folder}/printed/list"
"""
FILES = """ServerRoot {folder}/etc
DataDir /usr/share/cups
ServerBin {folder}/bin
CacheDir {folder}/cache
StateDir {folder}/state
RequestRoot {folder}/spool
TempDir {folder}/spool/tmp
AccessLog {folder}/log/access_log
ErrorLog {folder}/log/error_log
PageLog {folder}/log/page_log
User lp
Group lp
SystemGroup root
"""
SERVER = """LogLevel info
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
PreserveJobHistory Yes
MaxJobs 0
<Location />
  Order allow,deny
  Allow 127.0.0.1
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""


class Cups:
    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        for part in ("etc/ppd", "bin/backend", "spool/tmp", "cache", "state/certs", "log", "printed"):
            (folder / part).mkdir(parents=True)
        for part in Path("/usr/lib/cups").iterdir():
            if part.name != "backend":
                (folder / "bin" / part.name).symlink_to(part)
        backend = folder / "bin/backend/printhouse"
        backend.write_text(BACKEND.format(folder=folder))
        backend.chmod(0o755)
        (folder / "etc/cups-files.conf").write_text(FILES.format(folder=folder))
        (folder / "etc/cupsd.conf").write_text(SERVER.format(port=port))
        folder.chmod(0o755)
        subprocess.run(["chown", "-R", "lp:lp", *(folder / part for part in ("printed", "log"))], check=True)
        subprocess.run(["chown", "-R", "root:lp", *(folder / part for part in ("etc", "spool", "cache", "state"))], check=True)
        for part, mode in (("spool", 0o710), ("spool/tmp", 0o1770), ("cache", 0o770), ("state", 0o755), ("state/certs", 0o711)):
            (folder / part).chmod(mode)
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["cupsd", "-f", "-c", self.folder / "etc/cupsd.conf", "-s", self.folder / "etc/cups-files.conf"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=10)

    def run(self, *command):
        environment = dict(os.environ, CUPS_SERVER=f"127.0.0.1:{self.port}")
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    def printed(self):
        path = self.folder / "printed/list"
        return path.read_text().split() if path.exists() else []


class Relay(threading.Thread):
    """Passes everything on, but hangs up instead of giving the answer to the first Print-Job."""

    def __init__(self, port, goal):
        super().__init__(daemon=True)
        self.goal, self.lost = goal, False
        self.listener = socket.create_server(("127.0.0.1", port))

    def run(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.goal))
            shared = {"printing": False}
            for source, target, back in ((client, server, False), (server, client, True)):
                threading.Thread(target=self.pump, args=(source, target, back, shared), daemon=True).start()

    def pump(self, source, target, back, shared):
        try:
            while data := source.recv(65536):
                if not back and b"%%EOF" in data:
                    shared["printing"] = True
                if back and shared["printing"] and not self.lost and b"successful" not in data and b"100 Continue" not in data:
                    self.lost = True
                    break
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def wait_for_port(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nothing listens on port {port}")


def main():
    program = str(Path(sys.argv[1]).resolve())
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 21631
    if os.geteuid() != 0 or not shutil.which("cupsd") or not shutil.which("lpadmin"):
        print("skipped: needs root and cupsd")
        return 77

    def print_letters(to, seconds, *keys):
        return subprocess.run([program, str(to), str(seconds), *keys], check=True, capture_output=True, text=True).stdout

    with tempfile.TemporaryDirectory(prefix="carillon-cups-") as temporary:
        os.chmod(temporary, 0o755)  # the printer runs as lp
        cups = Cups(Path(temporary) / "cups", port)
        down = print_letters(port, 0.5, "L-0")
        assert "probe ipp.unreachable" in down and "outcome L-0 held" in down, down
        try:
            cups.start()
            cups.run("lpadmin", "-p", "letters", "-E", "-v", "printhouse://loop/", "-m", "raw")

            text = print_letters(port, 3, "L-1", "L-2", "FAIL-3", "HOLD-4")
            for line in ("probe reachable", "outcome L-1 accepted", "receipt L-1 delivered printed",
                         "receipt L-2 delivered printed", "receipt FAIL-3 failed canceled",
                         "receipt HOLD-4 in_progress pending-held"):
                assert line in text, f"{line!r} is missing in\n{text}"
            assert sorted(cups.printed()) == ["L-1", "L-2"], cups.printed()
            first = next(line for line in text.splitlines() if line.startswith("outcome L-1"))

            text = print_letters(port, 1, "L-1", "L-5")
            assert first in text and "outcome L-5 accepted" in text, text
            assert sorted(cups.printed()) == ["L-1", "L-2", "L-5"], f"printed again: {cups.printed()}"

            relay = Relay(port + 1, port)
            relay.start()
            text = print_letters(port + 1, 3, "L-6")
            assert relay.lost, "the relay lost no answer"
            assert "outcome L-6 accepted" in text and text.count("outcome") == 1, text
            assert cups.printed().count("L-6") == 1, cups.printed()

            cups.run("cupsdisable", "letters")
            text = print_letters(port, 2, "L-7")
            assert "outcome L-7 accepted" in text and "receipt L-7 in_progress" in text, text
            cups.run("cupsenable", "letters")
            text = print_letters(port, 2, "L-7")
            assert "receipt L-7 delivered printed" in text, text

            cups.run("cupsreject", "letters")
            text = print_letters(port, 1, "L-8")
            assert "outcome L-8 held" in text, text
            cups.run("cupsaccept", "letters")
            keys = [f"N-{i}" for i in range(100)]
            started = time.monotonic()
            text = print_letters(port, 6, *keys)
            assert text.count("delivered printed") >= 100, text[-2000:]
            assert sorted(key for key in cups.printed() if key.startswith("N-")) == sorted(keys)
        finally:
            cups.stop()
    print(f"ipp: printed once each, failures and a lost answer told apart, 100 letters within {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

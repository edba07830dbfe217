"""What all peers of the conformance suite share: processes in a folder of their own, certificates, patience."""
import shutil
import socket
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


class Skipped(Exception):
    """A program is missing."""


def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def pdf_text(bytes_or_path, first=None, last=None):
    pages = [*(["-f", str(first)] if first else []), *(["-l", str(last)] if last else [])]
    source = bytes_or_path if isinstance(bytes_or_path, Path) else "-"
    return subprocess.run(["pdftotext", "-enc", "UTF-8", *pages, source, "-"], check=True, capture_output=True,
                          input=None if isinstance(bytes_or_path, Path) else bytes_or_path).stdout.decode()


class Peer:
    """One adapter's peer. `settings`: by name; "main" is always there, "faulty" (by way of the relay), "bad_tls", "good_tls"
    and "deferred" when they are. See subject.h for `addresses`, `forms` and `skip`."""
    adapter = ""
    programs = ()
    forms, skip, relay = {}, {}, None
    # What the relay does for a behaviour.
    moods = {"timeout": "mute", "lost answer": "cut", "down": "down", "slow": None}

    def __init__(self, folder, build):
        missing = [name for name in self.programs if not shutil.which(name)]
        if missing:
            raise Skipped(f"no {', '.join(missing)}")
        self.folder, self.build, self.processes = folder, build, []

    def description(self):
        return {"adapter": self.adapter, "folder": str(self.folder), "settings": self.settings(), "addresses": self.addresses,
                "forms": self.forms, "skip": self.skip}

    def run(self, name, *command, **options):
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   cwd=self.folder, **options)
        log.close()
        self.processes.append(process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            end(process)

    def prepare(self, behaviour):
        if self.relay and behaviour != "unreachable":  # it stays away
            self.relay.set(self.moods.get(behaviour))

    def callbacks(self):
        return []

    def harmed(self):
        return []

    def certificates(self):
        """server.pem for localhost by ca.pem; other.pem is an authority that signed nothing of ours."""
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        (self.folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        for command in (
                ["req", "-x509", *new, "-days", "2", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem"],
                ["req", "-x509", *new, "-days", "2", "-subj", "/CN=Another CA", "-keyout", "other.key", "-out", "other.pem"],
                ["req", *new, "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"],
                ["x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                 "-out", "server.pem", "-extfile", "names"]):
            subprocess.run(["openssl", *command], cwd=self.folder, check=True, capture_output=True)


def end(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""A HylaFAX server of its own in a private folder, with real queue (faxq) and real client protocol (hfaxd).

Either with scripted telephone lines (`FastQueue`: no modem, a second per fax, what happens is chosen by the last two
digits of the number) or with two software modems that call each other (`LinePair`). All processes live in the pid and
network namespaces that `in_namespaces` makes: when the test ends, however it ends, none of them is left.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

SKIPPED = 77
PROGRAMS = ("faxq", "hfaxd", "faxmodem", "faxgetty", "iaxmodem", "tiffinfo", "unshare", "ip")
SCRIPTS = Path(__file__).resolve().parents[3] / "packaging/hylafax"

# What a scripted line does: last two digits of the number -> (pages sent before the end, words of HylaFAX, seconds).
# Words and ends are those that the real faxsend writes for the same events.
FATES = {
    "99": ("0", "Busy signal detected", "again"),
    "98": ("0", "No answer from remote", "again"),
    "97": ("0", "No carrier detected", "again"),
    "96": ("1", "No response to PPS repeated 3 times.; too many attempts to send", "failed"),
    "95": ("0", "Invalid dialing command", "failed"),
}
LINE_SCRIPT = r"""#!/bin/bash
# In place of bin/faxsend: options, then the queue file. Ends with 0 (again), 1 (failed) or 2 (done).
q="${@: -1}"
get() { sed -n "s/^$1://p" "$q"; }
put() { sed -i "s|^$1:.*|$1:$2|" "$q"; }
number=$(get number)
sleep __SECONDS__
case "$number" in *93) sleep 4;; esac
tries=$(( $(get ndials) + 1 )); put ndials $tries; put totdials $(( $(get totdials) + 1 )); put tottries $(( $(get tottries) + 1 ))
finish() {  # pages, words, exit status
  put npages "$1"; put status "$2"
  # xferfaxlog(5): one line a call, written by whoever made it
  printf '%s\tSEND\t%s\t%s\t%s\t"%s"\tscript\t"%s"\t"PEER"\t0\t%s\t0:01\t0:01\t"%s"\t""\t""\t"%s"\t""\n' "$(date '+%m/%d/%y %H:%M')" \
    "$(get commid)" fast "$q" "$(get jobtag)" "$number" "$1" "$2" "$(get owner)" >> log/xferfaxlog
  exit "$3"
}
again() {  # words
  [ "$tries" -ge "$(get maxdials)" ] && finish 0 "$1; too many attempts to dial" 1
  put tts $(( $(date +%s) + 1 )); finish 0 "$1" 0
}
case "$number" in
__CASES__
*) put csi "PEER"; finish "$(get totpages)" "" 2;;
esac
"""


def in_namespaces():
    """Runs this program again, as root of a network of its own with nothing but a loopback."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing or os.geteuid() != 0:
        print("skipped: " + (f"no {', '.join(missing)}" if missing else "needs root"))
        sys.exit(SKIPPED)
    if os.environ.get("CARILLON_FAX_NAMESPACE") != "inside":
        os.environ["CARILLON_FAX_NAMESPACE"] = "inside"
        os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                              sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def until(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def owned(path):
    for root, folders, files in os.walk(path):
        for name in [".", *folders, *files]:
            shutil.chown(os.path.join(root, name), "uucp", "uucp")


class Server:
    """One spool with faxq and hfaxd."""

    COMMON = """LogFacility: daemon
CountryCode: 7
AreaCode: 495
LongDistancePrefix: 8
InternationalPrefix: 810
DialStringRules: etc/dialrules
UUCPLockDir: {spool}/locks
ModemClass: "any:.*"
MaxSendPages: 100
PollModemWait: 1
NotifyCmd: bin/notify-carillon
FaxRcvdCmd: bin/faxrcvd-carillon
"""

    def __init__(self, folder, port, settings):
        self.folder, self.port, self.spool, self.processes = Path(folder), port, Path(folder) / "spool", {}
        self.notices, self.received = self.spool / "carillon/notify", self.spool / "carillon/received"
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree("/var/spool/hylafax", self.spool, symlinks=True, ignore=lambda path, names: [
            name for name in names if name in ("etc", "dev") or not (Path(path) / name).is_dir() and
            not (Path(path) / name).is_file()])
        shutil.copytree("/etc/hylafax", self.spool / "etc", symlinks=True, dirs_exist_ok=True)
        for name in ("locks", "dev", "carillon/notify", "carillon/received"):
            (self.spool / name).mkdir(parents=True, exist_ok=True)
        cache = self.spool / "etc/setup.cache"
        cache.write_text(re.sub(r"(?m)^SPOOL=.*", f"SPOOL='{self.spool}'", cache.read_text()))
        hosts = self.spool / "etc/hosts.hfaxd"
        hosts.write_text("127.0.0.1:21::\nlocalhost:21::\n")
        hosts.chmod(0o600)
        (self.spool / "etc/config").write_text(self.COMMON.format(spool=self.spool) + settings)
        for name in ("notify-carillon", "faxrcvd-carillon"):
            shutil.copy(SCRIPTS / name, self.spool / "bin" / name)
            (self.spool / "bin" / name).chmod(0o755)
        for part in Path(folder).resolve().parents:
            if part != Path("/") and not os.stat(part).st_mode & 0o001:
                part.chmod(os.stat(part).st_mode | 0o011)  # the fax user must get through
        self.folder.chmod(0o755)
        owned(self.spool)

    def run(self, name, *command):
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log,
                                                    stderr=log, start_new_session=True)

    def end(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name, None)
        if process is None:
            return
        for each in (how, signal.SIGKILL):
            try:
                os.killpg(process.pid, each)
                process.wait(timeout=5)
                return
            except ProcessLookupError:
                process.wait()
                return
            except subprocess.TimeoutExpired:
                continue

    def start_queue(self):
        self.run("faxq", "faxq", "-D", "-q", self.spool)
        until(lambda: (self.spool / "FIFO").is_fifo(), 10, "faxq is up")

    def start_protocol(self):
        self.run("hfaxd", "hfaxd", "-d", "-q", self.spool, "-l", "127.0.0.1", "-i", self.port)
        until(self.answers, 10, "hfaxd answers")

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                return connection.recv(100).startswith(b"220")
        except OSError:
            return False

    def stop(self):
        for name in reversed(list(self.processes)):
            self.end(name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def jobs(self, queue):
        """Every job of sendq or doneq: a dictionary of its queue file."""
        found = []
        for path in sorted((self.spool / queue).glob("q*")):
            try:
                text = path.read_text("utf-8", "replace")
            except FileNotFoundError:
                continue
            found.append(dict(line.split(":", 1) for line in text.splitlines() if ":" in line))
        return found

    def calls(self):
        """(tag, number, pages, words) of every call, from HylaFAX's own log."""
        log = self.spool / "log/xferfaxlog"
        rows = [line.split("\t") for line in log.read_text("utf-8").splitlines()] if log.exists() else []
        return [(row[5].strip('"'), row[7].strip('"'), int(row[10]), row[13].strip('"')) for row in rows if row[1] == "SEND"]


class FastQueue(Server):
    def __init__(self, folder, port, lines=2, seconds=0.2):
        super().__init__(folder, port, "SendFaxCmd: bin/scripted-line\n"
                         # The real faxsend takes several jobs for one number; the script takes one.
                         "MaxBatchJobs: 1\nJobRetryOther: 1\nJobReqOther: 1\nJobReqBusy: 1\n")
        self.lines = [f"fast{i}" for i in range(lines)]
        cases = []
        for digits, (pages, words, end) in FATES.items():
            action = f'again "{words}"' if end == "again" else f'finish {pages} "{words}" 1'
            cases.append(f"*{digits}) {action};;")
        script = self.spool / "bin/scripted-line"
        script.write_text(LINE_SCRIPT.replace("__CASES__", "\n".join(cases)).replace("__SECONDS__", str(seconds)))
        script.chmod(0o755)
        for line in self.lines:
            shutil.copy(self.spool / "etc/config", self.spool / f"etc/config.{line}")
            status = self.spool / "status" / line
            status.write_text("Running and idle\n")
        owned(self.spool)

    def start(self):
        self.start_queue()
        self.start_protocol()
        # faxgetty announces its modem again and again; a scripted line has none, so this does.
        words = " ".join(self.lines)
        self.run("announcer", "sh", "-c", f"while sleep 0.5; do for line in {words}; do [ -e {self.spool}/locks/LCK..$line ] || "
                 f"faxmodem -q {self.spool} $line; done; done")
        return self


class LinePair:
    """Two servers, each with a software modem, and a telephone line between the two: what one dials, the other answers.

    iaxmodem dials the address it is given as its server, so two of them that name each other are a line without an
    exchange; T.30 over it is real, and takes its real time.
    """

    # Both the queue and whoever dials read when to call again, each in its own file.
    AGAIN = """JobRetryOther: 5
JobRetryBusy: 5
JobReqBusy: 5
JobReqNoAnswer: 5
JobReqNoCarrier: 5
JobReqProto: 5
JobReqOther: 5
"""
    SETTINGS = "MaxConcurrentCalls: 1\n" + AGAIN
    MODEM = """CountryCode: 7
AreaCode: 495
FAXNumber: {number}
LongDistancePrefix: 8
InternationalPrefix: 810
DialStringRules: etc/dialrules
SessionTracing: 0xFFF
ServerTracing: 1
RecvFileMode: 0644
DeviceMode: 0660
RingsBeforeAnswer: 1
SpeakerVolume: off
LocalIdentifier: "{name}"
MaxRecvPages: 100
UUCPLockDir: {spool}/locks
FaxRcvdCmd: bin/faxrcvd-carillon
ModemType: Class1
Class1AdaptRecvCmd: AT+FAR=1
Class1TMConnectDelay: 400
CallIDPattern: "NMBR="
CallIDPattern: "NAME="
ModemResetCmds: "AT+VCID=1"
""" + AGAIN

    def __init__(self, folder, ports, lines, mark):
        self.folder, self.mark = Path(folder), f"{mark}{os.getpid()}"
        self.ours = Server(self.folder / "ours", ports[0], self.SETTINGS)
        self.theirs = Server(self.folder / "theirs", ports[1], self.SETTINGS)
        self.sides = {"A": (self.ours, lines[0], lines[1], "+74951000100", "BANK"),
                      "B": (self.theirs, lines[1], lines[0], "+74952000200", "CLIENT FAX")}

    def device(self, side):
        return f"tty{self.mark}{side}"

    def start_modem(self, side):
        server, port, other, number, name = self.sides[side]
        config = server.folder / "modem.cfg"
        config.write_text(f"device /dev/{self.device(side)}\nowner uucp:uucp\nmode 660\nport {port}\nrefresh 0\n"
                          f"server 127.0.0.1:{other}\npeername {name.split()[0]}\nsecret none\ncidname {name.split()[0]}\n"
                          f"cidnumber {number[1:]}\ncodec slinear\nnodaemon\n")
        (server.spool / f"etc/config.{self.device(side)}").write_text(
            self.MODEM.format(number=number, name=name, spool=server.spool))
        owned(server.spool / "etc")
        # It looks for its configuration in /etc/iaxmodem only, and a name may lead out of there.
        server.run("modem", "iaxmodem", f"../..{config}")
        until(lambda: Path(f"/dev/{self.device(side)}").exists(), 10, "the modem is there")

    def start_answering(self, side):
        server = self.sides[side][0]
        server.run("getty", "faxgetty", "-q", server.spool, self.device(side))

    def start(self):
        for side, (server, *_) in self.sides.items():
            self.start_modem(side)
            server.start_queue()
        self.ours.start_protocol()
        for side in self.sides:
            self.start_answering(side)
        time.sleep(3)
        return self

    def session(self):
        """What our side's latest call has written of itself."""
        logs = sorted((self.ours.spool / "log").glob("c0*"))
        return logs[-1].read_text("utf-8", "replace") if logs else ""

    def stop(self):
        for server, *_ in self.sides.values():
            server.stop()
        for side in self.sides:
            Path(f"/dev/{self.device(side)}").unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

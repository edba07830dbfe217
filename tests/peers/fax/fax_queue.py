#!/usr/bin/python3
"""Faxes through a real HylaFAX queue whose telephone lines are scripted: fax_queue.py SEND_PROGRAM

What comes of every kind of call, of every lost answer, of hostile names, restarts and a server that is away. In the end
HylaFAX's own log has to show every fax exactly as often as it should have been dialled. Exit 77: a program is missing.
"""
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hylafax
from cutting_proxy import CuttingProxy
from sender import Sender

NUMBER = "+749520002"
PORT, PROXY_PORT = 14559, 14570  # in a network namespace of our own


def job_of(line):
    return line.rsplit(" ", 1)[1]


def every_kind_of_call(program, folder, server):
    with Sender(program, folder / "calls", server) as sender:
        assert "answers, 0 of our faxes wait" in probe(sender)
        sender.say(f"send good {NUMBER}00 Анна Ким")
        sender.say(f"send busy {NUMBER}99 Б")
        sender.say(f"send silent {NUMBER}98 В")
        sender.say(f"send voice {NUMBER}97 Г")
        sender.say(f"send cut {NUMBER}96 Д")
        sender.say(f"send wrong {NUMBER}95 Е")
        sender.say("send nonsense 12345 Ж")
        sender.say(f"late late {NUMBER}00 З")
        sender.wait("outcome ", 60, 8)
        for key in ("good", "busy", "silent", "voice", "cut", "wrong"):
            assert " accepted 2 job " in sender.wait(f"outcome {key} "), sender.lines
        assert sender.wait("outcome nonsense ").startswith("outcome nonsense rejected bad"), sender.lines
        assert sender.wait("outcome late ").startswith("outcome late deferred free"), sender.lines
        assert sender.wait("receipt good delivered", 60) == "receipt good delivered 2 sent, 2 pages"
        for start in ("busy failed 0 busy: ", "silent failed 0 no answer: ", "voice failed 0 no fax machine answered: ",
                      "cut failed 1 the line was cut: ", "wrong bad_address 0 the number is invalid: "):
            sender.wait("receipt " + start, 60)
        # Every fruitless call is told, but a slow machine may tell the last one only: the hook reads the job when it runs.
        under_way = {"busy": "busy: Busy signal detected", "silent": "no answer: No answer", "voice": "no fax machine answered: No carrier"}
        told = [line for key in under_way for line in sender.found(f"receipt {key} in_progress")]
        assert told, sender.lines
        assert all(under_way[line.split()[1]] in line for line in told), told
        sender.say(f"send good {NUMBER}00 Анна Ким")  # the platform does not know any more, and asks again
        again = sender.wait("outcome good ", 20, 2)
        assert job_of(again[0]) == job_of(again[1]), again
        time.sleep(2.5)  # more polls: nothing is told twice
        assert sender.end() == 0
    receipts = [line for line in sender.lines if line.startswith("receipt")]
    assert len(receipts) == len(set(receipts)), receipts
    with Sender(program, folder / "calls", server) as sender:  # another process with the same memory
        sender.say(f"send good {NUMBER}00 Анна Ким")
        assert job_of(sender.wait("outcome good ")) == job_of(again[0])
    with Sender(program, folder / "no-memory", server) as sender:  # and one that only has the queue to ask
        sender.say(f"send good {NUMBER}00 Анна Ким")
        sender.say(f"send wrong {NUMBER}95 Е")
        assert job_of(sender.wait("outcome good ")) == job_of(again[0])
        assert " accepted " in sender.wait("outcome wrong ")
    return {"good": 1, "busy": 2, "silent": 2, "voice": 2, "cut": 1, "wrong": 1}


def probe(sender):
    sender.say("probe -")
    return sender.wait("probe ")


def hostile_fields(program, folder, server):
    name = r'Ян "x" \ %s\nJKILL 1\nJPARM DIALSTRING "+70000000000" ' + "длинное имя " * 60
    with Sender(program, folder / "hostile", server) as sender:
        sender.say(f"send h%1 {NUMBER}01 {name}")
        assert " accepted 2 " in sender.wait("outcome h%1 ")
        sender.wait("receipt h%1 delivered 2", 60)
        job = next(job for job in server.jobs("doneq") if job["jobtag"] == "carillon-h%251")
        assert job["number"] == NUMBER + "01", job
        assert job["receiver"].startswith('Ян "x" \\ %s  JKILL 1  JPARM DIALSTRING "+70000000000" длинное'), job["receiver"]
        assert len(job["receiver"].encode()) < 420, job["receiver"]
    return {"h%251": 1}


def lost_answers(program, folder, server):
    proxy = CuttingProxy(PROXY_PORT, server.port)
    away = type("Away", (), {"port": PROXY_PORT, "notices": server.notices, "received": server.received})
    with Sender(program, folder / "lost", away) as sender:
        proxy.cut("JSUBM", "after")
        sender.say(f"send taken {NUMBER}02 А")
        assert " accepted 2 job " in sender.wait("outcome taken ", 40), sender.lines
        proxy.cut("JSUBM", "before")
        sender.say(f"send untaken {NUMBER}02 А")
        assert sender.wait("outcome untaken ", 40).startswith("outcome untaken deferred counts not submitted"), sender.lines
        sender.say(f"send untaken {NUMBER}02 А")
        assert " accepted " in sender.wait("outcome untaken ", 40, 2)[1]
        proxy.cut("JSUBM", "mute")
        sender.say(f"send mute {NUMBER}02 А")
        assert " accepted 2 job " in sender.wait("outcome mute ", 40), sender.lines
        for at in ("STOT", "JNEW", "JPARM DOCUMENT"):
            proxy.cut(at, "mute")
            key = "slow" + at.replace(" ", "").lower()
            sender.say(f"send {key} {NUMBER}02 А")
            assert sender.wait(f"outcome {key} ", 40).startswith(f"outcome {key} deferred counts"), sender.lines
            time.sleep(2.2)  # the channel leaves the server alone for a moment
            sender.say(f"send {key} {NUMBER}02 А")
            assert " accepted " in sender.wait(f"outcome {key} ", 40, 2)[1], sender.lines
        proxy.cut("JPARM DOCUMENT", "stuck")  # a job that was begun, by a session the server believes to be alive
        sender.say(f"send stuck {NUMBER}02 А")
        assert sender.wait("outcome stuck ", 40).startswith("outcome stuck deferred counts"), sender.lines
        time.sleep(2.2)
        sender.say(f"send stuck {NUMBER}02 А")
        assert "suspended on the server" in sender.wait("outcome stuck deferred free", 40), sender.lines
        proxy.release()
        hylafax.until(lambda: not [job for job in server.jobs("sendq") if job["jobtag"] == "carillon-stuck"], 10, "it is gone")
        sender.say(f"send stuck {NUMBER}02 А")
        sender.wait("outcome stuck deferred free", 40, 1)
        assert " accepted " in sender.wait("outcome stuck ", 40, 3)[2], sender.lines
        assert proxy.cuts == 7, proxy.cuts
        proxy.cut("JSUBM", "after", then_gone=True)
        sender.say(f"send unknown {NUMBER}02 А")
        assert sender.wait("outcome unknown ", 40).startswith("outcome unknown uncertain"), sender.lines
        sender.say(f"send gone {NUMBER}02 А")
        assert sender.wait("outcome gone ", 40).startswith("outcome gone deferred free"), sender.lines
        proxy.gone = False
        sender.wait("receipt unknown delivered 2", 90)  # somebody answered
        time.sleep(4)
        sender.say(f"send unknown {NUMBER}02 А")
        assert " accepted 2 job " in sender.wait("outcome unknown ", 40, 2)[1], sender.lines
        keys = ("taken", "untaken", "mute", "slowstot", "slowjnew", "slowjparmdocument", "stuck", "unknown")
        for key in keys:
            sender.wait(f"receipt {key} delivered 2", 60)
    return {key: 1 for key in keys}


def forgotten_by_the_server(program, folder, server):
    """A fax that was being handed over long ago, and that no listing shows: nobody can know."""
    memory = folder / "forgotten/handed-over"
    memory.mkdir(parents=True)
    long_ago = int((time.time() - 3600) * 1000)
    (memory / "old.fax").write_text(f"{long_ago} \n")
    (memory / "young.fax").write_text(f"{int(time.time() * 1000)} \n")
    (memory / "spoilt.fax").write_text("")
    with Sender(program, folder / "forgotten", server) as sender:
        for key in ("old", "young", "spoilt"):
            sender.say(f"send {key} {NUMBER}03 А")
        assert sender.wait("outcome old ").startswith("outcome old uncertain")
        assert " accepted " in sender.wait("outcome young ")
        assert sender.wait("outcome spoilt ").startswith("outcome spoilt deferred free")
        sender.wait("receipt young delivered", 60)
    return {"young": 1}


def server_away(program, folder, server):
    with Sender(program, folder / "away", server) as sender:
        server.end("hfaxd")
        sender.say(f"send away {NUMBER}04 А")
        assert sender.wait("outcome away ").startswith("outcome away deferred free"), sender.lines
        assert probe(sender) == "probe fax.server_unreachable"
        server.start_protocol()
        time.sleep(2.2)
        server.end("faxq")
        sender.say(f"send away {NUMBER}04 А")  # hfaxd is there, the scheduler is not
        assert sender.wait("outcome away ", 40, 2)[1].startswith("outcome away deferred counts not submitted"), sender.lines
        server.start_queue()
        sender.say(f"send away {NUMBER}04 А")
        assert " accepted " in sender.wait("outcome away ", 40, 3)[2], sender.lines
        sender.wait("receipt away delivered 2", 60)
    return {"away": 1}


def called_back(program, folder, server):
    with Sender(program, folder / "back", server) as sender:
        sender.say(f"send back {NUMBER}93 А")
        sender.wait("outcome back accepted ")
        sender.say("cancel back")
        assert sender.wait("cancel back") == "cancel back done"
        assert "stopped by a person" in sender.wait("receipt back failed", 60)
        sender.say("cancel back")
        assert sender.wait("cancel back", 20, 2)[1] == "cancel back fax.cancel_too_late"
        sender.say("cancel never")
        assert sender.wait("cancel never") == "cancel never fax.unknown"


def stopped_in_flight(program, folder, server):
    with Sender(program, folder / "stop", server) as sender:
        for i in range(12):
            sender.say(f"send stop{i} {NUMBER}05 А")
        sender.wait("outcome stop0 ")
        sender.say("stop 0")
        sender.wait("stopped")
        outcomes = sender.wait("outcome ", 10, 12)
        assert len(outcomes) == 12 and len({line.split()[1] for line in outcomes}) == 12, outcomes
        accepted = [line.split()[1] for line in outcomes if " accepted " in line]
        assert all(" deferred free" in line or " accepted " in line or " uncertain " in line for line in outcomes), outcomes
        sender.say(f"send after {NUMBER}05 А")
        assert sender.wait("outcome after ").startswith("outcome after deferred free")
    with Sender(program, folder / "stop", server) as sender:
        for i in range(12):
            sender.say(f"send stop{i} {NUMBER}05 А")
        sender.wait("outcome ", 60, 12)
        assert len(sender.found("outcome ")) == sum(" accepted " in line for line in sender.lines), sender.lines
        sender.wait("receipt stop", 90, 12)
    return {f"stop{i}": 1 for i in range(12)}, len(accepted)


def notices_alone(program, folder, server):
    with Sender(program, folder / "notices", server, poll_seconds=600) as sender:
        sender.say(f"send told {NUMBER}06 А")
        sender.wait("receipt told delivered 2", 30)
        hylafax.until(lambda: not list(server.notices.glob("*")), 10, "notices are removed once they are told")
        (server.notices / "x.notice").write_bytes(b"\xff\x00 no notice\n" * 9000)
        hylafax.until(lambda: (server.notices / "rejects/x.notice").exists(), 10, "what cannot be read is put aside")
    return {"told": 1}


def received(program, folder, server):
    tiff = next(path for path in (server.spool / "docq").iterdir() if path.read_bytes()[:2] in (b"II", b"MM"))
    target = server.spool / "recvq/fax000000001.tif"
    shutil.copy(tiff, target)
    with Sender(program, folder / "received", server) as sender:
        for caller, communication in (("+7 495 200-02-00", "000000007"), ('"; rm -rf /', "000000008")):
            subprocess.run(["bin/faxrcvd-carillon", "recvq/fax000000001.tif", "fast0", communication, "", caller],
                           cwd=server.spool, check=True)
        lines = sender.wait("inbound ", 20, 2)
        assert lines[0].startswith(f"inbound +74952000200 {target.stat().st_size} "), lines
        assert lines[1].startswith('inbound "; rm -rf / '), lines
        assert Path(lines[0].rsplit(" ", 1)[1]).read_bytes() == target.read_bytes()
        time.sleep(2.2)
        assert len(sender.found("inbound ")) == 2
        assert not [path for path in server.received.iterdir() if path.is_file()], list(server.received.iterdir())


def sandbox(program, folder, server):
    with Sender(program, folder / "sandbox", server, transport="file", spool="spool") as sender:
        sender.say(f"send seen {NUMBER}00 Анна")
        assert " accepted 2 seen.pdf" in sender.wait("outcome seen ")
    files = sorted(path.name for path in (folder / "sandbox/spool").iterdir())
    assert files == ["seen.pdf", "seen.tiff"], files
    mail = {"name": "gateway", "kind": "email", "transport": "file", "spool": "mail", "from": {"address": "fax@bank.example"}}
    with Sender(program, folder / "sandbox", server, transport="email", email=mail, gateway={"domain": "fax.example"},
                dial_rules=[{"prefix": "+7", "dial": "7"}]) as sender:
        sender.say(f"send mailed {NUMBER}00 Анна")
        assert " accepted 2 " in sender.wait("outcome mailed "), sender.lines
        sender.say("send abroad +4930000000 Анна")
        assert sender.wait("outcome abroad ").startswith("outcome abroad rejected fine"), sender.lines
    letter = next((folder / "sandbox/mail").rglob("*.eml")).read_bytes()
    assert b"To: 74952000200@fax.example" in letter and b"application/pdf" in letter, letter[:600]


def main():
    hylafax.in_namespaces()
    program = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(prefix="carillon-fax-") as temporary:
        folder = Path(temporary)
        with hylafax.FastQueue(folder / "server", PORT, lines=3).start() as server:
            expected = {}
            for story in (every_kind_of_call, hostile_fields, lost_answers, forgotten_by_the_server, server_away, notices_alone):
                begun = time.monotonic()
                expected.update(story(program, folder, server))
                print(f"{story.__name__}: {time.monotonic() - begun:.1f} s", flush=True)
            stops, in_time = stopped_in_flight(program, folder, server)
            expected.update(stops)
            for story in (called_back, received, sandbox):
                story(program, folder, server)
            calls = {}
            for tag, *_ in server.calls():
                calls[tag.removeprefix("carillon-")] = calls.get(tag.removeprefix("carillon-"), 0) + 1
            calls.pop("back", None)
            assert calls == expected, json.dumps([calls, expected], indent=1)
            left = [job for job in server.jobs("sendq")]
            assert not left, left
        print(f"{len(expected)} faxes in {sum(calls.values())} calls, each as often as it should; "
              f"{in_time} of 12 accepted before the stop")
    return 0


if __name__ == "__main__":
    sys.exit(main())

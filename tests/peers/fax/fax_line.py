#!/usr/bin/python3
"""Faxes over a telephone line, with modems and T.30: fax_line.py SEND_PROGRAM [KEEP_FOLDER]

At the same time, on three lines: a fax of two pages in Russian that arrives, page by page the same picture as was sent, at a
bank that runs the whole program with nothing to send: it becomes a client's answer to the campaign that wrote to him, and
its pages lie in the database; one to a number that is busy at first and takes the second call; one whose line is cut in the
middle of a page. Takes as long as faxes take. Exit 77: a program is missing.
"""
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tty
from pathlib import Path

import hylafax
from sender import Sender

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import lab

CALLER, NUMBER = "+74951000100", "+74952000200"


def ink(path, page):
    """The page as rows of bits, 1 is black."""
    from PIL import Image
    image = Image.open(path)
    image.seek(page)
    return image.convert("1").point(lambda value: 255 - value)


def agreement(sent, received, top):
    """How much of the ink of `sent` below `top` is found in `received` within two pixels, and the other way round."""
    from PIL import ImageChops, ImageFilter
    height = min(sent.height, received.height)
    cut = [image.crop((0, top, 1728, height)).convert("L") for image in (sent, received)]
    grown = [image.filter(ImageFilter.MaxFilter(5)) for image in cut]
    shares = []
    for own, other in ((0, 1), (1, 0)):
        missed = ImageChops.subtract(cut[own], grown[other])
        shares.append(1 - missed.histogram()[255] / max(1, cut[own].histogram()[255]))
    return shares


def bank_that_wrote(folder, server):
    """A bank that has written to the caller once, and now has nothing to send."""
    folder.mkdir()
    bank = lab.Bank(folder)
    fax = {"kind": "fax", "sender": {"name": "Банк", "number": NUMBER}}
    for channel in ({"name": "fax", "transport": "hfaxd", "host": "127.0.0.1", "port": server.port, "poll_seconds": 600,
                     "folder": str(folder / "handed-over"), "received": str(server.received), **fax},
                    {"name": "fax-trial", "transport": "file", "folder": str(folder / "outbox"), **fax}):
        bank.carillon("channel", "apply", bank.write(channel["name"] + ".json", channel))
    bank.carillon("segment", "apply", bank.write("all.segment.json", {"name": "all", "title": "All", "rule": {"all": []}}))
    bank.carillon("template", "apply", bank.write("note.template.json", {
        "name": "note", "channel": "fax", "default_locale": "ru",
        "locales": {"ru": {"subject": "О вкладе", "text": "Ответьте факсом."}}}))
    bank.carillon("import", "clients", bank.write("clients.csv", "external_id,kind,first_name,fax,locale,time_zone,status\n"
                                                  f"C1,person,Анна,{CALLER},ru,Europe/Moscow,active\n"))
    bank.carillon("import", "consents", bank.write("consents.csv", "client,channel,purpose,granted,at,source\n"
                                                   "C1,fax,marketing,1,2025-01-01T00:00:00Z,contract\n"))
    bank.launch({"name": "offer", "title": "Offer", "objective": "cross_sell", "segment": "all", "control": {"percent": 0},
                 "steps": [{"channel": "fax", "template": "note", "account": "fax-trial"}],
                 "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}})
    assert bank.start_sending().wait(60) == 0
    assert bank.count("state IN ('accepted', 'delivered')") == 1, bank.states()
    return bank


def received_by(bank, pair, keep):
    """The document that came in, as `carillon inbound document` gives it, and what the database says of it."""
    rows = lab.wait_until(lambda: bank.database.rows("SELECT id, sender FROM inbound"), 60, "the fax is in the database")
    assert [row[1] for row in rows] == [CALLER], rows
    assert bank.database.rows("SELECT c.external_id, r.kind, p.name FROM responses r JOIN clients c ON c.id = r.client_id"
                              " JOIN campaigns p ON p.id = r.campaign_id") == [("C1", "reply", "offer")]
    listed = bank.carillon("inbound", "faxes").stdout
    assert CALLER in listed, listed
    tiff = bank.folder / "received.tif"
    with open(tiff, "wb") as out:
        subprocess.run(bank.command("inbound", "document", rows[0][0]), check=True, stdout=out, timeout=60)
    assert not list(pair.theirs.received.glob("*.fax")), "a fax that is stored is taken away"
    if keep:
        shutil.copy(tiff, Path(keep) / "received.tif")
    return tiff


def arrives(program, folder, keep):
    with hylafax.LinePair(folder / "arrives", (14601, 14603), (14611, 14612), "cra").start() as pair:
        bank = bank_that_wrote(folder / "arrives/bank", pair.theirs)
        try:
            with Sender(program, folder / "arrives/sender", pair.ours) as sender:
                running = bank.start("run")
                sender.say(f"send two {NUMBER} Анна Ким")
                assert " accepted 2 job " in sender.wait("outcome two ")
                assert sender.wait("receipt two delivered", 240) == "receipt two delivered 2 sent, 2 pages"
                document = next((pair.ours.spool / "docq").glob("doc*"))
                tiff = received_by(bank, pair, keep)
                assert lab.end(running) == 0
        finally:
            bank.stop()
        info = subprocess.run(["tiffinfo", tiff], check=True, capture_output=True, text=True).stdout
        assert info.count("TIFF Directory at") == 2, info
        shares = [agreement(ink(document, page), ink(tiff, page), 0) for page in (0, 1)]
        assert all(share > 0.98 for page in shares for share in page), shares
        strange = agreement(ink(document, 0), ink(tiff, 1), 0)
        assert min(strange) < 0.9, f"the comparison does not tell pages apart: {strange}"
        if keep:
            shutil.copy(document, Path(keep) / "sent.tif")
        session = pair.session()
        assert len(pair.ours.calls()) == 1 and pair.ours.calls()[0][2] == 2, pair.ours.calls()
        rate = next((line for line in session.splitlines() if "USE" in line and "bit/s" in line), "").split("USE ")[-1]
        return f"2 pages, {min(min(page) for page in shares):.4f} of the ink in place, {rate}"


def hang_up_on_every_ring(device, stop):
    """A subscriber whose line is busy: every call is turned away."""
    modem = os.open(f"/dev/{device}", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(modem)
    os.write(modem, b"ATE0\r")
    heard = b""
    while not stop.is_set():
        if select.select([modem], [], [], 0.2)[0]:
            heard += os.read(modem, 500)
            if b"RING" in heard:
                heard = b""
                os.write(modem, b"ATH0\r")
    os.close(modem)


def busy(program, folder, _):
    with hylafax.LinePair(folder / "busy", (14621, 14623), (14631, 14632), "crb").start() as pair:
        pair.theirs.end("getty")
        stop = threading.Event()
        subscriber = threading.Thread(target=hang_up_on_every_ring, args=(pair.device("B"), stop), daemon=True)
        subscriber.start()
        try:
            with Sender(program, folder / "busy/sender", pair.ours, dials_max=6) as sender:
                sender.say(f"send busy {NUMBER} Анна Ким")
                first = sender.wait("receipt busy in_progress", 150)
                assert "busy: Busy signal detected" in first, first
                stop.set()
                subscriber.join()
                pair.start_answering("B")
                assert sender.wait("receipt busy delivered", 240) == "receipt busy delivered 2 sent, 2 pages"
        finally:
            stop.set()
            subscriber.join()
        calls = pair.ours.calls()
        assert calls[0][2:] == (0, "Busy signal detected") and calls[-1][2] == 2 and len(calls) > 1, calls
        assert [pages for _, _, pages, _ in calls].count(2) == 1, calls
        assert len({tag for tag, *_ in calls}) == 1, calls
        return f"{first}; then call {len(calls)}: 2 pages"


def cut(program, folder, _):
    with hylafax.LinePair(folder / "cut", (14641, 14643), (14651, 14652), "crc").start() as pair:
        with Sender(program, folder / "cut/sender", pair.ours, dials_max=1, tries_max=1) as sender:
            sender.say(f"send cut {NUMBER} Анна Ким")
            hylafax.until(lambda: "SEND begin page" in pair.session(), 120, "the page is on the line")
            time.sleep(2)
            pair.theirs.end("modem", signal.SIGKILL)
            return sender.wait("receipt cut failed 0 the line was cut: ", 240)


def main():
    hylafax.in_namespaces()
    try:
        import PIL  # noqa: F401
    except ImportError:
        print("skipped: no python3-pil")
        return hylafax.SKIPPED
    program = Path(sys.argv[1]).resolve()
    keep = sys.argv[2] if len(sys.argv) > 2 else None
    said, failures = {}, []
    with tempfile.TemporaryDirectory(prefix="carillon-fax-") as temporary:
        Path(temporary).chmod(0o755)

        def tell(story):
            begun = time.monotonic()
            try:
                said[story.__name__] = f"{story(program, Path(temporary), keep)} ({time.monotonic() - begun:.0f} s)"
            except BaseException as error:  # an assertion of a thread must fail the test too
                failures.append(f"{story.__name__}: {error!r}")

        stories = [threading.Thread(target=tell, args=(story,)) for story in (arrives, busy, cut)]
        for story in stories:
            story.start()
            time.sleep(0.5)
        for story in stories:
            story.join()
    for name, result in said.items():
        print(f"{name}: {result}")
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

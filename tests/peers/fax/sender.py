"""The program under test at the end of a pipe, and what it said."""
import json
import subprocess
import threading
import time
from pathlib import Path


class Sender:
    def __init__(self, program, folder, server, **settings):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        given = {"name": "fax", "kind": "fax", "transport": "hfaxd", "host": "127.0.0.1", "port": server.port,
                 "folder": "handed-over", "notices": str(server.notices), "received": str(server.received),
                 "sender": {"name": "Банк «Карильон»", "number": "+7 495 100-01-00"}, "dials_max": 2, "poll_seconds": 1,
                 "timeouts": {"connect_seconds": 2, "reply_seconds": 8, "data_seconds": 5, "settle_seconds": 5}}
        given.update(settings)
        path = self.folder / "fax.json"
        path.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        self.lines, self.arrived = [], threading.Condition()
        self.process = subprocess.Popen([str(program), str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        encoding="utf-8")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait("ready", seconds=20)

    def read(self):
        for line in self.process.stdout:
            with self.arrived:
                self.lines.append(line.rstrip("\n"))
                self.arrived.notify_all()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def found(self, start):
        return [line for line in self.lines if line.startswith(start)]

    def wait(self, start, seconds=30, count=1):
        """The first lines that begin so, at least `count`."""
        end = time.monotonic() + seconds
        with self.arrived:
            while len(self.found(start)) < count:
                left = end - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self.reader.is_alive()):
                    raise AssertionError(f"not said within {seconds} s: {start!r}; said: {self.lines}")
                self.arrived.wait(min(left, 0.5))
            return self.found(start) if count > 1 else self.found(start)[0]

    def end(self):
        """Its exit status after the end of its input."""
        self.process.stdin.close()
        status = self.process.wait(timeout=30)
        self.reader.join(timeout=5)
        return status

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(timeout=5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()

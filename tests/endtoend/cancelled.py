#!/usr/bin/python3
"""Who asks for a count and goes away leaves nothing running: the database's own list of what it does says so.

The count is held up by a lock on a table, so that it would take as long as the lock. Control: as long as he stays it goes on.
SQLite has no such list: there the statement's end is tested in tests/database/unwanted_test.cpp, and here that the count of one
who stays is answered.
"""
import http.client
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfFigures, main

QUESTION = {"segment": {"name": "all", "rule": {"all": []}}, "channels": ["email"], "purpose": "marketing"}
GENEROUS = 90


class Lock:
    """Keeps others from the table until it is let go."""

    def __init__(self, database):
        self.client = subprocess.Popen(["mariadb", "--no-defaults", f"--socket={database.socket}", "--user=root", "--batch", "--unbuffered",
                                        "--skip-column-names", "carillon"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.client.stdin.write("LOCK TABLES clients WRITE; SELECT 'held';\n")
        self.client.stdin.flush()
        if self.client.stdout.readline().strip() != "held":
            raise lab.LabError("the lock was not taken")

    def let_go(self):
        self.client.stdin.close()
        self.client.wait(20)


def begin(caller, port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/api/v1/segments:count", json.dumps(QUESTION),
                       {"Cookie": caller.cookie, "X-CSRF-Token": caller.csrf, "Content-Type": "application/json"})
    return connection


class Story(StoryOfFigures):
    def __init__(self, engine, folder):
        super().__init__()
        self.engine = engine
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n[server]\ncount_seconds = 600\n")
        lab.populate(self.bank.database, 5)
        add_user(self.bank, "author", "author")
        self.front = Front(self.bank)
        self.author = signed_in(self.front.port, "author")

    def held_up(self):
        return self.bank.database.rows("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'")[0][0]

    def stays(self):
        answer = begin(self.author, self.front.port).getresponse()
        self.expect("a count", (answer.status, json.loads(answer.read())["matched"]), (200, 5))

    def leaves(self):
        lock = Lock(self.bank.database)
        try:
            connection = begin(self.author, self.front.port)
            lab.wait_until(lambda: self.held_up() == 1, GENEROUS, "the count waits for the lock")
            time.sleep(1.5)
            self.expect("control: it goes on as long as he stays", self.held_up(), 1)
            connection.close()
            lab.wait_until(lambda: self.held_up() == 0, GENEROUS, "the count ends when he leaves")
            self.expect("the lock is still held", lock.client.poll(), None)
        finally:
            lock.let_go()

    def tell(self):
        self.stays()
        if self.engine == "mariadb":
            self.leaves()
        self.stays()


if __name__ == "__main__":
    sys.exit(main(Story))

#!/usr/bin/python3
"""The control of the kill tests: a sender that keeps only a cursor, moved before or after each batch of a hundred.

It is careful in every other way (the cursor is synced, answers are read), so whatever it loses or doubles is the fault
of the idea.
"""
import os
import socket
import subprocess
import sys
from pathlib import Path

BATCH = 100


def start(folder, port, messages, moves):
    return subprocess.Popen([sys.executable, __file__, str(folder), str(port), str(messages), moves])


def rows_of(folder, messages):
    """What this sender's books say: everything before the cursor has been sent."""
    import verdict
    cursor = _read(Path(folder) / "cursor")
    return [verdict.Row(i, f"client{i}@client.test", "accepted" if i <= cursor else "queued", None, 0)
            for i in range(1, messages + 1)]


def _read(path):
    return int(path.read_text()) if path.exists() else 0


def _write(path, cursor):
    fresh = path.with_suffix(".new")
    with open(fresh, "w", encoding="ascii") as out:
        out.write(str(cursor))
        out.flush()
        os.fsync(out.fileno())
    fresh.rename(path)


def _say(connection, replies, line, expected):
    """Sends a line and reads the whole answer."""
    connection.sendall(line)
    while True:
        reply = replies.readline()
        if not reply.startswith(expected):
            raise SystemExit(f"unexpected {reply!r}")
        if reply[3:4] != b"-":
            return


def main():
    folder, port, messages, moves = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    cursor = _read(folder / "cursor")
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as replies:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _say(connection, replies, b"", b"220")
        _say(connection, replies, b"EHLO naive.test\r\n", b"2")
        while cursor < messages:
            upto = min(cursor + BATCH, messages)
            if moves == "before":
                _write(folder / "cursor", upto)
            for number in range(cursor + 1, upto + 1):
                recipient = b"client%d@client.test" % number
                _say(connection, replies, b"MAIL FROM:<a@bank.test>\r\n", b"2")
                _say(connection, replies, b"RCPT TO:<" + recipient + b">\r\n", b"2")
                _say(connection, replies, b"DATA\r\n", b"3")
                _say(connection, replies, b"Message-ID: <%d.x@bank.test>\r\n\r\nhello\r\n.\r\n" % number, b"2")
            cursor = upto
            if moves == "after":
                _write(folder / "cursor", cursor)


if __name__ == "__main__":
    main()

"""Stands between an adapter and its real peer on plain TCP, and loses what it is told to lose."""
import re
import socket
import threading
import time


class Relay:
    """`trigger`: bytes of the client (a regular expression) after which the peer has all it needs to act. `mood`, for the next
    trigger only: "cut" (the answer is thrown away and the line broken), "mute" (nothing more is said, the line stays);
    "slow" (every answer takes a third of a second) and "down" (nobody listens) last until another mood is set."""

    def __init__(self, port, goal, trigger, ignore=b""):
        self.port, self.goal, self.trigger = port, goal, re.compile(trigger, re.S)
        self.ignore = re.compile(ignore, re.S) if ignore else None  # an answer before the decisive one
        self.mood, self.struck, self.listener, self.lines, self.lock = None, 0, None, set(), threading.Lock()
        self.listen()

    def listen(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), reuse_port=True)
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def set(self, mood):
        self.mood = mood if mood in ("cut", "mute", "slow") else None
        if mood == "down" and self.listener:
            listener, self.listener = self.listener, None
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            for line in list(self.lines):
                close(line)
        if mood != "down" and not self.listener:
            self.listen()

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self.goal))
            except OSError:
                if self.listener is not listener:
                    return
                client.close()  # the peer is away: hang up
                continue
            state = {"mood": None, "heard": b""}
            self.lines |= {client, server}
            threading.Thread(target=self.forth, args=(client, server, state), daemon=True).start()
            threading.Thread(target=self.back, args=(client, server, state), daemon=True).start()

    def forth(self, client, server, state):
        try:
            while data := client.recv(65536):
                with self.lock:
                    heard = (state["heard"] + data)[-len(data) - 4096:]
                    if self.trigger.search(heard):
                        heard = b""  # what follows belongs to another message
                        if state["mood"] is None and self.mood in ("cut", "mute"):
                            state["mood"], self.mood, self.struck = self.mood, None, self.struck + 1
                    state["heard"] = heard
                server.sendall(data)
        except OSError:
            pass
        for line in (client, server):
            close(line)

    def back(self, client, server, state):
        try:
            while data := server.recv(65536):
                if self.mood == "slow":
                    time.sleep(0.3)
                if state["mood"] and not (self.ignore and self.ignore.match(data)):
                    if state["mood"] == "mute":
                        continue  # until the client leaves
                    break
                client.sendall(data)
        except OSError:
            pass
        if state["mood"] != "mute":
            close(client)
        self.lines -= {client, server}


def close(line):
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass

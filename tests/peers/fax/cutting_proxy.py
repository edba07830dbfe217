"""Stands between a program and hfaxd, and loses what it is told to lose."""
import socket
import threading


class CuttingProxy:
    """`at`: a command ("JSUBM"). `how`: "before" (the command never arrives), "after" (it arrives, its answer does not), "mute"
    (as after, but the connection stays open and silent until the program leaves), "stuck" (as mute, and the server learns
    that the program left only after `release`). Each acts once; `gone` refuses everybody from then on."""

    def __init__(self, port, server_port):
        self.port, self.server_port = port, server_port
        self.at, self.how, self.then_gone, self.gone, self.cuts, self.kept = None, None, False, False, 0, []
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def cut(self, at, how, then_gone=False):
        self.at, self.how, self.then_gone = at, how, then_gone

    def release(self):
        for client, server in self.kept:
            for each in (client, server):
                each.shutdown(socket.SHUT_RDWR)
        self.kept.clear()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if self.gone:
                client.close()
                continue
            server = socket.create_connection(("127.0.0.1", self.server_port))
            state = {"mute": False}
            threading.Thread(target=self.commands, args=(client, server, state), daemon=True).start()
            threading.Thread(target=self.replies, args=(client, server, state), daemon=True).start()

    def commands(self, client, server, state):
        pending = b""
        try:
            while data := client.recv(65536):
                pending += data
                while b"\n" in pending:
                    line, pending = pending.split(b"\n", 1)
                    if self.at and line.startswith(self.at.encode()):
                        how, self.at = self.how, None
                        self.cuts += 1
                        self.gone = self.then_gone
                        state["mute"] = True
                        if how != "before":
                            server.sendall(line + b"\n")
                        if how == "stuck":
                            self.kept.append((client, server))
                            return
                        if how == "mute":
                            while client.recv(65536):
                                pass
                        # Long enough for the server to have acted, were it asked to.
                        threading.Event().wait(0.5 if how == "after" else 0)
                        raise ConnectionError("cut")
                    server.sendall(line + b"\n")
        except OSError:
            pass
        for each in (client, server):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    @staticmethod
    def replies(client, server, state):
        try:
            while data := server.recv(65536):
                if not state["mute"]:
                    client.sendall(data)
        except OSError:
            pass
        if not state["mute"]:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

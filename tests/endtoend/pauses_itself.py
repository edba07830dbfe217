#!/usr/bin/python3
"""A campaign whose mails are refused is paused by itself, its owner told once; the same without the watch goes on to the end.

The server takes the first mails and refuses all later ones, as a provider does that has closed the account.
"""
import asyncio
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab

CLIENTS, TAKEN, AT_LEAST = 600, 40, 50
REFUSAL = "550 5.7.1 account closed"


class Server:
    """SMTP that answers RCPT with a refusal once TAKEN recipients were taken; ready() gives the port."""

    def __init__(self):
        self.rcpt = 0
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self.talk, "127.0.0.1", 0), self.loop).result()
        self.port = server.sockets[0].getsockname()[1]

    async def talk(self, reader, writer):
        answers = {"EHLO": "250-here\r\n250 PIPELINING", "RSET": "250 ok", "MAIL": "250 ok", "QUIT": "221 bye"}
        writer.write(b"220 here\r\n")
        in_data = taken = False
        while line := await reader.readline():
            if in_data:
                if line == b".\r\n":
                    in_data = False
                    writer.write(b"250 ok\r\n")
                continue
            word = line[:4].decode("ascii").upper()
            if word == "RCPT":
                self.rcpt += 1
                await asyncio.sleep(0.01)  # so that the watch, which looks every few seconds, comes before the end
                taken = self.rcpt <= TAKEN
                writer.write(b"250 ok\r\n" if taken else REFUSAL.encode() + b"\r\n")
            elif word == "DATA":
                in_data = taken
                writer.write(b"354 go on\r\n" if taken else b"554 no valid recipients\r\n")
            else:
                writer.write(answers.get(word, "502 what").encode() + b"\r\n")
                if word == "QUIT":
                    break
        writer.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


def run(engine, percent, expect):
    server = Server()
    with lab.temporary_folder() as folder:
        settings = f"[launch]\nfailing_percent = {percent}\nfailing_at_least = {AT_LEAST}\n" \
            "[dispatch]\nbatch = 20\nin_flight = 60\nsubmitting = 40\n"  # what the provider has in hand is beyond a pause
        bank = lab.Bank(folder, engine, settings)
        try:
            lab.launch_offer(bank, CLIENTS, server.port, channel={"connections": 1})
            bank.carillon("run", "--until-idle", "--now", lab.NOON)
            expect(bank, server)
        finally:
            bank.stop()
            server.stop()


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    broken = []
    expect = lambda holds, what: None if holds else broken.append(what)

    def paused(bank, server):
        shown = bank.carillon("campaign", "show", "offer", as_json=True)
        expect(shown["state"] == "paused", f"the campaign is {shown['state']}")
        refused = server.rcpt - TAKEN
        expect(AT_LEAST <= refused < CLIENTS - TAKEN, f"{refused} were refused before it was paused")
        states = bank.states()
        expect(states.get("queued", 0) + states.get("deferred", 0) == CLIENTS - server.rcpt, f"{states} after {server.rcpt} tries")
        reason = bank.database.rows("SELECT state_reason FROM campaigns")[0][0]
        expect("account closed" in reason, f"the reason is '{reason}'")
        told = bank.database.rows("SELECT COUNT(*) FROM manager_tasks WHERE kind = 'paused'")[0][0]
        expect(told == 1, f"{told} tasks")
        # Resumed without a remedy: it is paused again (what failed lies after the real moment of the resume).
        bank.carillon("campaign", "resume", "offer", user="operator")
        bank.carillon("run", "--until-idle", "--now", lab.LATER)
        expect(bank.carillon("campaign", "show", "offer", as_json=True)["state"] == "paused", "resumed, it is not paused again")
        bank.carillon("reconcile")
        bank.carillon("audit", "verify")

    def goes_on(bank, server):
        expect(server.rcpt == CLIENTS, f"without the watch {server.rcpt} of {CLIENTS} were tried")
        expect(bank.states() == {"accepted": TAKEN, "failed": CLIENTS - TAKEN}, f"without the watch: {bank.states()}")

    run(engine, 30, paused)
    run(engine, 0, goes_on)
    for what in broken:
        print("FAILED:", what)
    print("a campaign pauses itself:", "FAILED" if broken else "ok")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""`carillon serve` for tests, and curl to talk to it."""
import subprocess

import lab


class Front:
    def __init__(self, bank, *arguments, **environment):
        self.bank = bank
        self.arguments = arguments or ("--roles", "web")
        self.environment = environment
        self.port = lab.free_port()
        self.start()

    def start(self):
        self.process = self.bank.start("serve", *self.arguments, log="serve.log", CARILLON_SERVER_PORT=str(self.port),
                                       **self.environment)
        lab.wait_until(lambda: self.curl("/healthz")[0] == 200, 20, "the server answers")

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def curl(self, path, *options):
        """Status and body; a header is asked for with `-i`."""
        done = subprocess.run(["curl", "-sS", "-o", "-", "-w", "\n%{http_code}", "--max-time", "40", *options,
                               f"http://127.0.0.1:{self.port}{path}"], capture_output=True, text=True, errors="replace",
                              timeout=60)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body

#!/usr/bin/python3
"""Opens of a campaign while it is being sent, each durable before it is answered.

Yardstick: nginx (two workers, from memory of the system, no log) with a static pixel of the same size, in the same run,
while the same campaign goes on being sent; the same load generator (wrk, one thread) with the same paths. The rounds
alternate. Afterwards every answered request must be in the database.
"""
import hashlib
import hmac
import base64
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import measure
from measure import lab

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from front import Front

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")


class Nginx:
    def __init__(self, folder):
        self.folder = folder / "nginx"
        (self.folder / "www").mkdir(parents=True)
        (self.folder / "www" / "pixel.gif").write_bytes(GIF)
        self.port = lab.free_port()
        config = self.folder / "nginx.conf"
        user = "user nobody nogroup;" if os.geteuid() == 0 else ""
        config.write_text(f"""{user} worker_processes 2; daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log;
events {{ worker_connections 2048; }}
http {{ access_log off; keepalive_requests 1000000; keepalive_timeout 60; types {{ image/gif gif; }} sendfile on; tcp_nopush on;
  open_file_cache max=10 inactive=60s; client_body_temp_path {self.folder}/t1; proxy_temp_path {self.folder}/t2;
  fastcgi_temp_path {self.folder}/t3; uwsgi_temp_path {self.folder}/t4; scgi_temp_path {self.folder}/t5;
  server {{ listen 127.0.0.1:{self.port} backlog=2048; root {self.folder}/www; location /o/ {{ try_files /pixel.gif =404; }} }} }}
""")
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(config)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.wait_until(lambda: subprocess.run(["curl", "-sf", "-o", "/dev/null", f"http://127.0.0.1:{self.port}/o/x"],
                                              check=False).returncode == 0, 10, "nginx answers")

    def stop(self):
        lab.end(self.process)


def wrk(port, script, connections, seconds):
    """Requests a second and all that were answered; anything but 2xx is an error."""
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script),
                           f"http://127.0.0.1:{port}"], capture_output=True, text=True, timeout=seconds + 60, check=True)
    if "Non-2xx" in done.stdout:
        raise lab.LabError(done.stdout)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout).group(1)),
            int(re.search(r"(\d+) requests in", done.stdout).group(1)),
            re.search(r"99%\s+(\S+)", done.stdout).group(1))


def write_paths(bank, folder, count):
    """wrk's script: the pixels of messages that were sent, in turn."""
    secret = str(bank.database.rows("SELECT secret FROM instance")[0][0]).encode()
    ids = [row[0] for row in bank.database.rows(f"SELECT id FROM messages WHERE state = 'accepted' LIMIT {count}")]
    tokens = []
    for number in ids:
        mac = hmac.new(secret, f"tracking {number}".encode(), hashlib.sha256).digest()[:15]
        tokens.append(f"{number}." + base64.urlsafe_b64encode(mac).decode().rstrip("="))
    (folder / "paths").write_text("\n".join("/o/" + token for token in tokens))
    script = folder / "paths.lua"
    script.write_text(f"""
wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
local requests, i = {{}}, 0
function init(args)
  for path in io.lines("{folder}/paths") do requests[#requests + 1] = wrk.format("GET", path) end
end
function request() i = i % #requests + 1; return requests[i] end
""")
    return script


def main():
    parser = measure.arguments(__doc__, 150_000)
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sending-rate", type=int, default=2_000, help="messages a second while we measure")
    options = parser.parse_args()
    with lab.temporary_folder() as folder:
        sink = measure.SmtpSink()
        nginx = Nginx(folder)
        bank = lab.Bank(folder, options.engine, options.settings + "\n[server]\nconnections = 4096\n")
        try:
            lab.launch_offer(bank, options.messages, sink.port, channel={"rate_per_second": options.sending_rate},
                             campaign={"tracking": True})
            bank.carillon("run", "--until-idle", "--plan-only", "--now", lab.NOON)
            front = Front(bank, "--roles", "web,send", "--now", lab.NOON)
            lab.wait_until(lambda: bank.count("state = 'accepted'") >= 2000, 120, "the campaign is on its way")
            script = write_paths(bank, folder, 2000)
            rates = {"nginx": [], "carillon": []}
            answered, sent, slowest = 0, {"nginx": 0.0, "carillon": 0.0}, ""
            for _ in range(options.rounds):
                for name, port in (("nginx", nginx.port), ("carillon", front.port)):
                    before, begun = bank.count("state = 'accepted'"), time.monotonic()
                    rate, requests, worst = wrk(port, script, options.connections, options.seconds)
                    sent[name] += (bank.count("state = 'accepted'") - before) / (time.monotonic() - begun) / options.rounds
                    rates[name].append(rate)
                    if name == "carillon":
                        answered, slowest = answered + requests, worst
                    print(f"{name}: {rate:.0f} requests/s, 99 % within {worst}", flush=True)
            still_sending = bank.count("state IN ('queued', 'leased', 'submitting')") > 0
            lab.end(front.process, seconds=60)
            kept = bank.database.rows("SELECT COUNT(*) FROM tracking_events")[0][0]
            if kept < answered:
                raise lab.LabError(f"{answered} were answered, {kept} are in the database")
            rate, yardstick = measure.median(rates["carillon"]), measure.median(rates["nginx"])
            print(json.dumps({"bench": "responses", "engine": options.engine, "connections": options.connections,
                              "rate": round(rate), "yardstick_rate": round(yardstick), "ratio": round(rate / yardstick, 2),
                              "answered": answered, "in_database": kept, "percentile_99": slowest,
                              "sent_per_second": round(sent["carillon"]), "sent_per_second_beside_nginx": round(sent["nginx"]),
                              "still_sending": still_sending, "load_average": round(os.getloadavg()[0], 1)}))
        finally:
            bank.stop()
            nginx.stop()
            sink.stop()


if __name__ == "__main__":
    sys.exit(main())

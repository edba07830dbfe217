"""What the benchmark scripts share: measured processes, Postfix's load generator, and the line they end with."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
import lab


class Usage:
    """Wall and CPU seconds and the peak memory of one finished process."""

    def __init__(self, seconds, rusage):
        self.seconds = seconds
        self.cpu_seconds = rusage.ru_utime + rusage.ru_stime
        self.peak_rss_mb = rusage.ru_maxrss / 1024


def measured(command, **environment):
    """Runs the command to its end; answers (Usage, what it printed)."""
    begun = time.monotonic()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=dict(os.environ, **environment))
    output = process.stdout.read().decode("utf-8", "replace")
    _, status, rusage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode != 0:
        raise lab.LabError(f"{command}: {output[-2000:]}")
    return Usage(time.monotonic() - begun, rusage), output


class SmtpSink:
    """Postfix's test server: takes everything, keeps nothing."""

    def __init__(self):
        self.port = lab.free_port()
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(["/usr/sbin/smtp-sink", *user, f"127.0.0.1:{self.port}", "1000"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        lab.wait_until(self._listens, 10, "smtp-sink listens")

    def _listens(self):
        import socket
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        lab.end(self.process)
        self.process.stderr.close()


def smtp_source_rate(port, messages, size):
    """The yardstick: fixed bytes over eight sessions, no state, nothing personal."""
    usage, _ = measured(["/usr/sbin/smtp-source", "-s", "8", "-m", messages, "-l", size, "-f", "offers@bank.test",
                         "-t", "client@client.test", f"127.0.0.1:{port}"])
    return messages / usage.seconds, usage


def arguments(description, messages, engines=("sqlite", "mariadb")):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--engine", choices=engines, default=engines[0])
    parser.add_argument("--messages", type=int, default=messages)
    parser.add_argument("--settings", default="", help="further configuration, TOML")
    return parser


def finish(bench, options, rate, yardstick_rate, usage, messages=None, **more):
    count = messages or options.messages
    print(json.dumps({"bench": bench, "engine": options.engine, "messages": count, "rate": round(rate),
                      "yardstick_rate": round(yardstick_rate), "ratio": round(rate / yardstick_rate, 2),
                      "cpu_us_per_message": round(usage.cpu_seconds * 1e6 / count, 1),
                      "peak_rss_mb": round(usage.peak_rss_mb, 1), **more,
                      "load_average": round(os.getloadavg()[0], 1)}))


median = statistics.median

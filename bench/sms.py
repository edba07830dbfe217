#!/usr/bin/python3
"""Short messages over SMPP with a receipt for each: composing nothing, storing nothing, only the channel.

Yardstick: the fastest of several runs of a bare loop over the same protocol, with the same window, to the same centre,
in turns with the channel: fixed bytes, no state, no parsing. The centre is the scripted one of the tests (npm smpp), as
fast as one Node process is, and that is what bounds both. So the same is measured against a sink of our own that only
answers, too (sink_*): there the bare loop shows what the sockets allow, and the channel what its bookkeeping costs.
"""
import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("CARILLON_BUILD", SOURCE / "build" / "release"))
REPEATS = 3


def free_port():
    """A port below the kernel's own range, so that no connection of somebody else sits on it."""
    for port in range(21100, 21200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise RuntimeError("no free port")


class Centre:
    def __init__(self, command, port, **environment):
        self.port = port
        self.process = subprocess.Popen([str(part) for part in command], env=dict(os.environ, **environment),
                                        stdout=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"{command} does not listen")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def run(program, centre, options):
    command = [BUILD / "bench" / f"bench_{program}", centre.port, options.messages, options.window]
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, timeout=300)
    return [float(word) for word in result.stdout.split()]


def measure(centre, options):
    """(yardstick rates, rows of rate, CPU and memory of the channel), taken in turns."""
    bare, rows = [run("smpp_bare", centre, options)[0]], []
    for _ in range(REPEATS):
        rows.append(run("smpp_channel", centre, options))
        bare.append(run("smpp_bare", centre, options)[0])
    return bare, rows


def node_centre(port):
    packages = Path(os.environ.get("CARILLON_NPM", BUILD / "peers" / "sms"))
    subprocess.run([SOURCE / "tests/peers/sms/packages.sh", packages], check=True)
    return Centre(["node", SOURCE / "tests/peers/sms/centre.js", port, port + 1], port,
                  NODE_PATH=str(packages / "node_modules"), CENTRE_QUIET="1")


def rates(centre, options):
    try:
        bare, rows = measure(centre, options)
    finally:
        centre.stop()
    return max(bare), [statistics.median(column) for column in zip(*rows)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--window", type=int, default=50)
    options = parser.parse_args()
    port = free_port()
    yardstick, (rate, cpu, memory) = rates(node_centre(port), options)
    print(f"scripted centre: channel {rate:.0f}/s, bare loop {yardstick:.0f}/s", flush=True)
    port = free_port()
    sink_yardstick, (sink_rate, _, _) = rates(Centre([BUILD / "bench" / "bench_smpp_sink", port], port), options)
    print(f"bare sink: channel {sink_rate:.0f}/s, bare loop {sink_yardstick:.0f}/s", flush=True)
    print(json.dumps({"bench": "sms", "engine": "none", "messages": options.messages, "rate": round(rate),
                      "yardstick_rate": round(yardstick), "ratio": round(rate / yardstick, 3),
                      "cpu_us_per_message": round(cpu, 2), "peak_rss_mb": round(memory, 1),
                      "sink_rate": round(sink_rate), "sink_yardstick_rate": round(sink_yardstick)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

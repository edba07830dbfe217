#!/usr/bin/python3
"""One list of cases against every adapter and its real peer: conform.py ADAPTER PROGRAM BUILD_FOLDER [CASE...]

The cases stand in cases.cpp; what this adapter ran, and what cannot apply to it and why, must be what docs/conformance.md
says. Everything lives in namespaces of its own (network, mounts, processes): when the test ends, nothing is left.
Exit 77: a program is missing. `conform.py --table` prints the document's table from the peers' descriptions.
"""
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from peer import HERE, ROOT, Skipped  # noqa: E402

SKIPPED = 77
DOCUMENT = ROOT / "docs/conformance.md"


def peers():
    import call_peer
    import fax_peers
    import letter_peers
    import mail_peers
    import sms_peers
    return {"smtp": mail_peers.Postfix, "smpp": sms_peers.Smpp, "rest": sms_peers.Rest, "kannel": sms_peers.Kannel,
            "hylafax": fax_peers.Hylafax, "cloudfax": fax_peers.CloudFax, "mailfax": mail_peers.FaxGateway,
            "ipp": letter_peers.Cups, "printhouse": letter_peers.PrintHouse, "call": call_peer.Desk}


def in_namespaces(build):
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(SKIPPED)
    if os.environ.get("CARILLON_CONFORMANCE") == "inside":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    if sys.argv[1] in ("smpp", "rest", "kannel"):  # no network from here on
        subprocess.run([ROOT / "tests/peers/sms/packages.sh", build / "sms"], check=False, capture_output=True)
    os.environ["CARILLON_CONFORMANCE"] = "inside"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv])


class Control(http.server.BaseHTTPRequestHandler):
    """What the cases ask of the peer."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        try:
            with self.server.lock:
                status, body = 200, self.ask(url.path, query)
        except Exception as error:  # told to the case, which fails with it
            status, body = 500, repr(error)
        data = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def ask(self, path, query):
        peer = self.server.peer
        if path == "/prepare":
            peer.prepare(query["behaviour"])
            return {}
        return {"/seen": lambda: peer.seen(query["mark"]), "/callbacks": peer.callbacks, "/harmed": peer.harmed}[path]()


def documented(adapter):
    """(cases that run, case -> reason of those that do not) by the document."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")]
             for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("|")]
    head = next(line for line in lines if line[0] == "case")
    column = head.index(adapter)
    cases = {line[0]: line[column] for line in lines if len(line) == len(head) and line[column] in ("yes", "-")}
    reasons = {line[1]: line[2] for line in lines if len(line) == 3 and line[0] == adapter}
    return {case for case, word in cases.items() if word == "yes"}, reasons


def compare(adapter, results):
    ran = {case for word, case, _ in results if word != "skipped"}
    skipped = {case: why for word, case, why in results if word == "skipped"}
    said, reasons = documented(adapter)
    wrong = [f"docs/conformance.md: {adapter} and '{case}' do not agree with what ran" for case in sorted(ran ^ said)]
    return wrong + [f"docs/conformance.md: {adapter}, '{case}': expected the reason '{skipped.get(case)}'"
                    for case in sorted(set(skipped) | set(reasons)) if skipped.get(case) != reasons.get(case)]


def table(cases):
    kinds = list(peers().values())
    lines = ["| case | " + " | ".join(kind.adapter for kind in kinds) + " |", "|---|" + "---|" * len(kinds)]
    lines += [f"| {case} | " + " | ".join("-" if case in kind.skip else "yes" for kind in kinds) + " |" for case in cases]
    lines += ["", "| adapter | case | why it cannot apply |", "|---|---|---|"]
    return "\n".join(lines + [f"| {kind.adapter} | {case} | {why} |" for kind in kinds for case, why in kind.skip.items()])


def run(kind, program, build, wanted):
    with tempfile.TemporaryDirectory(prefix="carillon-conformance-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # servers have users of their own
        peer = kind(folder, build)
        try:
            peer.start()
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)
            server.peer, server.lock = peer, threading.Lock()
            threading.Thread(target=server.serve_forever, daemon=True).start()
            path = folder / "peer.json"
            path.write_text(json.dumps({**peer.description(), "control": server.server_port}, ensure_ascii=False), "utf-8")
            done = subprocess.run([program, *wanted], env=dict(os.environ, CARILLON_PEER=str(path)), check=False,
                                  stdout=subprocess.PIPE, text=True, timeout=560)
            print(done.stdout, end="")
            results = [line.split("\t") for line in done.stdout.splitlines()]
            failed = [f"{case}: {why}" for word, case, why in results if word == "FAILED"]
            if done.returncode < 0:
                failed.append(f"the program died of signal {-done.returncode}")
            if failed:
                for log in sorted([*folder.glob("*.log"), *folder.glob("*/log/*_log")]):
                    print(f"--- {log.name}\n" + log.read_text("utf-8", "replace")[-2500:])
            return failed + ([] if wanted else compare(kind.adapter, results))
        finally:
            peer.stop()


def main():
    if sys.argv[1] == "--table":
        import re
        print(table(re.findall(r'^        \{"([^"]+)", ', (HERE / "cases.cpp").read_text("utf-8"), re.M)))
        return 0
    kind, program, build = peers()[sys.argv[1]], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    in_namespaces(build)
    try:
        broken = run(kind, program, build, sys.argv[4:])
    except Skipped as why:
        print(f"skipped: {why}")
        return SKIPPED
    for line in broken:
        print("BROKEN", line)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

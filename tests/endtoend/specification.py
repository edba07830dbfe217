#!/usr/bin/python3
"""Requests made up from the specification, by each role, against a bank with data: no server error, and no answer that the
specification does not know; what the specification allows is not refused, what it forbids is, and no path takes a method
that it does not name, but for the operations of CONTENT. schemathesis comes from PyPI into a private environment under the build folder; where PyPI is
out of reach, and it is not there from an earlier run, this is skipped aloud (exit code 77).
"""
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front

VERSION = "4.32.5"
CLIENTS = 20
ROLES = ["author", "approver", "operator", "data_steward", "manager", "auditor", "admin"]
# For each role: half of what a test may take, by seven.
SECONDS = 6
EXAMPLES = 3
SKIPPED = 77
# Not asked: whether what was deleted is gone and the like, for which other tests are here.
LEFT_OUT = ["use_after_free", "ensure_resource_availability", "ignored_auth", "object_level_authorization",
            "response_headers_conformance"]
# Whether these are refused hangs on what a document says, on who asks or on what is there: no schema could tell.
DOCUMENT = "a document with a schema of its own and rules between its parts"
CONTENT = {
    "putCampaign": DOCUMENT, "putSegment": DOCUMENT, "putTemplate": DOCUMENT, "putChannel": DOCUMENT, "putPolicies": DOCUMENT,
    "putWorkCalendar": DOCUMENT, "putReportMail": DOCUMENT,
    "countSegment": "a draft of a segment", "sampleSegment": "a draft of a segment", "explainSegment": "a draft of a segment",
    "previewTemplate": "a draft of a template", "pageOfTemplate": "a draft of a template", "testTemplate": "a draft of a template",
    "submitCampaign": "everything that a campaign stands on is checked", "simulateCampaign": "what it stands on must be there",
    "getMessagePage": "letters and faxes have pages", "pollInbound": "an account must have a mailbox",
    "moveCampaign": "the schedule may leave no choice of days",
    "addToken": "scopes are rights of the one who asks",
    "resetTotp": "not one's own",
    "eraseClient": "the client is named twice",
    "bankReport": "the last day is not before the first",
    "uploadImport": "a file is read", "tryImport": "a file is read", "runImport": "a file is read",
    "addPicture": "a file is read", "addWebhook": "an address is looked at",
    "sendMessage": "its campaign must answer events, and the payload fill its fields",
}
# A key of its own for each request that has a valid one: two different requests under one are refused, rightly.
HOOKS = """
import re, uuid
import schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("Idempotency-Key")
    if key is not None and re.fullmatch("[!-~]{8,100}", key):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
"""
# What would end the session that asks, or lock its user out.
LEFT_ALONE = ["signIn", "signOut", "changePassword", "beginTotp", "confirmTotp", "renewRecoveryCodes", "putUser", "resetPassword"]


def environment():
    """The tool's own folder, made once; nothing when it cannot be had."""
    folder = lab.BUILD / "schemathesis"
    tool = folder / "bin" / "schemathesis"
    if not tool.exists() or VERSION not in subprocess.run([tool, "--version"], capture_output=True, text=True).stdout:
        made = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, text=True)
        if made.returncode == 0:
            made = subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--timeout", "20", "--retries", "1",
                                   f"schemathesis=={VERSION}"], capture_output=True, text=True)
        if made.returncode != 0:
            print(f"SKIPPED: schemathesis cannot be had: {(made.stdout + made.stderr)[-400:]}")
            return None
    return tool


def settings(folder):
    """The tool's own: its hooks, and what is excepted."""
    (folder / "hooks.py").write_text(HOOKS, encoding="utf-8")
    lines = ['hooks = "hooks.py"', "[checks]"] + [f"{check}.enabled = false" for check in LEFT_OUT]
    for operation in CONTENT:
        lines += ["[[operations]]", f'include-operation-id = "{operation}"', "checks.positive_data_acceptance.enabled = false"]
    path = folder / "schemathesis.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def populate(bank, port):
    """Something behind each kind of name: a campaign that was sent, a draft, clients with messages."""
    author, approver, operator = (signed_in(port, role) for role in ("author", "approver", "operator"))
    answers = [author.put("/segments/everyone", {"name": "everyone", "rule": {"all": []}}),
               author.put("/templates/note", {"name": "note", "channel": "email", "default_locale": "ru", "locales": {
                   "ru": {"subject": "Письмо", "text": "Добрый день.\n{{unsubscribe_url}}"}}})]
    for name in ("letter", "draft"):
        answers.append(author.put(f"/campaigns/{name}", {
            "name": name, "title": "Письмо", "objective": "service", "segment": "everyone", "control": {"percent": 0},
            "steps": [{"channel": "email", "template": "note"}],
            "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}}))
    answers += [author.post("/campaigns/letter/submit"),
                approver.post("/campaigns/letter/approve", {"hash": approver.get("/campaigns/letter").json["hash"]}),
                operator.post("/campaigns/letter/start", {"undo_seconds": 0})]
    for answer in answers:
        if answer.status != 200:
            raise lab.LabError(f"{answer.status} {answer.body[:300]}")
    lab.wait_until(lambda: operator.get("/campaigns/letter/progress").json["finished"], 60, "the campaign is sent")


def ask_as(tool, role, port, folder):
    """What the tool says; empty when all was well."""
    caller = signed_in(port, role)
    command = [tool, "--config-file", settings(folder), "run", f"http://127.0.0.1:{port}/api/v1/openapi.json", "--url", f"http://127.0.0.1:{port}/api/v1",
               "--phases", "fuzzing", "--max-examples", str(EXAMPLES), "--seed", "5", "--workers", "1",
               "--generation-deterministic", "--no-shrink", "--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all",
               "-H", f"Cookie: {caller.cookie}", "-H", f"X-CSRF-Token: {caller.csrf}"]
    for operation in LEFT_ALONE:
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=280,
                          env=dict(os.environ, NO_COLOR="1", PYTHONDONTWRITEBYTECODE="1"))
    tail = "\n".join(line for line in done.stdout.splitlines() if "Test cases" in line or "generated" in line)
    print(f"{role}: {'ok' if done.returncode == 0 else 'NOT OK'} {tail.strip()}")
    return "" if done.returncode == 0 else done.stdout + done.stderr


def main():
    tool = environment()
    if tool is None:
        return SKIPPED
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, "sqlite", "[access]\npassword_memory = 8\npassword_passes = 1\nfree_tries = 100\n")
        try:
            lab.populate(bank.database, CLIENTS)
            bank.database.run("INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
                              " SELECT id, 'email', 'service', 1, 0, 'contract' FROM clients")
            for role in ROLES:
                add_user(bank, role, role)
            front = Front(bank, "--roles", "web,send", "--now", lab.NOON)
            populate(bank, front.port)
            broken = 0
            for role in sys.argv[1:] or ROLES:
                said = ask_as(tool, role, front.port, folder)
                if said:
                    broken += 1
                    print(said[-6000:])
        finally:
            bank.stop()
    print(f"{broken} roles with findings")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""A client's own data: given out whole, erased from every table, not written to again when a file brings him back; and what
is removed by itself when its time is over.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import add_user, signed_in
from front import Front
from story import StoryOfAnswers, main

CLIENTS = 12
NOTE = {"name": "note", "channel": "email", "default_locale": "ru", "locales": {
    "ru": {"subject": "Здравствуйте, {{client.first_name}}", "text": "{{client.last_name}}, добрый день.\n{{unsubscribe_url}}"}}}
# Nothing of these may be left anywhere: they belong to one person alone.
TRACES = ["Xenofontov", "Zosima", "zosima@unique.test", "+79161112233", "PERSON-77", "CONTRACT-77", "1971-03-04", "Beekeeper",
          "honey-secret", "письмо от Зосимы", "EVENT-77", "RESPONSE-77", "TASK-77"]
ROWS = ("external_id,kind,last_name,first_name,email,phone,birth_date,occupation,attributes.hobby,locale,time_zone,status\n"
        "PERSON-77,person,Xenofontov,Zosima,zosima@unique.test,+79161112233,1971-03-04,Beekeeper,honey-secret,ru-RU,Europe/Moscow,active\n")


class Privacy(StoryOfAnswers):
    def __init__(self, engine, folder):
        super().__init__()
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\n[launch]\nundo_seconds = 0\n")
        self.database = self.bank.database
        lab.populate(self.database, CLIENTS)
        self.bank.carillon("import", "clients", self.bank.write("person.csv", ROWS))
        self.number = self.one("SELECT id FROM clients WHERE external_id = 'PERSON-77'")
        self.database.run("INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
                          " SELECT id, 'email', 'service', 1, 0, 'contract' FROM clients")
        for role in ("author", "approver", "operator", "data_steward", "auditor"):
            add_user(self.bank, role, role)
        self.front = Front(self.bank, "--roles", "web,send", "--now", lab.NOON)
        self.people = {role: signed_in(self.front.port, role) for role in ("author", "approver", "operator", "data_steward", "auditor")}

    def one(self, statement):
        return self.database.rows(statement)[0][0]

    def send(self, name):
        author, approver, operator = (self.people[one] for one in ("author", "approver", "operator"))
        self.expect(author.put(f"/campaigns/{name}", {
            "name": name, "title": "Письмо", "objective": "service", "segment": "everyone", "control": {"percent": 0},
            "steps": [{"channel": "email", "template": "note"}],
            "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}}), 200, "a campaign")
        self.expect(author.post(f"/campaigns/{name}/submit"), 200, "submitted")
        self.expect(approver.post(f"/campaigns/{name}/approve", {"hash": approver.get(f"/campaigns/{name}").json["hash"]}), 200, "approved")
        self.expect(operator.post(f"/campaigns/{name}/start"), 200, "started")
        lab.wait_until(lambda: operator.get(f"/campaigns/{name}/progress").json["finished"], 60, "it is sent")

    def live(self):
        """The person gets a message, and everything that may come back comes back."""
        author = self.people["author"]
        self.expect(author.put("/segments/everyone", {"name": "everyone", "rule": {"all": []}}), 200, "a segment")
        self.expect(author.put("/templates/note", NOTE), 200, "a template")
        self.send("letter")
        c, m = self.number, self.one(f"SELECT id FROM messages WHERE client_id = {self.number}")
        self.message = m
        contact = "'zosima@unique.test'"
        self.database.run(
            f"INSERT INTO receipts (source, external_id, ref, message_id, state, reason, units, at, received_at, raw) VALUES ('email', 'r1', 'x', {m}, 'delivered', 'to Xenofontov', 1, 0, 0, 'zosima@unique.test took it')",
            f"INSERT INTO inbound (source, external_id, sender, recipient, kind, client_id, text, at, received_at, raw) VALUES ('sms', 'i1', '+79161112233', '100', 'reply', {c}, 'письмо от Зосимы', 0, 0, '+79161112233')",
            f"INSERT INTO inbound (source, external_id, sender, recipient, kind, client_id, text, at, received_at, raw) VALUES ('sms', 'i2', '+79161112233', '100', 'reply', NULL, 'письмо от Зосимы', 0, 0, 'x')",
            "INSERT INTO inbound_documents (source, external_id, sha256, bytes, content) VALUES ('sms', 'i1', 'a', 1, 'Xenofontov')",
            f"INSERT INTO inbound_mails (source, external_id, kind, answer, matched_by, message_id, client_id, address, waits, sender, subject, status, diagnostic, reason, text, at, received_at, raw) VALUES ('email', 'm1', 'reply', 'reply', 'address', {m}, {c}, {contact}, 0, {contact}, 'Zosima', '', 'zosima@unique.test', '', 'Xenofontov', 0, 0, 'Xenofontov')",
            f"INSERT INTO responses (source, external_id, client_id, campaign_id, message_id, kind, at, detail) VALUES ('mail', 'RESPONSE-77', {c}, 1, {m}, 'reply', 0, 'Xenofontov')",
            f"INSERT INTO events (name, event_key, client_id, payload, occurred_at, received_at) VALUES ('e', 'EVENT-77', {c}, '{{\"who\": \"Xenofontov\"}}', 0, 0)",
            f"INSERT INTO conversions (client_id, kind, name, at, source, external_id) VALUES ({c}, 'visit', 'visit', 0, 'bank', 'PERSON-77-visit')",
            f"INSERT INTO contracts (external_id, client_id, kind, product, status, currency, updated_at) VALUES ('CONTRACT-77', {c}, 'loan', 'p', 'open', 'RUB', 0)",
            f"INSERT INTO manager_tasks (kind, manager, client_id, text, created_at, unique_key) VALUES ('plan', 'm', {c}, 'TASK-77 Xenofontov', 0, 'k')",
            f"INSERT INTO page_actions (source, external_id, message_id, at, raw) VALUES ('page', 'p1', {m}, 0, 'zosima@unique.test')",
            f"INSERT INTO call_results (source, external_id, message_id, disposition, received_at, raw) VALUES ('d', 'c1', {m}, 'informed', 0, '+79161112233')",
            f"INSERT INTO call_tasks (message_id, client_id, state, due_at, note) VALUES ({m}, {c}, 'closed', 0, 'Zosima said')",
            f"INSERT INTO message_events (message_id, at, from_state, to_state, reason) VALUES ({m}, 0, 'queued', 'deferred', '450 <zosima@unique.test> later')",
            f"UPDATE messages SET provider_ref = '250 zosima@unique.test ok' WHERE id = {m}",
            f"INSERT INTO suppressions (subject, value, channel, purpose, reason, source, at) VALUES ('address', {contact}, 'sms', '*', 'STOP', 'x', 0)",
            f"INSERT INTO duplicates (client_id, other_id, evidence, found_at) VALUES ({c}, 1, 'name', 0)",
            f"INSERT INTO consent_history (client_id, channel, purpose, granted, at, source, proof, recorded_at) VALUES ({c}, 'email', 'service', 1, 0, 'x', 'signed by Xenofontov', 0)")

    def everything(self):
        """Every value of every table, by table and column."""
        if self.database.engine == "sqlite":
            tables = [row[0] for row in self.database.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        else:
            tables = [row[0] for row in self.database.rows("SHOW TABLES")]
        return {table: [[str(value) for value in row] for row in self.database.rows(f"SELECT * FROM {table}")] for table in tables}

    def traces(self):
        return sorted({f"{trace} in {table}" for table, rows in self.everything().items() for row in rows for value in row
                       for trace in TRACES if trace in value})

    def given_out(self):
        steward = self.people["data_steward"]
        self.expect(self.people["operator"].get("/clients/PERSON-77/export"), 403, "not by everybody", "access.forbidden")
        self.expect(steward.get("/clients/nobody/export"), 404, "of nobody", "client.unknown")
        whole = self.expect(steward.get("/clients/PERSON-77/export"), 200, "everything about a client").json
        text = json.dumps(whole, ensure_ascii=False)
        # What the person is not told by his own export: the keys of a second inbound, and how a task is named.
        missing = [trace for trace in TRACES if trace not in text and trace != "RESPONSE-77"]
        self.check(not missing, f"not in the export: {missing}")
        shown = json.loads(self.bank.carillon("client", "export", "PERSON-77").stdout)
        self.check(shown["contacts"] == whole["contacts"] and shown["messages"] == whole["messages"], "the command line says the same")
        rows = [row["action"] for row in self.people["auditor"].get("/audit").json["items"]]
        self.check(rows.count("client.export") == 2, f"both are in the log: {rows}")

    def numbers(self):
        return self.database.rows("SELECT campaign_id, state, channel, COUNT(*) FROM messages GROUP BY campaign_id, state, channel"
                                  " ORDER BY 1, 2, 3"), self.database.rows("SELECT kind, COUNT(*) FROM responses GROUP BY kind")

    def erased(self):
        steward = self.people["data_steward"]
        # An answer kept for a repeated request names him as well.
        self.database.run("INSERT INTO request_keys (actor, request_key, fingerprint, answer, at) VALUES"
                          " ('operator', 'key-of-retry', 'x', '{\"id\":1,\"client\":\"PERSON-77\",\"address\":\"zosima@unique.test\"}', 0),"
                          " ('operator', 'key-of-other', 'x', '{\"id\":2,\"client\":\"C3\"}', 0)")
        self.check(len(self.traces()) >= 15, f"the person is all over the place: {self.traces()}")
        before = self.numbers()
        self.expect(steward.post("/clients/PERSON-77/erase", {"client": "PERSON-78"}), 422, "another number", "erase.confirmation")
        self.expect(self.people["operator"].post("/clients/PERSON-77/erase", {"client": "PERSON-77"}), 403, "not by everybody")
        self.expect(steward.post("/clients/PERSON-77/erase", {"client": "PERSON-77"}), 204, "a client is erased")
        left = self.traces()
        self.check(not left, f"left behind: {left}")
        self.check(self.one("SELECT COUNT(*) FROM request_keys WHERE request_key = 'key-of-other'") == 1, "the answer about another is kept")
        self.check(self.numbers() == before, f"the numbers stay: {before} {self.numbers()}")
        self.expect(steward.get("/clients/PERSON-77/export"), 404, "he is gone", "client.unknown")
        self.expect(steward.post("/clients/PERSON-77/erase", {"client": "PERSON-77"}), 404, "and not twice", "client.unknown")
        self.expect(self.people["operator"].get(f"/messages/{self.message}"), 200, "the message is still a row")
        self.expect(self.people["operator"].get(f"/messages/{self.message}/content"), 404, "without its content", "message.unknown")
        verdict = self.people["auditor"].post("/audit:verify").json
        self.check(verdict["ok"], f"the audit log holds: {verdict}")

    def not_again(self):
        """A file brings him back under his number, and another client comes with his address."""
        other = ROWS.replace("PERSON-77", "PERSON-78").replace("Xenofontov", "Other")
        self.bank.carillon("import", "clients", self.bank.write("again.csv", ROWS + other.split("\n", 1)[1]))
        self.database.run("INSERT INTO consents (client_id, channel, purpose, granted, at, source) SELECT id, 'email', 'service', 1, 0, 'x'"
                          " FROM clients WHERE external_id IN ('PERSON-77', 'PERSON-78')")
        # Whoever was erased has no name: a template that needs one is not refused for him.
        self.send("second")
        got = self.database.rows("SELECT c.external_id, m.state, m.reason FROM messages m JOIN clients c ON c.id = m.client_id"
                                 " JOIN campaigns g ON g.id = m.campaign_id WHERE g.name = 'second' AND c.external_id LIKE 'PERSON-7%' ORDER BY 1")
        self.check(len(got) == 2 and all(row[1] == "skipped" and str(row[2]).startswith("suppressed") for row in got),
                   f"neither is written to: {got}")
        self.check(self.one("SELECT COUNT(*) FROM messages m JOIN campaigns g ON g.id = m.campaign_id"
                            f" WHERE g.name = 'second' AND m.client_id = {self.number}") <= 1, "what was erased got nothing")
        sent = self.one("SELECT COUNT(*) FROM messages m JOIN campaigns g ON g.id = m.campaign_id WHERE g.name = 'second' AND m.state = 'accepted'")
        self.check(sent == CLIENTS, f"all others are: {sent}")

    def by_command(self):
        refused = self.bank.carillon("client", "erase", "C2", check=False)
        self.check(refused.returncode != 0, "the command line wants the number twice")
        self.bank.carillon("client", "erase", "C2", "--confirm", "C2")
        self.check(self.one("SELECT COUNT(*) FROM clients WHERE external_id = 'C2'") == 0, "and erases")

    def retained(self):
        m = self.one("SELECT MIN(message_id) FROM message_contents")
        self.database.run(
            "INSERT INTO tracking_agents (agent) VALUES ('a')",
            "INSERT INTO tracking_events (message_id, template_id, link, at, method, network, agent_id, verdict)"
            f" VALUES ({m}, 0, 0, 1, 'GET', '192.0.2.0', 1, 'person'), ({m}, 0, 0, 1, 'GET', '192.0.2.0', 1, NULL),"
            f" ({m}, 0, 0, 4102444800000, 'GET', '192.0.2.0', 1, 'person')",
            f"UPDATE message_contents SET composed_at = 1 WHERE message_id = {m}",
            "INSERT INTO receipts (source, external_id, ref, message_id, state, reason, units, at, received_at, raw)"
            f" VALUES ('email', 'old', 'x', {m}, 'delivered', '', 1, 0, 1, 'old raw'), ('email', 'new', 'x', {m}, 'delivered', '', 1, 0, 4102444800000, 'new raw')")
        contents = self.one("SELECT COUNT(*) FROM message_contents")
        self.bank.carillon("retain")
        self.check(self.one("SELECT COUNT(*) FROM message_contents") == contents, "without settings everything stays")
        months = {f"CARILLON_RETENTION_{one}_MONTHS": "6" for one in ("RAW", "CLICKS", "CONTENTS", "CALLS")}
        self.bank.carillon("retain", **months)
        self.check(self.one("SELECT COUNT(*) FROM message_contents") == contents - 1, "one old content goes")
        self.check(self.database.rows("SELECT external_id FROM receipts WHERE raw <> '' AND external_id IN ('old', 'new')") == [("new",)],
                   "the raw receipt of old goes")
        self.check(self.one("SELECT COUNT(*) FROM tracking_events") == 2, "the old click goes; what is new or not judged stays")

    def tell(self):
        self.tell_chapters(self.live, self.given_out, self.erased, self.not_again, self.by_command, self.retained)


if __name__ == "__main__":
    sys.exit(main(Privacy))

#!/usr/bin/python3
"""The story of a campaign over the HTTP API, from the first sign-in to the client's card, told to the real server.

Then everything that must not go: another's session, one's own approval, a second message for a repeated request, more than
a token may, sessions that have ended, guessing, hostile input. At last every route is called by everybody, and the answers
are held against the rights of docs/openapi.yaml.
"""
import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab
from api import PASSWORD, Caller, add_user, signed_in
from front import Front
from story import StoryOfAnswers, main

CLIENTS = 60
ROLES = ["author", "approver", "operator", "data_steward", "manager", "auditor", "admin"]
BRANCH = "Отделение № 7"
NOTE = {"name": "note", "channel": "email", "default_locale": "ru", "locales": {
    "ru": {"subject": "Здравствуйте, {{client.first_name}}", "text": "Ваш менеджер: {{client.manager}}.\n{{unsubscribe_url}}"},
    "en": {"subject": "Dear {{client.first_name}}", "text": "Your manager: {{client.manager}}.\n{{unsubscribe_url}}"}}}
DECISION = {"name": "decision", "channel": "email", "default_locale": "ru", "locales": {
    "ru": {"subject": "Решение", "text": "{{client.first_name}}, решение принято."},
    "en": {"subject": "Decision", "text": "{{client.first_name}}, a decision was made."}}}


def campaign(name, **more):
    return {"name": name, "title": "Письмо", "objective": "service", "segment": "everyone", "control": {"percent": 0},
            "steps": [{"channel": "email", "template": "note"}],
            "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}, **more}


class Story(StoryOfAnswers):
    def __init__(self, engine, folder):
        super().__init__()
        self.bank = lab.Bank(folder, engine, "[access]\npassword_memory = 8\npassword_passes = 1\nfree_tries = 3\n")
        lab.populate(self.bank.database, CLIENTS)
        self.bank.database.run(
            "INSERT INTO consents (client_id, channel, purpose, granted, at, source)"
            " SELECT id, 'email', 'service', 1, 0, 'contract' FROM clients")
        for role in ROLES:
            add_user(self.bank, role, role, [BRANCH] if role == "manager" else [])
        self.front = Front(self.bank, "--roles", "web,send", "--now", lab.NOON)
        self.port = self.front.port
        self.people = {role: signed_in(self.port, role) for role in ROLES}

    # -- the good way ----------------------------------------------------------------------------------------------

    def first_password(self):
        made = self.expect(self.people["admin"].post("/users", {"name": "nina", "roles": ["author"], "full_name": "Нина"}), 201,
                           "an admin adds a user").json
        nina = Caller(self.port)
        self.expect(nina.sign_in("nina", made["password"]), 200, "the first password signs in")
        self.expect(nina.get("/campaigns"), 403, "and lets do nothing", "access.password_expired")
        self.expect(nina.post("/session/totp"), 403, "not even begin a second factor", "access.password_expired")
        self.expect(nina.post("/session/password", {"current": made["password"], "new": "short"}), 422, "a short one",
                    "password.short")
        before = nina.cookie
        changed = self.expect(nina.post("/session/password", {"current": made["password"], "new": "my very own words"}), 200,
                              "it is changed")
        nina.take_session(changed)
        self.expect(nina.get("/campaigns"), 200, "and now it lets")
        self.expect(nina.get("/session", Cookie=before), 401, "the session before has ended")

    def prepare(self):
        author = self.people["author"]
        self.expect(author.put("/segments/everyone", {"name": "everyone", "title": "Все", "rule": {"all": []}}), 200, "a segment")
        counted = self.expect(author.post("/segments:count", {"name": "everyone", "channels": ["email"], "purpose": "service"}),
                              200, "it is counted").json
        self.check(counted["matched"] == CLIENTS and counted["channels"][0]["reachable"] == CLIENTS, f"the count: {counted}")
        draft = {"name": "few", "rule": {"all": [{"field": "external_id", "op": "in", "value": ["C1", "C2"]}]}}
        few = author.post("/segments:count", {"segment": draft, "channels": []})
        self.check(few.status in (200, 422), f"a draft is counted or refused with its place: {few.body[:200]}")
        bad = self.expect(author.post("/segments:count", {"segment": {"name": "x", "rule": {"all": [{"field": "agee"}]}}}), 422,
                          "a mistake in a draft").json
        self.check(any(error.get("pointer", "").startswith("#/segment/rule") for error in bad["errors"]),
                   f"the mistake has a place in the body: {bad}")
        for template in (NOTE, DECISION):
            self.expect(author.put(f"/templates/{template['name']}", template), 200, f"template {template['name']}")
        shown = self.expect(author.post("/templates:preview", {"name": "note", "client": "C1"}), 200, "a preview").json
        self.check(shown["subject"].startswith(("Здравствуйте", "Dear")) and shown["problem"] is None, f"the preview: {shown}")
        checked = author.post("/templates:check", dict(NOTE, locales={"ru": {"subject": "{{client.nobody}}", "text": "x"}}))
        self.check(not checked.json["good"] and checked.json["mistakes"], f"a bad draft is told: {checked.body[:200]}")

    def edit_twice(self):
        author = self.people["author"]
        read = self.expect(author.get("/segments/everyone"), 200, "a segment is read")
        changed = dict(read.json["content"], title="Все клиенты")
        self.expect(author.call("PUT", "/segments/everyone", changed), 428, "without If-Match", "etag.missing")
        self.expect(author.put("/segments/everyone", changed, read.headers["etag"]), 200, "with it")
        self.expect(author.put("/segments/everyone", dict(changed, title="?"), read.headers["etag"]), 412, "with an old one",
                    "etag.mismatch")
        self.expect(author.put("/segments/everyone", changed), 412, "as if it were new", "etag.exists")
        self.expect(author.put("/segments/spare", {"name": "spare", "rule": {"segment": "everyone"}}), 200, "a second one")
        etag = author.get("/segments/everyone").headers["etag"]
        self.expect(author.delete("/segments/everyone", If_Match=etag), 409, "one that is used stays", "segment.in_use")
        etag = author.get("/segments/spare").headers["etag"]
        self.expect(author.delete("/segments/spare", If_Match=etag), 204, "one that is not used goes")

    def approve(self):
        author, approver, operator = (self.people[one] for one in ("author", "approver", "operator"))
        self.expect(author.put("/campaigns/letter", campaign("letter")), 200, "a campaign is written")
        preflight = self.expect(author.get("/campaigns/letter/preflight"), 200, "preflight").json
        self.check(preflight["ready"], f"it is ready: {preflight}")
        forecast = self.expect(author.post("/campaigns/letter/simulate", {"sample": 10}), 200, "a forecast").json
        self.check(forecast["messages"] == CLIENTS, f"the forecast: {forecast}")
        self.expect(author.post("/campaigns/letter/submit"), 200, "it is submitted")
        seen = approver.get("/campaigns/letter").json
        self.expect(author.post("/campaigns/letter/approve", {"hash": seen["hash"]}), 403, "an author approves nothing",
                    "access.forbidden")
        self.expect(approver.post("/campaigns/letter/approve", {"hash": "0" * 64}), 409, "another content", "approval.changed")
        self.expect(approver.post("/campaigns/letter/reject", {"comment": "Короче!"}), 200, "it is sent back")
        self.check(author.get("/campaigns/letter").json["state_reason"] == "Короче!", "with the comment")
        self.expect(author.post("/campaigns/letter/submit"), 200, "and submitted again")
        self.expect(operator.post("/campaigns/letter/start"), 409, "nothing starts unapproved", "campaign.wrong_state")
        self.expect(approver.post("/campaigns/letter/approve", {"hash": seen["hash"]}), 200, "it is approved")
        self.expect(operator.post("/campaigns/letter/start", {"undo_seconds": 0}), 200, "and started")

    def own_work(self):
        add_user(self.bank, "both", "author,approver")
        both = signed_in(self.port, "both")
        self.expect(both.put("/campaigns/own", campaign("own")), 200, "an author who may approve writes")
        self.expect(both.post("/campaigns/own/submit"), 200, "and submits")
        seen = both.get("/campaigns/own").json
        self.check("approve" not in seen["actions"], f"is not offered his own approval: {seen['actions']}")
        self.expect(both.post("/campaigns/own/approve", {"hash": seen["hash"]}), 403, "cannot approve it", "approval.own_work")
        self.expect(both.put("/campaigns/never", campaign("never")), 200, "a draft")
        self.expect(self.people["operator"].post("/campaigns/never/cancel"), 200, "is cancelled")
        never = self.expect(both.get("/campaigns/never/approved"), 200, "and can still be compared with what was approved").json
        self.check(never["approved"] is None and never["asked"]["campaign"]["name"] == "never", f"which is nothing: {never}")

    def watch(self):
        operator = self.people["operator"]
        progress = lab.wait_until(lambda: (lambda one: one if one["finished"] else None)(
            operator.get("/campaigns/letter/progress").json), 60, "the campaign is sent")
        self.check(progress["sent"] == CLIENTS and progress["by_channel"] == {"email": progress["by_state"]},
                   f"the progress: {progress}")
        paused = self.expect(operator.post("/campaigns/letter/pause", {"reason": "Проверка"}), 200, "it is paused").json
        self.check(paused["state"] == "paused" and paused["state_reason"] == "Проверка", f"with its reason: {paused}")
        self.expect(self.people["author"].post("/campaigns/letter/resume"), 403, "an author resumes nothing", "access.forbidden")
        self.expect(operator.post("/campaigns/letter/resume"), 200, "it goes on")
        self.check(self.bank.count() == CLIENTS, "nobody got it twice")
        report = self.expect(operator.get("/campaigns/letter/report?by=branch"), 200, "the report").json
        self.check(isinstance(report, dict) and report, "the report says something")
        listed = self.expect(operator.get("/campaigns/letter/report/clients?step=sent&limit=50"), 200, "the clients behind it").json
        rest = operator.get(f"/campaigns/letter/report/clients?step=sent&limit=50&cursor={listed['next']}").json
        self.check(len(listed["items"]) + len(rest["items"]) == CLIENTS and rest["next"] is None, "all of them, in two pages")
        calendar = operator.get(f"/calendar?from={lab.CAMPAIGN_DAY}&to={lab.CAMPAIGN_DAY}").json
        self.check({"letter", "own"} <= {item["campaign"] for item in calendar["items"]} and calendar["conflicts"],
                   f"the calendar with its conflict: {calendar}")
        overlaps = self.expect(operator.get(f"/calendar/overlaps?from={lab.CAMPAIGN_DAY}&to={lab.CAMPAIGN_DAY}"), 200, "who is written to twice").json
        self.check(overlaps["left_off"] == 0 and all(len(one["campaigns"]) == 2 for one in overlaps["items"]), f"in pairs: {overlaps}")
        self.expect(operator.get("/calendar/overlaps?from=2026-01-01&to=2030-01-01"), 422, "not for years", "calendar.range")
        board = operator.get("/dashboard").json
        self.check(board["running"] == [] and board["campaigns"]["running"] == 1 and board["today"]["sent"] > 0,
                   f"nothing runs any more of a campaign that is over: {board}")

    def one_client(self):
        operator, auditor = self.people["operator"], self.people["auditor"]
        card = self.expect(operator.get("/clients/C5"), 200, "a card").json
        self.check(card["contacts"][0]["address"] == "client5@client.test" and not card["masked"], f"with its address: {card}")
        masked = auditor.get("/clients/C5").json
        self.check(masked["contacts"][0]["address"] == "c***@client.test", f"masked for others: {masked['contacts']}")
        got = self.expect(operator.get("/clients/C5/messages"), 200, "what the client got").json["items"]
        self.check(len(got) == 1 and got[0]["campaign"] == "letter", f"one message: {got}")
        content = self.expect(operator.get(f"/messages/{got[0]['id']}/content"), 200, "as it was sent").json
        raw = base64.b64decode(content["raw"])
        sent = b"".join(path.read_bytes() for path in (self.bank.folder / "outbox").rglob("*") if path.is_file())
        self.check(b"client5@client.test" in raw and raw.strip() in sent, "byte for byte what lies in the outbox")
        looks = [row for row in auditor.get("/audit?actor=operator").json["items"] if row["action"] == "message.look"]
        self.check(len(looks) == 1, "the look is in the audit log")
        told = " ".join(line["text"] for line in auditor.get("/clients/C5/explain").json["items"])
        self.check("chosen" in told and "client5@" not in told, f"the story, masked: {told[:200]}")
        self.quoted(got[0]["id"])
        found = operator.get("/clients?q=client5%40client.test").json["items"]
        self.check([one["client"] for one in found] == ["C5"], f"found by address: {found}")
        page = operator.get("/clients?limit=40").json
        rest = operator.get(f"/clients?limit=40&cursor={page['next']}").json
        self.check(len(page["items"]) == 40 and len(rest["items"]) == CLIENTS - 40, "all clients in two pages")

    def quoted(self, number):
        """What a provider wrote names the address: whoever may not see it is not told so either, and sums name nobody."""
        self.bank.database.run(
            f"UPDATE messages SET state = 'bounced', reason = '550 <client5@client.test>: +79161112233 is gone',"
            f" provider_ref = '250 client5@client.test queued' WHERE id = {number}",
            f"INSERT INTO message_events (message_id, at, from_state, to_state, reason) VALUES"
            f" ({number}, 0, 'queued', 'deferred', '450 <client5@client.test> later')",
            f"INSERT INTO receipts (source, external_id, ref, message_id, state, reason, units, at, received_at, raw)"
            f" VALUES ('email', 'quoted', 'x', {number}, 'bounced', 'to client5@client.test', 1, 0, 0, '')",
            "INSERT INTO inbound_mails (source, external_id, kind, answer, matched_by, message_id, client_id, address, waits, sender, subject,"
            " status, diagnostic, reason, text, at, received_at, raw) VALUES ('email', 'quoted', 'reply', 'reply', 'address',"
            f" {number}, 5, 'client5@client.test', 0, 'client5@client.test', 'from client5@client.test', '', '', '',"
            " 'call +79161112233', 0, 0, 'eA==')")
        seen_by_all = ("/campaigns/letter/failures", "/campaigns/letter/report", "/campaigns/letter/report/export?format=csv")
        by_role = ("/messages?campaign=letter&limit=200", f"/messages/{number}", "/clients/C5/messages", "/clients/C5/explain")
        for role, paths in (("operator", seen_by_all), ("manager", seen_by_all), ("author", seen_by_all + by_role),
                            ("approver", seen_by_all + by_role), ("auditor", seen_by_all + by_role + ("/inbound",))):
            for path in paths:
                answer = self.expect(self.people[role].get(path), 200, f"{path} by {role}")
                self.check(b"client5@" not in answer.body and b"79161112233" not in answer.body, f"{path} names nobody to {role}")
        for path in by_role + ("/inbound",):
            answer = self.people["operator"].get(path)
            self.check(b"client5@client.test" in answer.body, f"control: {path} tells an operator: {answer.body[:300]}")
        self.bank.database.run(f"UPDATE messages SET state = 'accepted', reason = NULL WHERE id = {number}")

    def pages(self):
        """On the page of a letter stands the client's address only for whoever may see it."""
        self.bank.carillon("channel", "apply", self.bank.write("letter.channel.json", {
            "name": "letter", "kind": "letter", "transport": "print_house", "window": "ru-dl-right",
            "sender": {"name": "Банк", "contact": ["101000, г. Москва, ул. Мясницкая, д. 1"]},
            "print_house": {"folder": str(self.bank.folder / "print-house")}, "cost_per_message_minor": 9500}))
        self.bank.database.run("INSERT INTO contacts (client_id, number, channel, address, priority, verified, state, updated_at)"
                               " VALUES (5, 3, 'letter', '101000, г. Москва, ул. Тверская, д. 5', 1, 1, 'active', 0)")
        paper = {"template": {"name": "paper", "channel": "letter", "default_locale": "ru", "locales": {
            "ru": {"subject": "Уведомление", "text": "Мы пишем вам."}}}, "client": "C5"}
        seen = {role: self.expect(self.people[role].post("/templates:preview", paper), 200, f"a letter seen by {role}").json["pdf"]
                for role in ("author", "operator")}
        self.bank.database.run("UPDATE contacts SET address = '190000, г. Санкт-Петербург, Невский пр., д. 28' WHERE client_id = 5 AND number = 3")
        for role, differs in (("author", False), ("operator", True)):
            again = self.people[role].post("/templates:preview", paper).json["pdf"]
            self.check(bool(again) and (again != seen[role]) == differs, f"the address on the page of {role}: {differs} expected")

    def branches(self):
        manager = self.people["manager"]
        own = manager.get("/clients?limit=200").json["items"]
        self.check(own and all(one["branch"] == BRANCH for one in own) and len(own) < CLIENTS, f"own branch only: {own}")
        other = next(f"C{i}" for i in range(1, 60) if i % 97 != 7)
        self.expect(manager.get(f"/clients/{other}"), 404, "another branch's client is not there", "client.unknown")
        self.expect(manager.get(f"/clients/{other}/messages"), 404, "nor are his messages", "client.unknown")
        self.expect(manager.get(f"/clients/{other}/explain"), 404, "nor his story", "client.unknown")
        number = self.people["operator"].get(f"/clients/{other}/messages").json["items"][0]["id"]
        self.expect(manager.get(f"/messages/{number}"), 404, "nor one of them", "message.unknown")
        self.expect(manager.get(f"/messages/{number}/content"), 404, "nor what it says", "message.unknown")
        listed = manager.get("/messages?limit=200").json["items"]
        self.check(listed and {one["client"] for one in listed} == {one["client"] for one in own}, "the outbox is cut as well")
        sample = self.people["manager"].post("/segments:sample", {"name": "everyone", "size": 100})
        self.check({one["branch"] for one in sample.json["items"]} == {BRANCH}, f"and samples: {sample.body[:200]}")
        behind = manager.get("/campaigns/letter/report/clients?step=sent&limit=200").json["items"]
        self.check({one["branch"] for one in behind} == {BRANCH}, f"and the clients of a report: {behind}")

    def programs(self):
        author, approver, operator = (self.people[one] for one in ("author", "approver", "operator"))
        self.expect(author.put("/campaigns/decision", campaign(
            "decision", steps=[{"channel": "email", "template": "decision"}], schedule={"event": {"name": "credit_decision"}})),
            200, "a campaign that answers events")
        self.expect(author.post("/campaigns/decision/submit"), 200, "submitted")
        self.expect(approver.post("/campaigns/decision/approve", {"hash": approver.get("/campaigns/decision").json["hash"]}), 200,
                    "approved")
        self.expect(operator.post("/campaigns/decision/start", {"undo_seconds": 0}), 200, "started")
        made = self.expect(operator.post("/tokens", {"name": "core", "scopes": ["messages.send", "messages.see"], "days": 1}), 201,
                           "a token").json
        program = Caller(self.port, made["secret"])
        order = {"campaign": "decision", "client": "C9"}
        self.expect(program.post("/messages", order), 422, "a message needs a key", "request.key")
        first = self.expect(program.post("/messages", order, Idempotency_Key="order-0001"), 202, "a message")
        second = self.expect(program.post("/messages", order, Idempotency_Key="order-0001"), 202, "the same again")
        self.check(first.body == second.body, f"has the same answer: {first.body} {second.body}")
        self.expect(program.post("/messages", dict(order, client="C10"), Idempotency_Key="order-0001"), 422,
                    "the key of another request", "request.other")
        number = first.json["id"]
        done = lab.wait_until(lambda: [one for one in program.get(f"/messages?event={number}").json["items"]
                                       if one["state"] == "accepted"], 60, "it is sent")
        self.check(len(done) == 1 and self.bank.count("campaign_id <> 1") == 1, "and there is one message")
        self.expect(program.post("/messages", {"campaign": "letter", "client": "C9"}, Idempotency_Key="order-0002"), 409,
                    "in the name of a campaign that answers no events", "campaign.wrong_state")
        self.expect(program.post("/messages", dict(order, payload={"nothing": 1}), Idempotency_Key="order-0003"), 422,
                    "with a field nobody knows", "event.field")
        self.expect(program.post("/events", {"name": "credit_decision", "client": "C9"}, Idempotency_Key="event-0001"), 403,
                    "a token does what its scopes say and no more", "access.forbidden")
        self.expect(program.post("/tokens", {"name": "x", "scopes": ["messages.see"]}), 403, "and makes no tokens",
                    "access.forbidden")
        self.expect(operator.post("/tokens", {"name": "x", "scopes": ["campaigns.edit"]}), 422, "nor more than its owner has",
                    "token.scopes")
        self.expect(approver.post("/tokens", {"name": "x", "scopes": ["campaigns.approve"]}), 422, "no program approves",
                    "token.scopes")
        self.expect(operator.post("/events", {"name": "credit_decision", "client": "C11"}, Idempotency_Key="event-0001"), 202,
                    "an event")
        lab.wait_until(lambda: self.bank.count("campaign_id <> 1 AND state = 'accepted'") == 2, 60, "is answered")
        keyed = operator.post("/tokens", {"name": "keyed", "scopes": ["messages.see"]}, Idempotency_Key="token-0001").json
        self.expect(operator.post("/tokens", {"name": "keyed", "scopes": ["messages.see"]}, Idempotency_Key="token-0001"), 409,
                    "a token is shown once, also under a key", "request.done")
        kept = json.dumps([self.bank.database.rows(f"SELECT * FROM {table}") for table in ("api_tokens", "sessions", "request_keys")])
        self.check(keyed["secret"] not in kept, "and not kept under it")
        self.check(made["secret"] not in kept and operator.cookie.split("=")[1] not in kept, "neither token nor session is stored")
        self.expect(operator.delete(f"/tokens/{made['token']['id']}"), 204, "it is revoked")
        self.expect(program.get("/messages"), 401, "and is worth nothing", "access.unauthenticated")

    def imports(self):
        steward = self.people["data_steward"]
        rows = "external_id;last_name;first_name;email\nN1;Новикова;Анна;n1@client.test\nN2;Белов;Иван;not an address\nN3;Чёрный;Пётр;n3@client.test\n"
        self.expect(steward.post("/imports?kind=clients&file=../../new.csv", rows.encode("utf-8-sig"), Content_Type="application/json"),
                    415, "a file as JSON", "http.content_type")
        self.expect(steward.post("/imports?kind=history&file=x.csv", b"a\n", Content_Type="text/csv"), 422, "another kind",
                    "import.kind")
        made = self.expect(steward.post("/imports?kind=clients&file=../../new.csv", rows.encode("utf-8-sig"),
                                        Content_Type="text/csv"), 201, "a file is uploaded").json
        self.check(made["delimiter"] == ";" and made["columns"][0] == "external_id" and len(made["rows_shown"]) == 3,
                   f"and looked at: {made}")
        self.check(not list(self.bank.folder.glob("new.csv")), "a name leads nowhere")
        self.expect(steward.get(f"/imports/{made['id']}/rejected"), 404, "nothing was rejected yet", "upload.unknown")
        bad = steward.post(f"/imports/{made['id']}/run", {"mapping": {"fields": {"nothing": "x"}}})
        self.check(bad.status == 422 and str(self.bank.folder) not in bad.body.decode(), f"a bad mapping: {bad.body[:300]}")
        tried = self.expect(steward.post(f"/imports/{made['id']}/try"), 200, "it is tried").json
        self.check(tried["dry"] and tried["rows_imported"] == 2 and [row["line"] for row in tried["rejected"]] == [3], f"a dry run: {tried}")
        self.expect(self.people["operator"].get("/clients/N1"), 404, "of which nothing stays", "client.unknown")
        done = self.expect(steward.post(f"/imports/{made['id']}/run"), 200, "it is imported").json
        self.check(done["rows_imported"] == 2 and [row["line"] for row in done["rejected"]] == [3], f"two of three: {done}")
        again = self.expect(steward.post(f"/imports/{made['id']}/run"), 200, "once only").json
        self.check(again == done, f"the same answer: {again}")
        rejected = steward.get(f"/imports/{made['id']}/rejected")
        self.check("Белов" in rejected.body.decode() and rejected.headers["content-type"].startswith("text/csv"),
                   f"the rejected row: {rejected.body[:200]}")
        listed = steward.get("/imports").json["items"]
        self.check(listed[0]["file"] == "new.csv" and listed[0]["rows_rejected"] == 1, f"in the list: {listed}")
        self.expect(self.people["operator"].get("/clients/N1"), 200, "and the client is there")
        big = b"external_id;last_name\n" + b"B1;Big\n" * 100000
        self.expect(steward.post("/imports?kind=clients&file=big.csv", big, Content_Type="text/csv"), 201, "a large file")
        try:
            stranger = Caller(self.port).post("/imports?kind=clients&file=big.csv", big, Content_Type="text/csv").status
        except OSError:  # hung up on while it was sending
            stranger = 413
        self.check(stranger == 413, f"not from a stranger: {stranger}")

    # -- what must not go ------------------------------------------------------------------------------------------

    def forgery(self):
        author = self.people["author"]
        body = {"name": "forged", "rule": {"all": []}}
        for what, headers in (("without a CSRF token", {"X_CSRF_Token": None}), ("with a wrong one", {"X_CSRF_Token": "x"}),
                              ("with another's", {"X_CSRF_Token": self.people["admin"].csrf}),
                              ("from another site", {"Sec_Fetch_Site": "cross-site"})):
            self.expect(author.put("/segments/forged", body, **headers), 403, what, "access.csrf")
        self.expect(author.call("PUT", "/segments/forged", json.dumps(body), If_None_Match="*", Content_Type="text/plain"), 415,
                    "JSON as text", "http.content_type")
        self.expect(author.get("/segments/forged"), 404, "nothing of it was done", "segment.unknown")
        login = Caller(self.port).post("/session", {"user": "author", "password": PASSWORD.format("author")},
                                       Sec_Fetch_Site="cross-site")
        self.expect(login, 403, "another site signs nobody in", "access.csrf")
        cookie = Caller(self.port).sign_in("author", PASSWORD.format("author")).headers["set-cookie"]
        self.check("HttpOnly" in cookie and "SameSite=Strict" in cookie and "Domain" not in cookie, f"the cookie: {cookie}")

    def ended_sessions(self):
        admin = self.people["admin"]
        add_user(self.bank, "temp", "auditor")
        temp = signed_in(self.port, "temp")
        self.expect(temp.get("/audit"), 200, "an auditor reads the log")
        user = admin.get("/users/temp")
        change = {"full_name": "", "roles": ["manager"], "branches": [], "status": "active"}
        self.expect(admin.put("/users/temp", change, user.headers["etag"]), 200, "is made a manager")
        self.expect(temp.get("/session"), 401, "and signed out", "access.unauthenticated")
        temp = signed_in(self.port, "temp")
        self.expect(temp.get("/audit"), 403, "and reads it no more", "access.forbidden")
        self.check(temp.get("/clients").json["items"] == [], "a manager of no branch sees nobody")
        self.bank.carillon("user", "disable", "temp")
        self.expect(temp.get("/session"), 401, "who is disabled is signed out")
        self.expect(Caller(self.port).sign_in("temp", PASSWORD.format("temp")), 401, "and not let in", "access.refused")
        self.expect(admin.put("/users/admin", change, admin.get("/users/admin").headers["etag"]), 422,
                    "an admin changes not himself", "user.self")
        self.expect(admin.put("/users/author", dict(change, roles=["admin", "approver"]), admin.get("/users/author").headers["etag"]),
                    422, "nobody administers and approves", "user.roles")
        gone = signed_in(self.port, "auditor")
        self.expect(gone.delete("/session"), 204, "who signs out")
        self.expect(gone.get("/session"), 401, "is out")

    def second_factor(self):
        add_user(self.bank, "careful", "auditor")
        careful = signed_in(self.port, "careful")
        secret = self.expect(careful.post("/session/totp"), 200, "a second factor").json["secret"]

        def code(steps=0):
            counter = struct.pack(">Q", int(time.time()) // 30 + steps)
            digest = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), counter, hashlib.sha1).digest()
            at = digest[19] & 15
            return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"

        self.expect(careful.put("/session/totp", {"code": "000000" if code() != "000000" else "000001"}), 422, "a wrong code",
                    "totp.wrong")
        codes = self.expect(careful.put("/session/totp", {"code": code()}), 200, "is in force").json["recovery_codes"]
        password = PASSWORD.format("careful")
        self.expect(Caller(self.port).sign_in("careful", password), 401, "the password alone", "access.totp_needed")
        self.expect(Caller(self.port).sign_in("careful", password, totp=code()), 401, "a code that was used", "access.refused")
        self.expect(Caller(self.port).sign_in("careful", password, totp=code(1)), 200, "and a fresh one")
        self.expect(Caller(self.port).sign_in("careful", password, totp=codes[3].upper().replace("-", " ")), 200, "a recovery code")
        self.expect(Caller(self.port).sign_in("careful", password, totp=codes[3]), 401, "once", "access.refused")
        factor = careful.get("/session/totp").json
        self.check(factor == {"in_force": True, "recovery_codes_left": 9}, f"nine are left: {factor}")
        self.expect(careful.post("/session/totp/recovery-codes", {"password": "not it"}), 422, "not without the password", "password.wrong")
        others = self.expect(careful.post("/session/totp/recovery-codes", {"password": password}), 200, "other codes").json["recovery_codes"]
        self.expect(Caller(self.port).sign_in("careful", password, totp=codes[4]), 401, "the old ones ended", "access.refused")
        self.expect(Caller(self.port).sign_in("careful", password, totp=others[4]), 200, "the new ones do")
        kept = json.dumps(self.bank.database.rows("SELECT digest FROM recovery_codes"))
        self.check(not any(one in kept or one.replace("-", "") in kept for one in codes + others), "none of them is stored")
        self.bank.carillon("user", "reset-totp", "careful")
        self.expect(careful.get("/session"), 401, "taken away on the command line: sessions end")
        self.expect(Caller(self.port).sign_in("careful", password), 200, "and the password is enough")
        self.check(self.bank.carillon("user", "reset-totp", "nobody", check=False).returncode != 0, "of nobody: refused")

    def guessing(self):
        add_user(self.bank, "victim", "auditor")
        answers = [Caller(self.port).sign_in("victim", "not my password") for _ in range(6)]
        self.check(answers[0].status == 401 and answers[-1].status == 429, f"guessing is slowed: {[a.status for a in answers]}")
        self.check(int(answers[-1].headers["retry-after"]) >= 1, "and told how long")
        self.expect(Caller(self.port).sign_in("victim", PASSWORD.format("victim")), 429, "also the right one then",
                    "access.throttled")
        known = Caller(self.port).sign_in("nina", "wrong wrong wrong")
        unknown = Caller(self.port).sign_in("nobody-at-all", "wrong wrong wrong")
        self.check(known.body == unknown.body and known.status == unknown.status, "an unknown user has the same answer")

    def hostile(self):
        author, operator = self.people["author"], self.people["operator"]
        for body, status in (("{", 400), ('{"name":"a","name":"b"}', 400), ("[" * 100 + "]" * 100, 400), ("null", 422),
                             ("[]", 422), ('"x"', 422), ('{"name": 5, "rule": 7}', 422), ('{"name":"a\\u0000b"}', 422)):
            answer = author.call("PUT", "/segments/bad", body, If_None_Match="*", Content_Type="application/json")
            self.expect(answer, status, f"the body {body[:30]}")
        for path in ("/clients?q=%27%20OR%201%3D1%20--", "/clients?q=%25%25%25", "/campaigns?q=%F0%9F%92%A5&state=running,%27",
                     "/messages?state=%0Afailed%0A&channel=%27&reason=%22", "/audit?object=%27%3B--"):
            self.expect(operator.get(path) if "audit" not in path else self.people["auditor"].get(path), 200, path)
        for path, status in (("/clients?limit=0", 422), ("/clients?limit=1e9", 422), ("/clients?cursor=%27", 422),
                             ("/messages?cursor=-1", 422), ("/messages/0", 404), ("/messages/99999999999999999999", 404),
                             ("/messages?campaign=%zz", 400), ("/campaigns?q=%ff", 400), ("/messages/1%27", 404), ("/campaigns/..%2f..%2fetc", 404), ("/clients/%00", 404),
                             ("/calendar?from=2026-01-01&to=2030-01-01", 422), ("/calendar?from=x&to=y", 422)):
            self.expect(operator.get(path), status, path)
        self.expect(operator.get("/session", Cookie="carillon_session=" + "x" * 5000), 401, "a long cookie")
        self.expect(Caller(self.port, "car_" + "x" * 43).get("/session"), 401, "an invented token", "access.unauthenticated")
        self.expect(Caller(self.port, "").get("/session", Authorization="Basic YTpi"), 401, "another scheme")

    def everybody_everywhere(self):
        """Each route of the specification by nobody and by each role: 401, 403 exactly where the right is missing."""
        specification = Caller(self.port).get("/openapi.json").json
        rights = {role: set(caller.get("/session").json["rights"]) for role, caller in self.people.items()}
        asked = 0
        for path, methods in specification["paths"].items():
            for method, operation in methods.items():
                if method == "parameters" or path == "/session":
                    continue
                right = operation["x-right"]
                url = re.sub(r"\{[^}]*\}", "99999999", path.replace("{page}", "1"))
                what = f"{method.upper()} {path}"
                if right != "anybody":
                    self.expect(Caller(self.port).call(method.upper(), url), 401, f"{what} by nobody", "access.unauthenticated")
                for role, caller in self.people.items():
                    body, more = (None if method == "get" else {}), {}
                    for kind, bytes_of in (("text/csv", b"a;b\r\n"), ("image/gif", b"GIF89a")):
                        if kind in operation.get("requestBody", {}).get("content", {}):
                            body, more = bytes_of, {"Content_Type": kind}
                    answer = caller.call(method.upper(), url, body, If_Match='"0"', Idempotency_Key="matrix-" + role, **more)
                    allowed = right in ("anybody", "signed_in") or right in rights[role]
                    asked += 1
                    self.check((answer.code == "access.forbidden") == (not allowed) and answer.status < 500,
                               f"{what} by {role}: {answer.status} {answer.code}, {'allowed' if allowed else 'refused'} expected")
        self.check(asked > 300, f"only {asked} questions were asked")
        print(f"matrix: {asked} questions")

    def thing(self, kind, owner, user):
        """The number of a new thing of this kind: of `user`'s branch, or of another."""
        run, client = self.bank.database.run, 7 if owner == "own" else 5
        self.things = getattr(self, "things", 0) + 1
        if kind == "task":
            run(f"INSERT INTO manager_tasks (kind, client_id, text, created_at, unique_key) VALUES ('plan', {client}, 'x', 0, 'matrix{self.things}')")
            return self.bank.database.rows("SELECT MAX(id) FROM manager_tasks")[0][0]
        if kind == "call":
            number = self.bank.database.rows(f"SELECT MIN(id) FROM messages WHERE client_id = {client}")[0][0]
            run(f"DELETE FROM call_tasks WHERE message_id = {number}", "INSERT INTO call_tasks (message_id, client_id, state, due_at, manager)"
                f" VALUES ({number}, {client}, 'open', 0, '{'manager' if owner == 'own' else 'another'}')")
            return number
        of = user if owner == "own" else "admin" if user != "admin" else "auditor"
        self.bank.carillon("token", "create", f"matrix{self.things}", "--owner", of, "--scopes", "dashboard.see")
        return self.bank.database.rows("SELECT MAX(id) FROM api_tokens")[0][0]

    def question(self, path, owner, user):
        """How a route is asked about what is one's own, or another's; nothing for lists, which are looked at elsewhere."""
        client = "C7" if owner == "own" else "C5"
        bodies = {"/segments:explain": {"name": "everyone", "client": client}, "/templates:preview": {"name": "note", "client": client},
                  "/templates:page": {"name": "note", "client": client}, "/events": {"name": "matrix", "client": client},
                  "/messages": {"campaign": "decision", "client": client},
                  "/clients/{client}/erase": {"client": "nobody"}, "/calls/{id}/close": {"disposition": "no_answer"}}
        if "{client}" in path:
            return path.replace("{client}", client), bodies.get(path)
        if path.startswith("/messages/{id}"):
            number = self.bank.database.rows(f"SELECT MIN(id) FROM messages WHERE client_id = {client[1:]}")[0][0]
            return path.replace("{id}", str(number)).replace("{page}", "1"), None
        for start, kind in (("/tasks/{id}", "task"), ("/calls/{id}", "call"), ("/tokens/{id}", "token")):
            if path.startswith(start):
                return path.replace("{id}", str(self.thing(kind, owner, user))), bodies.get(path)
        return (path, bodies[path]) if path in bodies else None

    def everybody_and_everything(self):
        """Each route about somebody's things (x-owner), by each role, about own things and another's: the answer is the declared one."""
        specification = Caller(self.port).get("/openapi.json").json
        rights = {role: set(caller.get("/session").json["rights"]) for role, caller in self.people.items()}
        asked = hidden = 0
        for path, methods in specification["paths"].items():
            for method, operation in methods.items():
                kind = operation.get("x-owner", "bank") if method != "parameters" else "bank"
                if kind == "bank" or (method == "get" and path in ("/messages", "/calls", "/tasks")):
                    continue
                for role, caller in self.people.items():
                    for owner in ("own", "another"):
                        limited = role == "manager" if kind in ("branch", "manager") else "users.manage" not in rights[role]
                        allowed = operation["x-right"] in rights[role]
                        wanted = "forbidden" if not allowed else "hidden" if owner == "another" and limited else "shown"
                        question = self.question(path, owner, role)
                        # This bank calls nobody: there is no task that could really be closed.
                        if question is None or (wanted == "shown" and path.startswith("/calls/")):
                            continue
                        answer = caller.call(method.upper(), question[0], question[1], Idempotency_Key=f"matrix-{role}-{owner}-{asked}")
                        code = answer.code or ""
                        found = "forbidden" if code == "access.forbidden" else (
                            "hidden" if answer.status == 404 and code.endswith(".unknown") and code != "page.unknown" else "shown")
                        asked += 1
                        hidden += wanted == "hidden"
                        self.check(found == wanted and answer.status < 500,
                                   f"{method.upper()} {path} by {role}, {owner}: {answer.status} {code}, {wanted} expected")
        self.check(asked > 200 and hidden > 15, f"only {asked} questions, {hidden} of them about what is not shown")
        print(f"owners: {asked} questions, {hidden} about what is not shown")

    def log(self):
        verdict = self.people["auditor"].post("/audit:verify").json
        self.check(verdict["ok"] and verdict["rows"] > 20, f"the audit log holds: {verdict}")
        rows = self.people["auditor"].get("/audit?limit=200").json["items"]
        done = {(row["actor"], row["action"]) for row in rows}
        for actor, action in (("author", "campaign.submit"), ("approver", "campaign.reject"), ("approver", "campaign.approve"),
                              ("operator", "campaign.start"), ("operator", "campaign.pause"), ("operator", "token.add"),
                              ("operator", "message.send"), ("admin", "user.add"), ("admin", "user.change"),
                              ("author", "session.begin"), ("nina", "user.password"), ("careful", "user.totp"),
                              ("careful", "session.recovery_code"), ("careful", "user.recovery_codes")):
            self.check((actor, action) in done, f"{actor} {action} is in the log")
        page = Caller(self.port)
        self.check(b"<h1>Carillon API</h1>" in lab_page(self.front), "the page for readers")
        self.check(page.get("/openapi.json").json["openapi"] == "3.1.0", "the specification")

    def tell(self):
        self.tell_chapters(self.first_password, self.prepare, self.edit_twice, self.approve, self.own_work, self.watch,
                           self.one_client, self.pages, self.branches, self.programs, self.imports, self.forgery, self.ended_sessions,
                           self.second_factor, self.hostile, self.everybody_everywhere, self.everybody_and_everything, self.log, self.guessing)


def lab_page(front):
    return front.curl("/docs")[1].encode()


if __name__ == "__main__":
    sys.exit(main(Story))

"""Calls: the task is a row of the database, so most of what a provider may do cannot happen."""
from peer import Peer


class Desk(Peer):
    adapter = "call"
    addresses = {"good": "+79{n}42"}
    row = "the task is a row made in the transaction that submits the message; there is no line"
    heard = "dispositions come to the server: tests/endtoend/callbacks.py"
    shown = "the script is kept with the row: tests/database/routing_test.cpp"
    forms = {"text": "row"}
    skip = {"deferred": row, "rejected": row, "throttled": row, "timeout": row, "lost answer": row, "late receipt": heard,
            "duplicate receipt": heard, "bad TLS": row, "shutdown in flight": "a task stands before the channel is asked, also while it stops", "long text": shown, "Cyrillic and emoji": shown, "hostile fields": shown,
            "provider down and back": row, "idempotent resubmission": row}

    def start(self):
        pass

    def settings(self):
        return {"main": {"name": "call", "kind": "call"}}

    def seen(self, _):
        return []

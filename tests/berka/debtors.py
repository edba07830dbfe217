"""What each debtor of the Berka bank must be told, worked out from the original tables and examples/berka/README.md alone.

The preparing script and the program are what is under test, so nothing of theirs is used here.
"""
import csv
import datetime
from decimal import Decimal
from pathlib import Path

LAST_DAY = datetime.date(1998, 12, 31)


def table(folder, name):
    with open(Path(folder) / "berka" / f"{name}.asc", encoding="latin-1", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def language_of(client):
    """Every fourth client is given English by the acceptance run; the others stay with the import's Czech."""
    return "en" if client % 4 == 0 else "cs"


class Debt:
    def __init__(self, client, loan, payment):
        missed = 1 + loan % 3
        self.client = client
        self.loan = loan
        self.amount = f"{Decimal(payment) * missed:.2f}"
        self.since = (LAST_DAY - datetime.timedelta(days=30 * missed + loan % 25)).isoformat()
        self.user = f"client{client}"
        self.address = f"{self.user}@berka.example"


def debts(folder):
    owner = {row["account_id"]: int(row["client_id"]) for row in table(folder, "disp") if row["type"] == "OWNER"}
    return [Debt(owner[row["account_id"]], int(row["loan_id"]), row["payments"])
            for row in table(folder, "loan") if row["status"] == "D"]

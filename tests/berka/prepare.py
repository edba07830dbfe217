"""Turns the PKDD'99 tables of a Czech bank into the three files a bank would hand over: clients, contracts, consents.

Everything the tables lack (names, addresses, languages, the day a payment was missed) follows from the client's number,
so that a test can compute what each client must receive without asking the program.
"""
import csv
import datetime
import json
import random
from pathlib import Path


def table(folder, name):
    with open(Path(folder) / "berka" / f"{name}.asc", encoding="latin-1", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def iso(yymmdd):
    return f"19{yymmdd[:2]}-{yymmdd[2:4]}-{yymmdd[4:6]}"


def language_of(client):
    return "en" if client % 4 == 0 else "cs"


def address_of(client):
    return f"client{client}@client.test"


def missed_since(loan):
    return (datetime.date(2026, 11, 1) + datetime.timedelta(days=loan % 20)).isoformat()


def owners(folder):
    return {row["account_id"]: int(row["client_id"]) for row in table(folder, "disp") if row["type"] == "OWNER"}


class Debt:
    """What a client in debt must be told."""

    def __init__(self, client, loan, payment):
        self.client = client
        self.loan = loan
        self.payment = payment  # "4610.00"
        self.since = missed_since(loan)


def debts(folder):
    owner = owners(folder)
    return [Debt(owner[row["account_id"]], int(row["loan_id"]), row["payments"])
            for row in table(folder, "loan") if row["status"] == "D"]


def write_clients(folder, path):
    with open(Path(folder) / "names" / "cs_CZ.json", encoding="utf-8") as file:
        names = json.load(file)
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["client_id", "birth_number", "gender", "first", "last", "language", "branch", "email"])
        for row in table(folder, "client"):
            number = int(row["client_id"])
            chance = random.Random(number)
            female = int(row["birth_number"][2:4]) > 50
            first, last = chosen_names(names, chance, female)
            out.writerow([number, row["birth_number"], "f" if female else "m", first, last, language_of(number),
                          row["district_id"], address_of(number)])


def chosen_names(names, chance, female):
    firsts = names_of(names, "first", female)
    lasts = names_of(names, "last", female)
    return chance.choice(firsts), chance.choice(lasts)


def names_of(names, part, female):
    """The lists of @faker-js/faker are named by part and gender."""
    found = names["person"][f"{part}_name"]
    return found["female" if female else "male"] or found["generic"]


def write_contracts(folder, path):
    owner = owners(folder)
    client_of_disposition = {row["disp_id"]: int(row["client_id"]) for row in table(folder, "disp")}
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["external_id", "client", "kind", "product", "status", "currency", "amount", "opened_on",
                      "next_payment", "overdue", "overdue_since"])
        for row in table(folder, "loan"):
            in_debt = row["status"] == "D"
            out.writerow([f"L{row['loan_id']}", owner[row["account_id"]], "loan", f"{row['duration']} months",
                          row["status"], "CZK", row["amount"], iso(row["date"]), row["payments"],
                          row["payments"] if in_debt else "0", missed_since(int(row["loan_id"])) if in_debt else ""])
        for row in table(folder, "card"):
            out.writerow([f"K{row['card_id']}", client_of_disposition[row["disp_id"]], "card", row["type"], "issued",
                          "CZK", "", iso(row["issued"]), "", "0", ""])


CLIENT_MAPPING = {
    "kind": "clients", "defaults": {"locale": "cs", "time_zone": "Europe/Prague", "phone_region": "CZ", "currency": "CZK"},
    "fields": {"external_id": {"column": "client_id"}, "kind": {"constant": "person"}, "status": {"constant": "active"},
               "birth_date": {"column": "birth_number", "format": "birth_number"}, "gender": {"column": "gender"},
               "first_name": {"column": "first"}, "last_name": {"column": "last"}, "locale": {"column": "language"},
               "branch": {"column": "branch"}, "email": {"column": "email"}}}

CONTRACT_MAPPING = {"kind": "contracts", "defaults": {"currency": "CZK"}, "fields": {
    name: {"column": name} for name in ["external_id", "client", "kind", "product", "status", "currency", "amount",
                                        "opened_on", "next_payment", "overdue", "overdue_since"]}}

#!/usr/bin/env python3
"""Joins the public Berka files (PKDD'99, a Czech bank) into files that `carillon import` takes.

    python3 prepare.py FOLDER_WITH_ASC_FILES OUTPUT_FOLDER

The data set has neither names nor addresses, and its loans carry no overdue amounts. What is missing is made up from
the ids, always in the same way; README.md says what is real and what is not.
"""
import csv
import pathlib
import sys
from datetime import date, timedelta

WOMEN = ["Anna", "Eva", "Hana", "Jana", "Lenka", "Marie", "Petra", "Vera"]
MEN = ["Jan", "Jiri", "Josef", "Karel", "Milan", "Pavel", "Petr", "Tomas"]
SURNAMES = ["Cerny", "Dvorak", "Horak", "Kral", "Marek", "Novak", "Prochazka", "Svoboda", "Urban", "Vesely"]
CARD_YEARS = 5
LOAN_STATUS = {"A": "finished", "B": "finished, not paid", "C": "running", "D": "running, in debt"}
# The data end in December 1998; overdue days are counted from there.
LAST_DAY = date(1998, 12, 31)


def rows_of(folder, name):
    with open(folder / f"{name}.asc", encoding="latin-1", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def day(text):
    """'931107' or '931107 00:00:00' -> a date of the twentieth century."""
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:6]))


def add_months(start, months):
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    last = [31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    return date(year, month, min(start.day, last))


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def clients(folder):
    for row in rows_of(folder, "client"):
        number = int(row["client_id"])
        woman = int(row["birth_number"][2:4]) > 50
        first = (WOMEN if woman else MEN)[number % 8]
        last = SURNAMES[number % 10] + ("ova" if woman else "")
        yield [number, row["birth_number"], first, last, f"client{number}@berka.example", row["district_id"]]


def loan(row, client):
    granted, amount = day(row["date"]), float(row["amount"])
    payment, months = float(row["payments"]), int(row["duration"])
    status, ends = row["status"], add_months(day(row["date"]), int(row["duration"]))
    running = status in "CD"
    paid_months = min(months, max(0, (LAST_DAY.year - granted.year) * 12 + LAST_DAY.month - granted.month))
    balance = round(max(0.0, amount - payment * paid_months), 2) if running else 0
    overdue, since, next_on = 0, "", ""
    if running:
        next_on = add_months(granted, paid_months + 1).isoformat()
    if status == "D":
        missed = 1 + int(row["loan_id"]) % 3
        overdue = round(payment * missed, 2)
        since = (LAST_DAY - timedelta(days=30 * missed + int(row["loan_id"]) % 25)).isoformat()
    return [f"L{row['loan_id']}", client, "loan", LOAN_STATUS[status], status, "CZK", f"{amount:.2f}", f"{balance:.2f}",
            granted.isoformat(), "" if running else ends.isoformat(), ends.isoformat(), next_on,
            f"{payment:.2f}" if running else "", f"{overdue:.2f}", since]


def contracts(folder):
    owner = {row["account_id"]: row["client_id"] for row in rows_of(folder, "disp") if row["type"] == "OWNER"}
    holder = {row["disp_id"]: row["client_id"] for row in rows_of(folder, "disp")}
    for row in rows_of(folder, "account"):
        yield [f"A{row['account_id']}", owner[row["account_id"]], "account", "current", "active", "CZK", "", "",
               day(row["date"]).isoformat(), "", "", "", "", "0", ""]
    for row in rows_of(folder, "loan"):
        yield loan(row, owner[row["account_id"]])
    for row in rows_of(folder, "card"):
        issued = day(row["issued"])
        yield [f"C{row['card_id']}", holder[row["disp_id"]], "card", row["type"], "active", "CZK", "", "",
               issued.isoformat(), "", add_months(issued, 12 * CARD_YEARS).isoformat(), "", "", "0", ""]


def consents(folder):
    """Four of five clients take e-mail advertising; one of ten has refused it."""
    for row in rows_of(folder, "client"):
        share = int(row["client_id"]) % 10
        if share < 8:
            yield [row["client_id"], "email", "marketing", "yes", "1998-01-01T09:00:00Z", "made up"]
        elif share == 8:
            yield [row["client_id"], "email", "marketing", "no", "1998-06-01T09:00:00Z", "made up"]


def main(source, target):
    folder, out = pathlib.Path(source), pathlib.Path(target)
    out.mkdir(parents=True, exist_ok=True)
    write(out / "clients.csv", ["client_id", "birth_number", "first", "last", "email", "district"], clients(folder))
    write(out / "contracts.csv",
          ["contract", "client", "kind", "product", "status", "currency", "amount", "balance", "opened", "closed",
           "expires", "next_on", "next_amount", "overdue", "overdue_since"], contracts(folder))
    write(out / "consents.csv", ["client", "channel", "purpose", "granted", "at", "source"], consents(folder))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])

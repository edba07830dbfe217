#!/usr/bin/env python3
"""The MineThatData e-mail challenge as files for `carillon import`.

    prepare.py FOLDER_WITH_HILLSTROM_CSV OUT_FOLDER

The file gives each customer's group and whether they visited, bought, and for how much within two weeks. It gives no
days: the mailing is set to 2008-03-10, what followed to 1 to 13 days later, always the same from the row's number.
"""
import csv
import datetime
import gzip
import sys
from pathlib import Path

SENT = datetime.datetime(2008, 3, 10, 9, 0, 0)
GROUPS = {"Mens E-Mail": "mens", "Womens E-Mail": "womens", "No E-Mail": "control"}


def rows(folder):
    packed = folder / "hillstrom.csv.gz"
    if packed.exists():
        with gzip.open(packed, "rt", encoding="ascii", newline="") as file:
            yield from csv.DictReader(file)
    else:
        with open(folder / "hillstrom.csv", encoding="ascii", newline="") as file:
            yield from csv.DictReader(file)


def write(path, head):
    file = open(path, "w", encoding="ascii", newline="")
    writer = csv.writer(file)
    writer.writerow(head)
    return file, writer


def main():
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    files = [write(out / "clients.csv", ["external_id", "kind", "last_name", "branch", "attributes.history_segment",
                                         "attributes.shops_by", "attributes.newbie"]),
             write(out / "history.csv", ["client", "group", "sent_at", "state"]),
             write(out / "conversions.csv", ["client", "kind", "at", "amount", "currency", "external_id"])]
    clients, history, conversions = (writer for _, writer in files)
    for number, row in enumerate(rows(source), 1):
        client = f"H{number:05d}"
        clients.writerow([client, "person", f"Customer {number}", row["zip_code"], row["history_segment"], row["channel"],
                          row["newbie"]])
        group = GROUPS[row["segment"]]
        history.writerow([client, group, SENT.isoformat() + "Z", "" if group == "control" else "delivered"])
        at = (SENT + datetime.timedelta(days=1 + number % 13, minutes=number % 1440)).isoformat() + "Z"
        if row["visit"] == "1":
            conversions.writerow([client, "visit", at, "", "", f"visit-{number}"])
        if row["conversion"] == "1":
            conversions.writerow([client, "purchase", at, row["spend"], "USD", f"purchase-{number}"])
    for file, _ in files:
        file.close()


if __name__ == "__main__":
    main()

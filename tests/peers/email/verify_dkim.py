#!/usr/bin/python3
"""Verifies every DKIM signature of the given messages with python3-dkim, an independent implementation.

Usage: verify_dkim.py RECORDS.json MESSAGE... (records: {"s1._domainkey.bank.test": "v=DKIM1; ..."})
Each signature must hold, and must break when one letter of the body or of the subject changes.
"""
import json
import sys

import dkim


def holds(message, index, lookup):
    try:
        return dkim.DKIM(message).verify(idx=index, dnsfunc=lookup)
    except dkim.ValidationError:  # a changed body
        return False


def signatures(message, lookup):
    fields = dkim.DKIM(message).headers
    count = sum(1 for name, _ in fields if name.lower() == b"dkim-signature")
    return [holds(message, index, lookup) for index in range(count)]


def altered(message, word):
    at = message.index(word) + len(word) - 1
    return message[:at] + (b"X" if message[at:at + 1] != b"X" else b"Y") + message[at + 1:]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        records = json.load(file)

    def lookup(name, timeout=5):
        key = (name.decode() if isinstance(name, bytes) else name).rstrip(".")
        return records[key].encode()

    for path in sys.argv[2:]:
        with open(path, "rb") as file:
            message = file.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        good = signatures(message, lookup)
        if len(good) != len(records) or not all(good):
            sys.exit(f"{path}: {good} for {len(records)} keys")
        for word in (b"card is ready", b"Subject: Peer"):
            if any(signatures(altered(message, word), lookup)):
                sys.exit(f"{path}: a signature survives a change of {word!r}")
        second_from = b"From: evil@evil.test\r\n" + message
        if any(signatures(second_from, lookup)):
            sys.exit(f"{path}: a signature survives a second From")
    print(f"verified {len(sys.argv) - 2} messages")


main()

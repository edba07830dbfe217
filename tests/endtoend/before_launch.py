#!/usr/bin/python3
"""What is told before a launch is what happens after it, and what cannot be made is refused before it.

Forecast: `simulate` names the parts of short messages and the pages of faxes and letters of three campaigns; after the
run the providers' own counts must be the same. Refused: texts over the page and part limit, a missing glyph, a bank whose
clients' addresses are incomplete; each with the client it was seen at. Controls: one bad address in fifty is no reason to
refuse, the forecast says so, and that client alone is left out.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab

CLIENTS = 50
GOOD_ADDRESS = "101000, г. Москва, ул. Мясницкая, д. {}"
BAD_ADDRESS = "ул. Мясницкая"
CHANNELS = {
    "sms": {"name": "sms", "kind": "sms", "transport": "file", "sender": "CARILLON", "spool": "outbox-sms",
            "cost_per_part_minor": 350, "parts_max": 4},
    "fax": {"name": "fax", "kind": "fax", "transport": "file", "spool": "outbox-fax", "cost_per_page_minor": 400,
            "sender": {"name": "Банк", "number": "+74950000000"}},
    "letter": {"name": "letter", "kind": "letter", "transport": "print_house", "window": "ru-dl-right",
               "sender": {"name": "Банк", "contact": ["101000, г. Москва"]},
               "print_house": {"folder": "print-house", "batch_max": 500}, "cost_per_message_minor": 9500},
}
# Seventy Cyrillic letters are one part, 67 each of several.
LONG_SMS = "{{client.first_name}}, " + "платёж по договору ждёт вас " * 6
LONG_PAGE = "Уважаемый клиент {{client.first_name}}!\n\n" + "\n\n".join(["Мы пишем вам о вашем договоре. " * 12] * 9)


def template(channel, text, **more):
    parts = {"text": text, **more}
    if channel in ("fax", "letter"):
        parts["subject"] = "О договоре"
    return {"name": f"note-{channel}", "channel": channel, "default_locale": "ru", "locales": {"ru": parts}}


def campaign(channel, name):
    return {"name": name, "title": "Проба", "objective": "service", "segment": "everyone", "control": {"percent": 0},
            "steps": [{"channel": channel, "template": f"note-{channel}"}],
            "schedule": {"once": {"date": lab.CAMPAIGN_DAY, "time": "11:00"}}}


def populate(bank, bad):
    """`bad`: how many of the clients have an incomplete postal address."""
    rows = ["external_id,kind,last_name,first_name,phone,fax,address,locale,time_zone,status"]
    for i in range(CLIENTS):
        address = BAD_ADDRESS if i < bad else GOOD_ADDRESS.format(i + 1)
        rows.append(f'C{i:03},person,Петренко,{"Анна" if i % 2 else "Константин"},+7916000{i:04},+7495000{i:04},'
                    f'"{address}",ru,Europe/Moscow,active')
    bank.carillon("import", "clients", bank.write("clients.csv", "\n".join(rows) + "\n"))
    bank.carillon("segment", "apply", bank.write("everyone.json", {"name": "everyone", "title": "Все", "rule": {"all": []}}))
    for name, settings in CHANNELS.items():
        bank.carillon("channel", "apply", bank.write(f"{name}.channel.json", settings))


def apply(bank, channel, text, name):
    bank.carillon("template", "apply", bank.write(f"{name}.template.json", template(channel, text)))
    bank.carillon("campaign", "apply", bank.write(f"{name}.campaign.json", campaign(channel, name)))


def forecast_is_fact(bank, broken):
    texts = {"sms": LONG_SMS, "fax": LONG_PAGE, "letter": LONG_PAGE}
    told = {}
    for channel, text in texts.items():
        apply(bank, channel, text, f"fact-{channel}")
        told[channel] = bank.carillon("simulate", f"fact-{channel}", "--from", lab.CAMPAIGN_DAY, as_json=True)
        bank.carillon("campaign", "submit", f"fact-{channel}")
        bank.carillon("campaign", "approve", f"fact-{channel}", user="approver")
        bank.carillon("campaign", "start", f"fact-{channel}", user="operator")
    bank.carillon("run", "--until-idle", "--now", lab.NOON)
    figures = {}
    for channel, answer in told.items():
        tried = answer["tried"][0]
        count, units = bank.database.rows("SELECT COUNT(*), SUM(units) FROM messages WHERE state IN ('accepted', 'delivered')"
                                          f" AND channel = '{channel}'")[0]
        figures[channel] = {"told": tried["units"], "found": units, "pages": tried["pages"], "cost": answer["cost"]}
        if (tried["made"], tried["units"], answer["channels"][0]["units"]) != (count, units, units):
            broken.append(f"{channel}: told {tried}, found {count} messages of {units} units")
        if channel == "sms" and tried["units_max"] < 3:
            broken.append(f"the short messages should take three parts: {tried}")
        if channel != "sms" and tried["pages"] < 2 * count:
            broken.append(f"{channel}: should take two pages: {tried}")
    return figures


def refused(bank, channel, text, name, words, broken):
    apply(bank, channel, text, name)
    done = bank.carillon("campaign", "submit", name, check=False)
    if done.returncode != 2 or words not in done.stdout + done.stderr or "to C0" not in done.stderr:
        broken.append(f"{name}: not refused with '{words}': {done.returncode} {done.stdout} {done.stderr}")
    state = bank.database.rows(f"SELECT state FROM campaigns WHERE name = '{name}'")
    if state != [("draft",)]:
        broken.append(f"{name} is {state}")
    return done.stderr.strip().splitlines()[0] if done.stderr else ""


def bad_address_is_left_out(bank, broken):
    apply(bank, "letter", "Уважаемый клиент!", "one-bad")
    done = bank.carillon("campaign", "submit", "one-bad", check=False)
    if done.returncode != 0 or "C000" not in done.stdout or "address lacks" not in done.stdout:
        broken.append(f"one bad address in fifty: {done.returncode} {done.stdout} {done.stderr}")
        return
    bank.carillon("campaign", "approve", "one-bad", user="approver")
    bank.carillon("campaign", "start", "one-bad", user="operator")
    bank.carillon("run", "--until-idle", "--now", lab.NOON)
    if bank.states() != {"accepted": CLIENTS - 1, "failed": 1}:
        broken.append(f"one bad address in fifty: {bank.states()}")


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    broken, refusals = [], []
    with lab.temporary_folder() as folder:
        bank = lab.Bank(folder, engine)
        try:
            populate(bank, bad=0)
            figures = forecast_is_fact(bank, broken)
            refusals.append(refused(bank, "letter", "\n\n".join(["Мы пишем вам. " * 40] * 120), "too-long",
                                    "pages", broken))
            refusals.append(refused(bank, "letter", "Добрый день, {{client.first_name}} \U00010300", "no-glyph",
                                    "has no character", broken))
            refusals.append(refused(bank, "sms", "очень длинное сообщение " * 40, "parts", "4 are allowed", broken))
        finally:
            bank.stop()
    for bad, check in ((10, lambda bank: refusals.append(refused(bank, "letter", "Добрый день", "no-address",
                                                                 "postal address lacks", broken))),
                       (1, lambda bank: bad_address_is_left_out(bank, broken))):
        with lab.temporary_folder() as folder:
            bank = lab.Bank(folder, engine)
            try:
                populate(bank, bad)
                check(bank)
            finally:
                bank.stop()
    print("\n".join(refusals))
    print(json.dumps({"test": "before_launch", "engine": engine, "figures": figures, "broken": broken}, ensure_ascii=False))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

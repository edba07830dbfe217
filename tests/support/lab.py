"""A bank to experiment on: a private database, clients, a campaign, peers, and the program itself.

Shared by tests/faults, tests/berka and bench. Standard library only. Everything lives in one temporary folder, listens
on the loopback interface only, and is stopped by its own pid.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("CARILLON_BUILD", SOURCE / "build" / "release"))
# A Tuesday noon in Moscow: nobody is in quiet hours, and the campaign of an_offer() has been due for an hour.
CAMPAIGN_DAY = "2026-11-24"
NOON = CAMPAIGN_DAY + "T12:00:00+03:00"
# Within the four hours that marketing may be late.
LATER = CAMPAIGN_DAY + "T12:30:00+03:00"
LAST = CAMPAIGN_DAY + "T14:45:00+03:00"
# A week later no cap on contacts stands in the way of a second campaign.
NEXT_WEEK = "2026-12-01"
NEXT_WEEK_NOON = NEXT_WEEK + "T12:00:00+03:00"
# A hidden outcome costs more than a failed test, so nothing waits for ever.
COMMAND_SECONDS = 300


class LabError(Exception):
    pass


# A test that is told to stop must still stop its servers.
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def free_port():
    """A port below the ephemeral range that nobody listens on."""
    seed = os.getpid() * 7919 + time.monotonic_ns() // 1000
    for step in range(2000):
        port = 20000 + (seed + step * 37) % 12000
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise LabError("no free port")


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.005)
    raise LabError(f"waited {seconds} s in vain: {what}")


def end(process, signal_number=signal.SIGTERM, seconds=20):
    """Stops one process that we started and waits for it."""
    if process.poll() is None:
        process.send_signal(signal_number)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait(seconds)


@contextlib.contextmanager
def temporary_folder(prefix="carillon-", parent=None):
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    folder.chmod(0o755)  # postfix, dovecot and mariadb have users of their own
    try:
        yield folder
    finally:
        if "CARILLON_KEEP" in os.environ:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


class Sqlite:
    engine = "sqlite"

    def __init__(self, folder):
        self.folder = Path(folder)
        self.path = self.folder / "bank.db"

    def settings(self):
        return f'[database]\nengine = "sqlite"\npath = "{self.path}"\n'

    def rows(self, statement):
        with contextlib.closing(sqlite3.connect(self.path, timeout=60, isolation_level=None)) as connection:
            return [tuple(row) for row in connection.execute(statement)]

    def run(self, *statements):
        with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def settle(self, dead):
        """Nothing is under way once the process that wrote is dead or stopped: the engine is part of it."""

    def is_locked(self):
        """Whether another process is inside a write transaction."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
                return False
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise
                return True

    def stop(self):
        pass


class Mariadb:
    """A server of our own (tests/database/mariadb.sh), reached by its socket."""
    engine = "mariadb"
    script = SOURCE / "tests" / "database" / "mariadb.sh"

    def __init__(self, folder):
        self.folder = Path(folder) / "mariadb"
        self.socket = self.folder / "mariadb.sock"
        self.control("up")
        self._client("CREATE DATABASE carillon CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin", schema=None)

    def control(self, action):
        subprocess.run([self.script, action, self.folder], check=True, timeout=180)

    def settings(self):
        return f'[database]\nengine = "mariadb"\nsocket = "{self.socket}"\nuser = "root"\nschema = "carillon"\n'

    def _client(self, statements, schema="carillon"):
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "--raw",
                   "--skip-column-names", "--default-character-set=utf8mb4"] + ([schema] if schema else [])
        done = subprocess.run(command, input=statements, capture_output=True, text=True, timeout=COMMAND_SECONDS)
        if done.returncode != 0:
            raise LabError(done.stderr.strip())
        return done.stdout

    def rows(self, statement):
        lines = self._client(statement).splitlines()
        return [tuple(_typed(cell) for cell in line.split("\t")) for line in lines]

    def run(self, *statements):
        preparation = ["SET sql_mode = 'STRICT_ALL_TABLES,PIPES_AS_CONCAT'", "SET max_recursive_iterations = 4294967295"]
        self._client(";\n".join(preparation + list(statements)))

    def settle(self, dead):
        """Waits until the server has done what processes asked of it that are dead or stopped by now."""
        others = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'root' AND id <> CONNECTION_ID()"
        busy = others if dead else others + " AND command <> 'Sleep'"
        wait_until(lambda: self.rows(busy)[0][0] == 0, 60, "the server is idle")

    def is_locked(self):
        """Whether another connection is inside a transaction that holds locks."""
        time.sleep(0.15)  # the server renews this table ten times a second
        return self.rows("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_rows_locked > 0")[0][0] > 0

    def stop(self):
        self.control("down")


def _typed(cell):
    if cell == "NULL":
        return None
    return int(cell) if cell.lstrip("-").isdigit() else cell


class Sink:
    """tests/faults/durable_sink.cpp: a witness of what was received."""

    def __init__(self, folder, **options):
        self.folder = Path(folder)
        self.log = self.folder / "sink.log"
        self.log.touch()
        self.options = options
        self.port = options.get("port", 0)
        self.process = None
        self.start()

    def start(self):
        options = dict(self.options, port=self.port, log=self.log)
        arguments = [text for name, value in options.items() for text in ("--" + name.replace("_", "-"), str(value))]
        self.process = subprocess.Popen([BUILD / "tests" / "durable_sink"] + arguments, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline().split()
        if ready[:1] != ["ready"]:
            raise LabError("the sink did not start")
        self.port = int(ready[1])

    def size(self):
        return self.log.stat().st_size

    def lines(self):
        with open(self.log, encoding="ascii") as log:
            return [Received(*line.split()) for line in log]

    def count(self):
        with open(self.log, "rb") as log:
            return sum(1 for _ in log)

    def stop(self):
        end(self.process)
        self.process.stdout.close()


class Received:
    """One line of the sink's log."""

    def __init__(self, message_id, recipient, digest, millis, answer):
        self.message_id = message_id
        self.recipient = recipient
        self.digest = digest
        self.millis = int(millis)
        self.answer = answer

    def row_id(self):
        """Our row's number stands in front of the Message-ID."""
        return int(self.message_id.split(".")[0])


class Bank:
    """The program with its configuration and database."""

    def __init__(self, folder, engine="sqlite", settings="", database_folder=None):
        self.folder = Path(folder)
        self.files = self.folder / "files"
        self.files.mkdir()
        (self.folder / "state").mkdir()
        self.started = []
        self.database = Sqlite(database_folder or folder) if engine == "sqlite" else Mariadb(folder)
        self.config = self.folder / "carillon.toml"
        self.config.write_text(
            self.database.settings() +
            '[bank]\nname = "Первый банк"\nphone = "+7 495 000-00-00"\nurl = "https://bank.test"\ncurrency = "RUB"\n'
            f'[public]\nurl = "https://bank.test"\n[state]\nfolder = "{self.folder / "state"}"\n'
            f'[sandbox]\nfolder = "{self.folder / "outbox"}"\n' + settings, encoding="utf-8")
        self.carillon("migrate")

    def command(self, *arguments, user="author", as_json=False):
        return [str(BUILD / "carillon"), "--config", str(self.config), "--as", user] + (
            ["--json"] if as_json else []) + [str(argument) for argument in arguments]

    def carillon(self, *arguments, user="author", as_json=False, check=True, **environment):
        done = subprocess.run(self.command(*arguments, user=user, as_json=as_json), capture_output=True, text=True,
                              timeout=COMMAND_SECONDS, env=dict(os.environ, **environment))
        if check and done.returncode != 0:
            raise LabError(f"carillon {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1]) if as_json and check else done

    def start(self, *arguments, log="run.log", **environment):
        """The program in the background; what it says is appended to `log`."""
        with open(self.folder / log, "ab") as out:
            self.started.append(subprocess.Popen(self.command(*arguments), stdout=out, stderr=out,
                                                 env=dict(os.environ, **environment)))
        return self.started[-1]

    def start_sending(self, *arguments, **environment):
        return self.start("run", "--until-idle", "--now", NOON, *arguments, **environment)

    def write(self, name, document):
        path = self.files / name
        text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    def launch(self, campaign):
        """Through all four eyes to running."""
        self.carillon("campaign", "apply", self.write(f"{campaign['name']}.campaign.json", campaign))
        self.carillon("campaign", "submit", campaign["name"])
        self.carillon("campaign", "approve", campaign["name"], user="approver")
        self.carillon("campaign", "start", campaign["name"], user="operator")

    def states(self):
        return dict(self.database.rows("SELECT state, COUNT(*) FROM messages GROUP BY state"))

    def count(self, condition="1 = 1"):
        return self.database.rows(f"SELECT COUNT(*) FROM messages WHERE {condition}")[0][0]

    def stop(self):
        for process in self.started:  # left over by a test that failed
            if process.poll() is None:
                process.kill()
                process.wait(60)
        self.database.stop()


FIRST_NAMES_RU = ["Анна", "Иван", "Мария", "Пётр", "Ольга", "Сергей", "Екатерина", "Дмитрий"]
LAST_NAMES_RU = ["Иваненко", "Петренко", "Шевченко", "Бондаренко", "Черных", "Долгих", "Живаго"]
FIRST_NAMES_EN = ["Anna", "John", "Mary", "Peter", "Olivia", "George", "Catherine", "Daniel"]
LAST_NAMES_EN = ["Smith", "O'Brien", "Taylor", "Walker", "Wright", "Hughes", "Green"]


def _pick(values, number):
    cases = " ".join("WHEN {} THEN '{}'".format(i, value.replace("'", "''")) for i, value in enumerate(values))
    return f"CASE {number} % {len(values)} {cases} END"


def _either(russian, english):
    return f"CASE WHEN i % 3 = 0 THEN {english} ELSE {russian} END"


def populate(database, count):
    """`count` clients with an e-mail address and consent to marketing, two thirds Russian, one third English.

    Written set-wise with SQL that both engines know, so that a million of them costs seconds and needs no importer.
    """
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    names = (_either(_pick(LAST_NAMES_RU, "i"), _pick(LAST_NAMES_EN, "i")),
             _either(_pick(FIRST_NAMES_RU, "((i - i % 7) / 7)"), _pick(FIRST_NAMES_EN, "((i - i % 7) / 7)")))
    database.run(
        "INSERT INTO clients (id, external_id, kind, last_name, first_name, locale, time_zone, branch, manager, status,"
        " income_minor, search_name, mix, created_at, updated_at) " + numbers +
        f" SELECT i, 'C' || i, 'person', {names[0]}, {names[1]}, {_either(chr(39) + 'ru' + chr(39), chr(39) + 'en' + chr(39))},"
        " 'Europe/Moscow', 'Отделение № ' || (i % 97), 'М. Орлова', 'active', 5000000 + (i % 9973) * 1000,"
        " 'client ' || i, (i * 48271) % 2147483647, 0, 0 FROM n",
        "INSERT INTO contacts (client_id, number, channel, address, priority, verified, state, updated_at) " + numbers +
        " SELECT i, 1, 'email', 'client' || i || '@client.test', 1, 1, 'active', 0 FROM n",
        "INSERT INTO consents (client_id, channel, purpose, granted, at, source) " + numbers +
        " SELECT i, 'email', 'marketing', 1, 0, 'contract' FROM n")


def _paragraphs(language):
    russian = ("Мы подготовили для вас предложение по вкладу: проценты начисляются каждый месяц, а деньги можно снять в "
               "любой день без потери дохода. ")
    english = ("We have prepared a deposit offer for you: interest is paid every month and you may withdraw the money on "
               "any day without losing it. ")
    return russian if language == "ru" else english


def _html(language):
    greeting = "Здравствуйте" if language == "ru" else "Dear"
    text = _paragraphs(language)
    return (
        '<!doctype html>\n<html lang="' + language + '"><head><meta charset="utf-8"><title>{{campaign.title}}</title>\n'
        '<style>body{margin:0;background:#f4f5f7;font-family:Arial,sans-serif}.card{max-width:600px;margin:24px auto;'
        'background:#ffffff;border-radius:8px;padding:32px}h1{font-size:22px;color:#1d2433}p{font-size:15px;'
        'line-height:24px;color:#3c4658}.button{display:inline-block;padding:12px 24px;background:#1f5fbf;color:#ffffff;'
        'border-radius:6px;text-decoration:none}.small{font-size:12px;color:#8892a6}</style></head>\n<body>'
        '<div class="card">\n<h1>' + greeting + ", {{client.first_name}} {{client.last_name}}!</h1>\n<p>" + text +
        ("Ваш менеджер {{client.manager}} ждёт вас: {{client.branch}}." if language == "ru" else
         "Your manager {{client.manager}} is waiting for you at {{client.branch}}.") + "</p>\n"
        '<p><a class="button" href="https://bank.test/offer">' +
        ("Подробнее" if language == "ru" else "Read more about the offer and the conditions") + "</a></p>\n" +
        ("<p>" + text + "</p>\n") * (2 if language == "ru" else 10) +
        '<p class="small">{{bank.name}}, {{bank.phone}}, {{bank.url}}. {{today}}, {{client.income}}. '
        '<a href="{{unsubscribe_url}}">' + ("Отписаться" if language == "ru" else "Unsubscribe") +
        "</a></p>\n</div></body></html>\n")


def _text(language):
    return (("Здравствуйте, {{client.first_name}}!\n\n" if language == "ru" else "Dear {{client.first_name}},\n\n") +
            _paragraphs(language) * (1 if language == "ru" else 10) + "\n\n{{bank.name}}, {{bank.phone}}\n{{unsubscribe_url}}\n")


def a_template():
    """About 4 KB of HTML and 1 KB of text as sent, ten merge fields, two languages."""
    subjects = {"ru": "{{client.first_name}}, вклад с ежемесячными процентами", "en": "{{client.first_name}}, a deposit for you"}
    return {"name": "offer", "channel": "email", "default_locale": "ru",
            "locales": {language: {"subject": subject, "html": _html(language), "text": _text(language)}
                        for language, subject in subjects.items()}}


def a_channel(port, **more):
    return {"name": "email", "kind": "email", "transport": "smtp", "from": {"name": "Банк", "address": "offers@bank.test"},
            "host": "127.0.0.1", "port": port, "tls": "off", "connections": 9, **more}


def an_offer(name="offer", **more):
    return {"name": name, "title": "Вклад", "objective": "cross_sell", "segment": "everyone", "control": {"percent": 0},
            "steps": [{"channel": "email", "template": "offer"}],
            "schedule": {"once": {"date": CAMPAIGN_DAY, "time": "11:00"}}, **more}


def launch_offer(bank, count, port, channel=None, campaign=None):
    """`count` clients and a running campaign to all of them through the SMTP server at `port`."""
    populate(bank.database, count)
    bank.carillon("channel", "apply", bank.write("email.channel.json", a_channel(port, **(channel or {}))))
    bank.carillon("segment", "apply", bank.write("everyone.segment.json",
                                                 {"name": "everyone", "title": "Everyone", "rule": {"all": []}}))
    bank.carillon("template", "apply", bank.write("offer.template.json", a_template()))
    bank.launch(an_offer(**(campaign or {})))

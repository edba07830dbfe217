#!/usr/bin/env python3
"""Contact windows of every hour of 2026 in 11 Russian zones, by Python's zoneinfo and datetime.

Reads the lines "<zone> <UTC milliseconds> <0|1>" that `test_campaigns "[.matrix]"` prints and
judges each one again, from the examples' calendar but with another language, another zone reader
and another idea of a window.
"""
import datetime as dt
import json
import pathlib
import subprocess
import sys
import zoneinfo

binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
calendar = json.loads((root / "examples/calendars/ru-2026.json").read_text())
days_off = {dt.date.fromisoformat(day) for day in calendar["days_off"]}
worked = {dt.date.fromisoformat(day) for day in calendar["working_weekends"]}


def is_working(day):
    if day.year != calendar["year"]:
        return False
    return day in worked if day.isoweekday() > 5 else day not in days_off


def allowed(local):
    begin, end = (8, 22) if is_working(local.date()) else (9, 20)
    return dt.time(begin) <= local.time() < dt.time(end)


zones = {}
lines = wrong = 0
output = subprocess.run([binary, "[.matrix]"], capture_output=True, text=True, check=True).stdout
for line in output.splitlines():
    if "/" not in line or len(line.split()) != 3:
        continue
    name, millis, answer = line.split()
    zone = zones.setdefault(name, zoneinfo.ZoneInfo(name))
    local = dt.datetime.fromtimestamp(int(millis) // 1000, zone)
    local += dt.timedelta(milliseconds=int(millis) % 1000)
    lines += 1
    if allowed(local) != (answer == "1"):
        wrong += 1
        if wrong <= 10:
            print("DIFFERS:", line, local)
print(f"{lines} instants, {wrong} differences, {len(zones)} zones")
sys.exit(1 if wrong or lines != 11 * 366 * 24 * 2 else 0)

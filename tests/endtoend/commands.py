#!/usr/bin/python3
"""Every command has its route and the other way round, or a stated reason: the table in docs/api.md against the program's own
help and docs/openapi.yaml. Control: a table without one command, or without one route, is found out.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import lab

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = lab.BUILD / "carillon"


def subcommands(words):
    said = subprocess.run([PROGRAM, *words, "--help"], capture_output=True, text=True, check=True).stdout
    behind = said.partition("Subcommands:\n")[2]
    return [line.split()[0] for line in behind.splitlines() if re.match(r"  [a-z]", line)]


def commands(words=()):
    """Every command one can give: those without commands of their own."""
    below = subcommands(words)
    return [" ".join(words)] if not below else [one for name in below for one in commands((*words, name))]


def operations():
    paths = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if method != "parameters"]


def tables(page):
    """Commands with what stands beside them, and the routes of both tables."""
    section = page.partition("## Commands and routes\n")[2].partition("\n## ")[0]
    of_commands, _, of_routes = section.partition("| route | why no command does it |")
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", of_commands, re.M)
    routes = re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", "\n".join(cell for _, cell in rows))
    return rows, routes, re.findall(r"`((?:GET|POST|PUT|DELETE) /[^`]*)`", of_routes)


def differences(page, known_commands, known_routes):
    rows, routes, routes_alone = tables(page)
    listed = [command for command, _ in rows]
    found = [f"no row for the command '{one}'" for one in known_commands if one not in listed]
    found += [f"there is no command '{one}'" for one in listed if one not in known_commands]
    found += [f"'{one}' stands twice" for one in set(listed) if listed.count(one) > 1]
    found += [f"'{command}' has neither a route nor a reason" for command, cell in rows
              if "`" not in cell and not re.match(r"none: .{20,}", cell)]
    found += [f"there is no route '{one}'" for one in routes + routes_alone if one not in known_routes]
    found += [f"no row for the route '{one}'" for one in known_routes if one not in routes and one not in routes_alone]
    found += [f"'{one}' has a command and a reason for having none" for one in routes_alone if one in routes]
    return found


def main():
    page = (ROOT / "docs/api.md").read_text()
    known_commands, known_routes = commands(), operations()
    broken = differences(page, known_commands, known_routes)
    if len(known_commands) < 60 or len(known_routes) < 90:
        broken.append(f"only {len(known_commands)} commands and {len(known_routes)} routes were found")
    # Control: what is taken out of the table is missed.
    without_command = page.replace("| `reconcile` |", "| `recount` |")
    without_route = page.replace("`POST /snapshots`", "none: because of this and of that")
    for changed in (without_command, without_route):
        if changed == page or not differences(changed, known_commands, known_routes):
            broken.append("control: a hole in the table was not found")
    print(json.dumps({"test": "commands", "commands": len(known_commands), "routes": len(known_routes), "broken": broken},
                     ensure_ascii=False))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

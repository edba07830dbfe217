#!/usr/bin/env python3
"""Includes go strictly downwards, and vendor headers stay behind their adapters.

    tests/style/floors.py               checks the tree
    tests/style/floors.py --self-test   proves that it bites
    tests/style/floors.py --graph       prints which module includes which
"""
import re
import sys

from sources import Violation, includes, read_sources, report, self_test

FLOORS = {
    "base": 0,
    "db": 1, "channels": 1,
    "templates": 2, "audience": 2, "access": 2,
    "campaigns": 3,
    "scheduler": 4, "responses": 4,
    "reports": 5,
    "desk": 6,
    "server": 7,
    "app": 8,
}
ABOVE_ALL = {"tests", "bench", "examples"}

# Which library may be included where. A name with a dot is one file, one without is a module.
# None of these may stand in a header of ours: a vendor's type never crosses a module's border.
VENDORS = {
    "Poco Data and SQLite": (r"Poco/Data/|sqlite3\.h", {"db"}),
    "Poco (Net, NetSSL, Foundation)": (r"Poco/(?!Data/)", {"db", "channels", "responses", "server", "app"}),
    "MySQL Connector/C++": (r"cppconn/|mysql(_|/|\.h)|mariadb/", {"db"}),
    "libcurl": (r"curl/", {"channels", "responses"}),
    "kainjow Mustache": (r"kainjow/", {"templates"}),
    "GMime": (r"gmime/", {"responses"}),
    "cairo, pango": (r"cairo|pango/", {"channels", "reports"}),
    "CUPS, TIFF, zint, qpdf, poppler, hyphen": (r"cups/|tiff|zint\.h|qpdf/|poppler\.h|hyphen\.h", {"channels", "reports"}),
    "libjpeg": (r"jpeglib\.h|jerror\.h", {"channels/picture_header.cpp"}),
    "ICU": (r"unicode/", {"base", "templates", "audience/csv_decoder.cpp", "channels/sms_unicode.cpp"}),
    "libphonenumber": (r"phonenumbers/", {"base/phone_number.cpp"}),
    "time zones": (r"date/(tz|ptz)\.h", {"base"}),
    "libical": (r"libical/", {"campaigns", "scheduler"}),
    "OpenSSL": (r"openssl/", {"base/digest.cpp", "access/totp.cpp", "channels", "responses", "server"}),
    "libsodium": (r"sodium", {"access/passwords.cpp", "channels"}),
    "nlohmann JSON": (r"nlohmann/", {"base/json.cpp"}),
    "CLI11": (r"CLI/", {"app"}),
    "toml++": (r"toml\+\+/|toml\.hpp", {"app"}),
    "spdlog": (r"spdlog/", {"app"}),
    "Boost": (r"boost/", {"reports"}),
    "libxlsxwriter": (r"xlsxwriter", {"reports"}),
    "prometheus-cpp": (r"prometheus/", {"server"}),
    "gumbo": (r"gumbo\.h", {"templates"}),
}


def module_of(path):
    return path.split("/", 1)[0] if "/" in path else ""


def check_floor(path, line, name):
    here, there = module_of(path), module_of(name)
    if here in ABOVE_ALL or here == there:
        return None
    if here not in FLOORS:
        return Violation(path, line, "floor", f"the folder '{here}' stands on no floor of docs/architecture.md")
    if there in ABOVE_ALL:
        return Violation(path, line, "floor", f"{here} includes {name}: only tests include tests")
    if there not in FLOORS:
        return Violation(path, line, "floor", f"\"{name}\" does not start with one of our modules")
    if FLOORS[there] == FLOORS[here]:
        return Violation(path, line, "floor", f"{here} includes its neighbour {name}: both stand on floor {FLOORS[here]}")
    if FLOORS[there] > FLOORS[here]:
        return Violation(path, line, "floor",
                         f"{here} (floor {FLOORS[here]}) includes {name} (floor {FLOORS[there]}): includes go downwards")
    return None


def check_vendor(path, line, name):
    if module_of(path) in ABOVE_ALL:
        return None
    for vendor, (pattern, allowed) in VENDORS.items():
        if not re.match(pattern, name):
            continue
        if path.endswith(".h"):
            return Violation(path, line, "vendor", f"<{name}> ({vendor}) in a header: vendor types stop at the seam")
        if path not in allowed and module_of(path) not in allowed:
            return Violation(path, line, "vendor", f"<{name}>: {vendor} belongs to {', '.join(sorted(allowed))} only")
    return None


def check(sources):
    found = []
    for path, text in sources.items():
        for line, name, quoted in includes(text):
            if quoted:
                found.append(check_floor(path, line, name))
            found.append(check_vendor(path, line, name))
    return [violation for violation in found if violation]


def graph(sources):
    edges = {}
    for path, text in sources.items():
        for _, name, quoted in includes(text):
            if quoted and module_of(path) in FLOORS and module_of(name) != module_of(path):
                edges.setdefault(module_of(path), set()).add(module_of(name))
    for module in sorted(edges, key=FLOORS.get):
        print(f"{FLOORS[module]} {module:10} -> {', '.join(sorted(edges[module], key=FLOORS.get))}")


def plants():
    cases = [
        ("downwards is fine", "scheduler/a.cpp", '#include "campaigns/b.h"', None),
        ("own module is fine", "db/a.cpp", '#include "db/b.h"', None),
        ("upwards", "db/a.cpp", '#include "campaigns/b.h"', "floor"),
        ("sideways", "audience/a.cpp", '#include "templates/b.h"', "floor"),
        ("sideways on floor 1", "channels/a.h", '#include "db/b.h"', "floor"),
        ("a folder without a floor", "common/a.cpp", '#include "base/b.h"', "floor"),
        ("a name without its module", "base/a.cpp", '#include "b.h"', "floor"),
        ("product code including tests", "base/a.cpp", '#include "tests/support/b.h"', "floor"),
        ("tests include anything", "tests/db/a.cpp", '#include "app/b.h"\n#include <sqlite3.h>', None),
        ("vendor in a header", "db/a.h", "#include <sqlite3.h>", "vendor"),
        ("vendor in the wrong module", "campaigns/a.cpp", "#include <curl/curl.h>", "vendor"),
        ("vendor at home", "channels/a.cpp", "#include <curl/curl.h>", None),
        ("JSON library outside its one file", "base/text.cpp", "#include <nlohmann/json.hpp>", "vendor"),
        ("JSON library in its one file", "base/json.cpp", "#include <nlohmann/json.hpp>", None),
        ("Poco Data outside db", "app/a.cpp", "#include <Poco/Data/Session.h>", "vendor"),
        ("spaces do not hide it", "db/a.cpp", '  #  include "app/b.h"', "floor"),
    ]
    return [(name, check({path: text}), rule) for name, path, text, rule in cases]


if __name__ == "__main__":
    if "--self-test" in sys.argv:
        self_test("floors", plants())
    if "--graph" in sys.argv:
        graph(read_sources())
        sys.exit(0)
    sys.exit(report("floors", check(read_sources())))

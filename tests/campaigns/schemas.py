#!/usr/bin/env python3
"""Every example satisfies its published schema, and the schemas refuse what is wrong.

Exit 77: skipped.
"""
import copy
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("SKIPPED: python3-jsonschema is not installed")
    sys.exit(77)

root = pathlib.Path(sys.argv[1])


def validator(name):
    schema = json.loads((root / f"docs/schema/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


failures = 0


def expect(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what)


checked = 0
examples = {
    "campaign": "campaigns/*.json",
    "policies": "policies/*.json",
    "calendar": "calendars/ru-2*.json",
    "report": "reports/*.json",
    "provider-group": "demo-bank/channels/sms.json",
    "template": "**/templates/*.json",
}
for name, pattern in examples.items():
    schema = validator(name)
    for path in sorted((root / "examples").glob(pattern)):
        example = json.loads(path.read_text())
        checked += 1
        for error in schema.iter_errors(example):
            expect(False, f"{path.name}: {error.json_path}: {error.message}")
        broken = copy.deepcopy(example)
        broken["unheard_of"] = 1
        expect(not schema.is_valid(broken), f"{path.name} with an unknown key is accepted")

campaign = validator("campaign")
good = json.loads((root / "examples/campaigns/deposit-autumn.json").read_text())
for key in ["name", "title", "objective", "segment", "steps", "schedule"]:
    without = {k: v for k, v in good.items() if k != key}
    expect(not campaign.is_valid(without), f"a campaign without {key} is accepted")
two = good["schedule"] | {"event": {"name": "x"}}
expect(not campaign.is_valid(good | {"schedule": two}), "two schedules are accepted")
expect(not campaign.is_valid(good | {"send_by": "3 days"}), "a wrong duration is accepted")
group = validator("provider-group")
good = json.loads((root / "examples/demo-bank/channels/sms.json").read_text())
for key in ["name", "kind", "providers"]:
    without = {k: v for k, v in good.items() if k != key}
    expect(not group.is_valid(without), f"a group without {key} is accepted")
expect(not group.is_valid(good | {"providers": []}), "a group of nobody is accepted")
expect(not group.is_valid(good | {"providers": [{"account": "a", "weight": 0}]}), "a weight of 0 is accepted")
template = validator("template")
letter = json.loads((root / "examples/demo-bank/templates/overdue-letter.json").read_text())
sms = json.loads((root / "examples/demo-bank/templates/overdue-sms.json").read_text())
expect(template.is_valid(sms | {"transliterate": True}), "a short message in Latin letters is refused")
expect(not template.is_valid(letter | {"transliterate": True}), "a letter in Latin letters is accepted")
ending = letter["locales"]["en"]["closing"]
for key in ("closing", "subject"):
    value = {"closing": ending, "subject": "Hello"}[key]
    expect(not template.is_valid(sms | {"locales": {"en": {"text": "a", key: value}}, "default_locale": "en"}),
           f"a short message with {key} is accepted")
print(f"{checked} examples checked, {failures} failures")
sys.exit(1 if failures or checked < 10 else 0)

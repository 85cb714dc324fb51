"""``noonward.policy.humane``: what is said where a file differs from its schema."""

from __future__ import annotations

import json

import pytest

from noonward.policy import schema
from noonward.policy.problems import in_order
from support.policyfolder import document, told

APPLIANCE = "kind: appliance/v1\nname: x\nmode: manual\nload: {power: 3 kW}\nrelays: [a/b]\n"
TIMED = "kind: appliance/v1\nname: x\nmode: timer\nload: {power: 3 kW}\nrelays: [a/b]\n"
STAGED = "kind: appliance/v1\nname: x\nmode: manual\nstages: [{power: 3 kW, relays: [a/b]}]\n"
ZONE = "kind: ev-zone/v1\nname: x\nmode: manual\nstations: [cp-01]\nlimits: {max_power: 22 kW}\n"
SITE = "kind: site/v1\nname: x\ntimezone: Europe/Zurich\ngrid: {}\n"
CASES = 'kind: policy-test/v1\npolicy: x.yaml\ncases:\n- {name: n, start: "2026-06-01 11:00", steps: [%s]}\n'
SCENARIO = "kind: scenario/v1\ntape: x.csv\n"


def found(text, tmp_path):
    return told(in_order(schema.problems(document(text, tmp_path))))


@pytest.mark.parametrize(
    "text",
    [
        APPLIANCE, STAGED, ZONE, SITE, SCENARIO,
        CASES % "{for: 1 min}",
        APPLIANCE + "priority: 0\nbehind_meter: false\nrenamed_from: y\ndescription: ''\nfail_safe: {}\nsurplus: {}\n",
        APPLIANCE + "surplus: {on_above: 1500 W, off_below: 0 %, on_delay: 0 s, off_delay: 1 h 30 min}\n",
        STAGED + "surplus: {on_above: 80 %}\nload: {min_on: 5 min}\n",
        TIMED + 'timers: [{start: "0 6 * * *", for: 2 h}, {name: n, start: "0 22 * * *", stop: "0 6 * * mon-fri"}]\n',
        APPLIANCE + "contact: sg-ready\n",
        APPLIANCE.replace("[a/b]", "[a/b, a/c]") + "contact: sg-ready\nsurplus: {force_above: 4 kW}\n",
        ZONE + "phases: auto\nvehicle: {min_on: 10 min, modulates: false, wake_after: 3 min}\n",
        ZONE + "phases: 3\ncharge_now: {allowed: true, until: 1 h 30 min, always: [badge-04A1]}\n",
        ZONE + "charge_now: {until: 10 kWh}\n",
        SITE + "battery: {meter: b, serve: after, priority: 25, reserve: 300 W, min_soc: 20 %}\n",
        SITE + 'http: {listen: "[::1]:8077"}\nusers: {anna: {badges: [b]}}\ndim: {input: a, cap: 4.2 kW}\nstagger: 0 s\n',
        SITE + "devices: {a: {driver: modbus, anything: [goes, {here: 1}]}}\n",
        CASES % '{given: {surplus: -500 W, meter: held, switch: "on", dim: none, charge_now: cp-01, mode: timer}, until: "2026-06-01T12:00+02:00"}',
        CASES % "{given: {grid: 1 kW, stations: {cp-01: {plugged: true, phases: 1, draws: full, min_current: 8 A, asleep: false}}}, for: 1 s}",
        CASES % "{for: 1 s, expect: {relay: closed, relays: {a/b: open}, because: min-on, limit: 11 kW, stations: {c: {limit: 6 A, state: paused}}, starts: 0, ran: 0 s}}",
        SCENARIO + 'plants: {a: {model: quota, energy: 6 kWh, by: "0 20 * * *"}, b: {model: tank, volume: 300 l, target: 60 °C}}\n',
        SCENARIO + "vehicles: {default: {phases: 3, max_current: 16 A, sleeps_after: 4 h}}\nmeter: {lag: 0 s, noise: 20 W}\npv_scale: 0.5\n",
    ],
)  # fmt: skip
def test_good_files_have_no_problems(text, tmp_path):
    assert found(text, tmp_path) == []


BAD = [
    # what is missing
    ("kind: appliance/v1\n", [
        '1:1 S103 "load" is missing | for example `load: {power: 3 kW, min_on: 20 min}`',
        '1:1 S103 "mode" is missing | one of auto-solar, auto-timer, timer, always-on, always-off, manual',
        '1:1 S103 "name" is missing | for example `name: boiler-cellar`',
        '1:1 S103 "relays" is missing | for example `relays: [cellar/relay-1]`']),
    (TIMED, ['1:1 S103 "timers" is missing | modes timer and auto-timer need windows, for example `timers: [{start: "30 22 * * *", stop: "0 6 * * *"}]`']),
    (TIMED + 'timers: [{start: "0 6 * * *"}]', ['6:10 S103 "for" is missing in timers, entry 1 | a timer needs `stop` (wall clock) or `for` (a duration)']),
    (APPLIANCE.replace("power: 3 kW", ""), ['4:1 S103 "power" is missing in load | for example `power: 3 kW`']),
    (SITE + "battery: {meter: b, serve: after}", ['5:1 S103 "priority" is missing in battery | for example `priority: 25`']),
    (SITE + "devices: {a: {}}", ['5:11 S103 "driver" is missing in devices, a | for example `driver: modbus`']),
    # what nobody knows
    (APPLIANCE + "priorty: 3\n", ['6:1 S104 unknown key "priorty" | did you mean "priority"?']),
    (APPLIANCE + "nonsense: 3\n", ['6:1 S104 unknown key "nonsense" | known here: description, extends, renamed_from, priority, contact, stages, surplus, need, plan, timers, fail_safe, behind_meter']),
    (APPLIANCE.replace("load: {power", "load: {min_onn: 3 min, power"), ['4:8 S104 unknown key "min_onn" in load | did you mean "min_on"?']),
    (TIMED + 'timers: [{strt: "0 6 * * *", for: 2 h}]', ['6:11 S104 unknown key "strt" in timers, entry 1 | did you mean "start"?']),
    (APPLIANCE.replace("mode: manual", "mod: manual"), ['3:1 S104 unknown key "mod" | did you mean "mode"?']),
    # wrong values
    (APPLIANCE.replace("manual", "auto-soler"), ["3:7 S105 mode: auto-soler is not one of auto-solar, auto-timer, timer, always-on, always-off, manual | did you mean auto-solar?"]),
    (APPLIANCE + "fail_safe: {then: off}", ['6:19 S105 then: "off" is not one of release, keep, force']),
    (ZONE + "phases: 2", ["6:9 S105 phases: 2 is not one of 1, 3, auto"]),
    (APPLIANCE + "contact: sgready", ["6:10 S105 contact: sgready is not sg-ready | did you mean sg-ready?"]),
    (APPLIANCE.replace("3 kW", "3000"), ["4:15 S106 3000 has no unit | write the unit: 3000 W"]),
    (APPLIANCE.replace("3 kW", "0.5 h"), ['4:15 S106 "0.5 h" is a duration, but this is a power | for example 3 kW or 1380 W']),
    (APPLIANCE.replace("3 kW", "-3 kW"), ['4:15 S106 "-3 kW" is below zero']),
    (APPLIANCE.replace("3 kW", "{}"), ["4:15 S106 expected a power | for example 3 kW or 1380 W"]),
    (APPLIANCE.replace("3 kW", ""), ["4:14 S102 power should be a text, found nothing | for example 3 kW"]),
    (APPLIANCE + 'fail_safe: {stale_after: "2 min\\n"}', ['6:26 S106 "2 min\n" is not a duration as it is written here | did you mean "2 min"?']),
    (APPLIANCE + "fail_safe: {stale_after: 5 min 1 h}", ['6:26 S106 "5 min 1 h" is not a duration | for example 20 min or 1 h 30 min']),
    (APPLIANCE.replace("[a/b]", "a/b"), ["5:9 S102 relays should be a list, found a text | write a list: [a/b]"]),
    (APPLIANCE.replace("[a/b]", "[cellar]"), ['5:10 S106 "cellar" is not accepted | write device/channel, for example cellar/relay-1']),
    (APPLIANCE.replace("name: x", "name: Boiler Cellar"), ['2:7 S106 name: "Boiler Cellar" is not accepted | write small letters, digits and single hyphens, for example boiler-cellar']),
    (APPLIANCE.replace("name: x", 'name: "x\\n"'), ['2:7 S106 name: "x\n" is not accepted | write small letters, digits and single hyphens, for example boiler-cellar']),
    (APPLIANCE.replace("name: x", "name: 12"), ["2:7 S102 name should be a text, found a number | write small letters, digits and single hyphens, for example boiler-cellar"]),
    (APPLIANCE + "description: 12", ['6:14 S102 description should be a text, found a number | put it in quotes: "12"']),
    (APPLIANCE + "behind_meter: no", ["6:15 S102 behind_meter should be true or false, found a text"]),
    (APPLIANCE + "surplus: [3 kW]", ["6:10 S102 surplus should be a group of keys, found a list"]),
    (APPLIANCE + "priority: high", ["6:11 S102 priority should be a whole number, found a text"]),
    (APPLIANCE + "priority: 2000", ["6:11 S109 priority: 2000 is more than 1000"]),
    (APPLIANCE + "priority: -1", ["6:11 S109 priority: -1 is less than 0"]),
    (APPLIANCE.replace("[a/b]", "[]"), ["5:9 S109 relays has 0 of at least 1 entries"]),
    (APPLIANCE.replace("[a/b]", "[a/b, a/b]"), ["5:9 S109 relays names the same thing twice | a/b is there more than once"]),
    (TIMED + 'timers: [{start: "0 25 * * *", for: 2 h}]', ['6:18 S107 "25" is not a value of the hour field (0…23)']),
    (TIMED + "timers: [{start: 22:00, for: 2 h}]", ['6:18 S107 expected five fields (minute hour day-of-month month day-of-week), found 1 | every day at 22:00 is "0 22 * * *"']),
    (SITE.replace("Zurich", "Zurigo"), ['3:11 S108 "Europe/Zurigo" is not a time zone | did you mean "Europe/Zurich"?']),
    (SITE.replace("Europe/Zurich", "[UTC]"), ["3:11 S102 timezone should be a text, found a list"]),
    (SITE.replace("Europe/Zurich", "CET-1"), ['3:11 S108 "CET-1" is not a time zone | did you mean "CET"?']),
    (SITE.replace("Europe/Zurich", "../../etc/passwd"), ['3:11 S108 "../../etc/passwd" is not a time zone | for example Europe/Zurich']),
    (SITE + "http: {listen: 8077}", ['5:16 S102 listen should be a text, found a number | write host:port in quotes, for example "127.0.0.1:8077"']),
    (SITE + "devices: {A B: {driver: x}}", ["5:11 S106 a device's name has small letters, digits and single hyphens, for example grid-meter"]),
    (SITE + "pv: {peak: 8 kW}", ['5:12 S106 "8 kW" is a power, but this is a peak power | for example 8 kWp']),
    # what does not go together
    (TIMED + 'timers: [{start: "0 6 * * *", stop: "0 7 * * *", for: 1 h}]', ["6:50 S110 give either `stop` or `for`, not both"]),
    (STAGED + "relays: [a/b]\n", ["5:1 S110 `relays` and `stages` exclude each other: each stage names its relays"]),
    (STAGED + "load: {power: 3 kW}\n", ["5:8 S110 `load.power` and `stages` exclude each other: each stage has its power"]),
    (STAGED + "contact: sg-ready\n", ["5:1 S110 `contact: sg-ready` and `stages` exclude each other"]),
    (STAGED + "surplus: {on_above: 3 kW}\n", ['5:21 S106 on_above: "3 kW" is not accepted | beside stages thresholds are in per cent: they apply to the next stage']),
    (APPLIANCE + "surplus: {force_above: 3 kW}\n", ["6:11 S110 `force_above` is for `contact: sg-ready` only"]),
    (APPLIANCE.replace("power:", "refused_after: 1 min, power:"), ["4:8 S110 `refused_after` is for `contact: sg-ready` only"]),
    (APPLIANCE + "contact: sg-ready\nsurplus: {force_above: 3 kW}\n", ["5:9 S109 relays has 1 of at least 2 entries | `force_above` needs both contacts: relays: [K1, K2]"]),
    (APPLIANCE.replace("[a/b]", "[a/b, a/c, a/d]") + "contact: sg-ready\n", ["5:9 S109 relays has 3 entries, at most 2 are allowed | contact sg-ready has one relay (K2) or two (K1, K2)"]),
    (ZONE.replace("limits: {", "limits: {min_current: 6 A, min_power: 4140 W, "), ["5:28 S110 give either `min_current` or `min_power`, not both"]),
    (SITE + "battery: {meter: b, reserve: 300 W}", ["5:21 S110 `reserve` needs `serve: after`"]),
    # tests and scenarios
    (CASES % "{}", ['4:48 S103 "for" is missing in cases, entry 1, steps, entry 1 | a step needs `for` (a duration) or `until` (a time)']),
    (CASES % '{for: 1 s, until: "2026-06-01 11:00"}', ["4:49 S110 give either `for` or `until`, not both"]),
    (CASES % "{for: 1 s, given: {surplus: 1 W, grid: 1 W}}", ["4:67 S110 give either `surplus` or `grid`, not both"]),
    (CASES % "{for: 1 s, given: {switch: true}}", ['4:75 S105 switch: true is not one of "on", "off" | write "on" or "off", in quotes']),
    (CASES % "{for: 1 s, expect: {because: surpluss}}", ["4:77 S105 because: surpluss is not one of "]),
    (CASES % '{until: "2026-02-30 11:00"}', ['4:56 S107 "2026-02-30 11:00" is not a date and time: day is out of range for month | write date and time in quotes, for example "2026-06-01 11:00"']),
    (CASES % "{until: 11:00}", ['4:56 S107 "11:00" is not a date and time | write date and time in quotes, for example "2026-06-01 11:00"']),
    (SCENARIO + "plants: {a: {model: quota, energi: 6 kWh}}", ['3:28 S104 unknown key "energi" in plants, a | did you mean "energy"?']),
    (SCENARIO + "plants: {a: {model: tnk}}", ["3:21 S105 model: tnk is not one of quota, tank, heat-pump | did you mean tank?"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BAD, ids=[row[1][0][:60] for row in BAD])
def test_a_bad_file_is_told_where_why_and_what_to_do(text, expected, tmp_path):
    said = found(text, tmp_path)
    assert len(said) == len(expected)
    assert all(
        line.startswith(wanted) if wanted.endswith((" ", ": ")) else line == wanted
        for line, wanted in zip(said, expected, strict=True)
    ), said


def test_all_problems_are_told_at_once(tmp_path):
    text = "kind: appliance/v1\nname: X\nmode: x\nload: {power: 3, min_onn: 1}\nrelays: x\nfoo: 1\n"
    assert len(found(text, tmp_path)) == 6


def test_a_device_entry_is_held_to_its_drivers_schema(tmp_path):
    rules = {
        "type": "object",
        "additionalProperties": False,
        "required": ["host"],
        "properties": {
            "host": {"type": "string"},
            "power": {"type": "string", "x-unit": ["power"]},
            "unit": {"type": "integer"},
        },
    }
    site = document(
        SITE
        + 'devices:\n  a: {driver: d, hst: x, power: 3000}\n  b: {driver: d, host: "${env:X}", unit: "${env:Y}"}\n',
        tmp_path,
    )
    a, b = ({k: v for k, v in site.data["devices"][name].items() if k != "driver"} for name in "ab")
    assert told(in_order(schema.device_problems(site, ("devices", "a"), a, rules))) == [
        '6:18 S104 unknown key "hst" in devices, a | did you mean "host"?',
        "6:33 S106 3000 has no unit | write the unit: 3000 W",
    ]
    assert schema.device_problems(site, ("devices", "b"), b, rules) == []


def test_the_schema_used_for_checking_means_the_same_as_the_one_on_disk(tmp_path):
    """A second validator, written in Rust, agrees on every row of the tables above."""
    rust = pytest.importorskip("jsonschema_rs")
    for text, expected in [*BAD, (APPLIANCE, []), (STAGED, []), (ZONE, []), (SITE, []), (SCENARIO, [])]:
        parsed = document(text, tmp_path)
        validator = rust.Draft202012Validator(json.loads(schema.text(parsed.kind)))
        by_format_alone = {"S107", "S108"}
        if not expected or not any(code in expected[0] for code in by_format_alone):
            assert validator.is_valid(parsed.data) == (not expected), text

"""Whatever stands in a folder, checking it ends in problems or in something that runs, never in an exception."""

from __future__ import annotations

import json
from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noonward.core.model import Site
from noonward.policy import yaml
from noonward.policy.load import check
from support.policyfolder import write

APPLIANCE = {
    "kind": "appliance/v1",
    "name": "boiler",
    "mode": "auto-timer",
    "priority": 30,
    "load": {"power": "3 kW", "min_on": "20 min", "phases": ["L1"], "meter": "grid-meter"},
    "relays": ["cellar/relay-1"],
    "surplus": {"on_above": "100 %", "off_below": "500 W", "on_delay": "60 s"},
    "timers": [{"name": "n", "start": "30 22 * * *", "stop": "0 6 * * *"}, {"start": "0 12 * * 0", "for": "2 h"}],
    "fail_safe": {"stale_after": "2 min", "then": "release"},
}
STAGED = {
    "kind": "appliance/v1",
    "name": "heater",
    "mode": "manual",
    "stages": [
        {"power": "3 kW", "relays": ["cellar/relay-2"]},
        {"power": "6 kW", "relays": ["cellar/relay-2", "cellar/relay-3"]},
    ],
}
PUMP = {
    "kind": "appliance/v1",
    "name": "pump",
    "mode": "auto-solar",
    "contact": "sg-ready",
    "load": {"power": "2 kW"},
    "relays": ["cellar/relay-4", "cellar/relay-5"],
    "surplus": {"force_above": "4 kW"},
}
ZONE = {"kind": "ev-zone/v1", "name": "garage", "mode": "always-on", "stations": ["cp-01"], "phases": 3, "limits": {"max_power": "22 kW", "min_power": "4140 W"}, "charge_now": {"until": "2 h"}}  # fmt: skip
TEST = {"kind": "policy-test/v1", "policy": "a.yaml", "cases": [{"name": "n", "start": "2026-06-01 11:00", "steps": [{"given": {"surplus": "1 W"}, "for": "1 min", "expect": {"relay": "open"}}]}]}  # fmt: skip
SCENARIO = {
    "kind": "scenario/v1",
    "tape": "x.csv",
    "plants": {"boiler": {"model": "quota", "energy": "6 kWh", "by": "0 20 * * *"}},
}
SITE = {
    "kind": "site/v1",
    "name": "house",
    "timezone": "Europe/Zurich",
    "grid": {"phases": 3, "fuse": "35 A", "meter": "grid-meter", "every": "5 s"},
    "pv": {"peak": "8 kWp"},
    "dim": {"input": "cellar/input-1", "cap": "4.2 kW"},
    "devices": {
        "grid-meter": {"driver": "memory", "meter": "grid"},
        "garage": {"driver": "memory", "stations": {"cp-01": {"max_current": "32 A"}}},
        "cellar": {
            "driver": "memory",
            "relays": {f"relay-{n}": {"power": "3 kW"} for n in range(1, 6)},
            "inputs": {"input-1": "open"},
        },
    },
    "http": {"listen": "127.0.0.1:8077"},
}
FOLDER = {
    "site.yaml": SITE,
    "a.yaml": APPLIANCE,
    "b.yaml": STAGED,
    "c.yaml": PUMP,
    "d.yaml": ZONE,
    "e.yaml": TEST,
    "f.yaml": SCENARIO,
}

ODD = st.sampled_from(
    [
        None, True, False, 0, -1, 1, 3.5, 1e25, "", " ", "x", "\n", "a\nb", "3 kW", "-3 kW", "0 W", "0 %", "100000000 %", "20 min", "0 s",
        "1 min 2 h", "999999999999 d", "6 A", "300 l", "60 °C", "on", "none", "${env:X}", "${", "* * * * *", "0 0 29 2 *", "0 0 31 1 *", "@daily",
        "99 99 * * *", "cellar/relay-1", "cellar/relay-9", "grid-meter", "grid-meter/meter", "a/b/c", "../x", "templates/t.yaml", "appliance/v1",
        "site/v1", "timer", "sg-ready", "UTC", "2026-06-01 11:00", "2026-02-30 11:00", "[::1]:99999", ":0", "boiler", "\u0007", "\u202e", "漢字", "a" * 3000,
        [], {}, [[]], [None], {"a": None}, {"": ""}, ["cellar/relay-1"] * 2, [{"start": "0 0 * * *", "for": "25 h"}], {"driver": "memory"}, {"driver": "modbus"},
    ]
)  # fmt: skip


def places(value, path=()):
    """Yield the path of everything in a document."""
    yield path
    if isinstance(value, dict):
        for key, below in value.items():
            yield from places(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from places(below, (*path, index))


@st.composite
def changed_folders(draw):
    """Draw a good folder with one to three things in it replaced, renamed or left out."""
    folder = deepcopy(FOLDER)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(folder)))
        path = draw(st.sampled_from(list(places(folder[name]))))
        change, odd = draw(st.sampled_from(["replace", "replace", "drop", "rename"])), deepcopy(draw(ODD))
        if not path:
            folder[name] = odd
            continue
        inside = folder[name]
        for key in path[:-1]:
            inside = inside[key]
        if change == "replace":
            inside[path[-1]] = odd
        else:
            value = inside.pop(path[-1])
            if change == "rename" and isinstance(inside, dict):
                inside[str(odd)] = value
    return folder


@given(changed_folders())
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_change_of_a_good_folder_is_told_or_runs(tmp_path, folder):
    write(tmp_path, {name: json.dumps(data, ensure_ascii=False) for name, data in folder.items()}, site=None)
    result = check([tmp_path])
    errors = [problem for problem in result.problems if problem.severity == "error"]
    assert errors or (
        isinstance(result.loaded.site, Site) and all(policy.stages for policy in result.loaded.site.appliances)
    )
    assert all(problem.message and problem.code for problem in result.problems)


def test_the_folder_that_is_changed_is_good(tmp_path):
    write(tmp_path, {name: json.dumps(data, ensure_ascii=False) for name, data in FOLDER.items()}, site=None)
    (tmp_path / "x.csv").write_text(
        "time,pv_w,base_load_w\n2026-06-01T00:00Z,0,0\n2026-06-01T00:01Z,0,0\n", encoding="utf-8"
    )
    result = check([tmp_path])
    assert [str(problem) for problem in result.problems if problem.severity == "error"] == []
    assert len(result.loaded.site.appliances) == 3


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_slip_of_the_fingers_is_told_or_runs(tmp_path, data):
    """One to three characters of a file are lost, doubled or struck instead of others."""
    name = data.draw(st.sampled_from(sorted(FOLDER)))
    text = _as_written(FOLDER[name])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        struck = data.draw(st.sampled_from([*"\t\n :-#&*!|>'\"%@`{}[],?0a\x00é", "<<", "---", "..."]))
        text = text[:at] + struck + text[at + data.draw(st.integers(0, 2)) :]
    files = {other: _as_written(document) for other, document in FOLDER.items()} | {name: text}
    write(tmp_path, files, site=None)
    result = check([tmp_path])
    assert result.loaded or [problem for problem in result.problems if problem.severity == "error"]


def _as_written(value, depth=0):
    """Return a document in block style, as people write it."""
    blanks = "  " * depth
    if isinstance(value, dict):
        lines = []
        for key, below in value.items():
            nested = isinstance(below, dict | list)
            lines.append(
                f"{blanks}{key}:" + ("\n" + _as_written(below, depth + 1) if nested else f" {json.dumps(below)}")
            )
        return "\n".join(lines)
    return "\n".join(f"{blanks}- {json.dumps(item, ensure_ascii=False)}" for item in value)


def test_block_style_says_the_same():
    assert all(yaml.read(_as_written(document)).data == document for document in FOLDER.values())

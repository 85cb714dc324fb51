"""Every shipped profile against its own golden registers and the schema; what the parser refuses."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.policy.load import check
from noonward_drivers.entry import Faulty
from noonward_drivers.modbus import parse
from noonward_drivers.modbus.registers import plan
from noonward_drivers.modbus.sheet import read_yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "drivers" / "noonward_drivers" / "modbus" / "profiles"


@cache
def written(name):
    return read_yaml((FOLDER / f"{name}.yaml").read_bytes())


def slips(raw):
    """Yield the places of a profile where a number could be wrong, and a wrong one."""
    for name, signal in raw.get("signals", {}).items():
        if "_l2_" not in name and "_l3_" not in name:
            yield ("signals", name, "at"), str(int(str(signal["at"]), 0) + 2)
            if "scale" in signal:
                yield ("signals", name, "scale"), signal["scale"] * 10
    if "outputs" in raw:
        yield ("outputs", "count"), raw["outputs"]["count"] - 1
        yield ("outputs", "readback", "at"), 1
    if "inputs" in raw:
        yield ("inputs", "count"), raw["inputs"]["count"] - 1
        yield ("inputs", "at"), 1


SLIPS = [(name, *slip) for name in parse.shipped() for slip in slips(written(name))]


@pytest.mark.parametrize(("name", "path", "wrong"), SLIPS, ids=[f"{name}: {'.'.join(path)}" for name, path, _ in SLIPS])
def test_golden_registers_notice_a_slip(name, path, wrong):
    """Change any address, scale or count of a profile, and its own golden cases refuse it."""
    raw = copy.deepcopy(written(name))
    place = raw
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    parse.parse(written(name))
    with pytest.raises(Faulty) as caught:
        parse.parse(raw)
    assert caught.value.fault.path[0] == "golden"


@pytest.mark.parametrize("name", parse.shipped())
def test_shipped_profiles_keep_the_schema_and_test_themselves(name):
    profile = parse.load_shipped(name)
    schema = json.loads((ROOT / "schemas" / "device-profile.v1.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(written(name))
    assert profile.id == name
    assert profile.sources
    told = {key for case in written(name)["golden"] for key in case["expect"]}
    offered = set(profile.signals) if profile.signals else {"relay-1"}
    untested = {key for key in offered - told if "_l2_" not in key and "_l3_" not in key}
    assert not untested


def test_copied_next_to_a_site_they_stand_noonward_check_without_a_word(tmp_path):
    for name in parse.shipped():
        shutil.copy(FOLDER / f"{name}.yaml", tmp_path)
    (tmp_path / "site.yaml").write_text(
        "kind: site/v1\nname: house\ntimezone: UTC\ngrid: {fuse: 35 A, meter: grid}\n"
        'devices: {grid: {driver: modbus, profile: ./eastron-sdm630.yaml, tcp: "meter:502"}}\n'
    )
    result = check([tmp_path])
    assert [str(problem) for problem in result.problems] == []
    assert result.loaded.devices[0].config["profile"] == str(tmp_path / "eastron-sdm630.yaml")
    (tmp_path / "site.yaml").write_text((tmp_path / "site.yaml").read_text().replace("sdm630", "sdm360"))
    (problem,) = check([tmp_path]).problems
    assert (problem.code, problem.span.line) == ("D302", 5)
    assert "eastron-sdm360.yaml: No such file or directory" in problem.message


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("eastron-sdm630", [(0x00, 18), (0x34, 2), (0x46, 6)]),
        ("carlo-gavazzi-em24", [(0x00, 6), (0x0C, 10), (0x16, 2), (0x28, 2), (0x37, 1), (0x42, 2), (0x5C, 2)]),
        ("abb-b23", [(0x5000, 8), (0x5B00, 28), (0x5B2C, 1)]),
        ("schneider-iem3000", [(0x0BB7, 6), (0x0BD3, 6), (0x0BED, 8), (0x0C25, 2), (0x0C83, 8)]),
    ],
)
def test_block_reads(name, requests):
    profile = parse.load_shipped(name)
    assert [(block.at, block.count) for block in plan(tuple(profile.signals.values()), profile.line)] == requests


BOARD = "outputs: {count: 2, set: {table: coil, at: n}, readback: {table: coil, at: 0}, "
MINIMAL = """
kind: device-profile/v1
id: mine
title: Mine
sources: [none]
link: {}
signals: {power_w: {at: 1}}
"""


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        (
            ("kind: device-profile/v1", "kind: device-profile/v2"),
            ("kind",),
            '"device-profile/v2" is not a known "kind"',
        ),
        (
            (
                "signals:",
                "golden: [{name: a, raw: [{table: input, at: 1, values: 000A}], expect: {power_w: 11}}]\nsignals:",
            ),
            ("golden", 0, "expect"),
            'case 1, "a": power_w reads 10.0, expected 11',
        ),
        (
            (
                "signals:",
                "golden: [{name: a, raw: [{table: input, at: 2, values: 000A}], expect: {power_w: 10}}]\nsignals:",
            ),
            ("golden", 0, "expect"),
            'case 1, "a": its registers do not give "power_w"',
        ),
        (
            (
                "signals:",
                "golden: [{name: a, raw: [{table: input, at: 1, values: A}], expect: {power_w: 10}}]\nsignals:",
            ),
            ("golden", 0, "raw", 0, "values"),
            '"A" is not raw registers',
        ),
        (("signals:", "golden: [x]\nsignals:"), ("golden", 0), "this must be a mapping of keys to values"),
        (("title: Mine\n", ""), (), '"title" is missing'),
        (("title: Mine", "titel: Mine"), ("titel",), 'unknown key "titel"'),
        (("sources: [none]", "sources: none"), ("sources",), '"sources" must be a list'),
        (("link: {}", "link: {unit: 300}"), ("link", "unit"), '"300" is not a whole number from 0 to 255'),
        (("link: {}", "link: {bauds: 9600}"), ("link", "bauds"), 'unknown key "bauds"'),
        (("link: {}", "link: fast"), ("link",), '"link" must be a mapping of keys to values'),
        (("{at: 1}", "{at: 70000}"), ("signals", "power_w", "at"), '"at": 70000 is no address'),
        (("{at: 1}", "{at: 0x10+n}"), ("signals", "power_w", "at"), "this address cannot depend on n"),
        (("{at: 1}", "{at: 1, type: f16}"), ("signals", "power_w", "type"), '"f16" is not a known "type"'),
        (("{at: 1}", "{at: 1, type: u32, na: FFFF}"), ("signals", "power_w", "na"), '"FFFF" is not 2 registers'),
        (("{at: 1}", "{at: 1, scale: big}"), ("signals", "power_w", "scale"), '"scale" must be a number'),
        (("{at: 1}", "{at: 1, scale: .nan}"), ("signals", "power_w", "scale"), '"scale" must be a number'),
        (("{at: 1}", "{at: 1, valid: [5, 1]}"), ("signals", "power_w", "valid"), "[5, 1] is not [lowest, highest]"),
        (("{at: 1}", "{at: 1, monotonic: 1}"), ("signals", "power_w", "monotonic"), '"1" is neither true nor false'),
        (
            ("{at: 1}", "{at: 1, check: {sum_of: [a_w, b_w], tol_w: 1}}"),
            ("signals", "power_w", "check", "sum_of"),
            'there is no signal "a_w"',
        ),
        (("signals: {power_w: {at: 1}}", ""), (), "a profile needs at least one of signals, outputs and inputs"),
        (
            ("signals:", "identify: {signal: frequency_hz, between: [45, 65]}\nsignals:"),
            ("identify", "signal"),
            '"frequency_hz" is not a known "signal"',
        ),
        (
            ("signals:", "outputs: {count: 2, set: {table: coil, at: n}}\nsignals:"),
            ("outputs",),
            '"readback" must be a mapping of keys to values',
        ),
        (
            (
                "signals:",
                BOARD + "dead_man: {kind: per_command, at: n, ticks_per_s: 1000, max_s: 100}}\nsignals:",
            ),
            ("outputs", "dead_man", "max_s"),
            "100 s are more ticks than a register holds",
        ),
        (
            (
                "signals:",
                BOARD + "dead_man: {kind: device_wide, table: coil, at: 8, ticks_per_s: 1, max_s: 100}}\nsignals:",
            ),
            ("outputs", "dead_man", "table"),
            "the time-out of a whole module stands in a holding register",
        ),
        (
            ("id: mine", "id: mine\nid: yours"),
            (),
            'line 4: found duplicate key "id" with value "yours" (original value: "mine")',
        ),
        (("title: Mine", "title: [Mine"), (), "line 5: expected ',' or ']', but got ':'"),
    ],
)
def test_what_a_profile_may_not_say(change, path, message):
    assert parse.parse(read_yaml(MINIMAL.encode())).signals["power_w"].at == 1
    text = MINIMAL.replace(*change)
    assert text != MINIMAL
    with pytest.raises(Faulty) as caught:
        parse.parse(read_yaml(text.encode()))
    assert (caught.value.fault.path, caught.value.fault.message) == (path, message)


def nodes(value, path=()):
    """Yield the path of every node of a profile."""
    yield path
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from nodes(below, (*path, key))


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(),
    st.sampled_from(
        ["", "x", "n", "0x10", "0x10+n", "4366 3334", "holding", "coil", "f64", "per_command", "not-a-key"]
    ),
    st.lists(st.integers(-1, 70000), max_size=3),
    st.dictionaries(st.sampled_from(["at", "table", "count", "kind", 1, None]), st.integers(0, 9), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_profile_with_anything_in_it_is_read_or_refused(data):
    """Whatever a hand slips into a profile: records or a fault, never another exception."""
    raw = copy.deepcopy(written(data.draw(st.sampled_from(parse.shipped()))))
    path = data.draw(st.sampled_from(sorted(nodes(raw), key=str)))
    place = raw
    for key in path[:-1]:
        place = place[key]
    junk = data.draw(JUNK)
    if path:
        place[path[-1]] = junk
    else:
        raw = junk
    with contextlib.suppress(Faulty):
        assert parse.parse(raw).id


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a profile is a mapping of keys to values"),
        (b"- 1\n", "a profile is a mapping of keys to values"),
        (b"\xff\xfe", "this is no UTF-8 text"),
        (b"[" * 3000, "this is no YAML"),
        (b"#" * (256 * 1024 + 1), "a profile is at most 256 KB long"),
    ],
)
def test_hostile_files(tmp_path, content, message):
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(Faulty) as caught:
        parse.load_file(path)
    assert caught.value.fault.message == message


def test_what_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    for name, said in {
        "pipe.yaml": "is no file",
        ".": "is no file",
        "loop.yaml": "Too many levels of symbolic links",
    }.items():
        with pytest.raises(Faulty, match=said):
            parse.load_file(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(Faulty, match=r"cannot read .*: No such file or directory"):
        parse.load_file(tmp_path / "mine.yaml")

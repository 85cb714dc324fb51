"""``noonward.policy.catalogue``."""

from __future__ import annotations

from typing import ClassVar

import pytest

from noonward.policy import catalogue
from noonward.ports import Channel, ConfigFault
from support.policyfolder import document, told

SITE = "kind: site/v1\nname: x\ntimezone: UTC\ngrid: {}\ndevices:\n"


class Boards:
    """A driver with as many relays as its entry says."""

    name = "boards"
    summary = "for tests"
    schema: ClassVar = {
        "type": "object",
        "additionalProperties": False,
        "required": ["count"],
        "properties": {"count": {"type": "integer"}, "password": {"type": "string", "maxLength": 8}},
    }

    def __init__(self):
        self.asked = []

    def describe(self, config):
        self.asked.append(config)
        if config["count"] == 0 and config.get("password"):
            raise ZeroDivisionError(config["password"])
        if config["count"] > 8:
            return ConfigFault(path=("count",), message="a board has at most 8 relays", hint="use two boards")
        relays = tuple(Channel(name=f"relay-{n + 1}", kind="relay", dead_man_s=120.0) for n in range(config["count"]))
        return (
            *relays,
            Channel(name="meter", kind="meter", signals=("power_w",)),
            Channel(name="relay-1", kind="input"),
        )


@pytest.fixture
def boards(monkeypatch):
    driver = Boards()

    def load(name):
        if name == "broken":
            raise ImportError("No module named 'serial'")
        return {"boards": driver}[name]

    monkeypatch.setattr(catalogue, "driver", load)
    monkeypatch.setattr(catalogue, "installed", lambda: {"boards": None, "broken": None})
    return driver


def devices(text, tmp_path, environ=None):
    known, problems = catalogue.devices(document(SITE + text, tmp_path), environ)
    return known, told(problems)


def test_channels_are_named_by_device_and_kept_by_kind(boards, tmp_path):
    known, problems = devices("  cellar: {driver: boards, count: 2}\n  attic: {driver: boards, count: 0}\n", tmp_path)
    assert problems == []
    assert list(known.relays) == ["cellar/relay-1", "cellar/relay-2"]
    assert known.relays["cellar/relay-1"].dead_man_s == 120
    assert list(known.meters) == ["cellar/meter", "attic/meter"]
    assert list(known.inputs) == ["cellar/relay-1", "attic/relay-1"]
    assert (known.names, known.unclear) == ({"cellar", "attic"}, set())


@pytest.mark.parametrize(
    ("reference", "meter"),
    [
        ("cellar", "cellar/meter"),
        ("cellar/meter", "cellar/meter"),
        ("cellar/relay-1", None),
        ("nowhere", None),
        ("cell", None),
    ],
)
def test_a_device_with_one_meter_needs_no_channel(boards, tmp_path, reference, meter):
    known, _ = devices("  cellar: {driver: boards, count: 2}\n", tmp_path)
    assert known.meter(reference) == meter


def test_a_device_with_two_meters_needs_the_channel(boards, tmp_path):
    known, _ = devices("  cellar: {driver: boards, count: 2}\n", tmp_path)
    known.meters["cellar/other"] = known.meters["cellar/meter"]
    assert (known.meter("cellar"), known.meter("cellar/other")) == (None, "cellar/other")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{driver: board, count: 2}", '6:15 D301 there is no driver "board" | did you mean "boards"?'),
        ("{driver: xyz}", '6:15 D301 there is no driver "xyz" | installed are boards, broken'),
        ("{driver: broken}", "6:15 D303 driver \"broken\" cannot be loaded: No module named 'serial'"),
        ("{driver: boards}", '6:3 S103 "count" is missing in devices, a'),
        ("{driver: boards, cuont: 2}", '6:23 S104 unknown key "cuont" in devices, a | did you mean "count"?'),
        ("{driver: boards, count: two}", "6:30 S102 count should be a whole number, found a text"),
        ("{driver: boards, count: 9}", "6:30 D302 a board has at most 8 relays | use two boards"),
        ("{driver: boards, count: 0, password: x}", '6:6 D304 driver "boards" failed on this entry: ZeroDivisionError | report this to who wrote the driver'),
        ('{driver: boards, count: 1, password: "${X}"}', "6:43 D310 ${X} is not a secret's name | write ${env:NAME} for an environment variable or ${credential:NAME} for a systemd credential"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_entry_is_told_and_nothing_is_said_of_its_channels(boards, tmp_path, entry, expected):
    known, problems = devices(f"  a: {entry}\n  b: {{driver: boards, count: 1}}\n", tmp_path)
    assert problems == [expected]
    assert (known.unclear, list(known.relays)) == ({"a"}, ["b/relay-1"])


def test_secrets_reach_the_driver_only_with_an_environment(boards, tmp_path):
    text = '  a: {driver: boards, count: 1, password: "${env:A_LONG_NAME}"}\n'
    assert devices(text, tmp_path)[1] == []
    assert devices(text, tmp_path, {"A_LONG_NAME": "s3cret"})[1] == []
    assert [config["password"] for config in boards.asked] == ["${env:A_LONG_NAME}", "s3cret"]
    assert devices(text, tmp_path, {})[1] == ["6:43 D311 the environment variable A_LONG_NAME is not set"]


def test_no_devices_are_no_channels(tmp_path):
    known, problems = catalogue.devices(document("kind: site/v1\n", tmp_path))
    assert (known.names, problems) == (set(), [])


def test_the_shipped_drivers_are_found_and_describe_themselves():
    for name in ("memory", "modbus", "shelly"):
        driver = catalogue.driver(name)
        assert driver.name == name
        assert driver.schema["type"] == "object"

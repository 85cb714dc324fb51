"""What is written comes back out of a parser that shares nothing with the writer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.bridge.influx import points
from noonward.bridge.lines import line
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.lineprotocol import parse


def flat(text):
    """What cannot be written: line breaks, and a backslash in front of what is escaped."""
    return " ".join(text.replace("\\", "/").splitlines()) or "-"


NAMES = st.text(min_size=1, max_size=20)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(-(2**50), 2**50),
    st.text(max_size=30).filter(lambda t: "\n" not in t),
)


@given(
    tags=st.dictionaries(NAMES, st.text(max_size=20), max_size=4),
    fields=st.dictionaries(NAMES, VALUES, max_size=5),
    at=st.integers(-(2**40), 2**40),
)
def test_what_is_written_is_what_is_read(tags, fields, at):
    tags = {flat(key): value for key, value in tags.items()}
    fields = {flat(key): value for key, value in fields.items()}
    written = line("noonward_site", tags, fields, float(at))
    known = {
        key: value
        for key, value in fields.items()
        if value is not None and not (isinstance(value, float) and not math.isfinite(value))
    }
    if not known:
        assert written is None
        return
    (point,) = parse(written)
    assert point.measurement == "noonward_site"
    assert point.tags == {key: flat(value) for key, value in tags.items() if value}
    assert point.fields == known
    assert {key: type(value) for key, value in point.fields.items()} == {
        key: float if type(value) is int else type(value) for key, value in known.items()
    }
    assert point.at == at


@pytest.mark.parametrize("text", ["a,b", "a=b", "a b", "a\\,b", "a\\", '"a"', "ä", "#a", "a\nb 1", " ", "\\ "])
def test_hostile_names_stay_in_their_place(text):
    (point,) = parse(line("m", {"station": text, "zone": "z"}, {"w": 1.0}, NOON))
    assert point.tags == {"station": flat(text), "zone": "z"}


def test_nothing_known_is_no_line():
    assert line("m", {}, {"a": None, "b": math.nan, "c": math.inf}, NOON) is None


def test_a_site_as_points():
    found = parse("\n".join(points(carpark(), NOON)))
    stations = {point.tags["station"]: point for point in found if point.measurement == "noonward_station"}
    one = stations["cp-01"]
    assert one.tags == {"site": "house-12", "station": "cp-01", "zone": one.tags["zone"]}
    assert {
        key: one.fields[key] for key in ("limit_a", "drawn_w", "l1_a", "session_kwh", "state", "plugged", "reason")
    } == {
        "limit_a": 10.0,
        "drawn_w": 6850.0,
        "l1_a": 9.9,
        "session_kwh": 4.23,
        "state": "charging",
        "plugged": True,
        "reason": "charge-now",
    }
    assert {point.at for point in found} == {int(NOON)}
    assert {point.measurement for point in found} >= {"noonward_site", "noonward_policy", "noonward_station"}


def test_every_number_is_a_float_always():
    """A field that is once written as an integer takes no float any more."""
    for point in parse("\n".join((*points(carpark(), NOON), *points(FakeEngine(appliance()).see(), NOON)))):
        assert {type(value) for value in point.fields.values()} <= {float, bool, str}

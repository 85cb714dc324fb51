"""/metrics, read as Prometheus reads it."""

import re

import pytest

from noonward.core.model import Reading, Sample, Station
from noonward.daemon.engine import ChannelStatus
from noonward.web import metrics
from support.carpark import SEEN, carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

LINE = re.compile(r"(?P<name>[a-z_]+)(?:\{(?P<labels>[^{}]*)\})? (?P<value>-?[0-9.e+-]+)")
LABEL = re.compile(r'(?P<key>[a-z_]+)="(?P<value>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)')


def read(text):
    """Return name and labels to value; every family must be announced once, and stand together."""
    found, announced, family = {}, {}, None
    for line in text.splitlines():
        if line.startswith("#"):
            _, what, name, words = line.split(" ", 3)
            if what == "TYPE":
                assert name not in announced
                announced[name] = family = name
                assert words in {"gauge", "counter"}
                assert words == "gauge" or name.endswith("_total")
            continue
        match = LINE.fullmatch(line)
        assert match, line
        assert match["name"] == family
        labels = match["labels"] or ""
        assert LABEL.sub("", labels) == ""
        key = (match["name"], frozenset((one["key"], one["value"]) for one in LABEL.finditer(labels)))
        assert key not in found
        found[key] = float(match["value"])
    return found


def of(text, name, **labels):
    return read(text).get((f"noonward_{name}", frozenset(labels.items())))


async def test_it_is_the_format_that_prometheus_takes():
    answer = await Client(carpark(), writable=False)("GET", "/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text.endswith("\n")
    assert len(read(answer.text)) > 100


STATION = [
    ("limit_amperes", "cp-01", 10.0),
    ("accepted_amperes", "cp-01", 10.0),
    ("phases", "cp-01", 3.0),
    ("draw_watts", "cp-01", 6850.0),
    ("session_joules", "cp-01", 15_228_000.0),
    ("charge_now", "cp-01", 1.0),
    ("charge_now", "cp-02", 0.0),
    ("online", "cp-05", 0.0),
    ("draw_watts", "cp-05", None),  # what it draws now nobody knows
    ("plugged", "cp-04", 0.0),
    ("plugged", "cp-11", None),
    ("phases", "cp-07", None),
    ("trouble", "cp-09", 1.0),
]


@pytest.mark.parametrize(("name", "station", "value"), STATION)
def test_a_station_has_its_numbers_and_unknown_is_no_number(name, station, value):
    assert of(metrics.text(carpark()), f"station_{name}", station=station, zone="garage") == value


def test_the_rest_of_the_house():
    engine = FakeEngine(appliance()).see(grid_w=Reading(-1000.0, NOON), draws_w={"boiler": Reading(5.0, NOON)})
    engine.devices = (
        ChannelStatus(device="cellar", channel='a"b\\c\n', kind="relay", ok=False),
        ChannelStatus(device="cellar", channel="new", kind="relay"),
    )
    text = metrics.text(engine)
    assert of(text, "up") == 1
    assert of(text, "signal_power_watts", signal="grid") == -1000
    assert of(text, "policy_draw_watts", policy="boiler", kind="appliance") == 5
    assert of(text, "policy_on", policy="boiler", kind="appliance") == 0
    assert of(text, "device_up", channel='cellar/a\\"b\\\\c\\n') == 0
    assert of(text, "device_up", channel="cellar/new") is None
    engine.fault = "broken"
    assert of(metrics.text(engine), "up") == 0


def test_the_number_of_series_does_not_grow_with_what_happens():
    engine = carpark()
    before = read(metrics.text(engine)).keys()
    for k in range(50):
        sample = Sample(at=NOON + k, power_w=float(k), current_a={"L1": k, "L2": k, "L3": k, f"hostile-{k}": 1.0})
        one = Station(plugged=True, id_tag=f"badge-{k}", plugged_at=NOON + k, sample=sample)
        engine.see(after_s=1, stations={**SEEN, "cp-01": one, f"stranger-{k}": one})
    after = read(metrics.text(engine)).keys()
    assert len(after) <= len(before)
    assert not any("hostile" in value or "badge" in value or "stranger" in value for _, ls in after for _, value in ls)

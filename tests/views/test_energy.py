"""Where power comes from and where it goes at this moment."""

from dataclasses import replace

import pytest

from noonward.core.model import Mode, Reading, Sample
from noonward.policy.loaded import Signal
from noonward.views.energy import energy
from support.carpark import SEEN, carpark
from support.fakeengine import NOON, FakeEngine, appliance

ALL = ("grid", "pv", "battery")


def engine(*wanted, roles=ALL, peak_w=None, **seen):
    shown = FakeEngine(*wanted, signals={role: Signal(channel=f"{role}/meter") for role in roles})
    shown.loaded = replace(shown.loaded, site=replace(shown.loaded.site, pv_peak_w=peak_w))
    return shown.see(**seen)


def read(value, age_s=0.0):
    return Reading(value, NOON - age_s)


def values(told):
    return {name: one and one["value"] for name, one in told.items()}


def test_the_house_takes_what_comes_in_and_is_not_stored():
    told = energy(
        engine(grid_w=read(-1500.0, 2), pv_w=read(6000.0, 5), battery_w=read(2000.0, 1), battery_soc=read(0.5, 60))
    )
    assert values(told) == {
        "pv_w": 6000.0,
        "grid_w": -1500.0,
        "battery_w": 2000.0,
        "soc": 0.5,
        "house_w": 2500.0,
        "controlled_w": 0.0,
    }
    assert [told[name]["age_s"] for name in ("pv_w", "grid_w", "soc", "house_w")] == [5.0, 2.0, 60.0, 5.0]


@pytest.mark.parametrize(
    ("roles", "peak_w", "seen", "house_w"),
    [
        (("grid",), None, {"grid_w": read(800.0)}, 800.0),  # no sun, no battery
        (("grid",), 8000.0, {"grid_w": read(800.0)}, None),  # a sun that nobody measures
        (("grid", "pv"), None, {"grid_w": read(800.0)}, None),  # its meter has not answered
        (("grid", "pv"), None, {"grid_w": read(800.0), "pv_w": read(500.0, 3600)}, None),  # nor lately
        (("grid", "pv"), None, {"pv_w": read(500.0)}, None),
        (("grid", "pv", "battery"), None, {"grid_w": read(0.0), "pv_w": read(500.0)}, None),
        (("grid", "pv"), None, {"grid_w": read(-510.0), "pv_w": read(500.0)}, 0.0),  # two meters never quite agree
        (("grid", "pv"), None, {"grid_w": read(float("nan")), "pv_w": read(500.0)}, None),
    ],
)
def test_the_house_is_unknown_while_a_part_of_it_is(roles, peak_w, seen, house_w):
    shown = engine(roles=roles, peak_w=peak_w, **seen)
    assert values(energy(shown))["house_w"] == house_w
    assert values(energy(shown))["battery_w"] is None


def test_what_is_switched_counts_as_measured_else_as_commanded():
    on = appliance("boiler", Mode.ALWAYS_ON), appliance("sauna", Mode.ALWAYS_ON, power_w=6000.0), appliance("pump")
    shown = engine(*on, grid_w=read(0.0))
    assert energy(shown)["controlled_w"] == {"value": 9000.0, "age_s": None}
    shown.see(draws_w={"boiler": read(2950.0, 4), "pump": read(0.0, 9)})
    assert energy(shown)["controlled_w"] == {"value": 8950.0, "age_s": 9.0}


def test_before_the_first_step_nothing_is_known_of_what_is_switched():
    assert energy(FakeEngine(appliance()))["controlled_w"] is None


def test_a_vehicle_counts_with_what_its_station_measures_and_else_the_sum_is_unknown():
    shown = carpark()
    only = replace(shown.loaded.site.zones[0], stations=("cp-01",))
    shown.loaded = replace(shown.loaded, site=replace(shown.loaded.site, zones=(only,)))
    memory = shown.state.stations["cp-01"]
    for drawn_w, known in [(6850.0, True), (None, False)]:
        session = replace(memory.session, state="charging", drawn_w=drawn_w)
        shown.state = replace(shown.state, stations={"cp-01": replace(memory, session=session)})
        shown.observation = replace(
            shown.observation, stations={"cp-01": replace(SEEN["cp-01"], sample=Sample(at=NOON - 4))}
        )
        assert energy(shown)["controlled_w"] == ({"value": 6850.0, "age_s": 4.0} if known else None)

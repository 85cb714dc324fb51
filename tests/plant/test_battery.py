"""A battery covers and stores what it can, and makes no energy."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.plant.battery import Battery, BatteryKind


def battery(**changes):
    return Battery(BatteryKind(**({"capacity_wh": 10_000.0, "charge_w": 3000.0, "discharge_w": 4000.0} | changes)))


@pytest.mark.parametrize(
    ("grid_w", "facts", "does_w"),
    [
        (0.0, {}, 0.0),
        (-2000.0, {}, 2000.0),  # what would be exported
        (-5000.0, {}, 3000.0),  # as much as it takes
        (2500.0, {}, -2500.0),  # what would be imported
        (9000.0, {"soc": 0.9}, -4000.0),  # as much as it gives
        (-2000.0, {"soc": 1.0}, 0.0),
        (2000.0, {"soc": 0.1}, 0.0),
        (2000.0, {"soc": 0.05}, 0.0),  # below its least: it gives nothing, and takes again
        (-2000.0, {"soc": 0.05}, 2000.0),
        (2000.0, {"soc": 0.1, "min_soc": 0.0}, -1000.0 * sqrt(0.9)),  # an hour empties it
        (-2000.0, {"soc": 0.95, "efficiency": 1.0}, 500.0),  # an hour fills it
    ],
)
def test_what_it_does_about_an_hour_of_grid_power(grid_w, facts, does_w):
    assert battery(**facts).power_w(grid_w, 3600.0) == pytest.approx(does_w)


def test_a_round_trip_costs_what_it_is_said_to():
    one = battery(soc=0.0, min_soc=0.0, efficiency=0.81)
    one.advance(one.power_w(-1000.0, 3600.0), 3600.0)
    assert one.content_wh == pytest.approx(900.0)
    given_w = one.power_w(5000.0, 3600.0)
    one.advance(given_w, 3600.0)
    assert (given_w, one.soc) == (pytest.approx(-810.0), pytest.approx(0.0, abs=1e-12))


@pytest.mark.parametrize(
    "facts", [{"capacity_wh": 0.0}, {"charge_w": -1.0}, {"efficiency": 0.0}, {"soc": 1.1}, {"min_soc": -0.1}]
)
def test_an_impossible_battery_is_refused(facts):
    with pytest.raises(ValueError, match="batter"):
        battery(**facts)


@given(
    soc=st.floats(0.0, 1.0),
    min_soc=st.sampled_from([0.0, 0.1, 0.5]),
    efficiency=st.sampled_from([1.0, 0.9, 0.5]),
    powers=st.lists(st.floats(-20_000.0, 20_000.0), min_size=1, max_size=40),
    step_s=st.sampled_from([1.0, 60.0, 3600.0]),
)
def test_it_stays_within_its_limits_and_never_turns_the_grid_around(soc, min_soc, efficiency, powers, step_s):
    one = battery(soc=soc, min_soc=min_soc, efficiency=efficiency)
    for grid_w in powers:
        before_wh, did_w = one.content_wh, one.power_w(grid_w, step_s)
        assert -4000.0 <= did_w <= 3000.0
        assert abs(grid_w + did_w) <= abs(grid_w) + 1e-9
        assert (grid_w + did_w) * grid_w >= 0.0
        one.advance(did_w, step_s)
        assert 0.0 <= one.soc <= 1.0
        assert one.soc >= min(min_soc, before_wh / 10_000.0) - 1e-9
        stored_wh, moved_wh = one.content_wh - before_wh, did_w * step_s / 3600.0
        way = sqrt(efficiency) if moved_wh > 0.0 else 1.0 / sqrt(efficiency)
        assert stored_wh == pytest.approx(moved_wh * way, abs=1e-6)

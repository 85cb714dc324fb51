"""Sun and habits of the example house: believable, and the same on every machine."""

from __future__ import annotations

import itertools
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.plant.chance import bell, chance, drift
from noonward.plant.house import House


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


CLEAR = House(name="test", peak_w=8000.0, sky="clear")


@pytest.mark.parametrize(
    ("when", "low_w", "high_w"),
    [
        ("2026-06-21 00:00", 0.0, 0.0),
        ("2026-06-21 11:26", 6500.0, 8000.0),  # solar noon at 8.5° east
        ("2026-06-21 06:00", 500.0, 3000.0),
        ("2026-12-21 11:26", 2500.0, 6000.0),
        ("2026-12-21 16:30", 0.0, 0.0),
    ],
)
def test_a_clear_day(when, low_w, high_w):
    assert low_w <= CLEAR.pv_w(at(when)) <= high_w


def test_noon_is_the_best_hour_and_june_the_better_month():
    day = [CLEAR.pv_w(at("2026-06-21") + 600.0 * k) for k in range(144)]
    noon = max(range(144), key=day.__getitem__) / 6.0
    assert noon == pytest.approx(11.43, abs=0.2)
    year = [sum(CLEAR.pv_w(at(f"2026-{month:02}-15") + 600.0 * k) for k in range(144)) for month in (6, 12)]
    assert 1.5 < year[0] / year[1] < 6.0


def test_a_year_yields_what_a_roof_there_yields():
    house = House(name="example", peak_w=1000.0)
    begun = at("2026-01-01")
    yielded_kwh = sum(house.pv_w(begun + 1200.0 * k) for k in range(365 * 72)) / 3.0 / 1000.0
    assert 900.0 < yielded_kwh < 1300.0


def test_clouds_take_most_of_it_and_pass():
    noon = at("2026-06-21 11:26")
    overcast = [House(sky="overcast").pv_w(noon + 60.0 * k) for k in range(60)]
    broken = [House(sky="broken").pv_w(noon + 60.0 * k) for k in range(180)]
    assert max(overcast) < 0.35 * CLEAR.pv_w(noon)
    assert max(broken) > 0.9 * CLEAR.pv_w(noon)
    assert min(broken) < 0.4 * CLEAR.pv_w(noon)


def test_a_sun_of_its_own_can_stand_elsewhere():
    midnight, noon = at("2026-06-21 00:00"), at("2026-06-21 11:26")
    assert CLEAR.pv_w(midnight, sun_t=noon) == CLEAR.pv_w(noon)


@given(t=st.floats(0.0, 4e9), name=st.text(max_size=5), peak_w=st.floats(0.0, 1e6))
def test_it_stays_within_physics(t, name, peak_w):
    house = House(name=name, peak_w=peak_w)
    assert 0.0 <= house.pv_w(t) <= peak_w
    assert 100.0 < house.base_w(t) < 5000.0


def test_a_day_of_base_load_is_that_of_a_family():
    used_kwh = sum(House().base_w(at("2026-06-01") + 60.0 * k) for k in range(1440 * 7)) / 60.0 / 7000.0
    assert 5.0 < used_kwh < 15.0


def test_another_machine_sees_the_same_house():
    """Chance must not come from hash(), which differs from one process to the next."""
    program = "from noonward.plant.house import House; print(House().pv_w(1780311960.0), House().base_w(1780311960.0))"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert ran.stdout.split() == [str(House().pv_w(1780311960.0)), str(House().base_w(1780311960.0))]


def test_chance_is_even_bell_is_normal_and_drift_is_smooth():
    drawn = [chance("x", k) for k in range(4000)]
    assert all(0.0 <= value < 1.0 for value in drawn)
    assert sum(drawn) / 4000 == pytest.approx(0.5, abs=0.02)
    bells = [bell("x", k) for k in range(4000)]
    assert sum(bells) / 4000 == pytest.approx(0.0, abs=0.06)
    assert sum(value**2 for value in bells) / 4000 == pytest.approx(1.0, abs=0.08)
    curve = [drift(k / 100.0, "x") for k in range(1000)]
    assert max(abs(b - a) for a, b in itertools.pairwise(curve)) < 0.02
    assert max(curve) - min(curve) > 0.4
    assert chance("a", "b") != chance("ab") != chance("a", "c")

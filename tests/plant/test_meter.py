"""A meter shows the truth late, noisily, and sometimes hangs."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.core.model import Reading
from noonward.plant.meter import Meter

TRUTH = ((0.0, 100.0), (10.0, 500.0), (20.0, -300.0))


def fed(**facts):
    meter = Meter(**facts)
    for t, power_w in TRUTH:
        meter.feed(t, power_w)
    return meter


@pytest.mark.parametrize(
    ("facts", "t", "shown"),
    [
        ({}, 5.0, Reading(100.0, 5.0)),
        ({}, 10.0, Reading(500.0, 10.0)),
        ({}, 99.0, Reading(-300.0, 99.0)),
        ({}, -1.0, None),
        ({"lag_s": 5.0}, 12.0, Reading(100.0, 7.0)),
        ({"lag_s": 5.0}, 15.0, Reading(500.0, 10.0)),
        ({"lag_s": 5.0}, 4.0, None),
        ({"every_s": 8.0}, 15.0, Reading(100.0, 8.0)),
        ({"every_s": 8.0}, 16.0, Reading(500.0, 16.0)),
        ({"every_s": 8.0, "lag_s": 5.0}, 22.0, Reading(500.0, 16.0)),
        ({"frozen": ((12.0, 30.0),)}, 11.0, Reading(500.0, 11.0)),
        ({"frozen": ((12.0, 30.0),)}, 25.0, Reading(500.0, 25.0)),
        ({"frozen": ((12.0, 30.0),)}, 30.0, Reading(-300.0, 30.0)),
        ({"frozen": ((2.0, 4.0), (12.0, 30.0))}, 3.0, Reading(100.0, 3.0)),
    ],
)
def test_what_it_shows(facts, t, shown):
    assert fed(**facts).read(t) == shown


def test_a_hung_meter_repeats_itself_to_the_digit_and_noise_makes_it_notable():
    """Edge case 5."""
    meter = Meter(noise_w=20.0, frozen=((100.0, 200.0),))
    meter.feed(0.0, 1000.0)
    assert len({meter.read(float(t)).value for t in range(50)}) == 50
    assert len({meter.read(float(t)).value for t in range(100, 200)}) == 1


def test_noise_has_its_size_and_belongs_to_the_sample():
    meter, again = Meter(name="a", noise_w=20.0), Meter(name="a", noise_w=20.0)
    for each in (meter, again):
        each.feed(0.0, 1000.0)
    values = [meter.read(float(t)).value for t in range(2000)]
    assert values == [again.read(float(t)).value for t in range(2000)]
    assert statistics.mean(values) == pytest.approx(1000.0, abs=2.0)
    assert statistics.stdev(values) == pytest.approx(20.0, abs=1.5)


def test_it_is_fed_in_order():
    meter = fed()
    with pytest.raises(ValueError, match="in order of time"):
        meter.feed(19.0, 0.0)
    meter.feed(20.0, 7.0)
    assert meter.read(20.0) == Reading(7.0, 20.0), "the last word on an instant counts"


@given(
    steps=st.lists(st.tuples(st.floats(0.01, 50.0), st.floats(-1e4, 1e4)), min_size=1, max_size=30),
    lag_s=st.floats(0.0, 100.0),
)
def test_it_shows_the_truth_of_lag_seconds_ago_and_forgets_the_rest(steps, lag_s):
    meter, truth, t = Meter(lag_s=lag_s), [], 0.0
    for wait_s, power_w in steps:
        t += wait_s
        meter.feed(t, power_w)
        truth.append((t, power_w))
        known = [value for at, value in truth if at <= t - lag_s]
        shown = meter.read(t)
        assert (shown.value if shown else None) == (known[-1] if known else None)
    assert len(meter._truth) <= len(steps)
    meter.read(t + lag_s + 1.0)
    assert len(meter._truth) == 1

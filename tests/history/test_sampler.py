"""Minutes are exact integrals of what held between the steps, and say nothing where nobody knew."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.history.sampler import Level, Sampler

M = 1000  # minute number
T = M * 60.0


def run(*steps):
    """Feed (instant, {channel: watts or (watts, until)}), end, and return {minute: {channel: W}}."""
    sampler, over = Sampler(), []
    for at, values in steps:
        levels = {k: Level(*v) if isinstance(v, tuple) else Level(v, inf) for k, v in values.items()}
        over += sampler.step(at, levels)
    over += sampler.end()
    return {minute.number: {k: v / 10 for k, v in minute.values.items()} for minute in over}


@pytest.mark.parametrize(
    ("steps", "minutes"),
    [
        pytest.param([(T, {"pv_w": 100.0}), (T + 60, {})], {M: {"pv_w": 100.0}}, id="one level for a minute"),
        pytest.param(
            [(T, {"pv_w": 0.0}), (T + 15, {"pv_w": 400.0}), (T + 60, {})], {M: {"pv_w": 300.0}}, id="weighed by time"
        ),
        pytest.param(
            [(T + 40, {"pv_w": 600.0}), (T + 150, {})],
            {M + 1: {"pv_w": 600.0}, M + 2: {"pv_w": 600.0}},
            id="twenty seconds of the first are too little, thirty of the last enough",
        ),
        pytest.param(
            [(T, {"pv_w": (300.0, T + 45)}), (T + 120, {})], {M: {"pv_w": 300.0}}, id="stale from second 45 on"
        ),
        pytest.param([(T, {"pv_w": (300.0, T + 29)}), (T + 120, {})], {}, id="stale too soon"),
        pytest.param(
            [(T, {"pv_w": 1.0, "import_w": 2.0}), (T + 10, {"pv_w": 1.0}), (T + 60, {})],
            {M: {"pv_w": 1.0}},
            id="each channel by itself",
        ),
        pytest.param(
            [(T, {"pv_w": 50.0}), (T + 60, {"pv_w": 70.0}), (T + 50, {"pv_w": 90.0}), (T + 120, {})],
            {M: {"pv_w": 50.0}, M + 1: {"pv_w": 90.0}},
            id="a clock that is set back by seconds counts nothing twice",
        ),
        pytest.param(
            [(T, {"pv_w": (50.0, T + 90)}), (T + 86_400 * 365, {"pv_w": 1.0}), (T + 86_400 * 365 + 60, {})],
            {M: {"pv_w": 50.0}, M + 1: {"pv_w": 50.0}, M + 1440 * 365: {"pv_w": 1.0}},
            id="a year asleep",
        ),
        pytest.param([(T, {"pv_w": 0.04}), (T + 60, {})], {M: {"pv_w": 0.0}}, id="kept to a tenth of a watt"),
    ],
)
def test_minutes(steps, minutes):
    assert run(*steps) == minutes


def test_a_clock_that_jumps_takes_the_running_levels_along():
    """An hour ahead in the middle of a minute: each of the two halves is a minute's worth, and no hour is made up."""
    sampler = Sampler()
    sampler.step(T, {"pv_w": Level(120.0, inf)})
    sampler.step(T + 30, {"pv_w": Level(240.0, T + 90)})
    sampler.shift(3600.0)
    over = sampler.step(T + 3660, {}) + sampler.end()
    assert [(one.number, one.values) for one in over] == [(M, {"pv_w": 1200}), (M + 60, {"pv_w": 2400})]


def test_a_clock_that_jumps_back_begins_minutes_anew():
    sampler = Sampler()
    sampler.step(T, {"pv_w": Level(120.0, inf)})
    over = sampler.step(T + 60, {"pv_w": Level(240.0, inf)})
    sampler.shift(-60.0)
    over += sampler.step(T + 60, {}) + sampler.end()
    assert [(one.number, one.values) for one in over] == [(M, {"pv_w": 1200}), (M, {"pv_w": 2400})]


WATTS = st.integers(-5000, 5000)


@given(st.lists(st.tuples(st.integers(1, 600), WATTS), min_size=1, max_size=40), st.integers(0, 59))
def test_whole_minutes_add_up_to_the_integral(pieces, offset):
    """Whatever the steps: watts times seconds of the whole minutes are those of the levels, to a tenth of a watt."""
    sampler, over, at, truth = Sampler(), [], T + offset, {}
    for seconds, watts in pieces:
        over += sampler.step(at, {"pv_w": Level(float(watts), inf)})
        for second in range(int(at), int(at) + seconds):
            truth.setdefault(second // 60, []).append(watts)
        at += seconds
    over += sampler.step(at, {}) + sampler.end()
    assert {one.number for one in over} == {minute for minute, seconds in truth.items() if len(seconds) >= 30}
    for one in over:
        mean = sum(truth[one.number]) / len(truth[one.number])
        assert one.values["pv_w"] / 10 == pytest.approx(mean, abs=0.0501)

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.errors import UsageError
from noonward.lab import optimum
from noonward.lab.optimum.jobs import jobs_of
from noonward.lab.score import score
from support.games import MIDNIGHT, garage, job, shipped, stay, tape, with_cars, zone

np = pytest.importorskip("numpy")
bound = pytest.importorskip("noonward.lab.optimum.bound", reason="needs highspy")

WATTS = st.sampled_from([-6000.0, -4500.0, -3000.0, -2500.0, -1000.0, -300.0, 0.0, 400.0, 2000.0])


def found_kwh(played):
    todo = jobs_of(played)
    result = score(optimum.play(played, todo, optimum.plan(played, todo)))
    return result["import_kwh"] + result["unmet_kwh"]


def recording(net, step_s):
    n = len(net)
    start = MIDNIGHT + 86400 - n * step_s
    return tape([max(0.0, -w) for w in net], [max(0.0, w) for w in net], step_s, start)


@settings(max_examples=30)
@given(
    st.lists(WATTS, min_size=2, max_size=30), st.sampled_from([900.0, 3600.0]), st.floats(0.1, 8.0), st.integers(0, 5)
)
def test_nothing_that_can_be_done_is_below(net, step_s, kwh, cars):
    """Energies that are no whole steps, so that the last step lies below the minimum."""
    played = job(recording(net, step_s), kwh=kwh)
    end = 1440
    start = end - len(net) * step_s / 60
    if cars:
        stations = tuple(f"cp-{k}" for k in range(cars))
        stays = [stay(start, end, kwh + k, station=name) for k, name in enumerate(stations)]
        played = with_cars(played, zone(*stations, max_power_w=99_000.0), stays)
    assert optimum.bound_kwh(played) <= found_kwh(played) + 0.002


@pytest.mark.parametrize(
    ("net", "kwh", "least"),
    [
        ([-5000.0] * 8, 5.0, 0.0),
        ([400.0] * 8, 5.0, 3.2 + 5.0),
        ([-1000.0] * 8, 16.0, 8.0),
    ],
)
def test_where_the_least_is_plain_it_is_found(net, kwh, least):
    sunny = recording(net, 3600.0)
    played = garage(sunny, [stay(16 * 60, 1440, kwh)], vehicles={"default": {"phases": 1, "min_current_a": 1.0}})
    assert optimum.bound_kwh(played) == pytest.approx(least, abs=0.3)
    assert found_kwh(played) == pytest.approx(least, abs=1e-3)


@pytest.mark.parametrize("sun_w", [1000.0, 2000.0, 3000.0, 4000.0])
def test_a_last_step_below_the_minimum_is_granted(sun_w):
    """A car that needs no more than the sun of one step, which is less than it charges with, takes just that."""
    played = garage(recording([-sun_w, 0.0, 0.0], 3600.0), [stay(21 * 60, 1440, sun_w / 1000.0)])
    assert found_kwh(played) == 0.0
    assert optimum.bound_kwh(played) <= 0.0


@pytest.mark.parametrize("pv_scale", [2.0, 0.8])
def test_a_month_is_near_its_bound(pv_scale):
    played = job(shipped(29, pv_scale))
    found, proven = found_kwh(played), optimum.bound_kwh(played)
    assert proven - 1e-3 <= found <= 1.02 * proven


def test_it_is_a_bound_at_any_prices():
    played = job(shipped(4))
    todo = jobs_of(played)
    found = found_kwh(played)
    sun_w = np.array([max(0.0, -w) for w in played.net_w])
    patterns = list(bound._patterns(todo, sun_w))
    base_w = sum(max(0.0, w) for w in played.net_w)
    rng = np.random.default_rng(1)
    for _ in range(200):
        used_w = bound._dual(todo, patterns, rng.random(len(todo)), sun_w)
        least_w = base_w + sum(one.need_w for one in todo) - used_w
        assert least_w * played.tape.step_s / 3.6e6 <= found + 1e-3


def test_without_a_solver_it_says_how_to_get_one(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)
    monkeypatch.delitem(sys.modules, "noonward.lab.optimum.bound")
    monkeypatch.delattr(optimum, "bound", raising=False)
    with pytest.raises(UsageError, match=r"needs highspy, which is not installed; .*pip install 'noonward\[lab\]'"):
        optimum.bound_kwh(job(shipped(1)))

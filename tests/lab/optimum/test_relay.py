from itertools import accumulate
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.lab.optimum import bounded, exact, priced, relay
from noonward.lab.optimum.relay import RelayJob
from noonward.lab.optimum.window import Window
from support.foresight import Relay, least_import

NET = st.lists(st.integers(-9, 4), min_size=1, max_size=9)
SHORT = st.lists(st.integers(-9, 4), min_size=1, max_size=6)


def job(power, need, by, hold, end=None, stages=()):
    powers = tuple(float(w) for w in stages or (power,))
    need_w = min(float(need), powers[-1] * by)
    return RelayJob(k=0, lo=0, hi=by, end=end or by, stages_w=powers, need_w=need_w, hold=hold)


def imported(net, draws):
    return sum(max(0, w + draw) for w, draw in zip(net, [*draws, *[0] * len(net)], strict=False))


@given(NET, st.integers(1, 4), st.integers(1, 12), st.data())
def test_nobody_finds_less_by_trying_every_plan(net, power, need, data):
    by = data.draw(st.integers(1, len(net)))
    hold = data.draw(st.integers(1, 4))
    draws = job(power, need, by, hold, end=len(net)).solve(net[:by])
    assert imported(net, draws) == least_import(net, [Relay(power, need, by, hold)])
    assert sum(draws) == min(need, by * power)


@settings(max_examples=60)
@given(SHORT, st.sets(st.integers(1, 5), min_size=2, max_size=3), st.integers(1, 12), st.data())
def test_nobody_finds_less_with_stages(net, stages, need, data):
    by = data.draw(st.integers(1, len(net)))
    powers = tuple(sorted(stages))
    draws = job(0, need, by, 1, end=len(net), stages=powers).solve(net[:by])
    assert imported(net, draws) == least_import(net, [Relay(powers, need, by, 1)])
    assert sum(draws) == min(need, by * powers[-1])
    assert set([draw for draw in draws if draw][:-1]) <= set(powers)


@given(SHORT, st.integers(1, 12), st.integers(2, 4))
def test_a_stage_stands_for_min_on_when_it_begins(net, need, hold):
    """Which may cost a little; never more than the best single stage, never less than what can be."""
    n = len(net)
    draws = job(0, need, n, hold, stages=(1, 2)).solve(net)
    assert least_import(net, [Relay((1, 2), need, n, hold)]) <= imported(net, draws)
    assert imported(net, draws) <= imported(net, job(2, need, n, hold).solve(net))


@pytest.mark.parametrize(
    ("stages", "planned", "unit"),
    [
        ((2000.0,), (2000.0,), 2000.0),
        ((1234.5,), (1234.5,), 1234.5),
        ((3000.0, 6000.0), (3000.0, 6000.0), 3000.0),
        ((2000.0, 3000.0), (2000.0, 3000.0), 1000.0),
        ((1230.0, 4567.0), (4567.0,), 4567.0),
    ],
)
def test_stages_are_counted_in_units(stages, planned, unit):
    assert relay.in_units(stages) == (planned, unit)


@pytest.mark.parametrize(
    ("net", "power", "need", "hold", "draws"),
    [
        ([0, -2, 0, -2, 0], 2, 4, 1, [0, 2, 0, 2, 0]),
        ([0, -2, 0, -2, 0], 2, 4, 2, [0, 2, 2, 0, 0]),
        ([0, -2, -2, 0, -2, 0], 2, 6, 2, [0, 2, 2, 0, 2, 0]),  # met in the second run, which need not be as long
        ([0, -2, 0, 0, -2, 0, 0, 0], 2, 6, 2, [0, 2, 2, 0, 2, 0, 0, 0]),
        ([-2, 0, 0, 0, -2, -2], 2, 6, 3, [0, 0, 0, 2, 2, 2]),
        ([-3, 0, -1, -3], 3, 4, 1, [3, 0, 1, 0]),  # what is left is a third of a step, and comes last
        ([0, 0, 0], 2, 8, 2, [2, 2, 2]),  # cannot be met
    ],
)
def test_plans(net, power, need, hold, draws):
    assert imported(net, job(power, need, len(net), hold).solve(net)) == imported(net, draws)


def test_a_contact_stays_closed_until_min_on_is_over():
    one = job(2, 2, 3, 3, end=8)
    draws = one.solve([0, -2, 0])
    assert draws == [0, 2, 0]
    assert one.offers_w(draws) == [0, 2, 2, 2, 0, 0, 0, 0]
    assert one.offers_w([0, 0, 2]) == [0, 0, 2, 2, 2, 0, 0, 0]
    staged = job(0, 9, 4, 3, end=8, stages=(2, 4))
    assert staged.offers_w([0, 4, 3, 0]) == [0, 4, 4, 2, 0, 0, 0, 0]


def test_min_on_fits_into_the_period():
    """Else the contact would still be closed when the next need begins, and draw for it."""
    one = job(2, 2, 6, 4, end=6)
    draws = one.solve([0, 0, 0, 0, 0, -2])
    assert sum(draws[:3]) == 2
    assert sum(one.offers_w(draws)[:6]) == 4 * 2


def clouds(n, seed):
    rng = Random(seed)
    steps = list(accumulate(rng.uniform(-400, 400) for _ in range(n)))
    return [abs(w) % 2000.0 if 0.2 < t / n < 0.8 else 2000.0 for t, w in enumerate(steps)]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("steps", "hold"), [(40, 5), (90, 15), (150, 1), (290, 10)])
@pytest.mark.parametrize("part", [1.0, 0.3])
def test_a_plan_by_prices_is_as_near_as_it_says(seed, steps, hold, part):
    cost = clouds(300, seed)
    last = [part * w for w in cost]

    def total(on):
        return sum(cost[t] for t in on[:-1]) + last[on[-1]]

    plan = exact.units_on([exact.Stage(1, cost)], [last, last], steps, hold, 300)
    assert [units for _, units in plan] == [1] * steps
    best = total([t for t, _ in plan])
    found = priced.steps_on(cost, last, steps, hold, 300, 40.0)
    assert len(found) == steps
    assert best - 1e-6 <= total(found) <= best + 40.0
    runs = priced._runs(found)
    assert all(hi - lo >= hold for lo, hi in runs[:-1])
    wide = priced.steps_on(cost, last, steps, hold, 300, 1e9)
    assert total(wide) >= best - 1e-6
    assert total(priced.steps_on(cost, last, steps, hold, 300, 0.0)) == pytest.approx(best, abs=1e-6)


@given(
    st.lists(st.sampled_from([0.0, 0.1, 0.7, 1.3, 2.0]), min_size=1, max_size=14),
    st.floats(0.0, 2.5),
    st.floats(0.0, 5.0),
    st.data(),
)
def test_what_prices_leave_open_holds_the_very_plan_that_trying_all_finds(cost, price, more_w, data):
    """Whatever the price is, and the plan that is at hand."""
    n = len(cost)
    steps, hold = data.draw(st.integers(1, n)), data.draw(st.integers(1, n))
    latest = data.draw(st.integers(n - steps, n))
    last = [data.draw(st.sampled_from([0.3, 1.0])) * w for w in cost]
    plan = [t for t, _ in exact.units_on([exact.Stage(1, cost)], [last, last], steps, hold, latest)]
    window = Window(cost, last, hold, latest)
    assert bounded.steps_on(window, window.ahead(price), steps, window.total(plan) + more_w) == plan


def test_prices_alone_are_mostly_enough(monkeypatch):
    """Else a year would take twice as long."""
    costs = [clouds(300, seed) for seed in range(40)]
    open_ones = []
    monkeypatch.setattr(bounded, "steps_on", lambda *_: open_ones.append(1))
    for cost in costs:
        priced.steps_on(cost, cost, 90, 5, 300, 40.0)
    assert len(open_ones) <= 10


def test_long_windows_are_planned_by_prices_and_never_worse_than_allowed(monkeypatch):
    net = [w - 2000.0 for w in clouds(300, 5)]
    one = job(2000.0, 2000.0 * 90, 300, 15)
    near = imported(net, one.solve(net))
    monkeypatch.setattr(relay, "FEW", 10**9)
    assert imported(net, one.solve(net)) - 1e-6 <= near <= imported(net, one.solve(net)) + relay.NEAR * 2000.0

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from noonward.lab.optimum.car import CarJob
from support.foresight import Car, least_import

NET = st.lists(st.integers(-12, 4), min_size=1, max_size=9)


def job(need, least, most, n):
    return CarJob(k=0, lo=0, hi=n, need_w=need, least_w=least, most_w=most, zone=0)


def imported(net, draws):
    return sum(max(0.0, w + draw) for w, draw in zip(net, draws, strict=True))


@given(NET, st.integers(1, 4), st.integers(0, 5), st.integers(1, 40))
def test_nobody_finds_less_by_trying_every_current(net, least, span, need):
    most, n = least + span, len(net)
    assume(need <= 0.98 * most * n)
    best = least_import(net, [], Car(need, 0, n, least, most))
    assume(best < float("inf"))
    draws = job(need, least, most, n).solve(net)
    assert imported(net, draws) == pytest.approx(best, abs=1e-5)
    assert sum(draws) == pytest.approx(need, abs=1e-5)
    on = [draw for draw in draws if draw]
    assert all(least - 1e-5 <= draw <= most + 1e-5 for draw in on[:-1])
    assert 0.0 < on[-1] <= most + 1e-5


@pytest.mark.parametrize(
    ("net", "need", "draws"),
    [
        ([-8, -3, -8], 16, [8, 0, 8]),
        ([-8, -5, 0], 13, [8, 5, 0]),  # below its minimum of 6 in the last step alone
        ([-5, -8, 0], 13, [5, 8, 0]),  # at 5 it cannot be before the last; 6 and 7 cost as much
        ([0, 0, 0], 20, [10, 10, 0]),
        ([-20, -20], 8, [8, 0]),
        ([float("-inf"), -3], 10, [10, 0]),  # what nobody knows costs nobody anything
    ],
)
def test_plans(net, need, draws):
    found = job(need, 6, 10, len(net)).solve(net)
    assert sum(found) == pytest.approx(need)
    if net[0] == 5:
        assert found[0] >= 6
    assert imported(net, found) == pytest.approx(imported(net, draws) + (net[0] == -5))


@pytest.mark.parametrize(
    ("net", "need", "least", "most", "cost"),
    [([-9, -4, -4, -3], 13, 7, 11, 0), ([-2, -9, -4, -3, 0], 12, 7, 7, 1), ([-3, -3, -2, -2], 8, 5, 7, 2)],
)
def test_a_last_step_is_looked_for_as_long_as_it_may_help(net, need, least, most, cost):
    assert imported(net, job(need, least, most, len(net)).solve(net)) == pytest.approx(cost)


def test_it_stays_within_what_its_zone_leaves():
    room = [6.0, 16.0, 3.0, 16.0, 0.0]
    draws = job(30, 6, 16, 5).solve([-16] * 5, room)
    assert sum(draws) == pytest.approx(30)
    assert all(draw <= most + 1e-9 for draw, most in zip(draws, room, strict=True))
    assert draws[2] == 0  # below its minimum, and not the last


def test_what_a_zone_cannot_give_is_missing():
    draws = job(30, 6, 16, 3).solve([0.0] * 3, [7.0, 5.0, 9.0])
    assert draws == [7.0, 0.0, 9.0]


def test_a_vehicle_without_a_minimum_takes_whatever_sun_there_is():
    draws = job(4.0, 0.0, 3.0, 4).solve([-1.0, 0.0, -2.0, -3.0])
    assert sum(draws) == 4.0
    assert imported([-1.0, 0.0, -2.0, -3.0], draws) == 0.0

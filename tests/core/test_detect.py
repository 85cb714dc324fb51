"""Phases found by a test charge, with every way of measuring that stations have."""

from __future__ import annotations

import pytest

from noonward.core.detect import Found, TestCharge, active, begin, follow, recount
from noonward.core.stations import Sample

NOW = 1000.0
UNKNOWN = Found(phases=None, how="unknown")


def play(measure, *, every=5, min_a=6.0, room_a=32.0, plugged_s=999.0, ramp_s=6.0, delay=0.0):
    """Run a test with a station that measures ``measure(offered amperes, seconds, Wh register)``; return it and its limits."""
    test = begin(min_a, room_a, NOW)
    limits = [test.limit_a]
    sample = None
    for second in range(1, 80):
        now = NOW + second
        settled = now >= test.set_at + ramp_s
        if second % every == 0:
            sample = measure(test.limit_a if settled else limits[-2] if len(limits) > 1 else 0.0, second)
            sample = Sample(at=now - delay, **sample)
        got = follow(test, sample, now, plugged=second < plugged_s)
        if isinstance(got, Found):
            return got, limits, second
        if got.limit_a != test.limit_a:
            limits.append(got.limit_a)
        test = got
    raise AssertionError("the test never ended")


def currents(*lines, placeholder=None, takes=1.0):
    def measure(offered_a, second):
        zeros = {} if placeholder is None else dict.fromkeys(("L1", "L2", "L3"), placeholder)
        return {"current_a": zeros | dict.fromkeys(lines, offered_a * takes)}

    return measure


@pytest.mark.parametrize(
    ("measure", "phases", "lines"),
    [
        (currents("L1", "L2", "L3"), 3, ("L1", "L2", "L3")),
        (currents("L1"), 1, ("L1",)),  # a station that reports L1 only
        (currents("L1", placeholder=0.0), 1, ("L1",)),
        (currents("L1", placeholder=0.4), 1, ("L1",)),  # noise on the others
        (currents("L1", placeholder=2.4), 1, ("L1",)),  # 0.3 × 8 A is not above 0.3 × 8 A
        (currents("L2", "L3", placeholder=0.0), 2, ("L2", "L3")),
        (currents("L3", placeholder=0.0), 1, ("L3",)),
        (currents("N"), 1, ("N",)),
        (currents("N", placeholder=0.0), 1, ("N",)),
        (currents("L1", "N", placeholder=0.0), 1, ("L1",)),
        (currents("L1", "L2", "L3", takes=0.8), 3, ("L1", "L2", "L3")),
    ],
)
def test_phases_by_their_currents(measure, phases, lines):
    """Acceptance tests 10 and 11; edge cases 31, 37 and 40: counted currents, never counted keys."""
    found, limits, second = play(measure)
    assert (found.phases, found.lines, found.how) == (phases, lines, "currents")
    assert limits == [8.0]
    assert second == 15, "the second settled sample decides"


@pytest.mark.parametrize("takes", [0.0, 0.1])
def test_a_vehicle_that_draws_next_to_nothing_stays_unknown(takes):
    found, _, second = play(currents("L1", "L2", "L3", placeholder=0.0, takes=takes))
    assert found == UNKNOWN
    assert (found.limiting, found.least) == (3, 1), "three phases for limits, one for the minimum"
    assert second == 60


def test_two_samples_that_disagree_decide_nothing():
    def flicker(offered_a, second):
        return {"current_a": {"L1": offered_a, "L2": offered_a if second % 10 else 0.0}}

    assert play(flicker)[0] == UNKNOWN


def test_samples_from_before_the_vehicle_settled_decide_nothing():
    """Acceptance test 6: it starts on one phase and the sample is old when it arrives."""

    def staged(offered_a, second):
        return {"current_a": {"L1": 8.0} if second < 10 else dict.fromkeys(("L1", "L2", "L3"), 8.0)}

    assert play(staged)[0].phases == 3
    assert play(staged, every=2)[0].phases == 3
    assert play(staged, delay=6.0)[0].phases == 3


def test_the_same_sample_seen_twice_is_one_sample():
    test = begin(6.0, 32.0, NOW)
    sample = Sample(at=NOW + 10.0, current_a={"L1": 8.0})
    for second in range(10, 20):
        test = follow(test, sample, NOW + second, plugged=True)
        assert isinstance(test, TestCharge)


def power(phases, *, offset_w=0.0, factor=1.0, most_a=99.0, least_a=0.0):
    def measure(offered_a, second):
        amperes = max(min(offered_a, most_a), least_a)
        return {"power_w": offset_w + factor * amperes * phases * 230.0}

    return measure


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (power(1), Found(phases=1, how="slope")),
        (power(2), Found(phases=2, how="slope")),
        (power(3), Found(phases=3, how="slope")),
        (power(1, offset_w=200.0), Found(phases=1, how="slope")),
        (power(3, factor=0.92), Found(phases=3, how="slope")),
        (power(3, most_a=8.0), Found(phases=3, how="power")),  # limited to 8 A: no slope, but the power tells
        (power(1, most_a=8.0, least_a=8.0), Found(phases=1, how="power")),
        (power(3, most_a=6.0), UNKNOWN),  # 4140 W may be three phases at 6 A or two at 9 A
        (power(1, most_a=0.0), UNKNOWN),
        (power(3, offset_w=-3000.0), UNKNOWN),  # a slope that the power itself contradicts
        (power(5), UNKNOWN),
        (power(2.5), UNKNOWN),
    ],
)
@pytest.mark.parametrize("every", [1, 5, 15])
def test_phases_by_the_slope_of_the_power(measure, expected, every):
    """Acceptance test 12."""
    found, limits, second = play(measure, every=every)
    assert found == expected
    assert limits == [8.0, 12.0]
    assert second == 60


def energy(phases, step_wh=1.0):
    register = [0.0]

    def measure(offered_a, second):
        register[0] = second * 8.0 * phases * 230.0 / 3600.0
        return {"energy_wh": register[0] // step_wh * step_wh}

    return measure


@pytest.mark.parametrize(
    ("measure", "every", "expected"),
    [(energy(n), every, Found(phases=n, how="energy")) for n in (1, 2, 3) for every in (5, 15)]
    + [(energy(3), 50, UNKNOWN), (energy(0.5), 15, UNKNOWN), (energy(0), 15, UNKNOWN)],
)
def test_phases_by_energy(measure, every, expected):
    found, limits, second = play(measure, every=every)
    assert (found, limits, second) == (expected, [8.0], 60)


def test_unplugged_in_the_middle():
    """Edge case 40: nothing is remembered of a test that unplugging ended."""
    found, _, second = play(power(3), plugged_s=20)
    assert (found, second) == (Found(phases=None, how="aborted"), 20)
    assert play(currents(), plugged_s=1)[0].how == "aborted"


@pytest.mark.parametrize(
    ("min_a", "room_a", "limit_a"),
    [(6.0, 32.0, 8.0), (10.0, 32.0, 10.0), (6.0, 7.5, 7.0), (6.0, 6.0, 6.0), (6.5, 6.9, 6.5), (6.0, 5.9, None)],
)
def test_the_test_current(min_a, room_a, limit_a):
    test = begin(min_a, room_a, NOW)
    assert (None if test is None else test.limit_a) == limit_a


@pytest.mark.parametrize(("room_a", "limits"), [(12.0, [8.0, 12.0]), (10.5, [8.0, 10.0]), (9.9, [8.0]), (8.0, [8.0])])
def test_no_test_current_exceeds_what_the_zone_leaves(room_a, limits):
    found, used, _ = play(power(2), room_a=room_a)
    assert used == limits
    assert found.phases == 2


def test_a_station_without_any_measurement_leaves_it_unknown():
    assert play(lambda offered_a, second: {})[0] == UNKNOWN


def test_the_running_charge_may_show_more_phases_and_never_fewer():
    one = Found(phases=1, lines=("L1",), how="currents")
    three = Sample(at=NOW, current_a={"L1": 9.0, "L2": 9.0, "L3": 9.0})
    assert recount(one, three, 10.0).phases == 3
    near_full = Sample(at=NOW, current_a={"L1": 9.0, "L2": 0.0, "L3": 0.0})
    assert recount(recount(one, three, 10.0), near_full, 10.0).phases == 3
    assert recount(UNKNOWN, near_full, 10.0).phases == 1
    assert recount(one, Sample(at=NOW, power_w=5000.0), 10.0) is one


def test_the_threshold_never_falls_under_an_ampere():
    assert active(Sample(at=NOW, current_a={"L1": 1.0}), 1.0) == ()
    assert active(Sample(at=NOW, current_a={"L1": 1.1}), 1.0) == ("L1",)

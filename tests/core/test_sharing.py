"""Sharing a zone among vehicles: turns, water filling, rounding, and what is said to those who wait."""

from __future__ import annotations

from itertools import permutations

import pytest

from noonward.core.model import ReasonCode
from noonward.core.sharing import Candidate, Room, leaves, settled_a, share
from noonward.core.stations import Sample

R = ReasonCode


def car(station, **more):
    return Candidate(**{"station": station, "queued_at": 0.0, "charging": True} | more)


def limits(candidates, **room):
    return {s: g.limit_a for s, g in share(candidates, Room(**room)).items()}


def one(station="a", **more):
    return {"phases": 1, "lines": (1,)} | {"station": station} | more


AMPS = 230.0
"""Watts an ampere on one phase."""


@pytest.mark.parametrize(
    ("cars", "room", "expected"),
    [
        ([car("a")], {"max_power_w": 22_000.0}, {"a": 31.0}),  # 31.88 A, rounded down
        ([car("a", step_a=0.1)], {"max_power_w": 22_000.0}, {"a": 31.8}),
        ([car("a", max_a=16.0)], {"max_power_w": 22_000.0}, {"a": 16.0}),
        ([car("a")], {"max_power_w": 22_000.0, "target_w": 4139.0}, {"a": 0.0}),
        ([car("a")], {"max_power_w": 22_000.0, "target_w": 4140.0}, {"a": 6.0}),
        ([car("a", phases=1, lines=(2,))], {"max_power_w": 22_000.0, "target_w": 4140.0}, {"a": 18.0}),
        ([car("a"), car("b"), car("c")], {"max_power_w": 24 * 3 * AMPS}, {"a": 8.0, "b": 8.0, "c": 8.0}),
        # the ampere that remains goes round once, in the order of the queue
        ([car("a"), car("b", queued_at=-1.0)], {"max_power_w": 25 * 3 * AMPS}, {"a": 12.0, "b": 13.0}),
        # who stops at its maximum leaves the rest to the others
        ([car("a", max_a=8.0), car("b")], {"max_power_w": 32 * 3 * AMPS}, {"a": 8.0, "b": 24.0}),
        # a phase that is full stops those on it; the others go on
        (
            [car("a", **{k: v for k, v in one().items() if k != "station"}), car("b", phases=1, lines=(2,))],
            {"max_power_w": 22_000.0, "line_a": (10.0, 25.0, 25.0)},
            {"a": 10.0, "b": 25.0},
        ),
        # unknown wiring of a single-phase car counts on every phase, but in watts as one
        (
            [car("a", phases=1), car("b", phases=1, lines=(2,))],
            {"max_power_w": 22_000.0, "line_a": (16.0, 20.0, 16.0)},
            {"a": 10.0, "b": 10.0},
        ),
        # two phases: 2760 W at 6 A
        ([car("a", phases=2, lines=(1, 2))], {"max_power_w": 2760.0}, {"a": 6.0}),
        ([car("a", phases=2, lines=(1, 2))], {"max_power_w": 2759.0}, {"a": 0.0}),
    ],
)
def test_what_each_gets(cars, room, expected):
    """Edge cases 12, 20, 31, 71."""
    for order in permutations(cars):
        assert limits(order, **room) == expected


@pytest.mark.parametrize(
    ("cars", "room", "expected"),
    [
        ([car("a")], {"max_power_w": 4000.0}, {"a": R.BELOW_MINIMUM}),
        ([car("a", min_a=10.0)], {"max_power_w": 6000.0}, {"a": R.BELOW_MINIMUM}),
        ([car("a", max_a=5.0)], {"max_power_w": 22_000.0}, {"a": R.BELOW_MINIMUM}),
        ([car("a"), car("b")], {"max_power_w": 4000.0}, {"a": R.BELOW_MINIMUM, "b": R.BELOW_MINIMUM}),
        ([car("a"), car("b", queued_at=1.0)], {"max_power_w": 8000.0}, {"a": None, "b": R.ZONE_FULL}),
        ([car("a")], {"max_power_w": 8000.0, "target_w": 2000.0}, {"a": R.TOO_LITTLE_SURPLUS}),
        ([car("a")], {"max_power_w": 8000.0, "line_a": (16.0, 5.0, 16.0)}, {"a": R.FUSE}),
        ([car("a", charge_now=True)], {"max_power_w": 8000.0, "target_w": 0.0}, {"a": R.CHARGE_NOW}),
        ([car("a", charge_now=True)], {"max_power_w": 4000.0}, {"a": R.BELOW_MINIMUM}),
        ([car("a", charge_now=True)], {"max_power_w": 8000.0, "line_a": (5.0, 5.0, 5.0)}, {"a": R.FUSE}),
    ],
)
def test_what_is_said(cars, room, expected):
    """Edge cases 24 and 39: who charges nobody says so, and charge-now that is blocked shows as blocked."""
    assert {s: g.why for s, g in share(cars, Room(**room)).items()} == expected
    for grant in share(cars, Room(**room)).values():
        assert (grant.limit_a == 0.0) == (grant.why not in {None, R.CHARGE_NOW})


def test_a_start_needs_more_than_holding():
    """Edge case 74."""
    room = {"max_power_w": 22_000.0, "target_w": 6.5 * 3 * AMPS}
    assert limits([car("a", start_a=7.0, charging=False)], **room) == {"a": 0.0}
    assert limits([car("a", start_a=7.0)], **room) == {"a": 6.0}
    assert limits([car("a", start_a=7.0, charging=False)], max_power_w=7 * 3 * AMPS) == {"a": 7.0}


@pytest.mark.parametrize(("target", "expected"), [(10.9, 0.0), (11.0, 11.0), (30.0, 11.0)])
def test_a_vehicle_that_cannot_modulate_is_on_at_its_nominal_current_or_off(target, expected):
    """Edge case 30."""
    fixed = car("a", modulates=False, max_a=10.87)
    assert limits([fixed], max_power_w=22_000.0, target_w=target * 3 * AMPS) == {"a": expected}


def test_what_a_vehicle_does_not_take_goes_to_the_others():
    """Edge case 29: it keeps an ampere to show that it wants more, and its session."""
    room = {"max_power_w": 32 * 3 * AMPS}
    assert limits([car("a"), car("b")], **room) == {"a": 16.0, "b": 16.0}
    assert limits([car("a", takes_a=7.2), car("b")], **room) == {"a": 9.0, "b": 23.0}
    assert limits([car("a", takes_a=0.3), car("b")], **room) == {"a": 6.0, "b": 26.0}


def test_what_nobody_else_wants_is_offered_to_charge_now_though_it_took_less():
    """It may sleep and want much to wake up, or take a share of its offer, and less and less with it."""
    modest = [car("a", charge_now=True, takes_a=0.0), car("b", charge_now=True, takes_a=9.0)]
    assert limits(modest, max_power_w=40 * 3 * AMPS) == {"a": 20.0, "b": 20.0}
    assert limits(modest, max_power_w=1e6) == {"a": 32.0, "b": 32.0}
    assert limits([*modest, car("c")], max_power_w=42 * 3 * AMPS) == {"a": 6.0, "b": 10.0, "c": 26.0}
    assert limits([car("a", takes_a=9.0)], max_power_w=1e6) == {"a": 10.0}, "others go by the sun"


@pytest.mark.parametrize(
    ("limit_a", "sample", "draws_a"),
    [
        (16.0, Sample(at=160.0, current_a={"L1": 7.2, "L2": 7.1, "L3": 7.0}), 7.2),
        (16.0, Sample(at=159.0, current_a={"L1": 7.2}), None),  # it may still be ramping up
        (16.0, Sample(at=160.0, current_a={"L1": 15.5}), 15.5),
        (6.0, Sample(at=160.0, current_a={"L1": 6.1}), 6.1),  # edge case 28
        (16.0, Sample(at=160.0, power_w=4600.0), 10.0),
        (16.0, Sample(at=160.0, energy_wh=4600.0), None),
        (16.0, None, None),
        (0.0, Sample(at=160.0, power_w=0.0), None),
    ],
)
def test_what_a_vehicle_settled_at(limit_a, sample, draws_a):
    assert settled_a(limit_a, 100.0, sample, 2) == draws_a


@pytest.mark.parametrize(
    ("draws_a", "limit_a", "some"),
    [(15.4, 16.0, True), (15.5, 16.0, False), (6.1, 6.0, False)],  # edge case 28
)
def test_whether_a_vehicle_leaves_some_of_its_limit(draws_a, limit_a, some):
    assert leaves(draws_a, limit_a) is some


def test_what_is_taken_back_from_a_vehicle_is_not_given_back_until_it_wants_it():
    """Edge case 29: a car that tapers from the fifth minute and wants more again from the fifteenth; no oscillation."""
    limit, raised_at, changes = {"a": 6.0, "b": 6.0}, 0.0, []
    for now in range(0, 1800, 10):
        wish = 7.2 if 300 <= now < 900 else 32.0
        draws = settled_a(limit["a"], raised_at, Sample(at=float(now), current_a={"L1": min(limit["a"], wish)}), 3)
        takes = draws if draws is not None and leaves(draws, limit["a"]) else None
        new = limits([car("a", takes_a=takes), car("b")], max_power_w=32 * 3 * AMPS)
        if new != limit:
            changes.append((now, new["a"], new["b"]))
            raised_at = now if new["a"] > limit["a"] else raised_at
            limit = new
    assert changes == [(0, 16.0, 16.0), (300, 9.0, 23.0), (900, 16.0, 16.0)]


def test_charge_now_gets_all_that_the_zone_allows_and_the_rest_what_is_left():
    now = {"charge_now": True}
    assert limits([car("a", **now), car("b")], max_power_w=22_080.0, target_w=5000.0) == {"a": 32.0, "b": 0.0}
    assert limits([car("a", max_a=16.0, **now), car("b")], max_power_w=22_080.0) == {"a": 16.0, "b": 16.0}
    # what charge-now draws is no part of the target, which is for the others
    assert limits([car("a", max_a=16.0, **now), car("b")], max_power_w=22_080.0, target_w=2_000.0)["b"] == 0.0
    # several share by water filling
    assert limits([car("a", **now), car("b", **now), car("c")], max_power_w=22_080.0) == {
        "a": 16.0,
        "b": 16.0,
        "c": 0.0,
    }


def test_min_on_is_ended_by_the_zone_maximum_only():
    held = car("a", held=True, queued_at=900.0)
    assert limits([held, car("b", charge_now=True)], max_power_w=22_080.0, target_w=0.0) == {"a": 6.0, "b": 26.0}
    assert limits([held], max_power_w=4140.0, target_w=-2000.0) == {"a": 6.0}
    assert limits([held, car("b", charge_now=True)], max_power_w=4500.0) == {"a": 6.0, "b": 0.0}
    assert limits([held], max_power_w=4000.0) == {"a": 0.0}


def test_equal_merit_keeps_the_status_quo():
    """Edge case 18."""
    cars = [car("a", charging=False), car("b", charging=True)]
    assert limits(cars, max_power_w=4500.0) == {"a": 0.0, "b": 6.0}


def test_a_large_vehicle_is_not_kept_out_by_small_ones_that_take_turns():
    """Edge case 25: room for three single-phase minimums or one three-phase minimum."""
    room = {"max_power_w": 4500.0}
    large = car("large", charging=False, queued_at=10.0)
    small = [car(f"s{k}", phases=1, lines=(k,), held=True, queued_at=1000.0 + k) for k in (1, 2)]
    fresh = car("s3", phases=1, lines=(3,), charging=False, queued_at=20.0)
    given = limits([large, *small, fresh], **room)
    assert given["large"] == 0.0
    assert given["s3"] == 0.0, "started behind the first of the queue, it would hold the room for another min-on"
    released = [car(c.station, phases=1, lines=c.lines, queued_at=c.queued_at) for c in small]
    assert limits([large, *released, fresh], **room) == {"large": 6.0, "s1": 0.0, "s2": 0.0, "s3": 0.0}


def test_where_the_first_of_the_queue_would_not_fit_anyway_small_ones_start():
    large = car("large", charging=False, queued_at=10.0)
    fresh = car("s3", phases=1, lines=(3,), charging=False, queued_at=20.0)
    assert limits([large, fresh], max_power_w=11_000.0, target_w=2500.0) == {"large": 0.0, "s3": 10.0}


def test_nobody_is_nobody():
    assert share([], Room(max_power_w=1.0)) == {}

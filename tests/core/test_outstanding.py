"""What stations may still be drawing, and what may be granted because of it."""

from __future__ import annotations

import pytest

from noonward.core.outstanding import (
    Promise,
    accepted,
    connected,
    limits_to_send,
    metered,
    plugged,
    rebooted,
    sent,
    unplugged,
)


def obeying(limit_a, at=0.0, **more):
    """A station that took a limit and proved it."""
    p = Promise(**more)
    return metered(accepted(sent(p, limit_a, at), at, at + 1.0), limit_a, at + 6.0)


def to_send(promises, wanted, limit_a, now, **more):
    return limits_to_send(promises, wanted, dict.fromkeys(promises, (1.0,)), (limit_a,), now, **more)


def test_what_is_free_is_known_only_when_the_meter_shows_it():
    """Acceptance test 14: the example of three stations on 24 A."""
    zone = {"a": obeying(16.0), "b": obeying(8.0), "c": Promise()}
    wanted = {"a": 8.0, "b": 8.0, "c": 8.0}
    assert to_send(zone, wanted, 24.0, 100.0) == {"a": 8.0}
    zone["a"] = sent(zone["a"], 8.0, 100.0)
    assert to_send(zone, wanted, 24.0, 101.0) == {}
    zone["a"] = accepted(zone["a"], 100.0, 102.0)
    assert to_send(zone, wanted, 24.0, 103.0) == {}, "an accepted limit is not a followed one"
    zone["a"] = metered(zone["a"], 9.0, 108.0)
    assert to_send(zone, wanted, 24.0, 109.0) == {}
    zone["a"] = metered(zone["a"], 8.1, 110.0)
    assert to_send(zone, wanted, 24.0, 110.0) == {"c": 8.0}


@pytest.mark.parametrize(
    ("happens", "now", "expected"),
    [
        (lambda p: p, 100.0, 16.0),
        (lambda p: sent(p, 6.0, 50.0), 100.0, 16.0),
        (lambda p: accepted(sent(p, 6.0, 50.0), 50.0, 51.0), 100.0, 16.0),
        (lambda p: accepted(sent(p, 6.0, 50.0), 49.0, 51.0), 100.0, 16.0),  # the answer to another limit
        (
            lambda p: metered(accepted(sent(p, 6.0, 50.0), 50.0, 51.0), 6.1, 56.0),
            100.0,
            6.0,
        ),  # 6.1 A on 6 A: edge case 28
        (lambda p: metered(accepted(sent(p, 6.0, 50.0), 50.0, 51.0), 6.0, 55.0), 100.0, 16.0),  # before it could follow
        (lambda p: metered(accepted(sent(p, 6.0, 50.0), 50.0, 51.0), 2.0, 40.0), 100.0, 16.0),  # backlog of an old time
        (lambda p: metered(p, 20.0, 60.0), 100.0, 20.0),  # what it draws it may hold, whoever told it
        (lambda p: metered(obeying(6.0, 50.0), 16.0, 40.0), 100.0, 6.0),  # backlog after the proof
        (rebooted, 100.0, 32.0),
        (unplugged, 100.0, 0.0),
        (lambda p: plugged(unplugged(p)), 100.0, 10.0),
        (lambda p: connected(p, 50.0, online=False), 599.0, 16.0),
        (lambda p: connected(p, 50.0, online=False), 600.0, 10.0),
        (lambda p: connected(rebooted(p), 50.0, online=False), 700.0, 32.0),
        (
            lambda p: connected(sent(rebooted(p), 6.0, 50.0), 50.0, online=False),
            700.0,
            32.0,
        ),  # it may never have arrived
        (lambda p: connected(obeying(6.0, 50.0, safe_a=10.0), 50.0, online=False), 100.0, 10.0),
        (lambda p: obeying(6.0, safe_a=10.0), 600.0, 10.0),  # connected, but never renewed
        # a renewal that was never answered: the window of the one before may have ended, or not
        (lambda p: sent(obeying(6.0, safe_a=10.0), 6.0, 500.0), 599.0, 6.0),
        (lambda p: sent(obeying(6.0, safe_a=10.0), 6.0, 500.0), 600.0, 10.0),
        (lambda p: connected(sent(p, 16.0, 500.0), 50.0, online=False), 1099.0, 16.0),
        (lambda p: connected(sent(p, 16.0, 500.0), 50.0, online=False), 1100.0, 10.0),
        (lambda p: sent(obeying(6.0, safe_a=10.0), 0.0, 700.0), 701.0, 10.0),  # back after its window
        # it has taken 0 A; the vehicle that drew the safe limit is not seen to follow yet
        (lambda p: accepted(sent(obeying(6.0, safe_a=10.0), 0.0, 700.0), 700.0, 701.0), 702.0, 10.0),
        (lambda p: connected(connected(p, 50.0, online=False), 700.0, online=True), 701.0, 10.0),
        (lambda p: connected(connected(p, 50.0, online=False), 60.0, online=True), 100.0, 16.0),
    ],
)
def test_the_worst_case(happens, now, expected):
    """Edge cases 36 and 84."""
    assert happens(obeying(16.0, safe_a=10.0)).outstanding_a(now) == expected


def test_a_station_that_accepts_and_ignores_is_found_out_in_three_samples():
    """Acceptance test 7: what it is metered at is reserved; the most it can draw while its meter is old."""
    p = accepted(sent(obeying(16.0), 6.0, 50.0), 50.0, 51.0)
    for k in range(3):
        assert not p.disbelieved()
        p = metered(p, 18.0, 61.0 + 10.0 * k)
    assert p.disbelieved()
    assert p.outstanding_a(82.0) == 18.0
    assert p.outstanding_a(141.0) == 32.0
    assert to_send({"a": p}, {"a": 20.0}, 40.0, 200.0).get("a", 6.0) == 6.0, "no increase for a liar"
    p = metered(p, 6.2, 150.0)
    assert not p.disbelieved()
    assert p.outstanding_a(150.0) == 6.0


@pytest.mark.parametrize(
    ("zone", "wanted", "limit", "now", "expected"),
    [
        ({"a": Promise()}, {"a": 16.0}, 20.0, 0.0, {"a": 16.0}),
        ({"a": Promise()}, {}, 20.0, 0.0, {}),  # nobody there: nothing is sent (edge case 76)
        ({"a": plugged(Promise())}, {}, 20.0, 0.0, {"a": 0.0}),
        ({"a": rebooted(Promise())}, {"a": 16.0}, 20.0, 0.0, {"a": 16.0}),
        ({"a": obeying(16.0)}, {"a": 10.0}, 20.0, 7.0, {"a": 10.0}),
        ({"a": obeying(10.0)}, {"a": 16.0}, 20.0, 29.0, {}),  # not so soon after the last write
        ({"a": obeying(10.0)}, {"a": 16.0}, 20.0, 30.0, {"a": 16.0}),
        ({"a": obeying(10.0)}, {"a": 16.0}, 14.5, 30.0, {"a": 14.0}),
        ({"a": obeying(10.0)}, {"a": 16.0}, 9.0, 30.0, {}),
        ({"a": obeying(0.0), "b": obeying(10.0)}, {"a": 10.0, "b": 10.0}, 15.0, 30.0, {}),  # 5 A is no minimum
        ({"a": obeying(0.0), "b": obeying(10.0)}, {"a": 10.0, "b": 10.0}, 16.0, 30.0, {"a": 6.0}),
        ({"a": sent(obeying(10.0), 8.0, 50.0)}, {"a": 8.0}, 20.0, 59.0, {}),
        ({"a": sent(obeying(10.0), 8.0, 50.0)}, {"a": 8.0}, 20.0, 60.0, {"a": 8.0}),  # unanswered: again
        ({"a": obeying(10.0)}, {"a": 10.0}, 20.0, 300.0, {"a": 10.0}),  # half of its window is over
        ({"a": obeying(10.0)}, {"a": 16.0}, 10.0, 300.0, {"a": 10.0}),  # renewed though it may not have more
        ({"a": connected(obeying(10.0), 50.0, online=False)}, {"a": 6.0}, 20.0, 300.0, {}),
        # another's worst case comes first
        ({"a": obeying(6.0), "b": rebooted(Promise())}, {"a": 16.0, "b": 6.0}, 36.0, 40.0, {"b": 6.0}),
    ],
)
def test_what_goes_out(zone, wanted, limit, now, expected):
    assert to_send(zone, wanted, limit, now) == expected


@pytest.mark.parametrize(
    ("promise", "least_a", "room", "expected"),
    [
        (obeying(0.0), 10.0, 9.0, {}),  # 9 A would put a vehicle that needs 10 A in error
        (obeying(0.0), 10.0, 10.0, {"a": 10.0}),
        (obeying(0.0), 16.0, 15.0, {}),  # one that does not modulate: all or nothing
        (obeying(0.0), 16.0, 16.0, {"a": 16.0}),
        (plugged(Promise()), 10.0, 8.0, {"a": 0.0}),  # the safe limit is none for this vehicle
        (plugged(Promise()), 6.0, 5.0, {"a": 6.0}),  # no increase: it may draw this already
        (plugged(Promise()), 6.0, 8.0, {"a": 8.0}),
    ],
)
def test_an_increase_that_fits_only_in_part_is_never_below_the_minimum(promise, least_a, room, expected):
    assert to_send({"a": promise}, {"a": 16.0}, room, 100.0, least_a={"a": least_a}) == expected


def test_decreases_go_out_before_increases():
    zone = {"a": obeying(6.0), "b": obeying(16.0)}
    assert list(to_send(zone, {"a": 10.0, "b": 6.0}, 32.0, 100.0)) == ["b", "a"]

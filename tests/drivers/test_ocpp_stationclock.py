"""A clock that is wrong, told from a backlog."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward_drivers.ocpp.stationclock import LIVE_S, StationClock

NOW = 1_780_000_000.0
CASES = [  # error believed in at first, (seconds since the last, how far ahead the timestamp is), measured how long ago, error
    (0.0, [(0, 0)], 0.0, 0.0),
    (0.0, [(0, -29)], 29.0, 0.0),
    (0.0, [(0, -31)], None, 0.0),
    (0.0, [(0, 9)], 0.0, 0.0),
    (0.0, [(0, 11)], None, 0.0),
    (0.0, [(0, 3600), (10, 3600), (10, 3600)], 0.0, 3600.0),
    (0.0, [(0, 3600), (1, 3600), (1, 3600), (1, 3600)], None, 0.0),
    (0.0, [(0, 3600), (10, 3601), (10, 3599)], 0.0, 3599.0),
    (0.0, [(0, 3600), (10, 3610), (10, 3620)], None, 0.0),
    (0.0, [(0, -7200), (10, 0), (10, -7200), (10, -7200)], None, 0.0),
    (3600.0, [(0, 3600)], 0.0, 3600.0),
    (3600.0, [(0, 3590)], 10.0, 3600.0),
    (3600.0, [(0, 0)], None, 3600.0),
    (3600.0, [(0, 1), (10, 0), (10, 2)], 0.0, 0.0),
    (0.0, [(0, -3600), (1, -3540), (1, -3480), (1, -3420), (60, -60)], None, 0.0),
]


@pytest.mark.parametrize(("believed", "heard", "ago_s", "error_s"), CASES)
def test_when_something_was_measured(believed, heard, ago_s, error_s):
    """Edge case 37."""
    clock, now = StationClock(believed), NOW
    for later_s, ahead_s in heard:
        now += later_s
        at = clock.measured(now + ahead_s, now)
    assert at == (None if ago_s is None else now - ago_s)
    assert clock.error_s == error_s


def test_what_has_no_time_is_now():
    clock = StationClock(3600.0)
    assert (clock.measured(None, NOW), clock.at(None, NOW), clock.live(None, NOW)) == (NOW, NOW, True)
    assert (clock.at(NOW + 3000.0, NOW), clock.at(NOW + 9999.0, NOW)) == (NOW - 600.0, NOW)
    assert (clock.live(NOW, NOW), clock.live(NOW + 3600.0, NOW)) == (False, True)


@settings(max_examples=200)
@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=40), st.floats(1.0, 60.0))
def test_a_backlog_never_counts_as_live(gaps_s, pace_s):
    """Acceptance test 6: samples of an hour and more ago, in their order, however fast they come, if faster than taken."""
    clock, now, written = StationClock(), NOW, NOW - 7200.0
    for gap_s in gaps_s:
        now += min(gap_s, pace_s) / 20.0
        written += pace_s
        if now - written > LIVE_S:
            assert clock.measured(written, now) is None
            assert clock.error_s == 0.0

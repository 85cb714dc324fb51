"""A site's own days, in quarters of an hour."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.core.past import DAYS, NEIGHBOUR, SLOT_S, SLOTS, Past, count, count_all, lately

START = 1_780_272_000.0  # midnight, UTC


def played(readings, past=None):
    past = Past() if past is None else past
    for at, pv, load in readings:
        past = count(past, START + at, pv, load)
    return past


def minutes(n, pv=1000.0, load=300.0, first=0):
    return [(60.0 * k, pv, load) for k in range(first, n + 1)]


def test_a_reading_stands_for_the_time_before_it():
    past = played([(0, 0.0, 0.0), (300, 3000.0, 100.0), (900, 0.0, 400.0)])
    assert past.pv_w == (1000.0,)  # 3 kW for a third of it
    assert past.load_w == (300.0,)
    assert past.end == int(START // SLOT_S) + 1


def test_a_long_interval_is_cut_at_the_ends_of_slots():
    past = played([(0, 0.0, 0.0), (1800, 500.0, 200.0)])
    assert past.pv_w == (500.0, 500.0)
    assert past.running.known_s == 0.0


def test_the_same_reading_again_changes_nothing():
    past = played(minutes(10))
    assert count(past, START + 600.0, 9.0, 9.0) is past
    assert count(past, START + 300.0, 9.0, 9.0) is past


@pytest.mark.parametrize(
    ("readings", "pv"),
    [
        ([(0, 0, 0), (8000, 900.0, 0)], (None,) * 8),  # over an hour between two readings: nothing is known
        ([(0, 0, 0), (300, 900.0, 0), (8000, 900.0, 0)], (None,) * 8),  # a third of a slot is too little
        ([(0, 0, 0), (600, 900.0, 0), (8000, 900.0, 0)], (900.0, *(None,) * 7)),  # two thirds will do
    ],
)
def test_gaps_are_unknown_and_not_zero(readings, pv):
    assert played(readings).pv_w == pv


def test_after_weeks_away_it_begins_anew():
    past = played([*minutes(60), ((DAYS + 1) * 86400.0, 5.0, 5.0)])
    assert past.pv_w == ()


def test_no_more_than_two_weeks_and_today_are_kept():
    readings = [(900.0 * k, float(k), 1.0) for k in range((DAYS + 2) * SLOTS + 1)]
    past = played(readings[:-1])
    assert len(past.pv_w) == len(past.load_w) == (DAYS + 1) * SLOTS - 1
    assert past.pv_w[-1] == (DAYS + 2) * SLOTS - 1.0
    assert past.days == DAYS
    past = played(readings[-1:], past)
    assert len(past.pv_w) == len(past.load_w) == DAYS * SLOTS
    assert past.pv_w[-1] == (DAYS + 2) * SLOTS
    assert past.days == DAYS


def test_a_clear_sky_is_the_best_of_each_slot_and_not_far_below_its_neighbours():
    day = [0.0] * SLOTS
    day[40], day[41], day[42] = 1000.0, 200.0, 800.0
    dull = [0.5 * w for w in day]
    past = played([(900.0 * (k + 1), w, 0.0) for k, w in enumerate([*day, *dull])], played([(0, 0, 0)]))
    assert past.clear_w[40:43] == (1000.0, NEIGHBOUR * 1000.0, 800.0)
    assert past.clear_w[39] == NEIGHBOUR * 1000.0
    assert past.clear_w[10] == 1.0  # never 0: it is divided by


def test_it_is_renewed_once_a_day():
    past = played([(900.0 * k, 100.0, 0.0) for k in range(SLOTS + 1)])
    assert past.clear_w[0] == 100.0
    later = played([(86400.0 + 900.0 * k, 500.0, 0.0) for k in range(1, SLOTS)], past)
    assert later.clear_w is past.clear_w
    assert played([(2 * 86400.0, 500.0, 0.0)], later).clear_w[0] == 500.0


readings = st.lists(
    st.tuples(st.sampled_from((1.0, 60.0, 300.0, 900.0, 1000.0, 4000.0)), st.floats(0, 9000), st.floats(-500, 9000)),
    min_size=1,
    max_size=40,
)


@given(readings)
@settings(max_examples=60, deadline=None)
def test_what_was_known_is_neither_lost_nor_doubled(steps):
    """Energy of the known slots and of the running one is what was counted."""
    at, seen = 0.0, [(0.0, 0.0, 0.0)]
    for dt, pv, load in steps:
        at += dt
        seen.append((at, pv, load))
    past = played(seen)
    unknown = any(b[0] - a[0] > 3600.0 for a, b in itertools.pairwise(seen))
    if not unknown and None not in past.pv_w:
        counted = sum(w * SLOT_S for w in past.pv_w) + past.running.pv_ws
        assert counted == pytest.approx(sum((b[0] - a[0]) * b[1] for a, b in itertools.pairwise(seen)))
    assert count_all(played(seen[:1]), [(START + t, pv, load) for t, pv, load in seen[1:]]) == past


def test_lately_is_the_last_quarter_of_an_hour_against_now():
    past = played([*minutes(15, 1000.0, 0.0), *[(900.0 + 60.0 * k, 2000.0, 0.0) for k in range(1, 6)]])
    recent = lately(past, 2500.0)
    assert (recent.before_w, recent.since_w, recent.passed) == (-1500.0, -500.0, pytest.approx(1 / 3))
    assert recent.more_w() == pytest.approx(-1500.0 * 2 / 3 - 500.0 / 3)
    assert lately(Past(), 2500.0).more_w() == 0.0

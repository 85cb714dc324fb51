"""What vehicles at a station usually do."""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from noonward.core.habits import ENOUGH, KEPT, most_w, stayed, usual
from noonward.core.model import Session, StationState, Stayed

ZURICH = "Europe/Zurich"
H = 3600.0


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZURICH)).timestamp()


def stay(came, hours, wh=8000.0, **more):
    return Stayed(plugged_at=at(came), unplugged_at=at(came) + hours * H, drew_wh=wh, **more)


EVENINGS = tuple(stay(f"2026-06-0{day} 18:00", hours, wh) for day, hours, wh in (
    (1, 13, 6000.0), (2, 13, 8000.0), (3, 14, 8000.0), (4, 12, 9000.0), (5, 13, 20000.0)
))  # fmt: skip
NOONS = tuple(stay(f"2026-06-0{day} 12:00", 2, 3000.0) for day in range(1, 6))


def guess(stays, came, after_h=0.0, **more):
    """What is taken to be usual so long after it came."""
    known = {"drew_wh": 0.0, "coverage": 0.25} | more
    return usual(stays, at(came), ZURICH, now=at(came) + after_h * H, **known)


def clock(t):
    return datetime.fromtimestamp(t, ZoneInfo(ZURICH)).strftime("%a %H:%M")


@pytest.mark.parametrize("stays", [(), EVENINGS[: ENOUGH - 1]])
def test_too_few_tell_nothing(stays):
    assert guess(stays, "2026-06-08 18:00", 3.0) is None
    assert KEPT >= ENOUGH


LEAVES = [  # when it came, hours later, when it likely leaves, when it must be charged
    ("2026-06-08 19:30", 0.0, "Tue 07:00", "Tue 06:48"),
    ("2026-06-08 16:30", 0.0, "Tue 07:00", "Tue 06:48"),  # at the time of day at which others left
    ("2026-06-08 12:30", 0.0, "Mon 14:30", "Mon 14:30"),  # a short stay lasts as long whenever it begins
    ("2026-06-08 12:30", 2.0, None, "Mon 14:30"),  # none lasted longer: it may go any moment
    ("2026-06-08 18:00", 12.0, "Tue 07:00", "Tue 07:00"),  # whoever leaves at six is gone
    ("2026-06-08 18:00", 13.0, "Tue 08:00", "Tue 08:00"),
    ("2026-06-13 18:00", 0.0, "Sun 07:00", "Sun 06:48"),  # no Saturday is known: the same time of any day
    ("2026-06-08 03:00", 0.0, "Mon 05:00", "Mon 05:00"),  # no such night: all of them
]


@pytest.mark.parametrize(("came", "after_h", "leaves", "early"), LEAVES)
def test_it_leaves_when_those_like_it_did(came, after_h, leaves, early):
    found = guess(EVENINGS + NOONS, came, after_h)
    assert (found.departure and clock(found.departure), clock(found.early)) == (leaves, early)
    assert found.until is None if leaves is None else at(came) + after_h * H < found.until <= found.departure


@pytest.mark.parametrize(("weekday", "leaves"), [("2026-06-08", "Tue 07:00"), ("2026-06-13", "Sun 12:00")])
def test_days_of_the_same_kind_go_first(weekday, leaves):
    saturdays = tuple(
        stay(f"2026-{month}-{day:02d} 18:00", 18)
        for month, day in (("05", 2), ("05", 9), ("05", 16), ("05", 23), ("05", 30))
    )
    assert clock(guess(saturdays + EVENINGS, f"{weekday} 18:00").departure) == leaves


@pytest.mark.parametrize(
    ("coverage", "early"),
    [
        (None, "Tue 06:55"),
        (0.0, "Mon 18:00"),
        (0.04, "Mon 18:00"),
        (0.05, "Tue 06:11"),
        (0.25, "Tue 06:48"),
        (1.0, "Tue 07:00"),
    ],
)
def test_the_more_waiting_is_worth_the_more_is_risked(coverage, early):
    """And where the sun brings nothing before it leaves, it does not wait at all."""
    assert clock(guess(EVENINGS, "2026-06-08 18:00", coverage=coverage).early) == early


@pytest.mark.parametrize(
    ("drew_wh", "missing_wh"), [(0.0, 11_200.0), (8000.0, 9800.0), (19_500.0, 1000.0), (25_000.0, 1000.0)]
)
def test_it_takes_as_much_as_most_that_took_more(drew_wh, missing_wh):
    assert guess(EVENINGS, "2026-06-08 18:00", drew_wh=drew_wh).missing_wh == pytest.approx(missing_wh)


def test_what_was_cut_short_tells_less_of_what_is_wanted():
    full = tuple(stay(f"2026-05-{day} 18:00", 13, 2000.0, full=True) for day in range(25, 30))
    assert guess(EVENINGS + full, "2026-06-08 18:00").missing_wh == 2000.0
    assert guess(EVENINGS + full[:4], "2026-06-08 18:00").missing_wh == pytest.approx(8400.0)


def test_equal_stays_of_another_station_are_not_taken_for_these():
    """What was worked out is kept by the object."""
    early = tuple(stay(f"2026-06-0{day} 18:00", 10) for day in range(1, 6))
    late = tuple(stay(f"2026-06-0{day} 18:00", 14) for day in range(1, 6))
    assert [clock(guess(stays, "2026-06-08 18:00").departure) for stays in (early, late, early)] == [
        "Tue 04:00", "Tue 08:00", "Tue 04:00",
    ]  # fmt: skip


CAME = StationState(plugged_at=1000.0, session=Session(drew_wh=500.0), drew_w=3700.0, takes_w=3680.0)
GONE = StationState(unplugged_at=9000.0)
STAY = Stayed(plugged_at=1000.0, unplugged_at=9000.0, drew_wh=500.0, drew_w=3700.0, takes_w=3680.0)
STAYS = [
    (None, GONE, None),
    (CAME, replace(CAME, found=None), None),
    (replace(CAME, plugged_at=None), GONE, None),
    (CAME, StationState(unplugged_at=1299.0), None),
    (CAME, GONE, STAY),
    (replace(CAME, session=Session()), GONE, replace(STAY, drew_wh=0.0)),
    (replace(CAME, session=Session(drew_wh=500.0, state="satisfied")), GONE, replace(STAY, full=True)),
    (replace(CAME, session=Session(drew_wh=500.0, state="charging", attempts=1)), GONE, replace(STAY, slept=True)),
    (replace(CAME, session=Session(drew_wh=500.0, state="asleep", attempts=1)), GONE, STAY),  # or it was full
    (replace(CAME, session=Session(drew_wh=500.0, state="charging")), GONE, STAY),
]


@pytest.mark.parametrize(("before", "after", "found"), STAYS)
def test_a_stay_is_one_that_ended_and_lasted(before, after, found):
    assert stayed(before, after) == found


def drew(drew_w, *, offered_more):
    return {"drew_w": drew_w, "takes_w": drew_w if offered_more else None}


SLOW, FAST, MORE = drew(3680.0, offered_more=True), drew(11000.0, offered_more=True), drew(11040.0, offered_more=False)


@pytest.mark.parametrize(
    ("seen", "before", "most"),
    [
        ({}, (), 22000.0),
        ({}, (SLOW, {}, FAST), 11000.0),
        (SLOW, (FAST,), 3680.0),
        (drew(30000.0, offered_more=True), (), 22000.0),
        (MORE, (SLOW,), 22000.0),  # it draws more than others did
        ({}, (SLOW, MORE), 22000.0),  # and so did one of them
        (MORE, (FAST,), 11000.0),  # as much as others
        ({"drew_w": 4140.0}, (FAST,), 11000.0),  # what the sun gave tells nothing
        ({}, ({"takes_w": 3680.0},), 3680.0),  # written down before the most was
    ],
)
def test_the_most_it_draws_is_what_it_was_seen_to_draw(seen, before, most):
    berth = SimpleNamespace(
        memory=StationState(**seen), stays=tuple(stay("2026-06-01 18:00", 1, **drawn) for drawn in before)
    )
    assert most_w(berth, 22000.0) == most

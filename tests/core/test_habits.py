"""What vehicles at a station usually do."""

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


def test_the_guess_is_careful():
    """Nine of ten stays lasted longer, half of them took no more."""
    need = usual(EVENINGS, at("2026-06-08 18:30"), ZURICH)
    assert need.energy_wh == 8000.0
    assert need.at == at("2026-06-08 18:30")
    assert 12.0 <= (need.departure - need.at) / H <= 13.0


@pytest.mark.parametrize(
    ("came", "hours"),
    [
        ("2026-06-08 18:00", 12.4),
        ("2026-06-08 20:59", 12.4),
        ("2026-06-08 12:00", 2.0),
        ("2026-06-13 18:00", 2.0),  # a Saturday is like no other here: all stays count
        ("2026-06-08 03:00", 2.0),  # nor is the night
    ],
)
def test_stays_at_the_same_time_on_such_a_day_count_where_there_are_enough(came, hours):
    need = usual(EVENINGS + NOONS, at(came), ZURICH)
    assert (need.departure - need.at) / H == pytest.approx(hours)


def test_too_few_tell_nothing():
    assert usual(EVENINGS[: ENOUGH - 1], at("2026-06-08 18:00"), ZURICH) is None
    assert usual((), at("2026-06-08 18:00"), ZURICH) is None
    assert KEPT >= ENOUGH


STAYS = [
    (None, StationState(unplugged_at=9.0), None),
    (StationState(plugged_at=1.0, session=Session(drew_wh=500.0)), StationState(), None),
    (StationState(plugged_at=1.0, session=Session(drew_wh=50.0)), StationState(unplugged_at=9.0), None),
    (StationState(session=Session(drew_wh=500.0)), StationState(unplugged_at=9.0), None),
    (
        StationState(plugged_at=1.0, session=Session(drew_wh=500.0), takes_w=3680.0),
        StationState(unplugged_at=9.0),
        Stayed(plugged_at=1.0, unplugged_at=9.0, drew_wh=500.0, takes_w=3680.0),
    ),
]


@pytest.mark.parametrize(("before", "after", "found"), STAYS)
def test_a_stay_is_one_that_ended_and_took_something(before, after, found):
    assert stayed(before, after) == found


@pytest.mark.parametrize(
    ("seen", "before", "most"),
    [
        (None, (), 22000.0),
        (None, (3680.0, None, 11000.0), 11000.0),
        (3680.0, (11000.0,), 3680.0),
        (30000.0, (), 22000.0),
    ],
)
def test_the_most_it_draws_is_what_it_was_seen_to_draw(seen, before, most):
    berth = SimpleNamespace(
        memory=StationState(takes_w=seen), stays=tuple(stay("2026-06-01 18:00", 1, takes_w=w) for w in before)
    )
    assert most_w(berth, 22000.0) == most

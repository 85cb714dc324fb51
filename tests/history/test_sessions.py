"""Charging sessions: when a vehicle leaves, what is written of it, and who is told."""

from dataclasses import replace

import pytest

from noonward.core.model import Inputs, Mode, Need, Observation, Session, Site, State, Station, StationState, Zone
from noonward.history import sessions
from noonward.history.sessions import ChargingSession, Watch
from support.pastfile import NOON, past, put

ZONE = Zone(
    name="garage", mode=Mode.AUTO_SOLAR, stations=("cp-1", "cp-2"), phases=3, max_power_w=1e4, min_current_a=6.0
)
SITE = Site(zones=(ZONE,))
THERE = StationState(session=Session(state="charging", drew_wh=7000.0), plugged_at=NOON, queued_at=NOON + 5)
GONE = StationState(unplugged_at=NOON + 3600)


def at_one(memory):
    return State(stations={"cp-1": memory})


def watched(*steps):
    """Feed (before, after, observation), return the sessions."""
    watch, over = Watch(), []
    for before, after, seen in steps:
        over += watch.step(SITE, before, after, seen)
    return over


NOBODY = Observation()


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        pytest.param(State(), at_one(THERE), 0, id="comes"),
        pytest.param(at_one(THERE), at_one(THERE), 0, id="stays"),
        pytest.param(at_one(THERE), at_one(GONE), 1, id="leaves"),
        pytest.param(
            at_one(THERE), at_one(replace(THERE, plugged_at=NOON + 9, unplugged_at=NOON + 9)), 1, id="the next"
        ),
        pytest.param(at_one(StationState()), at_one(GONE), 0, id="nobody was there"),
        pytest.param(at_one(THERE), State(), 0, id="the station was taken out of the folder"),
    ],
)
def test_a_session_ends_when_the_vehicle_is_seen_to_leave(before, after, count):
    assert len(watched((before, after, NOBODY))) == count


def test_what_was_told_while_it_was_there_is_remembered():
    need = Need(at=NOON, energy_wh=12_000.0, departure=NOON + 7200)
    there = Observation(
        stations={"cp-1": Station(plugged=True, id_tag="AB-12")}, inputs={"garage": Inputs(needs={"cp-1": need})}
    )
    (one,) = watched((State(), at_one(THERE), there), (at_one(THERE), at_one(GONE), NOBODY))
    assert one == ChargingSession(
        zone="garage", station="cp-1", arrival=NOON, departure=NOON + 3600, energy_wh=7000.0, user="AB-12", phases=3,
        requested_wh=12_000.0, estimated_departure=NOON + 7200,
    )  # fmt: skip
    first, second = watched(
        (State(), at_one(THERE), there), (at_one(THERE), at_one(GONE), NOBODY), (at_one(GONE), at_one(THERE), NOBODY),
        (at_one(THERE), at_one(replace(GONE, unplugged_at=NOON + 9000)), NOBODY),
    )  # fmt: skip
    assert (first.user, second.user, second.requested_wh) == ("AB-12", "", None), "the next one is not the one before"


def test_nobody_arrives_after_leaving():
    """A station whose clock is ahead says so."""
    (one,) = watched((at_one(replace(THERE, plugged_at=NOON + 9000)), at_one(GONE), NOBODY))
    assert one.arrival == one.departure == NOON + 3600


ONE = ChargingSession(zone="garage", station="cp-1", arrival=NOON, departure=NOON + 3600, energy_wh=6000.0)


def written(made, *over, users=None):
    sessions.add(made.db, made.rows, made.calendar, over, users or {})
    return sessions.newest(made.db)


@pytest.mark.parametrize(
    ("minutes", "solar_wh", "cost"),
    [
        ([{"station/cp-1": 60_000, "station-solar/cp-1": 15_000, "station-cost/cp-1": 900_000}] * 60, 1500.0, 0.9),
        ([{"station/cp-1": 60_000, "station-solar/cp-1": 15_000}] * 60, 1500.0, None),
        # half the time the meter was away: its share is taken to be that of the rest
        ([{"station/cp-1": 60_000, "station-solar/cp-1": 15_000}] * 30 + [{"station/cp-1": 60_000}] * 30, 1500.0, None),
        # the station's own meter has the last word on how much
        ([{"station/cp-1": 30_000, "station-solar/cp-1": 30_000}] * 60, 6000.0, None),
        ([{"station/cp-2": 60_000}] * 60, None, None),
        ([{"station/cp-1": 0, "station-solar/cp-1": 0}] * 60, None, None),
    ],
)
def test_its_minutes_say_what_the_sun_gave_and_what_it_cost(minutes, solar_wh, cost):
    with past() as made:
        put(made, NOON, minutes)
        (one,) = written(made, ONE)
        assert (one.energy_wh, one.solar_wh, one.cost) == (
            6000.0,
            solar_wh,
            None if cost is None else pytest.approx(cost),
        )


def test_a_badge_is_never_kept():
    with past() as made:
        names = [
            one.user
            for one in written(
                made,
                *(replace(ONE, user=badge) for badge in ("ab-12", "AB-12", "cd-34", "", "EF-56")),
                users={"EF-56": "anna"},
            )
        ][::-1]
        assert names[0] == names[1] != names[2]
        assert names[0].startswith("badge-")
        assert names[3:] == ["", "anna"]
        dump = "\n".join(made.db.iterdump()).upper()
        assert not [badge for badge in ("AB-12", "CD-34", "EF-56") if badge in dump]
    with past() as other:
        assert written(other, replace(ONE, user="ab-12"))[0].user != names[0], "no other file makes the same of it"


def test_pages_stations_spans_and_deletion():
    with past() as made:
        stays = [
            replace(ONE, station=f"cp-{1 + k % 2}", arrival=NOON + 3600 * k, departure=NOON + 3600 * (k + 1))
            for k in range(6)
        ]
        written(made, *stays)
        assert [one.id for one in sessions.newest(made.db, limit=2)] == [6, 5]
        assert [one.id for one in sessions.newest(made.db, before=5, limit=2)] == [4, 3]
        assert [one.id for one in sessions.newest(made.db, stations=["cp-2"])] == [6, 4, 2]
        assert sessions.newest(made.db, stations=[]) == []
        assert [one.id for one in sessions.newest(made.db, lo=NOON + 7200, hi=NOON + 10_800)] == [2]
        sessions.prune(made.db, NOON + 10_800)
        assert [one.id for one in sessions.newest(made.db)] == [6, 5, 4, 3]

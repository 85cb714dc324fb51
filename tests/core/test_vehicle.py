"""A vehicle that draws nothing: asleep, waking, satisfied, or just not asked."""

from __future__ import annotations

import pytest

from noonward.core.model import ReasonCode
from noonward.core.stations import LimitSeen, Sample, Session, Station, Status
from noonward.core.vehicle import (
    GUARDS,
    ROWS,
    STARTS,
    STATES,
    TABLE,
    advance,
    drawn_w,
    last_run,
    may_start,
    wake_at,
    wanted_a,
)

R = ReasonCode
NOW = 10_000.0
WAKE_AFTER_S = 180.0


class Car:
    """A car at a station with a meter; the test says what is offered and what it draws, second by second."""

    def __init__(self, every=10, *, energy=True):
        self.every = every
        self.energy = energy
        self.session = Session()
        self.seconds = 0
        self.register_wh = 5000.0
        self.sample = None
        self.limit = None
        self.path = ["absent"]
        self.why = None
        self.wanted = []
        self.asked_at = None

    def spend(self, seconds, *, offered=None, draws=0.0, plugged=True, status=None, samples=True):
        """Let time pass; ``offered`` None follows what a wake attempt wants, else a minimum of 6 A."""
        for _ in range(seconds):
            now = NOW + self.seconds
            wish = wanted_a(self.session, now, 6.0)
            limit = offered if offered is not None else 6.0 if wish is None else wish
            if wish is not None and (not self.wanted or self.wanted[-1] != wish):
                self.wanted.append(wish)
            if self.limit is None or self.limit.current_a != limit:
                self.limit = LimitSeen(current_a=limit, at=now)
            power = draws if limit and plugged else 0.0
            self.register_wh += power / 3600.0
            if samples and self.seconds % self.every == 0:
                energy = {"energy_wh": self.register_wh} if self.energy else {}
                self.sample = Sample(at=now, power_w=power, **energy)
            station = Station(plugged=plugged, status=status, sample=self.sample)
            due = wake_at(self.session, now - 1.0, WAKE_AFTER_S)
            before = self.session
            given = {
                "told_a": self.limit.current_a,
                "min_a": 6.0,
                "wake_after_s": WAKE_AFTER_S,
                "asked_at": self.asked_at,
            }
            self.session, self.why = advance(self.session, station, now, **given)
            if self.session.state != self.path[-1]:
                self.path.append(self.session.state)
            again, _ = advance(self.session, station, now, **given)
            assert again is self.session, "a second step at once changes nothing"
            if before.state != self.session.state in {"asleep", "satisfied"} and samples:
                assert due == now, "the step that time alone brings was announced"
            self.seconds += 1
        return self.session.state


def test_a_normal_day():
    car = Car()
    assert car.spend(30, plugged=False) == "absent"
    assert car.why is R.NO_VEHICLE
    assert car.spend(60, offered=0.0) == "paused"
    assert car.spend(20, draws=4140.0) == "charging"
    assert car.session.current_since == NOW + 90.0
    assert car.spend(600, draws=4140.0) == "charging"
    assert car.session.drew_wh == pytest.approx(4140.0 * 600 / 3600, rel=0.05)
    assert car.spend(100, offered=0.0) == "paused"
    assert car.session.current_since is None
    assert car.spend(60, draws=4140.0) == "charging"
    assert car.session.starts == 2
    assert car.spend(1, plugged=False) == "absent"
    assert (car.session.starts, car.session.drew_wh, car.session.attempts) == (0, 0.0, 0)


def test_a_vehicle_that_stops_by_itself_is_satisfied_and_left_alone():
    """Edge cases 32, 33 and 81: never woken, still plugged, and it may charge again when it wants to."""
    car = Car()
    car.spend(200, draws=4140.0)
    assert car.spend(58) == "charging", "a short pause of its own is no end"
    assert car.spend(30) == "satisfied"
    assert car.why is R.SATISFIED
    assert car.spend(3600) == "satisfied"
    assert car.spend(300, offered=0.0) == "satisfied", "a pause of ours does not make it hungry"
    assert car.spend(3600) == "satisfied"
    assert car.session.attempts == 0
    assert car.spend(20, draws=2000.0) == "charging"  # preconditioning, or the driver raised the limit


def test_a_vehicle_that_never_draws_is_woken_three_times_and_then_needs_its_driver():
    """Acceptance test 17; edge cases 32 and 81."""
    car = Car()
    assert car.spend(175, offered=6.0) == "offered"
    assert car.spend(10, offered=6.0) == "waking"
    assert car.why is R.WAKING
    assert car.spend(3600) == "needs-driver"
    assert car.why is R.ASLEEP
    assert car.session.attempts == 3
    assert car.wanted == [0.0, 10.0, 0.0, 16.0, 0.0, 16.0]
    assert car.path == ["absent", "offered", "waking", "asleep", "waking", "asleep", "waking", "needs-driver"]
    assert car.spend(7200) == "needs-driver"
    assert car.session.attempts == 3
    car.spend(1, plugged=False)
    assert car.spend(200) == "waking", "the next plug-in has its own three"


def asleep(state):
    """Return a car that sleeps between two attempts, or after all of them."""
    car = Car()
    car.spend(300, offered=6.0)
    while car.session.state != state:
        car.spend(1)
    return car


@pytest.mark.parametrize(("state", "attempts"), [("asleep", 2), ("needs-driver", 3)])
def test_who_asks_for_it_has_a_vehicle_woken_at_once_and_once(state, attempts):
    car = asleep(state)
    car.spend(5)
    assert car.session.state == state
    car.asked_at = NOW + car.seconds
    assert car.spend(1) == "waking"
    assert car.session.attempts == attempts
    assert car.why is R.WAKING
    assert car.spend(121) in {"asleep", "needs-driver"}
    assert car.spend(5) != "waking", "what was asked once is done once"


def test_a_vehicle_that_draws_when_it_is_asked_for_charges():
    car = asleep("needs-driver")
    car.asked_at = NOW + car.seconds
    car.spend(70)
    assert car.spend(30, draws=4140.0) == "charging"


def test_what_was_asked_for_while_nothing_is_offered_waits_for_an_offer():
    car = asleep("needs-driver")
    car.spend(10, offered=0.0)
    car.asked_at = NOW + car.seconds
    assert car.spend(30, offered=0.0) == "needs-driver"
    assert car.spend(1) == "waking"


def test_what_was_asked_for_before_it_slept_wakes_nobody():
    car = Car()
    car.asked_at = NOW
    car.spend(300, offered=6.0)
    while car.session.state != "asleep":
        car.spend(1)
    assert car.spend(240) == "asleep", "the second attempt comes in its own time"


@pytest.mark.parametrize(("after", "attempt"), [(20, 1), (400, 2), (800, 3), (3000, 3)])
def test_it_may_wake_in_any_attempt_or_after_all(after, attempt):
    car = Car()
    car.spend(181)
    car.spend(after)
    assert car.session.attempts == attempt
    assert car.spend(60, draws=2000.0) in {"charging", "waking"}
    car.spend(90, draws=2000.0)
    assert car.session.state == "charging"
    assert car.session.attempts == attempt, "attempts are counted for the whole plug-in"


def test_asleep_after_a_pause_of_ours_is_asleep_though_it_drew_before():
    car = Car()
    car.spend(600, draws=4140.0)
    car.spend(600, offered=0.0)
    assert car.spend(170) == "offered"
    assert car.spend(30) == "waking"


def test_a_vehicle_that_drew_hardly_anything_is_not_satisfied():
    car = Car()
    assert car.spend(30, draws=4140.0) == "charging"
    assert car.session.drew_wh < 100.0
    assert car.spend(120) == "charging"
    assert car.spend(90) == "waking"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUSPENDED_EV, "waking"),
        (Status.PREPARING, "waking"),
        (Status.SUSPENDED_EVSE, "offered"),  # edge case 79: some warm up for minutes
        (Status.CHARGING, "offered"),
        (None, "offered"),
    ],
)
def test_where_nothing_is_measured_only_the_vehicles_own_word_counts(status, expected):
    car = Car()
    assert car.spend(200, status=status, samples=False) == expected


def test_a_sample_from_before_the_pause_confirms_nothing():
    """Edge case 75: min-on counts from current that was seen."""
    car = Car()
    car.spend(100, draws=4140.0)
    car.spend(5, offered=0.0, samples=False)
    assert car.spend(5, draws=4140.0, samples=False) == "offered"
    assert car.session.current_since is None
    assert car.spend(10, draws=4140.0) == "charging"


@pytest.mark.parametrize("power_w", [0.0, 49.0, 50.0, 4000.0])
def test_status_alone_proves_nothing(power_w):
    """Stations that say "charging" at 0 W."""
    car = Car()
    car.spend(400, status=Status.CHARGING, draws=power_w)
    assert ("charging" in car.path) == (power_w >= 50.0)


def test_unknown_plug_changes_nothing():
    """Reconnected without a status: what was known stands."""
    car = Car()
    car.spend(100, draws=4140.0)
    assert car.spend(100, draws=4140.0, plugged=None) == "charging"
    assert Car().spend(100, draws=4140.0, plugged=None) == "absent"


def test_a_backlog_of_old_samples_moves_nothing():
    """Acceptance test 6."""
    car = Car()
    car.spend(100, draws=4140.0)
    old = Station(plugged=True, sample=Sample(at=NOW + 5.0, power_w=0.0, energy_wh=9e9))
    assert (
        advance(car.session, old, NOW + 100.0, told_a=car.limit.current_a, min_a=6.0, wake_after_s=180.0)[0]
        is car.session
    )


@pytest.mark.parametrize("energy", [True, False])
def test_energy_comes_from_the_register_or_from_the_power(energy):
    car = Car(energy=energy)
    car.spend(601, draws=3600.0)
    assert car.session.drew_wh == pytest.approx(600.0, abs=12.0)


@pytest.mark.parametrize(
    ("sample", "before", "power_w"),
    [
        (Sample(at=60.0, power_w=10.0, current_a={"L1": 9.0}), None, 10.0),
        (Sample(at=60.0, current_a={"L1": 10.0, "L2": 0.0, "N": 10.0}), None, 2300.0),
        (Sample(at=60.0, current_a={"N": 10.0}), None, 2300.0),
        (Sample(at=60.0, energy_wh=120.0), Sample(at=0.0, energy_wh=100.0), 1200.0),
        (Sample(at=60.0, energy_wh=120.0), Sample(at=60.0, energy_wh=100.0), None),
        (Sample(at=60.0, energy_wh=120.0), None, None),
        (Sample(at=60.0), None, None),
    ],
)
def test_the_power_of_a_sample(sample, before, power_w):
    assert drawn_w(sample, before) == power_w


def test_starts_in_a_session_are_bounded():
    """Edge case 34."""
    car = Car()
    for _ in range(STARTS):
        car.spend(60, offered=0.0)
        assert may_start(car.session)
        assert may_start(car.session, 1) is (car.session.starts < STARTS - 1), "the last may be kept"
        car.spend(30, draws=4140.0)
        assert may_start(car.session), "a run that goes on is no start"
    assert last_run(car.session)
    car.spend(60, offered=0.0)
    assert not may_start(car.session)
    assert not last_run(car.session)
    car.spend(1, plugged=False)
    assert may_start(car.session)


def test_the_table_has_no_hole_no_trap_no_shadow_and_no_idle_guard():
    assert {row.source for row in ROWS} == set(STATES) == set(TABLE.states)
    assert {name for row in ROWS for name in row.guards} == set(GUARDS)
    assert TABLE.rows == tuple(sorted(ROWS, key=lambda r: STATES.index(r.source)))
    for state in STATES:
        rows = [r for r in ROWS if r.source == state]
        assert rows[-1].guards == ()
        assert rows[-1].target == state
        assert any(r.target != state for r in rows)
        for k, row in enumerate(rows):
            assert not any(set(earlier.guards) <= set(row.guards) for earlier in rows[:k])

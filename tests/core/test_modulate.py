"""Target power of a zone: how it rises and falls, that it is stable, and how many vehicles the surplus carries."""

from __future__ import annotations

import pytest

from noonward.core.modulate import Coverage, Target, cover, follow, settled, wanted_w
from noonward.core.pace import Thresholds
from noonward.core.units import current_a, power_w, round_down_a


def target(power=4140.0, changed_at=0.0, before=0.0):
    return Target(power_w=power, before_w=before, changed_at=changed_at)


def after(wanted, *, now=100.0, step_w=230.0, shown=True, own_w=4140.0, max_w=22_000.0, **more):
    return follow(target(), wanted, now, step_w=step_w, shown=shown, own_w=own_w, max_w=max_w, **more).power_w


@pytest.mark.parametrize(
    ("wanted", "more", "power"),
    [
        (4139.0, {}, 4139.0),  # down at once, by any amount
        (1000.0, {}, 1000.0),
        (-500.0, {}, 0.0),
        (1000.0, {"shown": False}, 1000.0),
        (4389.0, {}, 4140.0),  # within the dead band of 250 W
        (4390.0, {}, 4390.0),
        (4484.0, {"step_w": 690.0}, 4140.0),  # half a step of three phases
        (4485.0, {"step_w": 690.0}, 4485.0),
        (9000.0, {}, 4890.0),  # 50 W/s for 15 s
        (9000.0, {"now": 10.0}, 4640.0),
        (9000.0, {"step_w": 2000.0}, 6140.0),  # a step at least
        (9000.0, {"delay_s": 75.0}, 7890.0),  # a slow meter: fewer and larger rises
        (9000.0, {"ramp_w_s": 500.0}, 9000.0),
        (9000.0, {"shown": False}, 4140.0),
        (9000.0, {"max_w": 4500.0}, 4500.0),
        (9000.0, {"max_w": 4000.0}, 4000.0),  # the envelope: at once
    ],
)
def test_down_at_once_and_up_slowly(wanted, more, power):
    """Edge cases 10 and 11."""
    assert after(wanted, **more) == power


def test_what_does_not_change_is_the_same_object():
    t = target()
    assert follow(t, 4200.0, 50.0, step_w=230.0, shown=True, own_w=4000.0, max_w=9000.0) is t


def test_a_reading_from_before_the_last_change_settled_is_given_the_larger_draw():
    """Edge case 9: with either draw in it, no fall follows that a settled reading would not ask for."""
    t = target(power=5000.0, changed_at=100.0, before=4000.0)
    assert not settled(t, 114.9)
    assert settled(t, 115.0)
    assert not settled(t, 160.0, delay_s=75.0)
    assert wanted_w(t, -300.0, 4200.0, shown=False) == 4700.0
    assert wanted_w(t, -300.0, 4200.0, shown=True) == 3900.0
    assert wanted_w(t, -300.0, 5600.0, shown=False) == 5300.0
    down = target(power=3000.0, changed_at=100.0, before=4000.0)
    assert wanted_w(down, -300.0, 3100.0, shown=False) == 3700.0


class Day:
    """A zone of one car behind a meter that lags, stepped in irregular intervals."""

    def __init__(self, phases, lag_s, every_s=5, *, noise_w=0.0, step_a=1.0):
        self.phases, self.lag_s, self.every_s, self.noise_w = phases, lag_s, every_s, noise_w
        self.step_w = power_w(step_a, phases)
        self.step_a = step_a
        self.target = Target(power_w=0.0)
        self.limit_a = 0.0
        self.drawn_w = 0.0
        self.history = []
        self.limits = []
        self.second = 0

    def spend(self, seconds, sun_w):
        for _ in range(seconds):
            self.second += 1
            wish_w = power_w(self.limit_a, self.phases)
            rate = 1000.0 if wish_w < self.drawn_w else 400.0  # a car's own ramp
            self.drawn_w += max(-rate, min(rate, wish_w - self.drawn_w))
            noise = self.noise_w if self.second * 7 % 11 < 5 else -self.noise_w
            self.history.append(sun_w - self.drawn_w + noise)
            if self.second % self.every_s == 0 and len(self.history) > self.lag_s:
                self.step(self.history[-1 - self.lag_s])

    def step(self, available_w):
        # the meter stamps what it reports with the moment of reporting: its lag is unknown to the stamp
        shown = settled(self.target, self.second, 15.0 + self.lag_s)
        wanted = wanted_w(self.target, available_w, self.drawn_w, shown=shown)
        self.target = follow(
            self.target,
            wanted,
            float(self.second),
            step_w=self.step_w,
            shown=shown,
            own_w=self.drawn_w,
            max_w=22_080.0,
            delay_s=15.0 + self.lag_s,
        )
        limit = round_down_a(current_a(self.target.power_w, self.phases), self.step_a)
        if limit != self.limit_a:
            self.limits.append((self.second, limit))
            self.limit_a = limit


@pytest.mark.parametrize("phases", [1, 2, 3])
@pytest.mark.parametrize("lag_s", [0, 10, 60])
@pytest.mark.parametrize("every_s", [1, 5, 7])
def test_the_loop_is_stable_whatever_the_phases_and_the_lag(phases, lag_s, every_s):
    """Edge cases 9, 10 and 73: up to the sun without overshoot, down once, and no limit cycle at either level."""
    day = Day(phases, lag_s, every_s)
    day.spend(1500, 7000.0)
    rising = [limit for _, limit in day.limits]
    assert rising == sorted(rising), "no fall on the way up"
    best = round_down_a(min(current_a(7000.0, phases), 32.0 * 3 / phases), 1.0)
    assert best - max(1.0, 250.0 / day.step_w) - 1.0 < day.limit_a <= best, "within the dead band of the sun"
    assert min(day.history[300:]) >= -1.0, "it never imports"
    before = len(day.limits)
    day.spend(600, 5000.0)
    down = [limit for _, limit in day.limits[before:]]
    assert power_w(down[-1], phases) <= 5000.0
    assert power_w(down[-1], phases) >= 5000.0 - 2 * max(day.step_w, 250.0), "no undershoot that stays"
    first = day.limits[before][0]
    assert first <= 1500 + lag_s + every_s, "down at the first reading that shows it"
    settled_at = day.limits[-1][0]
    assert settled_at <= 1500 + 4 * (15 + lag_s) + 2 * every_s
    day.spend(900, 5000.0)
    assert day.limits[-1][0] == settled_at, "no limit cycle"


@pytest.mark.parametrize("lag_s", [0, 10])
def test_loop_gain_does_not_depend_on_the_phases(lag_s):
    """Edge case 73: the same sun, the same time to it, whatever an ampere is worth."""
    times = {}
    for phases in (1, 2, 3):
        day = Day(phases, lag_s, step_a=0.1)
        day.spend(1200, 7000.0)
        times[phases] = next(k for k, free in enumerate(day.history) if free < 1000.0)
    assert max(times.values()) - min(times.values()) <= 15 + lag_s, times


@pytest.mark.parametrize("phases", [1, 2, 3])
@pytest.mark.parametrize("sun_w", [4600.0, 4700.0, 4830.0, 5000.0, 5520.0])
def test_noise_moves_nothing(phases, sun_w):
    """Edge case 10: ±100 W."""
    day = Day(phases, 0, noise_w=100.0)
    day.spend(900, sun_w)
    changes = len(day.limits)
    assert day.drawn_w >= sun_w - 100.0 - 250.0 - day.step_w
    day.spend(3600, sun_w)
    assert len(day.limits) - changes <= 1, day.limits[changes:]


MIN_W = (4140.0, 4140.0, 1380.0)
RULE = {"on_delay_s": 60.0, "off_delay_s": 120.0}


def run(surplus, seconds, coverage=None, minimums=MIN_W, start=0.0, thresholds=(1.0, 0.5), **more):
    coverage = Coverage() if coverage is None else coverage
    for second in range(seconds):
        coverage = cover(
            coverage,
            surplus,
            minimums,
            start + second,
            thresholds=[Thresholds(*thresholds)] * len(minimums),
            **(RULE | more),
        )
    return coverage


@pytest.mark.parametrize(
    ("surplus", "seconds", "vehicles"),
    [
        (4140.0, 60, 0),  # the delay is not over
        (4140.0, 61, 1),
        (4139.0, 999, 0),
        (8279.0, 999, 1),
        (8280.0, 121, 1),
        (8280.0, 122, 2),  # one at a time, each with its own delay
        (9660.0, 999, 3),
        (99_999.0, 999, 3),
    ],
)
def test_so_many_start(surplus, seconds, vehicles):
    """Edge case 14; the k-th vehicle by its own minimum on top of those before it."""
    assert run(surplus, seconds).vehicles == vehicles


@pytest.mark.parametrize(
    ("surplus", "seconds", "vehicles"),
    [
        (6210.0, 999, 2),  # half of the second minimum: at the minimum, importing the rest
        (6209.0, 120, 2),
        (6209.0, 121, 1),
        (2070.0, 999, 1),
        (2069.0, 242, 0),
        (-5000.0, 121, 1),
    ],
)
def test_so_many_stop(surplus, seconds, vehicles):
    assert run(surplus, seconds, Coverage(vehicles=2)).vehicles == vehicles


def test_a_cloud_shorter_than_the_delay_changes_nothing():
    coverage = run(-3000.0, 100, Coverage(vehicles=1))
    assert coverage.short_since == 0.0
    coverage = run(5000.0, 1, coverage, start=100.0)
    assert coverage == Coverage(vehicles=1)
    assert run(-3000.0, 100, coverage, start=101.0).vehicles == 1


def test_a_held_reading_lets_nothing_begin_and_nothing_end():
    noted = run(4140.0, 30)
    assert run(-9000.0, 500, noted, start=30.0, known=False) is noted
    gone = run(4140.0, 5, Coverage(vehicles=3), minimums=(4140.0,), known=False)
    assert gone.vehicles == 1


def test_other_thresholds():
    assert run(2070.0, 61, thresholds=(0.5, 0.2)).vehicles == 1
    assert run(828.0, 999, Coverage(vehicles=1), thresholds=(0.5, 0.2)).vehicles == 1
    assert run(827.0, 121, Coverage(vehicles=1), thresholds=(0.5, 0.2)).vehicles == 0


def test_nobody_there_carries_nobody():
    assert run(9000.0, 100, Coverage(vehicles=2), minimums=()) == Coverage()

"""How many phases a vehicle uses, found by a short test charge at plug-in.

What a station measures decides how:

* *currents per phase*: a phase counts above max(1 A, 0.3 × test current), in two samples in a row that agree. Zero
  values for phases that are not used are placeholders and do not count; a lone "N" is one phase;
* *power only*: two test currents 4 A apart; the slope between them is phases × voltage, whatever the meter's offset
  and the power factor. Where the power does not move, the first current alone, within 15 %;
* *energy only*: its rise over at least 30 s of the test, then as for one power.

Nothing counts that was measured less than 10 s after the limit was set: vehicles ramp. A test that ends without an
answer is unknown: 3 phases for limits, 1 for the minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from noonward.core.records import replace
from noonward.core.units import VOLTAGE_V, current_a, power_w, round_down_a

if TYPE_CHECKING:
    from noonward.core.stations import Sample
    from noonward.core.words import Instant

TEST_A = 8.0
"""Test current: at 6 A some vehicles draw next to nothing, with a power factor of 0.07. [A]"""

STEP_A = 4.0
"""How much higher the second test current is. [A]"""

RAMP_S = 10.0
"""A vehicle has settled this long after its limit was set. [s]"""

HALF_S = 30.0
"""Duration of the first of two test currents. [s]"""

TEST_S = 60.0
"""Longest test. [s]"""

ENERGY_S = 30.0
"""A rise in energy over less than this is too coarse to be a power. [s]"""

LEAST_A = 1.0
SHARE = 0.3
"""A phase counts from the larger of an ampere and this share of the test current."""

SLOPE_ERROR = 0.35
LEVEL_ERROR = 0.15
OVER = 1.1
"""No vehicle draws more than this share of its full power: 253 V, the top of EN 50160, is 1.1 × 230 V."""

LINES = ("L1", "L2", "L3")
How: TypeAlias = Literal["currents", "slope", "power", "energy", "unknown", "aborted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a test charge has shown.

    Attributes:
        phases: 1…3; None is unknown.
        lines: Conductors of the station that carried current; empty where only power or energy was measured.
        how: What decided. "aborted": the vehicle was unplugged, and nothing is remembered.
    """

    phases: int | None
    lines: tuple[str, ...] = ()
    how: How

    @property
    def limiting(self) -> int:
        """Phases that limits are converted with."""
        return 3 if self.phases is None else self.phases

    @property
    def least(self) -> int:
        """Phases that the minimum power is converted with."""
        return 1 if self.phases is None else self.phases


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCharge:
    """A test that is running. Its limit is what the station is to be offered now.

    Attributes:
        limit_a: Test current. [A]
        set_at: When it was set.
        begun_at: When the test began.
        room_a: Most that zone and envelope leave for the test. [A]
        seen_at: When the newest settled sample was taken.
        lines: What the newest sample of currents showed.
        power_w: Newest settled power at this limit. [W]
        first: Current and power of the first half, once the second runs. [A, W]
        energy: First settled energy and its moment. [Wh]
        newest: Newest settled energy and its moment. [Wh]
    """

    __test__ = False  # not a test case of pytest

    limit_a: float
    set_at: Instant
    begun_at: Instant
    room_a: float
    seen_at: Instant = 0.0
    lines: tuple[str, ...] = ()
    power_w: float | None = None
    first: tuple[float, float] | None = None
    energy: tuple[Instant, float] | None = None
    newest: tuple[Instant, float] | None = None


def begin(min_a: float, room_a: float, now: Instant) -> TestCharge | None:
    """Begin a test at max(8 A, zone minimum), or at what the zone leaves; None where that is below its minimum.

    Args:
        min_a: Least that a vehicle of this zone is offered. [A]
        room_a: What station, zone and envelope leave on each phase, counted as three. [A]
        now: When the limit is set.
    """
    if room_a < min_a:
        return None
    limit = max(min_a, round_down_a(min(room_a, max(TEST_A, min_a)), 1.0))
    return TestCharge(limit_a=limit, set_at=now, begun_at=now, room_a=room_a)


def follow(
    test: TestCharge, sample: Sample | None, now: Instant, *, plugged: bool, voltage_v: float = VOLTAGE_V
) -> TestCharge | Found:
    """Take what was measured since and return the test as it goes on, or what it has found.

    Args:
        test: The running test.
        sample: Newest of the station; one that was looked at before changes nothing.
        now: The moment.
        plugged: False ends the test.
        voltage_v: Phase to neutral. [V]
    """
    if not plugged:
        return Found(phases=None, how="aborted")
    if sample is not None and sample.at >= test.set_at + RAMP_S and sample.at > test.seen_at:
        if sample.current_a:
            lines = active(sample, test.limit_a)
            if lines and lines == test.lines:
                return Found(phases=len(lines), lines=lines, how="currents")
            test = replace(test, lines=lines)
        elif sample.power_w is not None:
            test = replace(test, power_w=sample.power_w)
        elif sample.energy_wh is not None:
            seen = (sample.at, sample.energy_wh)
            test = replace(test, energy=test.energy or seen, newest=seen)
        test = replace(test, seen_at=sample.at)
    if now >= test.begun_at + TEST_S:
        return _conclude(test, voltage_v)
    if test.first is None and test.power_w is not None and now >= test.set_at + HALF_S:
        return _second_half(test, now)
    return test


def active(sample: Sample, test_a: float) -> tuple[str, ...]:
    """Return the conductors that carry the vehicle's current; a lone "N" stands for a single phase."""
    enough = max(LEAST_A, SHARE * test_a)
    lines = tuple(line for line in LINES if sample.current_a.get(line, 0.0) > enough)
    return lines or (("N",) if sample.current_a.get("N", 0.0) > enough else ())


def recount(found: Found, sample: Sample, limit_a: float) -> Found:
    """Return what is known after a sample of the running charge: never fewer phases, as a car uses less near full."""
    if found.phases == len(LINES):
        return found
    lines = active(sample, limit_a)
    known = len(found.lines) if found.phases is None else found.phases
    return Found(phases=len(lines), lines=lines, how="currents") if len(lines) > known else found


def _second_half(test: TestCharge, now: Instant) -> TestCharge:
    """Go on at a higher current, if the zone leaves one; else stay, and conclude from the first alone."""
    higher = min(test.limit_a + STEP_A, round_down_a(test.room_a, 1.0))
    if higher < test.limit_a + STEP_A / 2 or test.power_w is None:
        return test
    return replace(test, limit_a=higher, set_at=now, first=(test.limit_a, test.power_w), power_w=None)


def _conclude(test: TestCharge, voltage_v: float) -> Found:
    if test.first is not None and test.power_w is not None:
        (low_a, low_w), high_w = test.first, test.power_w
        slope = current_a(high_w - low_w, 1, voltage_v) / (test.limit_a - low_a)
        phases = round(slope)
        if 1 <= phases <= len(LINES) and abs(slope - phases) < SLOPE_ERROR:
            full = power_w(test.limit_a, phases, voltage_v)
            return Found(phases=phases, how="slope") if 0.8 * full <= high_w <= OVER * full else _UNKNOWN
        return _level(low_w, low_a, voltage_v, "power") if abs(slope) < SLOPE_ERROR else _UNKNOWN
    if test.first is not None:
        return _level(test.first[1], test.first[0], voltage_v, "power")
    if test.power_w is not None:
        return _level(test.power_w, test.limit_a, voltage_v, "power")
    if test.energy is not None and test.newest is not None:
        elapsed_s = test.newest[0] - test.energy[0]
        if elapsed_s >= ENERGY_S:
            drawn_w = (test.newest[1] - test.energy[1]) * 3600.0 / elapsed_s
            return _level(drawn_w, test.limit_a, voltage_v, "energy")
    return _UNKNOWN


def _level(drawn_w: float, limit_a: float, voltage_v: float, how: How) -> Found:
    """Judge by one power: whole phases at the full test current. Three phases at 6 A of 8 A are not two at 9 A."""
    share = drawn_w / power_w(limit_a, 1, voltage_v)
    phases = round(share)
    near = 1 <= phases <= len(LINES) and 1.0 - LEVEL_ERROR <= share / phases <= OVER
    return Found(phases=phases, how=how) if near else _UNKNOWN


_UNKNOWN = Found(phases=None, how="unknown")

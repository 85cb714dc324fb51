"""Commanded against metered: a station that accepted a limit and draws more is told again, in ever stronger words.

Acceptance proves nothing: most of the simulators that were tried, and real stations, accept limits that they ignore.
What such a station may draw is reserved by the core; here is what is done about it.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection

    from noonward.core.model import Instant, Sample

Step: TypeAlias = Literal["resend", "clear", "purpose", "level", "restart"]

STEPS: Final[tuple[Step, ...]] = ("resend", "clear", "purpose", "level", "restart")
"""In this order, each once an hour at most."""

SAID: Final[dict[Step, str]] = {
    "resend": "it was told again",
    "clear": "its limit was cleared and set again",
    "purpose": "it was told by another kind of profile",
    "level": "it was told at another stack level",
    "restart": "it is restarted as soon as nobody charges",
}

JUDGE_S: Final = 10.0
"""A sample taken this much after a limit was accepted counts. [s]"""

TOLERANCE_A: Final = 0.5
"""A vehicle at 6.1 A on a limit of 6 A follows it. [A]"""

TOLERANCE: Final = 1.05
"""The same for power, by the share that mains voltage is off. [1]"""

MISSES: Final = 3
"""So many samples in a row above the limit, and something is done."""

STEP_EVERY_S: Final = 3600.0


class Compliance:
    """Compares what one connector was told with what it draws.

    Attributes:
        trouble: What people have to know; None while it obeys.
        misses: Samples in a row above the limit.
    """

    def __init__(self, *, voltage_v: float) -> None:
        self.trouble: str | None = None
        self.misses = 0
        self._voltage_v = voltage_v
        self._limit_a: float | None = None
        self._phases = 3
        self._from: Instant = 0.0
        self._until: Instant = inf
        self._taken: dict[Step, Instant] = {}

    def told(self, limit_a: float, phases: int, now: Instant, window_s: float = inf) -> None:
        """Note that the station accepted a limit, as it was written; past its window it does right to pass it."""
        self._limit_a, self._phases, self._from, self._until = limit_a, phases, now + JUDGE_S, now + window_s
        self.misses = 0

    def rests(self) -> None:
        """Note that it holds no limit that could be judged."""
        self._limit_a, self.misses = None, 0

    def sampled(self, sample: Sample, can: Collection[Step]) -> Step | None:
        """Judge a sample, and return what is to be done; None: nothing.

        Args:
            sample: Newer than the one before, by our clock.
            can: The steps that make sense on this station.
        """
        found_a = drawn_a(sample, self._voltage_v, self._phases)
        if self._limit_a is None or found_a is None or not self._from <= sample.at < self._until:
            return None
        if found_a <= self._limit_a + TOLERANCE_A:
            self.misses, self.trouble = 0, None
            return None
        self.misses += 1
        if self.misses < MISSES:
            return None
        step = next((one for one in STEPS if one in can and self._rested(one, sample.at)), None)
        self.trouble = f"accepted {self._limit_a:g} A and draws {found_a:.1f} A: " + (
            "all that could be done was done, and nothing helped" if step is None else SAID[step]
        )
        if step is not None:
            self._taken[step] = sample.at
            self.misses = 0
        return step

    def _rested(self, step: Step, now: Instant) -> bool:
        at = self._taken.get(step)
        return at is None or now - at >= STEP_EVERY_S


def drawn_a(sample: Sample, voltage_v: float, phases: int) -> float | None:
    """Return the current of the most loaded phase; from power, what is sure of it; None where neither is measured."""
    found_a = sample.drawn_a()
    if found_a is not None or sample.power_w is None:
        return found_a
    return sample.power_w / (voltage_v * phases * TOLERANCE)

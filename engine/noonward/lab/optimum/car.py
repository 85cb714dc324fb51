"""One vehicle's stay: when to charge and how fast, so that its need costs least import while all else stands still.

A step that the sun covers in full costs nothing, one below the minimum costs what is missing from it, and power above
the sun costs as much as at night. So the best steps are those with most sun, and all that is to be found is how many: a
greedy choice, exact for one vehicle. The last step of a charge may lie below the minimum, which makes every step worth
trying as the last one.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_DUST_W = 1e-6
"""What rounding leaves of a power. [W]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarJob:
    """A vehicle's need in its stay. Times are steps of the tape.

    Attributes:
        k: Place of its load in the run.
        lo: First step of the stay.
        hi: The step at whose start it leaves.
        need_w: Its need as a sum of powers over steps. [W]
        least_w: Least that it charges with. [W]
        most_w: Most. [W]
        zone: Which zone's maximum it shares.
    """

    k: int
    lo: int
    hi: int
    need_w: float
    least_w: float
    most_w: float
    zone: int

    def solve(self, grid_w: Sequence[float], room_w: Sequence[float] | None = None) -> list[float]:
        """Return its draw in each step from ``lo`` to ``hi``. [W]

        Args:
            grid_w: Import of everything else in each of these steps; -inf where nobody counts it. [W]
            room_w: What the zone leaves it in each of them; None: enough. [W]
        """
        most_w = [self.most_w] * len(grid_w) if room_w is None else [min(w, self.most_w) for w in room_w]
        sun_w = [min(-w, most) if w < 0.0 else 0.0 for w, most in zip(grid_w, most_w, strict=True)]
        return _Stay(self, sun_w, most_w).draws()

    def offers_w(self, draws_w: Sequence[float]) -> list[float]:
        """Return what its station offers from ``lo`` on, so that it draws this: its minimum at least, or 0. [W]"""
        return [max(w, self.least_w) if w > 0.0 else 0.0 for w in draws_w]


class _Choice(NamedTuple):
    """So many of the sunniest steps before a last one."""

    cost: float
    steps: int
    last: int
    last_w: float


class _Sums(NamedTuple):
    """What the first steps of a choice come to, none of them, one, two …

    Attributes:
        full: Their sun, or the minimum where that is more. [W]
        paid: What is missing from the minimum. [W]
        room: The most that can be drawn. [W]
    """

    full: list[float]
    paid: list[float]
    room: list[float]

    def fluid(self, need_w: float) -> float:
        """Return the least cost if steps could be had in part. [W]"""
        full, paid, _ = self
        n = bisect_left(full, need_w)
        if n >= len(full):
            return paid[-1] + need_w - full[-1]
        if n == 0:
            return 0.0
        share = (need_w - full[n - 1]) / (full[n] - full[n - 1])
        return paid[n - 1] + share * (paid[n] - paid[n - 1])


class _Stay:
    """The search for the best last step, and for how many before it."""

    def __init__(self, job: CarJob, sun_w: list[float], most_w: list[float]) -> None:
        self._job, self._sun_w, self._most_w = job, sun_w, most_w
        self._sunniest = sorted(
            (t for t, most in enumerate(most_w) if most >= job.least_w - _DUST_W), key=sun_w.__getitem__, reverse=True
        )

    def draws(self) -> list[float]:
        best = self._search()
        if best is None and self._sunniest:  # few sunny steps give too little: those with most room
            self._sunniest.sort(key=self._most_w.__getitem__, reverse=True)
            best = self._search()
        draws = [0.0] * len(self._sun_w)
        if best is None:
            left_w = self._job.need_w
            for t in sorted(self._sunniest):
                draws[t] = min(self._most_w[t], left_w)
                left_w -= draws[t]
            return draws
        self._spread(draws, [t for t in self._sunniest if t < best.last][: best.steps], self._job.need_w - best.last_w)
        draws[best.last] = best.last_w if best.last_w > _DUST_W else 0.0
        return draws

    def _search(self) -> _Choice | None:
        """Try every step as the last one, from the end, until the steps before it are too few to be any better."""
        need_w, least_w = self._job.need_w, self._job.least_w
        before = self._sunniest.copy()
        enough = ceil(need_w / least_w) + 2 if least_w else len(before)  # so many meet the need, whatever the sun
        sums = self._sums(before[:enough])
        best: _Choice | None = None
        for last in range(len(self._sun_w) - 1, -1, -1):
            if self._most_w[last] >= least_w - _DUST_W:
                place = before.index(last)
                del before[place]
                if place < enough:
                    sums = self._sums(before[:enough])
            best = self._try(last, sums, best)
            free_w = min(self._sun_w[before[0]], least_w) if before else 0.0  # a last step may draw this for nothing
            if best is not None and sums.fluid(need_w - free_w) >= best.cost - _DUST_W:
                break
        return best

    def _sums(self, steps: list[int]) -> _Sums:
        least_w, sun_w = self._job.least_w, [self._sun_w[t] for t in steps]
        return _Sums(
            full=[0.0, *accumulate([w if w > least_w else least_w for w in sun_w])],
            paid=[0.0, *accumulate([least_w - w if w < least_w else 0.0 for w in sun_w])],
            room=[0.0, *accumulate([self._most_w[t] for t in steps])],
        )

    def _try(self, last: int, sums: _Sums, best: _Choice | None) -> _Choice | None:
        full, paid, room = sums
        need_w, sun_w = self._job.need_w, self._sun_w[last]
        most_w = self._most_w[last]
        near = bisect_left(full, need_w - sun_w), bisect_left(full, need_w), bisect_left(room, need_w - most_w)
        for count in {min(max(n + d, 0), len(full) - 1) for n in near for d in (-1, 0, 1)}:
            low = max(0.0, need_w - room[count])
            high = min(most_w, need_w - count * self._job.least_w)
            if low > high:
                continue
            last_w = min(max(need_w - full[count], low), high)
            cost = paid[count] + max(0.0, need_w - last_w - full[count]) + max(0.0, last_w - sun_w)
            if best is None or cost < best.cost - _DUST_W:
                best = _Choice(cost, count, last, last_w)
        return best

    def _spread(self, draws: list[float], chosen: list[int], total_w: float) -> None:
        """Draw a total in the chosen steps: their sun, then less where that is too much, or more in any of them."""
        least_w = self._job.least_w
        for t in chosen:
            draws[t] = max(self._sun_w[t], least_w)
        over_w = sum(draws[t] for t in chosen) - total_w
        for t in reversed(chosen):
            change_w = min(over_w, draws[t] - least_w) if over_w > 0.0 else max(over_w, draws[t] - self._most_w[t])
            draws[t] -= change_w
            over_w -= change_w

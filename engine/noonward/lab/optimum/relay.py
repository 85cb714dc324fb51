"""One period of one relay: when to be on, so that its need costs least import while all other loads stand still.

Dynamic programming over time and over the steps that are still to be drawn, min-on included; the answer is exact. A run
lasts for min-on at least, unless the need is met in it: then the contact stays closed and nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayJob:
    """A quota's need in one period. Times are steps of the tape.

    Attributes:
        k: Place of its load in the run.
        lo: First step of the period.
        hi: The step at whose start the deadline is.
        end: The step at whose start the next period begins.
        power_w: While it is on. [W]
        last_w: In the last of its steps, what is left spread over it. [W]
        steps: How many it draws in, the last one included; all there are where the need cannot be met.
        hold: Steps for which it stays on at least.
    """

    k: int
    lo: int
    hi: int
    end: int
    power_w: float
    last_w: float
    steps: int
    hold: int

    @property
    def most_w(self) -> float:
        """Most that it draws. [W]"""
        return self.power_w

    @property
    def need_w(self) -> float:
        """Its need as a sum of powers over steps. [W]"""
        return self.power_w * (self.steps - 1) + self.last_w

    def solve(self, grid_w: Sequence[float], room_w: Sequence[float] | None = None) -> list[float]:  # noqa: ARG002 - one shape of job
        """Return its draw in each step from ``lo`` to ``hi``. [W]

        Args:
            grid_w: Import of everything else in each of these steps; -inf where nobody counts it. [W]
            room_w: Nothing bounds an appliance.
        """
        cost = _costs(grid_w, self.power_w)
        last = cost if self.last_w == self.power_w else _costs(grid_w, self.last_w)
        draws = [0.0] * len(cost)
        for t in _steps_on(cost, last, self.steps, self.hold, self.end - self.lo - self.hold):
            draws[t] = self.power_w
            end = t
        draws[end] = self.last_w
        return draws

    def offers_w(self, draws_w: Sequence[float]) -> list[float]:
        """Return what its contacts offer from ``lo`` on, so that it draws this: closed until min-on is over. [W]"""
        offers = [0.0] * (self.end - self.lo)
        began: int | None = None
        for t in range(self.end - self.lo):
            draws = t < len(draws_w) and draws_w[t] > 0.0
            if draws and began is None:
                began = t
            elif not draws and (began is None or t - began >= self.hold):
                began = None
                if t >= len(draws_w):
                    break
                continue
            offers[t] = self.power_w
        return offers


def _costs(grid_w: Sequence[float], power_w: float) -> list[float]:
    """Return by how much a draw raises the import of each step. [W]"""
    found = []
    for w in grid_w:
        more = w + power_w
        found.append(0.0 if more <= 0.0 else power_w if w >= 0.0 else more)
    return found


def _steps_on(cost: list[float], last: list[float], steps: int, hold: int, latest: int) -> list[int]:
    """Return the steps in which it is on at least cost, ascending.

    ``off[t][r]`` is the least cost from step t on with r steps to draw, while it is off; ``on[t][r]`` while it is on
    and its min-on is over.

    Args:
        cost: Of each step.
        last: Of each step, were it the last.
        steps: How many are needed.
        hold: Min-on.
        latest: Last step in which min-on still fits into the period.
    """
    n = len(cost)
    sums = [0.0, *accumulate(cost)]
    latest = max(latest, 0)
    off_t = [0.0] + [inf] * steps
    on_t = off_t
    off, on = [off_t] * (n + 1), [off_t] * (n + 1)
    for t in range(n - 1, -1, -1):
        if t <= latest:
            off_t = off_t.copy()
            for r in range(1, min(hold, steps, n - t) + 1):  # the need is met before min-on is over
                met = sums[t + r - 1] - sums[t] + last[t + r - 1]
                off_t[r] = min(off_t[r], met)
            if steps > hold and t + hold <= n:
                base = sums[t + hold] - sums[t]
                held = on[t + hold]
                off_t[hold + 1 :] = [
                    was if was < (new := later + base) else new
                    for was, later in zip(off_t[hold + 1 :], held[1:], strict=False)
                ]
        price = cost[t]
        more = [stop if stop < (go := later + price) else go for stop, later in zip(off_t[2:], on_t[1:], strict=False)]
        on_t = [0.0, min(off_t[1], last[t]), *more]
        off[t], on[t] = off_t, on_t
    return _walk(off, on, sums, last, steps, hold)


def _walk(
    off: list[list[float]], on: list[list[float]], sums: list[float], last: list[float], steps: int, hold: int
) -> list[int]:
    """Follow the least costs from the start."""
    found: list[int] = []
    t, r = 0, steps
    while r:
        if off[t][r] == off[t + 1][r]:
            t += 1
            continue
        if r <= hold and off[t][r] == sums[t + r - 1] - sums[t] + last[t + r - 1]:
            return [*found, *range(t, t + r)]
        found += range(t, t + hold)
        t, r = t + hold, r - hold
        while r and on[t][r] != off[t][r]:
            found.append(t)
            t, r = t + 1, r - 1
    return found

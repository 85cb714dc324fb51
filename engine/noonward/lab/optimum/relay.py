"""One period of one relay: when to be on, so that its need costs least import while all other loads stand still.

A run lasts for min-on at least, unless the need is met in it: then the contact stays closed and nothing is drawn. Few
steps are planned by dynamic programming (:mod:`exact`), many by pricing a step (:mod:`priced`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, gcd
from typing import TYPE_CHECKING

from noonward.lab.optimum import exact, priced

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 10_000
"""Steps of the window times steps to draw, up to which nothing is faster than dynamic programming."""

NEAR = 0.02
"""How far from the least a plan may be, as a part of what one step draws."""

MOST_UNITS = 12
"""Of how many units the highest stage may be made."""

SLACK = 1e-6
"""Part of a number that rounding may take from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayJob:
    """A quota's need in one period. Times are steps of the tape.

    Attributes:
        k: Place of its load in the run.
        lo: First step of the period.
        hi: The step at whose start the deadline is.
        end: The step at whose start the next period begins.
        stages_w: What it draws in each of its stages, ascending. [W]
        need_w: Its need as a sum of powers over steps, at most what can be drawn. [W]
        hold: Steps for which it stays on at least.
    """

    k: int
    lo: int
    hi: int
    end: int
    stages_w: tuple[float, ...]
    need_w: float
    hold: int

    @property
    def most_w(self) -> float:
        """Most that it draws. [W]"""
        return self.stages_w[-1]

    @property
    def least_w(self) -> float:
        """Least that it draws while it is on, but for the last step. [W]"""
        return self.stages_w[0]

    def solve(self, grid_w: Sequence[float], room_w: Sequence[float] | None = None) -> list[float]:  # noqa: ARG002 - one shape of job
        """Return its draw in each step from ``lo`` to ``hi``. [W]

        Args:
            grid_w: Import of everything else in each of these steps; -inf where nobody counts it. [W]
            room_w: Nothing bounds an appliance.
        """
        stages_w, unit_w = in_units(self.stages_w)
        need = ceil(self.need_w / unit_w - SLACK)
        rest_w = self.need_w - (need - 1) * unit_w
        stages = [exact.Stage(round(w / unit_w), _costs(grid_w, w)) for w in stages_w]
        last = [[0.0] * len(grid_w)]
        last += [_costs(grid_w, max(0.0, (r - 1) * unit_w + rest_w)) for r in range(1, stages[-1].units + 1)]
        draws = [0.0] * len(grid_w)
        for t, units in self._units_on(stages, last, need):
            draws[t] = units * unit_w
            end = t
        draws[end] += rest_w - unit_w
        return draws

    def _units_on(self, stages: list[exact.Stage], last: list[list[float]], need: int) -> list[tuple[int, int]]:
        """Return in which steps it draws how many units, at least cost."""
        latest = max(0, self.end - self.lo - self.hold)
        if len(stages) == 1 and len(last[0]) * need > FEW:
            near_w = NEAR * self.most_w
            found = priced.steps_on(stages[0].cost, last[1], need, self.hold, latest, near_w)
            if found is not None:
                return [(t, 1) for t in found]
        return exact.units_on(stages, last, need, self.hold, latest)

    def offers_w(self, draws_w: Sequence[float]) -> list[float]:
        """Return what its contacts offer from ``lo`` on, so that it draws this: closed until min-on is over. [W]"""
        offers = [0.0] * (self.end - self.lo)
        began: int | None = None
        for t, draw_w in enumerate([*draws_w, *[0.0] * (self.end - self.hi)]):
            if draw_w > 0.0 and began is None:
                began = t
            elif draw_w <= 0.0 and (began is None or t - began >= self.hold):
                began = None
                continue
            offers[t] = next(w for w in self.stages_w if w >= draw_w - SLACK * w)
        return offers


def in_units(stages_w: tuple[float, ...]) -> tuple[tuple[float, ...], float]:
    """Return the stages that are planned, and a power of which each is a multiple; the highest alone where none is fit.

    >>> in_units((2000.0, 4000.0, 6000.0))
    ((2000.0, 4000.0, 6000.0), 2000.0)
    >>> in_units((1230.0, 4567.0))
    ((4567.0,), 4567.0)
    """
    unit_w = float(gcd(*(round(w) for w in stages_w)))
    if any(w % 1.0 for w in stages_w) or stages_w[-1] > MOST_UNITS * unit_w:
        return stages_w[-1:], stages_w[-1]
    return stages_w, unit_w


def _costs(grid_w: Sequence[float], power_w: float) -> list[float]:
    """Return by how much a draw raises the import of each step. [W]"""
    found = []
    for w in grid_w:
        more = w + power_w
        found.append(0.0 if more <= 0.0 else power_w if w >= 0.0 else more)
    return found

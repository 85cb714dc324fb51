"""One period of one relay: when to be on, so that its need costs least import while all other loads stand still.

A run lasts for min-on at least, unless the need is met in it: then the contact stays closed and nothing is drawn. Few
steps are planned by dynamic programming (:mod:`exact`), many by pricing a step (:mod:`priced`), which says itself how
far it may be from the truth; where that is not near enough, by dynamic programming too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.lab.optimum import exact, priced

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW = 10_000
"""Steps of the window times steps to draw, up to which nothing is faster than dynamic programming."""

NEAR = 0.02
"""How far from the least a plan may be, as a part of what one step draws."""


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
        on = self._steps_on(cost, last)
        for t in on:
            draws[t] = self.power_w
        draws[on[-1]] = self.last_w
        return draws

    def _steps_on(self, cost: list[float], last: list[float]) -> list[int]:
        """Return the steps in which it draws, at least cost."""
        latest = max(0, self.end - self.lo - self.hold)
        if len(cost) * self.steps > FEW:
            found = priced.steps_on(cost, last, self.steps, self.hold, latest, NEAR * self.power_w)
            if found is not None:
                return found
        return exact.steps_on(cost, last, self.steps, self.hold, latest)

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

"""A relay's window at a price: what the rest of it costs from each step on, and the plan that costs least.

A price is what a step of drawing is worth, and is taken off its cost. At a price the best plan is found in one pass
over time, without counting what it draws.
"""

from __future__ import annotations

from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Ahead(NamedTuple):
    """The least that is still to come at a price, from the start of each step on.

    Attributes:
        price: Of a step of drawing. [W]
        off: While it is off. [W]
        on: While it is on and its min-on is over. [W]
        end: While it is in the run in which its need is met. [W]
    """

    price: float
    off: list[float]
    on: list[float]
    end: list[float]


class Window:
    """What can be chosen from.

    Attributes:
        cost: Of each step. [W]
        last: Of each step, were it the last. [W]
        hold: Min-on.
        sums: Cost of all steps before each. [W]
        held: Cost of min-on from each step on in which a run may begin; inf where that is too long for it. [W]
    """

    def __init__(self, cost: Sequence[float], last: Sequence[float], hold: int, latest: int) -> None:
        """Prepare a window.

        Args:
            cost: Of each step. [W]
            last: Of each step, were it the last. [W]
            hold: Min-on.
            latest: Last step in which min-on still fits into the period.
        """
        self.cost, self.last, self.hold = cost, last, hold
        self.sums = sums = [0.0, *accumulate(cost)]
        begins = min(latest + 1, len(cost))
        self.held = [b - a for a, b in zip(sums[:begins], sums[hold:], strict=False)]
        self.held += [inf] * (begins - len(self.held))
        steps = [*zip(range(len(cost)), cost, last, strict=True)]
        self._late = steps[begins:][::-1]
        self._steps = [(*step, held) for step, held in zip(steps, self.held, strict=False)][::-1]

    def ahead(self, price: float) -> Ahead:
        """Return what the rest of the window costs at a price."""
        n, hold = len(self.cost), self.hold
        off, on, end = [0.0] * (n + 1), [0.0] * (n + 1 + hold), [inf] * (n + 1)
        off_t, on_t, end_t = 0.0, 0.0, inf
        rent = price * hold
        for t, cost, last in self._late:  # nothing begins any more
            own, alone = cost - price, last - price
            end_t += own
            end[t] = end_t = alone if alone < end_t else end_t  # min() costs twice the time, here and below
            on_t += own
            on_t = end_t if end_t < on_t else on_t
            on[t] = on_t = on_t if on_t < 0.0 else 0.0
        for t, cost, last, held in self._steps:
            own, alone = cost - price, last - price
            end_t += own
            end[t] = end_t = alone if alone < end_t else end_t
            off_t = end_t if end_t < off_t else off_t
            begun = held - rent + on[t + hold]
            off[t] = off_t = begun if begun < off_t else off_t
            on_t += own
            on[t] = on_t = off_t if off_t < on_t else on_t
        return Ahead(price, off, on, end)

    def best(self, ahead: Ahead) -> list[int]:
        """Return the steps of the plan that costs least at a price, ascending: follow the least costs."""
        price, off, on, end = ahead
        last, hold = self.last, self.hold
        found: list[int] = []
        t, n, running = 0, len(last), False
        while t < n:
            if (on if running else off)[t] == end[t]:
                while end[t] != last[t] - price:
                    found.append(t)
                    t += 1
                return [*found, t]
            if running and on[t] != off[t]:
                found.append(t)
                t += 1
            elif off[t] == off[t + 1]:
                running = False
                t += 1
            else:
                found += range(t, min(t + hold, n))
                running = True
                t += hold
        return found

    def total(self, on: Sequence[int]) -> float:
        """Return the cost of drawing in these steps. [W]"""
        return sum(self.cost[t] for t in on[:-1]) + self.last[on[-1]] if on else 0.0

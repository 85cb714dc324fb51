"""The least import of a tiny game by trying everything: slow, and written from the rules alone.

A relay's contact is tried open and closed in every step, a vehicle's current in every whole number of units. Everything
is in units of power over steps, small whole numbers, so that nothing is lost by trying these only: costs break at whole
numbers, and what is needed is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product


@dataclass(frozen=True)
class Relay:
    """Needs ``need`` before step ``by``; draws ``power``, or one of several; stays on for ``hold`` steps."""

    power: int | tuple[int, ...]
    need: int
    by: int
    hold: int

    def plans(self, n):
        """Every way to draw that meets the need as well as can be, as powers in each step."""
        stages = self.power if isinstance(self.power, tuple) else (self.power,)
        found = set()
        for contact in product((0, *stages), repeat=n):
            if self.holds(contact):
                left, draws = self.need, []
                for power in contact[: self.by]:
                    draws.append(min(power, left))
                    left -= draws[-1]
                found.add((left, (*draws, *[0] * (n - self.by))))
        least = min(left for left, _ in found)
        return {draws for left, draws in found if left == least}

    def holds(self, contact):
        """No run is shorter than ``hold``; the contact is let go with the tape."""
        runs = "".join("#" if power else " " for power in contact).split()
        return all(len(run) >= min(self.hold, len(contact)) for run in runs)


@dataclass(frozen=True)
class Car:
    """There from step ``first`` to ``last``; charges with 0 or ``least`` to ``most``, less only with the rest."""

    need: int
    first: int
    last: int
    least: int
    most: int

    def cost(self, net):
        """The least that its need adds to the import, everything else given."""

        @cache
        def after(t, left):
            if t == self.last:
                return 0 if left == 0 else float("inf")
            options = [0, *range(self.least, self.most + 1)]
            best = float("inf")
            for draw in {min(draw, left) for draw in options}:
                more = max(0, net[t] + draw) - max(0, net[t])
                best = min(best, more + after(t + 1, left - draw))
            return best

        return after(self.first, self.need)


def least_import(net, relays, car=None):
    """Import of the best of all plans, in units of power over steps; ``net`` is base load less PV."""
    best = float("inf")
    for plans in product(*(relay.plans(len(net)) for relay in relays)):
        grid = [sum(powers) for powers in zip(net, *plans, strict=True)]
        found = sum(max(0, w) for w in grid) + (car.cost(grid) if car else 0)
        best = min(best, found)
    return best

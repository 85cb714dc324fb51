"""When an appliance is on at least cost, exactly: dynamic programming over time and over what is still to be drawn.

What is to be drawn is counted in units, a power for one step, of which every stage draws a whole number. A stage stands
for min-on when it begins; then it may change from step to step.
"""

from __future__ import annotations

from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Stage(NamedTuple):
    """A stage: how many units it draws in a step, and by how much that raises the import of each step. [W]"""

    units: int
    cost: list[float]


def units_on(
    stages: Sequence[Stage], last: Sequence[Sequence[float]], need: int, hold: int, latest: int
) -> list[tuple[int, int]]:
    """Return in which steps it draws how many units, ascending.

    ``off[t][r]`` is the least cost from step t on with r units to draw, while it is off; ``on[t][r]`` while it is on
    and its min-on is over.

    Args:
        stages: Ascending.
        last: For each number of units up to the highest stage's, what they cost as the last ones, in each step; the
            need's last unit may be less than a whole one.
        need: Units that are needed; steps enough are there.
        hold: Min-on.
        latest: Last step in which min-on still fits into the period.
    """
    n, most = len(stages[0].cost), stages[-1].units
    sums = [[0.0, *accumulate(stage.cost)] for stage in stages]
    off_t = [0.0] + [inf] * need
    on_t = off_t
    off, on = [off_t] * (n + 1), [off_t] * (n + 1)
    for t in range(n - 1, -1, -1):
        if t <= latest:
            off_t = off_t.copy()
            for (units, _), own in zip(stages, sums, strict=True):
                for r in range(1, min(units * min(hold, n - t), need) + 1):  # the need is met before min-on is over
                    off_t[r] = min(off_t[r], _met(own, last, units, t, r))
                whole = units * hold
                if need > whole and t + hold <= n:
                    base = own[t + hold] - own[t]
                    off_t[whole + 1 :] = [
                        was if was < (new := later + base) else new
                        for was, later in zip(off_t[whole + 1 :], on[t + hold][1:], strict=False)
                    ]
        on_then, on_t = on_t, off_t.copy()
        for r in range(1, min(most, need) + 1):
            on_t[r] = min(on_t[r], last[r][t])
        for units, cost in stages:
            price = cost[t]
            on_t[units + 1 :] = [
                was if was < (new := later + price) else new
                for was, later in zip(on_t[units + 1 :], on_then[1:], strict=False)
            ]
        off[t], on[t] = off_t, on_t
    return _walk(off, on, stages, sums, last, need, hold)


def _met(sums: list[float], last: Sequence[Sequence[float]], units: int, t: int, r: int) -> float:
    """Return what it costs to draw the last r units from step t on, at one stage."""
    end = t + (r - 1) // units
    return sums[end] - sums[t] + last[(r - 1) % units + 1][end]


def _walk(
    off: list[list[float]],
    on: list[list[float]],
    stages: Sequence[Stage],
    sums: list[list[float]],
    last: Sequence[Sequence[float]],
    need: int,
    hold: int,
) -> list[tuple[int, int]]:
    """Follow the least costs from the start."""
    found: list[tuple[int, int]] = []
    t, r, running = 0, need, False
    while r:
        if running and on[t][r] != off[t][r]:
            if r <= stages[-1].units and on[t][r] == last[r][t]:
                return [*found, (t, r)]
            units = next(u for u, cost in stages if r > u and on[t][r] == on[t + 1][r - u] + cost[t])
            found.append((t, units))
            t, r = t + 1, r - units
            continue
        running = False
        if off[t][r] == off[t + 1][r]:
            t += 1
            continue
        for (units, _), own in zip(stages, sums, strict=True):
            if r <= units * hold:
                steps = (r - 1) // units
                if t + steps < len(own) - 1 and off[t][r] == _met(own, last, units, t, r):
                    return [*found, *((t + i, units) for i in range(steps)), (t + steps, r - steps * units)]
            elif t + hold < len(own) and off[t][r] == on[t + hold][r - units * hold] + (own[t + hold] - own[t]):
                found += ((t + i, units) for i in range(hold))
                t, r, running = t + hold, r - units * hold, True
                break
    return found

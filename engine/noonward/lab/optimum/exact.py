"""When a relay is on at least cost, exactly: dynamic programming over time and over the steps still to be drawn."""

from __future__ import annotations

from itertools import accumulate
from math import inf


def steps_on(cost: list[float], last: list[float], steps: int, hold: int, latest: int) -> list[int]:
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

"""When a relay is on at least cost, by a price: what drawing one step less is worth.

At a price the best plan is found in one pass over time, without counting what it draws. Plans of few and of many steps
lie on a convex curve of costs; the two of them on either side of what is needed are closed in upon (Lagrangian
relaxation, by Kelley's cutting planes). What the straight line between them says for the number that is needed is a
lower bound. The needed plan is one of the two with steps added to or taken from its runs, and mostly meets the bound.
"""

from __future__ import annotations

from itertools import accumulate
from math import inf
from typing import NamedTuple

_DUST_W = 1e-6
"""What rounding leaves of a cost. [W]"""


class _Plan(NamedTuple):
    """Steps in which it draws, ascending, and what they cost."""

    on: list[int]
    cost: float


def steps_on(
    cost: list[float], last: list[float], steps: int, hold: int, latest: int, near_w: float
) -> list[int] | None:
    """Return the steps in which it is on, ascending; None if no plan was found that is near enough to the least.

    Args:
        cost: Of each step. [W]
        last: Of each step, were it the last. [W]
        steps: How many are needed.
        hold: Min-on.
        latest: Last step in which min-on still fits into the period.
        near_w: How far from the least the plan may be. [W]
    """
    everything = list(range(len(cost)))
    few, many = _Plan([], 0.0), _Plan(everything, sum(cost[:-1]) + last[-1])
    while len(many.on) > steps:
        price = (many.cost - few.cost) / (len(many.on) - len(few.on))
        plan = _best(cost, last, hold, latest, price)
        if plan.cost - few.cost >= price * (len(plan.on) - len(few.on)) - _DUST_W:
            least = few.cost + price * (steps - len(few.on))
            tries = (_longer(few.on, cost, steps), _shorter(many.on, cost, steps, hold))
            plans = [_Plan(on, _cost(on, cost, last)) for on in tries if on is not None]
            best = min(plans, key=lambda plan: plan.cost, default=None)
            return best.on if best is not None and best.cost <= least + near_w else None
        if len(plan.on) <= steps:
            few = plan
        if len(plan.on) >= steps:
            many = plan
    return many.on


def _cost(on: list[int], cost: list[float], last: list[float]) -> float:
    return sum(cost[t] for t in on[:-1]) + last[on[-1]]


def _best(cost: list[float], last: list[float], hold: int, latest: int, price: float) -> _Plan:
    """Return the plan of least cost, each step less a price.

    ``off[t]`` is the least from step t on, while it is off; ``on[t]`` while it is on and its min-on is over; ``end[t]``
    while it is in the run in which its need is met.
    """
    n = len(cost)
    sums = [0.0, *accumulate(cost)]
    off, on, end = [0.0] * (n + 1), [0.0] * (n + 1), [inf] * (n + 1)
    off_t, on_t, end_t = 0.0, 0.0, inf
    rent = price * hold
    for t in range(n - 1, -1, -1):
        own = cost[t] - price
        end_t += own
        alone = last[t] - price
        end_t = alone if alone < end_t else end_t  # min() costs twice the time, here and below
        end[t] = end_t
        if t <= latest:
            off_t = end_t if end_t < off_t else off_t
            if t + hold <= n:
                held = sums[t + hold] - sums[t] - rent + on[t + hold]
                off_t = held if held < off_t else off_t
        off[t] = off_t
        on_t += own
        on_t = off_t if off_t < on_t else on_t
        on_t = end_t if end_t < on_t else on_t
        on[t] = on_t
    found = _walk(off, on, end, [w - price for w in last], hold)
    return _Plan(found, _cost(found, cost, last) if found else 0.0)


def _walk(off: list[float], on: list[float], end: list[float], alone: list[float], hold: int) -> list[int]:
    """Follow the least costs from the start."""
    found: list[int] = []
    t, n, running = 0, len(alone), False
    while t < n:
        if (on if running else off)[t] == end[t]:
            while end[t] != alone[t]:
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


def _runs(on: list[int]) -> list[list[int]]:
    """Return first step and end of each run."""
    runs: list[list[int]] = []
    for t in on:
        if runs and runs[-1][1] == t:
            runs[-1][1] = t + 1
        else:
            runs.append([t, t + 1])
    return runs


def _longer(on: list[int], cost: list[float], steps: int) -> list[int] | None:
    """Return a plan with its runs grown to so many steps, by the cheapest neighbour each time; None where none are."""
    if not on:
        return None
    chosen, n = set(on), len(cost)
    edges = {t for lo, hi in _runs(on) for t in (lo - 1, hi) if 0 <= t < n}
    while len(chosen) < steps:
        t = min(edges, key=cost.__getitem__)
        edges.discard(t)
        chosen.add(t)
        edges |= {near for near in (t - 1, t + 1) if 0 <= near < n and near not in chosen}
    return sorted(chosen)


def _shorter(on: list[int], cost: list[float], steps: int, hold: int) -> list[int] | None:
    """Return a plan with its runs cut to so many steps, each time by the dearest end; None where min-on forbids it."""
    runs = _runs(on)
    for _ in range(len(on) - steps):
        ends = [
            (cost[t], k, end)
            for k, (lo, hi) in enumerate(runs)
            if hi - lo > (hold if k + 1 < len(runs) else 1)
            for end, t in ((0, lo), (1, hi - 1))
        ]
        if not ends:
            return None
        _, k, end = max(ends)
        runs[k][end] += 1 - 2 * end
    return [t for lo, hi in runs for t in range(lo, hi)]

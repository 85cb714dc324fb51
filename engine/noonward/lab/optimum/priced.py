"""When a relay is on at least cost, by a price: what drawing one step less is worth.

At a price the best plan is found fast (:mod:`window`). Plans of few and of many steps lie on a convex curve of costs;
the two of them on either side of what is needed are closed in upon (Lagrangian relaxation, by Kelley's cutting planes).
What the straight line between them says for the number that is needed is a lower bound. The needed plan is one of the
two with steps added to or taken from its runs, and mostly meets the bound; where it does not, what may still be better
is gone through (:mod:`bounded`).
"""

from __future__ import annotations

from typing import NamedTuple

from noonward.lab.optimum import bounded
from noonward.lab.optimum.window import Window

_DUST_W = 1e-6
"""What rounding leaves of a cost. [W]"""


class _Plan(NamedTuple):
    """Steps in which it draws, ascending, and what they cost."""

    on: list[int]
    cost: float


def steps_on(
    cost: list[float], last: list[float], steps: int, hold: int, latest: int, near_w: float
) -> list[int] | None:
    """Return the steps in which it is on, ascending; None if prices lead to no plan.

    Args:
        cost: Of each step. [W]
        last: Of each step, were it the last. [W]
        steps: How many are needed.
        hold: Min-on.
        latest: Last step in which min-on still fits into the period.
        near_w: How far from the least the plan may be. [W]
    """
    window = Window(cost, last, hold, latest)
    few, many = _Plan([], 0.0), _Plan(list(range(len(cost))), sum(cost[:-1]) + last[-1])
    while len(many.on) > steps:
        price = (many.cost - few.cost) / (len(many.on) - len(few.on))
        ahead = window.ahead(price)
        plan = _plan(window, window.best(ahead))
        if plan.cost - few.cost >= price * (len(plan.on) - len(few.on)) - _DUST_W:
            least = few.cost + price * (steps - len(few.on))
            tries = (_longer(few.on, cost, steps), _shorter(many.on, cost, steps, hold))
            plans = [_plan(window, on) for on in tries if on is not None]
            best = min(plans, key=lambda plan: plan.cost, default=None)
            if best is None or best.cost <= least + near_w:
                return None if best is None else best.on
            return bounded.steps_on(window, ahead, steps, best.cost)
        if len(plan.on) <= steps:
            few = plan
        if len(plan.on) >= steps:
            many = plan
    return many.on


def _plan(window: Window, on: list[int]) -> _Plan:
    return _Plan(on, window.total(on))


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

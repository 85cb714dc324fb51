"""When a relay is on at least cost, exactly: dynamic programming over what prices leave open.

As :mod:`exact`, for one stage and where a plan is at hand. At a price, what came before a step and what comes behind it
cost together at least so much; a move or a state with which that is more than the plan costs is on no better one. What
is left is a small part of all. The nearer the price is to the right one, the smaller; any price is right.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from noonward.lab.optimum.window import Ahead, Window

    Row: TypeAlias = dict[int, float]
    """The least cost from a step on, for each number of steps of drawing that may be left there. [W]"""

_DUST_W = 1e-3
"""What rounding may add to a cost, and more. [W]"""


def steps_on(window: Window, ahead: Ahead, steps: int, most_w: float) -> list[int]:
    """Return the steps in which it is on, ascending.

    Args:
        window: What is chosen from.
        ahead: What the rest of it costs at a price.
        steps: How many are needed.
        most_w: Cost of any plan with as many. [W]
    """
    cost, last, hold, sums = window.cost, window.last, window.hold, window.sums
    price, n, begins = ahead.price, len(cost), len(window.held)
    rent = price * hold
    sooner_off, sooner_on = _sooner(window, price)
    spare_w = most_w - price * steps + _DUST_W
    off, on = [_NONE] * (n + 1), [_NONE] * (n + 1 + hold)
    row = _NONE
    for t in range(n - 1, -1, -1):
        room_w = spare_w - sooner_off[t]
        if t < begins:
            held = window.held[t]
            if ahead.end[t] <= room_w:  # the need is met before min-on is over
                met = {r: sums[t + r - 1] - sums[t] + last[t + r - 1] for r in range(1, min(hold, n - t, steps) + 1)}
                row = _with(row, met, 0, 0.0, price, room_w)
            if held - rent + ahead.on[t + hold] <= room_w:
                row = _with(row, on[t + hold], hold, held, price, room_w)
        off[t] = now = row
        room_w = spare_w - sooner_on[t]
        if last[t] - price <= room_w:
            now = _with(now, {0: 0.0}, 1, last[t], price, room_w)
        if cost[t] - price + ahead.on[t + 1] <= room_w:
            now = _with(now, on[t + 1], 1, cost[t], price, room_w)
        on[t] = now
    return _walk(window, off, on, steps)


_NONE: Row = {}


def _with(row: Row, later: Row, moved: int, cost_w: float, price: float, room_w: float) -> Row:
    """Return a row with what so many steps at so much cost lead to, where that is less; the same row where it never is.

    Args:
        row: The row as it is.
        later: The row behind those steps.
        moved: How many they are.
        cost_w: What they cost together. [W]
        price: Of a step. [W]
        room_w: The most that anything may cost here at that price. [W]
    """
    found = row
    for left, later_w in later.items():
        r, w = left + moved, later_w + cost_w
        if w - price * r <= room_w and w < row.get(r, inf):
            if found is row:
                found = row.copy()
            found[r] = w
    return found


def _sooner(window: Window, price: float) -> tuple[list[float], list[float]]:
    """Return the least that came before each step at a price, if it is then off, or on and its min-on is over. [W]"""
    hold, held = window.hold, window.held
    n, rent = len(window.cost), price * hold
    off, on = [0.0] * n, [inf] * (n + hold)
    off_t, on_t = 0.0, inf
    for t, cost in enumerate(window.cost):
        on[t] = on_t = min(on_t, on[t])
        off[t] = off_t = min(off_t, on_t)
        if t < len(held):
            on[t + hold] = off_t + held[t] - rent
        on_t += cost - price
    return off, on


def _walk(window: Window, off: list[Row], on: list[Row], steps: int) -> list[int]:
    """Follow the least costs from the start."""
    last, hold, sums = window.last, window.hold, window.sums
    found: list[int] = []
    t, r, running = 0, steps, False
    while r:
        if running and on[t][r] != off[t].get(r):
            found.append(t)
            if r == 1 and on[t][r] == last[t]:
                return found
            t, r = t + 1, r - 1
            continue
        running = False
        if off[t][r] == off[t + 1].get(r):
            t += 1
        elif r <= hold and off[t][r] == sums[t + r - 1] - sums[t] + last[t + r - 1]:
            return [*found, *range(t, t + r)]
        else:
            found += range(t, t + hold)
            t, r, running = t + hold, r - hold, True
    return found

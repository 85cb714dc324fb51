"""What no controller's import can be below: the linear program over the convex hull of each step.

Import is base load that no sun covers, plus every need, less the sun that the loads use. In one step the loads that
may draw form *patterns* (this one on, that one off); the program gives each pattern a weight, the weights of a step
together at most 1, and lets nobody draw more than its need. Whatever a controller does is such a choice of weights,
so the most sun that any weights use is an upper bound on the sun that can be used. Min-on and a zone's maximum are
left out, which only makes the bound lower.

What is returned is not the solver's word: the prices that it finds for the needs are put into the Lagrangian dual of
the problem, which is worked out here and is a bound at any prices (A. M. Geoffrion, "Lagrangean relaxation for
integer programming", Mathematical Programming Study 2, 1974).

A last step below the minimum is in no pattern. What it gains at these prices beyond the better of off and on is small
(:func:`_last_step`), and is granted to every need.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np

from noonward.lab.optimum.car import CarJob
from noonward.lab.optimum.jobs import jobs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noonward.lab.game import Game
    from noonward.lab.optimum.jobs import Job

LUMPS = 4
"""Loads of one step that are on or off in its patterns; where more may draw, the smallest draw any part of theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """Some loads on, in all sunny steps of a stretch in which the same loads may draw.

    Attributes:
        steps: In which it is of use.
        on: Jobs that are on.
        sun_w: What they use of the sun at their minimum, in each step. [W]
        flexible: Jobs that may draw more, and how much. [W]
        spare_w: The sun that their minimum leaves, in each step. [W]
    """

    steps: Any
    on: tuple[int, ...]
    sun_w: Any
    flexible: tuple[tuple[int, float], ...]
    spare_w: Any


def least_kwh(game: Game) -> float:
    """Return the bound. [kWh]

    Raises:
        UsageError: A load has no need.
    """
    todo = jobs_of(game)
    sun_w = np.array([np.inf if w is None else max(0.0, -w) for w in game.net_w])
    base_w = sum(w for w in game.net_w if w is not None and w > 0.0)
    need_w = sum(job.need_w for job in todo)
    patterns = list(_patterns(todo, sun_w))
    used_w = _dual(todo, patterns, _prices(todo, patterns, len(sun_w)), sun_w)
    return max(base_w, base_w + need_w - used_w) * game.tape.step_s / 3.6e6


def _last_step(job: Job, price: float, sun_w: float) -> float:
    """Return the most that a last step below the minimum can gain against the better of off and on. [W]

    Whatever else is on, it gains most where the sun just covers it: that part of the minimum which the price is.

    Args:
        job: The job.
        price: Of its need.
        sun_w: Most sun in its window. [W]
    """
    least_w = job.least_w
    if least_w < job.most_w or isinstance(job, CarJob):
        return min(price * least_w, sun_w) * (1.0 - price)
    rest_w = job.need_w % least_w  # what it is, is known
    return min(min(rest_w, sun_w) * (1.0 - price), price * (least_w - rest_w))


def _patterns(todo: Sequence[Job], sun_w: Any) -> Iterator[_Pattern]:
    """Yield what may be on in each stretch; only what loses sun if any of its loads went off."""
    edges = sorted({edge for job in todo for edge in (job.lo, job.hi)})
    for lo, hi in pairwise(edges):
        here = [j for j, job in enumerate(todo) if job.lo <= lo and job.hi >= hi]
        sunny = np.flatnonzero(sun_w[lo:hi] > 0.0) + lo
        if not here or not len(sunny):
            continue
        here.sort(key=lambda j: -todo[j].least_w)
        lumps, fluid = here[:LUMPS], here[LUMPS:]
        for size in range(len(lumps) + 1):
            for on in combinations(lumps, size):
                least_w = sum(todo[j].least_w for j in on)
                smallest_w = min((todo[j].least_w for j in on), default=0.0)
                flexible = [(j, todo[j].most_w - todo[j].least_w) for j in on] + [(j, todo[j].most_w) for j in fluid]
                flexible = [(j, more_w) for j, more_w in flexible if more_w > 0.0]
                if not on and not flexible:
                    continue
                sun = sun_w[sunny]
                useful = sun > least_w - smallest_w
                sun = sun[useful]
                if len(sun):
                    spare_w = np.maximum(0.0, sun - least_w)
                    yield _Pattern(
                        steps=sunny[useful],
                        on=on,
                        sun_w=np.minimum(sun, least_w),
                        flexible=tuple(flexible),
                        spare_w=np.minimum(spare_w, sum(more_w for _, more_w in flexible)),
                    )


def _dual(todo: Sequence[Job], patterns: Sequence[_Pattern], prices: Any, sun_w: Any) -> float:
    """Return a bound on the sun that can be used: what needs are worth at these prices, and what steps gain. [W]"""
    gain_w, needs_w = np.zeros(len(sun_w)), 0.0
    for pattern in patterns:
        own_w = pattern.sun_w - sum(prices[j] * todo[j].least_w for j in pattern.on)
        rest_w = pattern.spare_w
        for j, more_w in sorted(pattern.flexible, key=lambda one: prices[one[0]]):
            part_w = np.minimum(rest_w, more_w)
            own_w = own_w + part_w * max(0.0, 1.0 - prices[j])
            rest_w = rest_w - part_w
        gain_w[pattern.steps] = np.maximum(gain_w[pattern.steps], own_w)
    for price, job in zip(prices, todo, strict=True):
        needs_w += price * job.need_w + _last_step(job, price, sun_w[job.lo : job.hi].max())
    return float(gain_w.sum() + needs_w)


def _prices(todo: Sequence[Job], patterns: Sequence[_Pattern], n: int) -> Any:
    """Return what a watt of each need is worth, by the linear program: its part that the sun could not cover."""
    table = _Table(n + len(todo))
    for pattern in patterns:
        weights = table.columns(pattern.sun_w)
        table.put(pattern.steps, weights, 1.0)
        for j in pattern.on:
            table.put(n + j, weights, todo[j].least_w)
        spare = np.flatnonzero(pattern.spare_w > 0.0)
        if not len(spare):
            continue
        shared = table.rows(len(spare))
        table.put(shared, weights[spare], -pattern.spare_w[spare])
        for j, more_w in pattern.flexible:
            own = table.columns(np.ones(len(spare)))
            table.put(shared, own, 1.0)
            table.put(n + j, own, 1.0)
            if len(pattern.flexible) > 1:
                capped = table.rows(len(spare))
                table.put(capped, own, 1.0)
                table.put(capped, weights[spare], -more_w)
    limits = np.zeros(table.height)
    limits[:n] = 1.0
    limits[n : n + len(todo)] = [job.need_w for job in todo]
    return np.clip(table.solve(limits)[n : n + len(todo)], 0.0, 1.0)


class _Table:
    """A linear program in the making: most gain, every row at most its limit, nothing below 0.

    Attributes:
        height: Rows so far.
    """

    def __init__(self, height: int) -> None:
        self.height = height
        self._gains: list[Any] = []
        self._width = 0
        self._entries: list[tuple[Any, Any, Any]] = []

    def rows(self, count: int) -> Any:
        """Add rows; return their numbers."""
        self.height += count
        return np.arange(self.height - count, self.height)

    def columns(self, gains: Any) -> Any:
        """Add a column for each of these gains; return their numbers."""
        self._gains.append(gains)
        self._width += len(gains)
        return np.arange(self._width - len(gains), self._width)

    def put(self, rows: Any, columns: Any, value: Any) -> None:
        """Set one entry in each of these columns."""
        self._entries.append(
            (np.broadcast_to(rows, columns.shape), columns, np.broadcast_to(np.asarray(value, float), columns.shape))
        )

    def solve(self, limits: Any) -> Any:
        """Return the price of each row."""
        if not self._width:
            return np.zeros(self.height)
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.argsort(columns, kind="stable")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._width, self.height
        lp.sense_ = highspy.ObjSense.kMaximize
        lp.col_cost_ = np.concatenate(self._gains)
        lp.col_lower_, lp.col_upper_ = np.zeros(self._width), np.full(self._width, highspy.kHighsInf)
        lp.row_lower_, lp.row_upper_ = np.full(self.height, -highspy.kHighsInf), limits
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.searchsorted(columns[order], np.arange(self._width + 1)).astype(np.int32)
        lp.a_matrix_.index_, lp.a_matrix_.value_ = rows[order].astype(np.int32), values[order]
        solver = highspy.Highs()  # type: ignore[no-untyped-call]  # its constructor alone is not typed
        solver.silent()
        solver.setOptionValue("solver", "ipm")
        solver.setOptionValue("run_crossover", "off")
        solver.passModel(lp)
        solver.run()
        return np.abs(np.array(solver.getSolution().row_dual))

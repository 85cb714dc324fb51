"""Coordinate descent: one job after the other is placed as well as can be while all others stand, while it helps."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from noonward.lab.optimum.car import CarJob

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.lab.optimum.jobs import Job

GAIN_W = 1e-3
"""What an improvement is at least, as a sum of powers over steps. [W]"""

EFFORT = 50_000
"""Steps of windows that are gone through in swapping two jobs: a month of quarter hours, where a swap tells, or days of
minutes, where it hardly does."""


class Board:
    """Who draws what and when, and what the grid gives.

    Attributes:
        jobs: What is placed.
        draws_w: Of each job, in each step of its window. [W]
        grid_w: Import of each step, below 0 export; -inf where nobody knows and nobody counts. [W]
    """

    def __init__(self, jobs: Sequence[Job], net_w: Sequence[float | None], limits_w: Sequence[float]) -> None:
        self.jobs = jobs
        self.draws_w = [[0.0] * (job.hi - job.lo) for job in jobs]
        self.grid_w = [-inf if w is None else w for w in net_w]
        sharing = [sum(isinstance(job, CarJob) and job.zone == z for job in jobs) for z in range(len(limits_w))]
        self._room_w = [[limit] * len(net_w) if sharing[z] else [] for z, limit in enumerate(limits_w)]

    def import_w(self) -> float:
        """Return the sum of the import of all steps. [W]"""
        return sum(w for w in self.grid_w if w > 0.0)

    def unmet_w(self, j: int, draws_w: list[float]) -> float:
        """Return what a job lacks that draws so much, as a sum of powers over steps. [W]"""
        return max(0.0, self.jobs[j].need_w - sum(draws_w))

    def take(self, j: int) -> list[float]:
        """Take a job off the board; return what it drew."""
        draws = self.draws_w[j]
        self._add(j, [-w for w in draws])
        self.draws_w[j] = [0.0] * len(draws)
        return draws

    def put(self, j: int, draws_w: list[float]) -> None:
        """Place a job that is not on the board."""
        self._add(j, draws_w)
        self.draws_w[j] = draws_w

    def best(self, j: int) -> list[float]:
        """Return how a job that is not on the board is best placed."""
        job = self.jobs[j]
        window = slice(job.lo, job.hi)
        room_w = self._room_w[job.zone][window] if isinstance(job, CarJob) else None
        return job.solve(self.grid_w[window], room_w)

    def cost_w(self, j: int, draws_w: list[float]) -> float:
        """Return what the grid would give more, if a job that is not on the board drew so much. [W]"""
        grid_w = self.grid_w[self.jobs[j].lo : self.jobs[j].hi]
        return sum(max(0.0, w + own) - max(0.0, w) for w, own in zip(grid_w, draws_w, strict=True) if own)

    def _add(self, j: int, change_w: list[float]) -> None:
        job = self.jobs[j]
        for t, w in enumerate(change_w, job.lo):
            if w:
                self.grid_w[t] += w
        if isinstance(job, CarJob):
            room_w = self._room_w[job.zone]
            for t, w in enumerate(change_w, job.lo):
                if w:
                    room_w[t] -= w


def descend(board: Board, told: Callable[[int], None] = lambda _: None) -> None:
    """Place the jobs one after the other; then better, as long as one or two of them can be.

    What draws most comes first, for it finds sun enough in fewer steps; then what has least time to spare.

    Args:
        board: Where the jobs are, or are to be; changed.
        told: Told how many of them have been placed for the first time.
    """
    order = sorted(range(len(board.jobs)), key=lambda j: _rank(board.jobs[j]))
    beside = _beside(board.jobs)
    placed: set[int] = set()
    todo: set[int] = set()
    for j in order:
        board.put(j, board.best(j))
        todo |= beside[j] & placed
        placed.add(j)
        told(len(placed))
    pairs = [(j, first) for k, first in enumerate(order) for j in order[k + 1 :] if j in beside[first]]
    effort = EFFORT
    while todo:
        _one_by_one(board, [j for j in order if j in todo], beside)
        todo = set()
        for j, first in pairs:
            effort -= sum(board.jobs[i].hi - board.jobs[i].lo for i in (j, first))
            if effort > 0 and _swap(board, j, first):
                todo |= beside[j] | beside[first]


def _rank(job: Job) -> tuple[float, float]:
    return -job.most_w, job.most_w * (job.hi - job.lo) - job.need_w


def _one_by_one(board: Board, order: Sequence[int], beside: Sequence[set[int]]) -> None:
    """Place these jobs again, and all that stand beside one that has moved, until none moves."""
    todo = dict.fromkeys(order)
    while todo:
        j = next(iter(todo))
        del todo[j]
        if _improve(board, j):
            todo.update(dict.fromkeys(sorted(beside[j])))


def _swap(board: Board, j: int, other: int) -> bool:
    """Place two jobs again, the one that came second first; return whether that was for the better."""
    was_j, was = board.take(j), board.take(other)
    new_j = board.best(j)
    old_w, new_w = board.cost_w(j, was_j), board.cost_w(j, new_j)
    board.put(j, was_j)
    old_w += board.cost_w(other, was)
    board.take(j)
    board.put(j, new_j)
    new = board.best(other)
    new_w += board.cost_w(other, new)
    met_w = board.unmet_w(j, was_j) + board.unmet_w(other, was) - board.unmet_w(j, new_j) - board.unmet_w(other, new)
    better = _better(met_w, old_w - new_w)
    if not better:
        board.take(j)
        board.put(j, was_j)
    board.put(other, new if better else was)
    return better


def _improve(board: Board, j: int) -> bool:
    """Place a job again; return whether that was for the better."""
    was = board.take(j)
    new = board.best(j)
    better = _better(
        board.unmet_w(j, was) - board.unmet_w(j, new),
        board.cost_w(j, was) - board.cost_w(j, new),
    )
    board.put(j, new if better else was)
    return better


def _better(met_w: float, saved_w: float) -> bool:
    """Tell whether something is better that meets so much more and imports so much less: needs come first."""
    return saved_w > GAIN_W if abs(met_w) <= GAIN_W else met_w > 0.0


def _beside(jobs: Sequence[Job]) -> list[set[int]]:
    """Return for each job those whose windows overlap with its own."""
    found: list[set[int]] = [set() for _ in jobs]
    open_jobs: list[int] = []
    for j in sorted(range(len(jobs)), key=lambda j: jobs[j].lo):
        open_jobs = [other for other in open_jobs if jobs[other].hi > jobs[j].lo]
        for other in open_jobs:
            found[j].add(other)
            found[other].add(j)
        open_jobs.append(j)
    return found

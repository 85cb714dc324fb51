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
    """Place the jobs one after the other, the greatest power first, and again until none can be placed better.

    Args:
        board: Where the jobs are, or are to be; changed.
        told: Told how many of them have been placed for the first time.
    """
    order = sorted(range(len(board.jobs)), key=lambda j: -board.jobs[j].most_w)
    beside = _beside(board.jobs)
    placed: set[int] = set()
    todo: set[int] = set()
    for j in order:
        board.put(j, board.best(j))
        todo |= beside[j] & placed
        placed.add(j)
        told(len(placed))
    while todo:
        for j in order:
            if j in todo:
                todo.discard(j)
                if _improve(board, j):
                    todo |= beside[j]


def _improve(board: Board, j: int) -> bool:
    """Place a job again; return whether that was for the better."""
    was = board.take(j)
    new = board.best(j)
    met_w = board.unmet_w(j, was) - board.unmet_w(j, new)
    saved_w = board.cost_w(j, was) - board.cost_w(j, new)
    better = saved_w > GAIN_W if abs(met_w) <= GAIN_W else met_w > 0.0
    board.put(j, new if better else was)
    return better


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

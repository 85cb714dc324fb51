"""What a controller did with a game, and how time passes for its loads, whoever decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.core.model import Instant
    from noonward.lab.game import Game, Load
    from noonward.lab.storage import Storage

Progress: TypeAlias = "Callable[[int], None]"
"""Told the number of intervals played, now and then."""

Piece: TypeAlias = tuple[float, list[float]]
"""A stretch of constant power: its length in s, and the draw of each load in W."""

TELL_EVERY = 2048
"""Intervals between two words to :data:`Progress`, less one in binary."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One game, played.

    Attributes:
        controller: Who played it.
        game: What was played.
        loads: The loads, with what came of them.
        split: Intervals within which the power changed, piece by piece; all others were constant.
        below_minimum: Limits that left a vehicle less than the minimum of its zone, but not nothing.
        storage: The home battery and what it did; None: there is none.
        zone_max: Intervals in which the vehicles of a zone drew more than it may.
        fuse: Intervals at whose end a phase had been above its fuse for longer than the meter's lag.
    """

    controller: str
    game: Game
    loads: list[Load]
    split: dict[int, list[Piece]] = field(default_factory=dict)
    storage: Storage | None = None
    below_minimum: int = 0
    zone_max: int = 0
    fuse: int = 0


class Floor:
    """Where the loads of one run stand: lets time pass for all of them, cut where a need changes.

    Attributes:
        edge: When a need next changes by time alone.
    """

    __slots__ = ("_advances", "_bays", "_needs", "_powers", "_restless", "_zeros", "edge")

    def __init__(self, loads: list[Load]) -> None:
        self._powers = [load.plant.power_w for load in loads]
        self._advances = [load.plant.advance for load in loads]
        self._needs = [load.need for load in loads if load.need is not None]
        self._bays = [load.bay for load in loads if load.bay is not None]
        self._restless = [load.restless for load in loads]
        self._zeros = [0.0] * len(loads)
        self.edge = -inf

    def turn(self, t: Instant) -> None:
        """Let deadlines, ends of periods, arrivals and departures up to and including ``t`` pass."""
        for need in self._needs:
            need.settle(t)
        self.edge = min((need.edge for need in self._needs), default=inf)

    def pass_time(self, on_w: list[float], t: Instant, end: Instant, step_end: Instant | None = None) -> list[Piece]:
        """Let the loads draw what they want of ``on_w`` over [t, end) and return what that was.

        Args:
            on_w: What each is offered. [W]
            t: From here …
            end: … to here.
            step_end: End of the tape step, where that is later: what completes a vehicle is spread until then.
        """
        busy = [k for k, w in enumerate(on_w) if w or self._restless[k]]
        if not busy and t < self.edge >= end:
            return [(end - t, self._zeros)]
        pieces = []
        while True:
            if t >= self.edge:
                self.turn(t)
            stop = self.edge if self.edge < end else end
            for bay in self._bays:
                bay.spread_until = -inf if step_end is None else min(self.edge, step_end)
            dt_s = stop - t
            draws = self._zeros
            if busy:
                draws = draws.copy()
                for k in busy:
                    draws[k] = draw = self._powers[k](on_w[k], t, dt_s)
                    self._advances[k](draw, t, dt_s)
            pieces.append((dt_s, draws))
            if stop >= end:
                return pieces
            t = stop

    def go_on(self, on_w: list[float], draws: list[float], starts: Sequence[Instant], dt_s: float) -> int:
        """Let intervals pass as long as all draw what they drew.

        Args:
            on_w: What each is offered. [W]
            draws: What each drew. [W]
            starts: Of the intervals; none of them runs across an edge.
            dt_s: Length of each. [s]

        Returns:
            How many passed.
        """
        busy = [(k, w) for k, w in enumerate(on_w) if w or self._restless[k]]
        if not busy:
            return len(starts)
        for bay in self._bays:
            bay.spread_until = -inf
        asked = [(self._powers[k], w, draws[k]) for k, w in busy]
        told = [(self._advances[k], draws[k]) for k, _ in busy]
        for passed, t in enumerate(starts):
            for power_w, w, draw in asked:
                if power_w(w, t, dt_s) != draw:
                    return passed
            for advance, draw in told:
                advance(draw, t, dt_s)
        return len(starts)


def mean_w(pieces: list[Piece]) -> list[float]:
    """Return the mean draw of each load over all pieces. [W]"""
    if len(pieces) == 1:
        return pieces[0][1]
    whole_s = sum(dt_s for dt_s, _ in pieces)
    return [sum(dt_s * draws[k] for dt_s, draws in pieces) / whole_s for k in range(len(pieces[0][1]))]

"""What the loads of a game do by themselves.

A quota runs from its usual hour until it is met; a tank follows its thermostat; a vehicle charges at its maximum from
its arrival on; a heat pump behind SG-Ready contacts is left to itself.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from noonward.lab import plants
from noonward.lab.run import TELL_EVERY, Floor, Run, mean_w

if TYPE_CHECKING:
    from noonward.lab.game import Game, Load
    from noonward.lab.run import Progress


def play(game: Game, progress: Progress | None = None) -> Run:
    """Play a game that nobody controls.

    Args:
        game: What is played.
        progress: Told how far it has come.
    """
    run = Run(controller="uncontrolled", game=game, loads=game.loads(), storage=game.storage())
    tape, net_w, storage = game.tape, game.net_w, run.storage
    floor, step_s, n = Floor(run.loads), tape.step_s, len(tape)
    alone = [_Alone(load, game) for load in run.loads]
    restless = storage is not None or any(load.restless for load in run.loads)
    i = told = 0
    while i < n:
        t = tape.begins(i)
        if t >= floor.edge:
            floor.turn(t)
        on_w = [one.look(i, t) for one in alone]
        pieces = floor.pass_time(on_w, t, t + step_s)
        if len(pieces) > 1:
            run.split[i] = pieces
        for load, draw_w in zip(run.loads, mean_w(pieces), strict=True):
            load.draw_w[i] = draw_w
        if storage is not None:
            storage.note(i, pieces, storage.follow(net_w[i], pieces))
        i += 1
        if not restless and not any(on_w):
            turn = n if floor.edge == inf else int((floor.edge - tape.start) // step_s)
            i = max(i, min([turn, *(one.begins(i) for one in alone)]))
        if progress is not None and i >= told + TELL_EVERY:
            told = i
            progress(i)
    floor.turn(tape.end)
    return run


class _Alone:
    """A load that nobody controls."""

    def __init__(self, load: Load, game: Game) -> None:
        self._load = load
        self._selfwilled = load.selfwilled
        self._n = len(game.tape)
        spec = game.plants.get(load.name)
        hours = None if spec is None else plants.uncontrolled(spec, game.tape, game.site.timezone)
        self._hours = None if hours is None else [*hours, True]

    def look(self, i: int, t: float) -> float:
        """Go on or off at the start of step ``i``; return what it may draw. [W]."""
        load, need, hours = self._load, self._load.need, self._hours
        on = not self._selfwilled and (need is None or (need.missing_wh > 0.0 and (hours is None or hours[i])))
        load.go(on, t, "")
        if not on:
            return 0.0
        bay = load.bay
        if bay is None or bay.visit is None:
            return load.power_w
        return bay.visit.kind.max_current_a * bay.watts_per_a

    def begins(self, i: int) -> int:
        """Return the first step from ``i`` on in which it would go on by its hour."""
        need, hours = self._load.need, self._hours
        if need is None or need.missing_wh <= 0.0:
            return self._n
        return i if hours is None else hours.index(True, i)  # behind the last step at the latest

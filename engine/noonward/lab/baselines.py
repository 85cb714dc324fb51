"""What the policies are compared with: three plain controllers that decide once per tape step, at its start.

``uncontrolled``: what the loads do by themselves (:mod:`uncontrolled`).
``threshold``: each load alone, on when the surplus covers it, off when it does not; no ledger, no delay.
``delays``: one ledger in the order of priorities; on after 1 min, off after 3 min.

The last two hold every relay on for 15 min, whatever the policy says, and force a load at the latest step that can
still meet its deadline, so that needs are equal. Vehicles have no min-on, follow the surplus in whole amperes, and are
known to leave when they do; a zone's maximum is not looked at. All see what the engine sees: the means of the interval
that has just ended, a home battery's part in them too. A missing observation starts nothing and stops nothing.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from noonward.core.units import round_down_a
from noonward.errors import UsageError
from noonward.lab import uncontrolled
from noonward.lab.run import TELL_EVERY, Floor, Run, mean_w

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from noonward.core.model import Instant
    from noonward.lab.game import Game, Load
    from noonward.lab.run import Progress

    Rule: TypeAlias = Callable[[list["Player"], float | None, int], None]

MIN_ON_S = 900.0
"""Every relay's min-on under ``threshold`` and ``delays``. [s]"""

ON_DELAY_S, OFF_DELAY_S = 60.0, 180.0
"""Of ``delays``, as evcc has them by default; none on tapes of :data:`COARSE_S` and more. [s]"""

COARSE_S = 300.0

_SLACK_WS = 1e-3
"""What rounding may take from "still meets the deadline". [W s]"""


class Player:
    """A load in the hands of a baseline.

    Attributes:
        load: The load.
        need: What it needs, where it needs something.
        power_w: Most that it takes. [W]
        least_w: Least that it takes while it is on; of an appliance the same. [W]
        grain_w: Steps in which its power follows the surplus, an ampere of a vehicle; 0: not at all. [W]
        on: Whether it was on, then whether it is to be.
        offer_w: What it may take, 0 while off. [W]
        wants: Whether it would draw.
        must: Whether only its maximum from now on still meets its deadline.
        forced: Whether that, and not the surplus, is why it draws what it draws.
        held: Whether it is inside its min-on.
        draw_w: Mean draw of the interval that has just ended. [W]
        enough: Consecutive observations with enough surplus.
        short: Consecutive observations with too little.
    """

    __slots__ = (
        "draw_w", "enough", "forced", "grain_w", "held", "least_w", "load", "must", "need", "offer_w", "on", "power_w",
        "short", "since", "wants",
    )  # fmt: skip

    def __init__(self, load: Load) -> None:
        self.load = load
        self.need = load.need
        self.power_w = self.least_w = load.power_w
        self.grain_w = 0.0
        self.on = self.wants = self.must = self.forced = self.held = False
        self.since: Instant = 0.0
        self.draw_w = self.offer_w = 0.0
        self.enough = self.short = 0

    def look(self, t: Instant, step_s: float) -> None:
        """Note what it needs at ``t``."""
        need, bay = self.need, self.load.bay
        if bay is not None and bay.visit is not None:
            self.grain_w = bay.watts_per_a
            self.power_w = bay.visit.kind.max_current_a * self.grain_w
            self.least_w = bay.visit.kind.min_current_a * self.grain_w
        if need is None:
            self.wants = self.takes_w(self.power_w, t, step_s) > 0.0
        else:
            missing_ws = need.missing_wh * 3600.0
            self.wants = missing_ws > 0.0
            left_s = None if need.by is None else need.by - t - step_s
            self.must = self.wants and left_s is not None and missing_ws >= left_s * self.power_w - _SLACK_WS
        self.held = bay is None and self.on and t - self.since < MIN_ON_S

    def takes_w(self, offer_w: float, t: Instant, step_s: float) -> float:
        """Return what it would draw of an offer over the whole step. [W]"""
        return self.load.plant.power_w(offer_w, t, step_s)

    def decide(self, covered: bool, free_w: float | None) -> None:
        """Be on where surplus, the need or min-on wants it; a vehicle takes as much of what is free as it can.

        Args:
            covered: Whether surplus wants it on.
            free_w: Surplus that it may use, None where nobody knows. [W]
        """
        was_w = self.offer_w if self.on else self.least_w
        self.on = self.held or (self.wants and (covered or self.must))
        self.offer_w = self.power_w
        if self.grain_w and not self.must:
            whole_w = was_w if free_w is None else round_down_a(free_w / self.grain_w, 1.0) * self.grain_w
            self.offer_w = min(max(whole_w, self.least_w), self.power_w)
        enough = covered and (not self.grain_w or free_w is None or free_w >= self.offer_w)
        self.forced = self.must and not enough
        if not self.on:
            self.offer_w = 0.0

    def observe(self, covered: bool | None) -> None:
        """Count one observation."""
        if covered is None:
            self.enough = self.short = 0
        elif covered:
            self.enough, self.short = self.enough + 1, 0
        else:
            self.enough, self.short = 0, self.short + 1


def play(name: str, game: Game, progress: Progress | None = None) -> Run:
    """Play a baseline.

    Args:
        name: uncontrolled, threshold or delays.
        game: What is played.
        progress: Told how far it has come.

    Raises:
        UsageError: Uncontrolled, and a load has no plant that would say what it then does.
    """
    if name == "uncontrolled":
        if not game.natural():
            raise UsageError("what loads do uncontrolled is said by a scenario's plants; a tape alone does not know it")
        return uncontrolled.play(game, progress)
    run = Run(controller=name, game=game, loads=game.loads(), storage=game.storage())
    storage = run.storage
    rule = _RULES[name](game.tape.start, game.tape.step_s)
    tape, net_w = game.tape, game.net_w
    step_s, start = tape.step_s, tape.start
    players = [Player(load) for load in run.loads]
    floor = Floor(run.loads)
    seen_w = net_w[0]  # at the start: the first interval, without loads
    for i in range(len(tape)):
        t = start + i * step_s
        if t >= floor.edge:
            floor.turn(t)
        for p in players:
            p.look(t, step_s)
        was = [p.on for p in players]
        rule(players, None if seen_w is None else -seen_w, i)
        pieces = floor.pass_time([p.offer_w for p in players], t, t + step_s)
        draws = mean_w(pieces)
        if len(pieces) > 1:
            run.split[i] = pieces
        for p, before, draw in zip(players, was, draws, strict=True):
            _note(p, before, draw, i, t)
        seen_w = net_w[i]
        if storage is not None:
            storage.note(i, pieces, storage.follow(seen_w, pieces))
            seen_w = None if seen_w is None else seen_w + storage.mean_w[i]
        if progress is not None and not i % TELL_EVERY:
            progress(i)
    floor.turn(tape.end)
    return run


def _note(p: Player, before: bool, draw_w: float, i: int, t: Instant) -> None:
    load = p.load
    p.draw_w = draw_w
    load.draw_w[i] = draw_w
    load.forced[i] = p.forced
    load.go(p.on, t, "need-forced" if p.forced else "")
    if p.on and not before:
        p.since = t


def _threshold(_start: Instant, _step_s: float) -> Rule:
    def rule(players: list[Player], surplus_w: float | None, i: int) -> None:  # noqa: ARG001 - one shape of rule
        drawn_w = sum(p.draw_w for p in players)
        for p in players:
            if surplus_w is None:
                p.decide(p.on and not p.forced, None)
            else:
                free_w = surplus_w - drawn_w + p.draw_w
                p.decide(free_w >= p.least_w, free_w)

    return rule


def _delays(start: Instant, step_s: float) -> Rule:
    coarse = step_s >= COARSE_S
    on_at = 1 if coarse else 1 + ceil(ON_DELAY_S / step_s)
    off_at = 1 if coarse else 1 + ceil(OFF_DELAY_S / step_s)

    def rule(players: list[Player], surplus_w: float | None, i: int) -> None:
        t = start + i * step_s
        left_w = surplus_w
        reserved_w = [p.power_w if p.held and p.wants else 0.0 for p in players]
        if left_w is not None:
            left_w -= sum(reserved_w)
        for p, own_w in zip(players, reserved_w, strict=True):
            free_w = None if left_w is None else left_w + own_w
            if free_w is None:
                p.observe(None)
                keep = p.on and not p.forced
            else:
                p.observe(free_w >= p.least_w)
                keep = p.short < off_at if p.on else p.enough >= on_at
            p.decide(keep, free_w)
            if left_w is not None and p.on and not own_w:
                left_w -= p.takes_w(p.offer_w, t, step_s)

    return rule


_RULES: Mapping[str, Callable[[Instant, float], Rule]] = {
    "threshold": _threshold,
    "delays": _delays,
}

"""What the policies are compared with: three plain controllers that decide once per tape step, at its start.

``uncontrolled``: a quota runs from its usual hour until it is met; a tank follows its thermostat.
``threshold``: each load alone, on when the surplus covers it, off when it does not; no ledger, no delay.
``delays``: one ledger in the order of priorities; on after 1 min, off after 3 min.

The last two hold every relay on for 15 min, whatever the policy says, and force a load at the latest step that can
still meet its deadline, so that needs are equal. All see what the engine sees: the means of the interval that has just
ended. A missing observation starts nothing and stops nothing.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from noonward.errors import UsageError
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
        on: Whether it was on, then whether it is to be.
        wants: Whether it would draw.
        forced: Whether only running from now on still meets its deadline.
        held: Whether it is inside its min-on.
        draw_w: Mean draw of the interval that has just ended. [W]
        enough: Consecutive observations with enough surplus.
        short: Consecutive observations with too little.
    """

    __slots__ = ("draw_w", "enough", "forced", "held", "load", "on", "power_w", "quota", "short", "since", "wants")

    def __init__(self, load: Load) -> None:
        self.load = load
        self.quota = load.quota
        self.power_w = load.power_w
        self.on = self.wants = self.forced = self.held = False
        self.since: Instant = 0.0
        self.draw_w = 0.0
        self.enough = self.short = 0

    def look(self, t: Instant, step_s: float) -> None:
        """Note what it needs at ``t``."""
        quota = self.quota
        if quota is None:
            self.wants = self.load.plant.power_w(self.power_w, t, step_s) > 0.0
        else:
            missing_ws = quota.missing_wh * 3600.0
            self.wants = missing_ws > 0.0
            left_s = None if quota.by is None else quota.by - t - step_s
            self.forced = self.wants and left_s is not None and missing_ws >= left_s * self.power_w - _SLACK_WS
        self.held = self.on and t - self.since < MIN_ON_S

    def decide(self, covered: bool) -> None:
        """Be on where surplus, the need or min-on wants it; only what surplus does not cover is forced."""
        self.forced = self.forced and not covered
        self.on = self.held or (self.wants and (covered or self.forced))

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
    run = Run(controller=name, game=game, loads=game.loads())
    if name == "uncontrolled" and not game.natural():
        raise UsageError("what loads do uncontrolled is said by a scenario's plants; a tape alone does not know it")
    rule = _RULES[name](game.tape.step_s)
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
        pieces = floor.pass_time([p.power_w if p.on else 0.0 for p in players], t, t + step_s)
        draws = mean_w(pieces)
        if len(pieces) > 1:
            run.split[i] = pieces
        for p, before, draw in zip(players, was, draws, strict=True):
            _note(p, before, draw, i, t)
        seen_w = net_w[i]
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


def _uncontrolled(_step_s: float) -> Rule:
    def rule(players: list[Player], surplus_w: float | None, i: int) -> None:  # noqa: ARG001 - one shape of rule
        for p in players:
            hours = p.load.uncontrolled
            p.forced = False
            p.on = p.quota is None or (p.wants and (hours is None or hours[i]))

    return rule


def _threshold(_step_s: float) -> Rule:
    def rule(players: list[Player], surplus_w: float | None, i: int) -> None:  # noqa: ARG001 - one shape of rule
        drawn_w = sum(p.draw_w for p in players)
        for p in players:
            covered = p.on and not p.forced if surplus_w is None else surplus_w - drawn_w + p.draw_w >= p.power_w
            p.decide(covered)

    return rule


def _delays(step_s: float) -> Rule:
    coarse = step_s >= COARSE_S
    on_at = 1 if coarse else 1 + ceil(ON_DELAY_S / step_s)
    off_at = 1 if coarse else 1 + ceil(OFF_DELAY_S / step_s)

    def rule(players: list[Player], surplus_w: float | None, i: int) -> None:  # noqa: ARG001 - one shape of rule
        left_w = None
        if surplus_w is not None:
            left_w = surplus_w - sum(p.power_w for p in players if p.held and p.wants)
        for p in players:
            reserved = p.held and p.wants
            if left_w is None:
                p.observe(None)
                keep = p.on and not p.forced
            else:
                p.observe((left_w + p.power_w if reserved else left_w) >= p.power_w)
                keep = p.short < off_at if p.on else p.enough >= on_at
            p.decide(keep)
            if left_w is not None and p.on and p.wants and not reserved:
                left_w -= p.power_w

    return rule


_RULES: Mapping[str, Callable[[float], Rule]] = {
    "uncontrolled": _uncontrolled,
    "threshold": _threshold,
    "delays": _delays,
}

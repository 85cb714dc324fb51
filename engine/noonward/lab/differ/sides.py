"""Both versions played, each in a process of its own where that helps: all that a diff tells of either of them.

What a version did comes back as numbers, and as a whole only where somebody wants to see it. What both have in common,
as what the loads do by themselves or perfect foresight, is worked out once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from noonward.lab import baselines
from noonward.lab.aside import LONG, Aside, known
from noonward.lab.changes import Changes
from noonward.lab.differ.days import daily
from noonward.lab.differ.match import same_loads
from noonward.lab.differ.part import watch
from noonward.lab.optimum import optimum, same_jobs
from noonward.lab.score import Frame, alone, frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.core.model import PolicyName
    from noonward.lab.differ.days import Day
    from noonward.lab.differ.part import Note
    from noonward.lab.game import Game
    from noonward.lab.run import Progress, Run
    from noonward.lab.score import Alone

    Watched = Callable[[str], Progress | None]


class Side(NamedTuple):
    """One version, played.

    Attributes:
        notes: Its steps that commanded something.
        alone: Its numbers.
        frame: What they are measured by.
        days: What each day came to.
        shown: How it was played, and what it said, where somebody wants to see that.
    """

    notes: Sequence[Note]
    alone: Alone
    frame: Frame
    days: Sequence[Day]
    shown: tuple[Run, Changes] | None


def play_both(
    old: Game,
    new: Game,
    renamed: Mapping[PolicyName, PolicyName],
    watched: Watched = lambda _: None,
    *,
    shows: bool = False,
) -> tuple[Side, Side]:
    """Play both versions.

    Args:
        old: Game of the old version.
        new: Of the new one.
        renamed: Old name to new.
        watched: Returns who is told how far each of them has come.
        shows: Whether somebody wants to see more of them than numbers.
    """
    natural = not same_loads(old, new, renamed)
    foresight = natural or not same_jobs(old, new)
    work = partial(_play, old, renamed, shows=shows, natural=natural, foresight=foresight)
    aside = Aside(work, known(old), enough=len(old.tape) >= LONG)
    before = None if aside.apart else work(watched=watched, name="old")
    after = _play(new, {}, shows=shows, watched=watched, name="new")
    before = before or aside.result()
    at_once, best = (before if natural else after).frame, (before if foresight else after).frame
    return before._replace(frame=best._replace(at_once_kwh=at_once.at_once_kwh)), after


def _play(
    game: Game,
    called: Mapping[PolicyName, PolicyName],
    *,
    shows: bool,
    natural: bool = True,
    foresight: bool = True,
    watched: Watched = lambda _: None,
    name: str = "",
) -> Side:
    """Play one version.

    Args:
        game: Its game.
        called: What its policies are called in the notes.
        shows: Whether somebody wants to see it.
        natural: Whether to find out what its loads do by themselves.
        foresight: Whether to find out what can be had with perfect foresight.
        watched: Returns who is told how far something has come.
        name: What it is called there.
    """
    heard = Changes() if shows else None
    run, notes = watch(game, called, heard, watched(name))
    left = baselines.play("uncontrolled", game, watched("uncontrolled")) if natural and game.natural() else None
    best = optimum(game, watched("optimum")) if foresight and game.comparable() else None
    return Side(notes, alone(run), frame(left, best), daily(run), None if heard is None else (run, heard.over()))

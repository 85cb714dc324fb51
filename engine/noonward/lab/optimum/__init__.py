"""Perfect foresight: the least import that a game allows, by the rules of the game.

Relays are on or off for their min-on at least, vehicles charge between their minimum and their maximum or not at all,
the vehicles of a zone stay below its maximum together, and every need is met before its deadline, if it can be. Nothing
limits the number of starts.

Finding it exactly is hard. What is here places one need after the other as well as can be while all others stand: an
appliance's period by dynamic programming (:mod:`relay`), a vehicle's stay by a greedy choice (:mod:`car`), again and
again until nothing improves (:mod:`descent`). How far that may be from the truth says a proven lower bound
(:mod:`bound`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.errors import UsageError
from noonward.lab.optimum import cache
from noonward.lab.optimum.descent import Board, descend
from noonward.lab.optimum.jobs import jobs_of, limits_w
from noonward.lab.optimum.playing import play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.lab.game import Game
    from noonward.lab.optimum.jobs import Job
    from noonward.lab.run import Progress, Run

__all__ = ["bound_kwh", "optimum", "plan", "same_jobs"]

VERSION = 1
"""Of the algorithm: a higher one when it finds anything else, so that no plan of the old one is used."""


def optimum(game: Game, progress: Progress | None = None) -> Run:
    """Return how a game is played with perfect foresight: computed once, and then kept (:mod:`cache`).

    Args:
        game: What is played.
        progress: Told how far it has come, in intervals of the tape.

    Raises:
        UsageError: A load has no need, so that nobody can say what the least is.
    """
    todo = jobs_of(game)
    name = cache.key(VERSION, todo, game.net_w, limits_w(game))
    draws_w = cache.read(name, todo)
    if draws_w is None:
        draws_w = plan(game, todo, progress)
        cache.write(name, draws_w)
    return play(game, todo, draws_w)


def plan(game: Game, todo: Sequence[Job], progress: Progress | None = None) -> list[list[float]]:
    """Return what each job draws in each step of its window, computed afresh. [W]

    Args:
        game: What is played.
        todo: Its jobs.
        progress: As above.
    """
    board = Board(todo, game.net_w, limits_w(game))

    def told(placed: int) -> None:
        if progress is not None:
            progress(placed * len(game.tape) // len(todo))

    descend(board, told)
    return board.draws_w


def same_jobs(one: Game, other: Game) -> bool:
    """Tell whether all that perfect foresight follows from is the same in two games with the same loads."""
    return (
        one.comparable()
        and other.comparable()
        and one.net_w == other.net_w
        and limits_w(one) == limits_w(other)
        and jobs_of(one) == jobs_of(other)
    )


def bound_kwh(game: Game) -> float:
    """Return what no controller's import can be below, whatever it knows. [kWh]

    Raises:
        UsageError: A load has no need, or the solver is not installed.
    """
    try:
        from noonward.lab.optimum import bound  # noqa: PLC0415 - only who asks for the bound needs a solver
    except ImportError as error:
        missing = f"the proven bound needs {error.name}, which is not installed"
        raise UsageError(f"{missing}; install what the lab can use with: pip install 'noonward[lab]'") from None
    return bound.least_kwh(game)

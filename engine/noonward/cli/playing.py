"""What the commands that play a recording have in common: the game, who plays it, what of it is not played."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.cli.progress import Bar
from noonward.errors import PolicyError, UsageError
from noonward.lab import baselines
from noonward.lab import simulate as closed_loop
from noonward.lab.game import Game, new_game
from noonward.lab.optimum import optimum
from noonward.lab.tape import Tape, load_tape
from noonward.policy.load import load
from noonward.policy.moment import instant
from noonward.policy.problems import Problem, to_text

if TYPE_CHECKING:
    from pathlib import Path

    from noonward.core.model import Instant
    from noonward.lab.changes import Changes
    from noonward.lab.run import Run
    from noonward.lab.scenario import Scenario


def load_game(path: Path, played: Scenario, begin: str | None, end: str | None) -> Game:
    """Load the site and the tape that a scenario is played with.

    Raises:
        PolicyError: The policies do not load.
        UsageError: The tape, the sessions or a moment cannot be used.
    """
    site = load(path, beside=False).site
    return new_game(site, played, cut(played, begin, end, site.timezone))


def cut(played: Scenario, begin: str | None, end: str | None, timezone: str) -> Tape:
    """Return a scenario's tape, scaled, between two moments as the user writes them.

    Raises:
        UsageError: It cannot be read, or nothing of it lies between them.
    """
    lo, hi = (instant_of(text, timezone) for text in (begin, end))
    tape = load_tape(played.tape)
    if lo is not None or hi is not None:
        tape = tape.between(lo, hi)
    return tape.scaled(played.pv_scale) if played.pv_scale != 1.0 else tape


def not_played(game: Game) -> list[str]:
    """Return what of the site and the recording has no part in a game, in lines for the terminal."""
    zones = {zone.name for zone in game.site.zones}
    return [
        f"  {what}: {', '.join(which)}"
        for what, which in (
            ("not played, no plant in the scenario", [name for name in game.ignored if name not in zones]),
            ("not played, no session in the scenario", [name for name in game.ignored if name in zones]),
            ("not played, at stations that no EV zone has", game.strangers),
            ("not used yet", game.tape.not_played),
        )
        if which
    ]


def play(controller: str, game: Game, changes: Changes | None = None) -> Run:
    """Play a game under a controller, with a bar where it takes long.

    Args:
        controller: Who decides.
        game: What is played.
        changes: Hears what the policies say; other controllers give no reasons.
    """
    with Bar(controller, len(game.tape)) as bar:
        if controller == "policies":
            return closed_loop.play(game, bar, None if changes is None else changes.engine)
        if controller == "optimum":
            return optimum(game, bar)
        return baselines.play(controller, game, bar)


def refuse(error: PolicyError) -> NoReturn:
    """Show every problem of what does not load, and leave with exit code 1."""
    problems = [problem for problem in error.problems if isinstance(problem, Problem)]
    click.echo(to_text(problems) or str(error), err=True)
    raise click.exceptions.Exit(EXIT_FINDINGS)


def instant_of(text: str | None, timezone: str) -> Instant | None:
    """Return the moment that an option means, None where it was not given.

    Raises:
        UsageError: It is not a date and time.
    """
    if text is None:
        return None
    try:
        return instant(text, timezone)
    except ValueError as error:
        raise UsageError(str(error)) from None

"""``noonward simulate``: the policies against plants, on a recording."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.cli.playing import load_game, not_played, play, refuse
from noonward.errors import PolicyError, UsageError
from noonward.lab import scenario, trace
from noonward.lab.aside import LONG, Aside, known
from noonward.lab.changes import Changes
from noonward.lab.optimum import bound_kwh, optimum
from noonward.lab.score import score
from noonward.report import day, scorecard
from noonward.report.pages import Played, run_report

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTROLLERS = ("policies", "uncontrolled", "threshold", "delays", "optimum")


@click.command("simulate")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What is played: a tape, and what each policy controls.",
)
@click.option(
    "--tape",
    "tape_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A tape alone: every policy controls a plain load that takes its nominal power whenever it is on.",
)
@click.option(
    "--sessions",
    "sessions_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --tape: who charges when, for the EV zones (CSV: station, arrival, departure, energy_kwh).",
)
@click.option("--from", "begin", metavar="T", help="Play from here, ISO 8601; without an offset it is site time.")
@click.option("--to", "end", metavar="T", help="Play up to here; a date alone is its midnight.")
@click.option("--json", "as_json", is_flag=True, help="Print the score as JSON.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write report.html, score.json, trace.csv and the picture of a day to DIR.",
)
@click.option(
    "--controller", type=click.Choice(CONTROLLERS), default="policies", show_default=True, help="Who decides."
)
@click.option(
    "--bound", is_flag=True, help="Prove how far the optimum can be from the least possible (takes a solver, and time)."
)
@click.pass_context
def command(
    ctx: click.Context,
    path: Path,
    scenario_file: Path | None,
    tape_file: Path | None,
    sessions_file: Path | None,
    begin: str | None,
    end: str | None,
    *,
    as_json: bool,
    out: Path | None,
    controller: str,
    bound: bool,
) -> None:
    """Play the policies in PATH against plants on a recording, and print the score.

    PATH is the folder with site.yaml. Exit codes: 0 played, 1 the policies or the scenario do not load, or a rule that
    always holds was broken, 2 usage.
    """
    try:
        played = _played(scenario_file, tape_file, sessions_file)
        game = load_game(path, played, begin, end)
    except PolicyError as error:
        refuse(error)
    proven_kwh = bound_kwh(game) if bound else None
    changes = None if out is None else Changes()
    asked = game.comparable() and controller != "optimum"
    foresight = Aside(partial(optimum, game), known(game), enough=asked and len(game.tape) >= LONG)
    run = play(controller, game, changes)
    uncontrolled = None
    if game.natural():
        uncontrolled = run if controller == "uncontrolled" else play("uncontrolled", game)
    best = None
    if game.comparable():
        best = foresight.result() if foresight.apart else run if controller == "optimum" else play("optimum", game)
    result = score(run, uncontrolled, best, proven_kwh)
    if as_json:
        click.echo(json.dumps(result, indent=1))
    else:
        click.echo("\n".join([scorecard.to_text(result, game.site.name, game.site.timezone), *not_played(game)]))
    if out is not None:
        beside = [
            Played(name=other.controller, run=other, score=score(other, uncontrolled, best))
            for other in (uncontrolled, best)
            if other is not None and other is not run
        ]
        _write(out, Played(name=controller, run=run, score=result, changes=changes or Changes()), beside)
    if any(result["violations"].values()):
        ctx.exit(EXIT_FINDINGS)


def _played(scenario_file: Path | None, tape_file: Path | None, sessions_file: Path | None) -> scenario.Scenario:
    """Return the scenario that is asked for."""
    if sessions_file is not None and tape_file is None:
        raise UsageError("--sessions goes with --tape; a scenario names its sessions itself: sessions: {file: …}")
    if tape_file is not None and scenario_file is None:
        sessions = None if sessions_file is None else scenario.SessionsSpec(file=sessions_file)
        return scenario.Scenario(tape=tape_file, plants=None, sessions=sessions)
    if scenario_file is not None and tape_file is None:
        return scenario.load(scenario_file)
    raise UsageError("give either --scenario FILE or --tape FILE")


def _write(folder: Path, shown: Played, others: Sequence[Played]) -> None:
    run = shown.run
    best = day.best_day(run)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.html").write_text(run_report(shown, others), encoding="utf-8")
        (folder / "score.json").write_text(json.dumps(shown.score, indent=1) + "\n", encoding="utf-8")
        (folder / f"day-{best.date}.svg").write_text(day.plot(run, best), encoding="utf-8")
        with (folder / "trace.csv").open("w", encoding="utf-8", newline="") as stream:
            trace.write(run, stream)
    except OSError as error:
        raise UsageError(
            f"{folder}: {error.strerror or error}; give a folder that can be written with --out"
        ) from error

"""``noonward compare``: the same game under every controller."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from noonward.lab.changes import Changes
    from noonward.lab.run import Run


@click.command("compare")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="What is played: a tape, and what each policy controls.",
)
@click.option("--from", "begin", metavar="T", help="Play from here, ISO 8601; without an offset it is site time.")
@click.option("--to", "end", metavar="T", help="Play up to here; a date alone is its midnight.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write compare.json and report.html to DIR.",
)
@click.option(
    "--bound", is_flag=True, help="Prove how far the optimum can be from the least possible (takes a solver, and time)."
)
def command(
    path: Path, scenario_file: Path, begin: str | None, end: str | None, *, as_json: bool, out: Path | None, bound: bool
) -> int:
    """Play a scenario uncontrolled, under plain rules, under the policies in PATH and with perfect foresight.

    PATH is the folder with site.yaml. Exit codes: 0 played, 1 the policies or the scenario do not load, or the policies
    broke a rule that always holds, 2 usage.
    """
    from noonward.cli.playing import load_game, not_played, refuse
    from noonward.cli.progress import Bars
    from noonward.lab import scenario
    from noonward.lab.changes import Changes
    from noonward.lab.compare import POLICIES, compare, play
    from noonward.lab.optimum import bound_kwh
    from noonward.report import comparison

    try:
        game = load_game(path, scenario.load(scenario_file), begin, end)
    except PolicyError as error:
        refuse(error)
    changes = Changes()
    with Bars(len(game.tape)) as bars:
        runs = play(game, bars, None if out is None else changes)
    found = compare(runs, bound_kwh(game) if bound else None)
    if as_json:
        click.echo(json.dumps(found, indent=1))
    else:
        click.echo("\n".join([comparison.to_text(found, game.site.name, game.site.timezone), *not_played(game)]))
    if out is not None:
        _write(out, found, runs, changes)
    return EXIT_FINDINGS if any(found["controllers"][POLICIES]["violations"].values()) else 0


def _write(folder: Path, found: dict[str, Any], runs: dict[str, Run], changes: Changes) -> None:
    from noonward.lab.changes import Changes
    from noonward.lab.compare import POLICIES
    from noonward.report.pages import Played, run_report

    shown = [
        Played(
            name=name,
            run=run,
            score=found["controllers"][name],
            changes=changes if name == POLICIES else Changes(),
        )
        for name, run in runs.items()
    ]
    ours = next(one for one in shown if one.name == POLICIES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "compare.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        (folder / "report.html").write_text(run_report(ours, shown), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{folder}: {error.strerror or error}; give a folder that can be written with --out"
        ) from error

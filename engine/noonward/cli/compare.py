"""``noonward compare``: the same game under every controller."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.errors import PolicyError, UsageError


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
    "--out", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Write compare.json to DIR."
)
def command(
    path: Path, scenario_file: Path, begin: str | None, end: str | None, *, as_json: bool, out: Path | None
) -> int:
    """Play a scenario uncontrolled, under plain rules, under the policies in PATH and with perfect foresight.

    PATH is the folder with site.yaml. Exit codes: 0 played, 1 the policies or the scenario do not load, or the policies
    broke a rule that always holds, 2 usage.
    """
    from noonward.cli.playing import load_game, not_played, refuse
    from noonward.cli.progress import Bars
    from noonward.lab import scenario
    from noonward.lab.compare import POLICIES, compare
    from noonward.report import comparison

    try:
        game = load_game(path, scenario.load(scenario_file), begin, end)
    except PolicyError as error:
        refuse(error)
    with Bars(len(game.tape)) as bars:
        found = compare(game, bars)
    if as_json:
        click.echo(json.dumps(found, indent=1))
    else:
        click.echo("\n".join([comparison.to_text(found, game.site.name, game.site.timezone), *not_played(game)]))
    if out is not None:
        _write(out, found)
    return EXIT_FINDINGS if any(found["controllers"][POLICIES]["violations"].values()) else 0


def _write(folder: Path, found: dict[str, Any]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "compare.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{folder}: {error.strerror or error}; give a folder that can be written with --out"
        ) from error

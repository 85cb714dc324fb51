"""``noonward replay``: the same inputs through today's code."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from noonward.cli.main import EXIT_FINDINGS

if TYPE_CHECKING:
    from noonward.lab.replay import Difference


@click.command("replay")
@click.argument("journal", type=click.Path(path_type=Path))
@click.option("--policies", type=click.Path(path_type=Path), help="Play it with these in place of the recorded ones.")
@click.pass_context
def command(ctx: click.Context, journal: Path, policies: Path | None) -> None:
    """Play a recorded JOURNAL (the folder STATE/journal, or one file of it) and name the first difference.

    Exit codes: 0 none, 1 a difference, 2 usage.
    """
    from noonward.lab.replay import replay  # loads the whole policy language

    result = replay(journal, policies=policies)
    for path in result.torn:
        click.echo(f"{path.name}: its last block was lost (power cut or kill); played up to there", err=True)
    if result.difference is not None:
        click.echo(_text(result.difference))
        ctx.exit(EXIT_FINDINGS)
    click.echo(f"no difference in {result.steps} steps of {result.segments} segments")


def _text(difference: Difference) -> str:
    at = datetime.fromtimestamp(difference.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    lines = [
        f"first difference at {at}: {difference.what}",
        f"  recorded: {_shown(difference.recorded)}",
        f"  replayed: {_shown(difference.replayed)}",
    ]
    lines += [f"  {policy}: {why}" for policy, why in sorted(difference.why.items())]
    return "\n".join(lines)


def _shown(value: Any) -> str:
    return "-" if value is None or value in ({}, []) else json.dumps(value, ensure_ascii=False)

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
@click.option(
    "--tape",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Play nothing, and write what it saw to DIR as a tape, sessions and a scenario for the other commands.",
)
@click.option("--from", "begin", metavar="T", help="With --tape: from here. Default: the last whole day.")
@click.option("--to", "end", metavar="T", help="With --tape: up to here.")
@click.pass_context
def command(
    ctx: click.Context, journal: Path, policies: Path | None, folder: Path | None, begin: str | None, end: str | None
) -> None:
    """Play a recorded JOURNAL (the folder STATE/journal, or one file of it) and name the first difference.

    Exit codes: 0 none, 1 a difference, 2 usage.
    """
    if folder is not None:
        _export(journal, folder, begin, end)
        return
    from noonward.lab.replay import replay  # loads the whole policy language

    result = replay(journal, policies=policies)
    for path in result.torn:
        click.echo(f"{path.name}: its last block was lost (power cut or kill); played up to there", err=True)
    if result.difference is not None:
        click.echo(_text(result.difference))
        ctx.exit(EXIT_FINDINGS)
    click.echo(f"no difference in {result.steps} steps of {result.segments} segments")


def _export(journal: Path, folder: Path, begin: str | None, end: str | None) -> None:
    """Write what a journal saw as files, and say what they are."""
    from noonward.cli.playing import instant_of
    from noonward.lab import journaled

    timezone = journaled.timezone_of(journal)
    found = journaled.read(journal, instant_of(begin, timezone), instant_of(end, timezone))
    path = journaled.write(found, folder)
    known = sum(power is not None for power in found.base_load_w)
    click.echo(
        f"{path}: {len(found.base_load_w)} min from {datetime.fromtimestamp(found.start, UTC).isoformat()}, "
        f"{known} of them known; loads: {len(found.energy_wh)}, sessions: {len(found.stays)}"
    )


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

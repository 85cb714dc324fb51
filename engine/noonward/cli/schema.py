"""``noonward schema``: the schemas of all file kinds, for editors and other tools."""

from __future__ import annotations

import json
from pathlib import Path

import click

from noonward.errors import UsageError
from noonward.policy import schema


@click.group("schema")
def command() -> None:
    """Show the JSON Schemas of policies, sites, tests and scenarios, or write them to a folder for an editor."""


@command.command("list")
def listed() -> None:
    """List every kind with one line about it."""
    width = max(map(len, schema.KINDS))
    for kind in schema.KINDS:
        click.echo(f"{kind:{width}}  {json.loads(schema.text(kind))['title']}")


@command.command()
@click.argument("kind")
def show(kind: str) -> None:
    """Print the schema of KIND, for example appliance or appliance/v1."""
    click.echo(schema.text(kind), nl=False)


@command.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def export(folder: Path) -> None:
    """Write every schema into DIR."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind in schema.KINDS:
            (folder / schema.file_name(kind)).write_text(schema.text(kind), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from None
    click.echo(f"{len(schema.KINDS)} schemas in {folder}")

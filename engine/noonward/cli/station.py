"""``noonward charge-now``, ``need`` and ``diagnostics``: one charging station, what its driver wants, and its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from noonward.cli.control import place, put, said, state_option
from noonward.cli.socket_client import ask
from noonward.policy import units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@click.command("charge-now")
@click.argument("station")
@click.argument("what", metavar="[clear]", type=click.Choice(["clear"]), required=False)
@click.option(
    "--until",
    metavar="WHEN",
    help="When it ends: “unplugged”, a duration like “2 h”, an energy like “10 kWh”, or 2026-06-01T18:00 (site time). "
    "Without it, as the zone's file says. It ends when the vehicle is unplugged in any case.",
)
@state_option
def charge_now(station: str, what: str | None, until: str | None, state_dir: Path | None) -> None:
    """Let a station charge at once, whatever the sun does, or clear that.

    For the vehicle that is plugged in, or else for the next one.
    """
    if what is None:
        _show(put(state_dir, "stations", station, "charge-now", {"until": until}))
        return
    if until is not None:
        raise click.UsageError("clear takes no --until")
    _show(ask(place(state_dir), "DELETE", "stations", station, "charge-now"))


@click.command()
@click.argument("station")
@click.argument("what", metavar="[clear]", type=click.Choice(["clear"]), required=False)
@click.option("--energy", metavar="E", help="How much, like “10 kWh”.")
@click.option("--departure", metavar="T", help="By when: 2026-06-02T07:00 (site time), or a duration like “8 h”.")
@state_option
def need(station: str, what: str | None, energy: str | None, departure: str | None, state_dir: Path | None) -> None:
    """Say what the driver at a station needs by when, or clear that.

    For the vehicle that is plugged in, or else for the next one.
    """
    if what is not None:
        if energy is not None or departure is not None:
            raise click.UsageError("clear takes neither --energy nor --departure")
        _show(ask(place(state_dir), "DELETE", "stations", station, "need"))
        return
    if energy is None or departure is None:
        raise click.UsageError("say --energy and --departure, or clear")
    body = {"energy_kwh": _energy_wh(energy) / 1000, "departure": departure}
    _show(put(state_dir, "stations", station, "need", body))


@click.command()
@click.argument("station")
@click.option("--to", "url", metavar="URL", required=True, help="Where to: ftp://user:password@host/logs/, or https.")
@state_option
def diagnostics(station: str, url: str, state_dir: Path | None) -> None:
    """Have a station send its log to an address; Noonward receives no files itself."""
    answer = put(state_dir, "stations", station, "diagnostics", {"url": url})
    click.echo(f"{station} sends its log" + (f", as {answer['file']}" if answer["file"] else ""))


def _energy_wh(text: str) -> float:
    measure = units.parse(text.strip())
    if measure is None or measure.quantity != "energy":
        message, hint = units.explain(text.strip(), ("energy",))
        raise click.UsageError(f"--energy: {message}{f'; {hint}' if hint else ''}")
    return measure.value


def _show(one: Mapping[str, Any]) -> None:
    """Say what the station does now that the wish is in force, or no longer is."""
    click.echo(f"{one['station']}: {' '.join(said(one))}")
    for wish in (one["charge_now"], one["need"]):
        if wish:
            click.echo(f"  {wish['summary']}")

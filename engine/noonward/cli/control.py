"""``noonward status``, ``switch``, ``override``, ``boost``: words with the running daemon."""

from __future__ import annotations

import shutil
import sys
import textwrap
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from noonward.cli.socket_client import ask
from noonward.core.model import Mode
from noonward.daemon.place import default_state_dir
from noonward.policy import wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

COLUMNS = ("policy", "mode", "state", "why", "next change")
FOLDED = {"why": 20, "next change": 12}
"""Columns that are folded on a terminal, and the least room they get; in a pipe every policy is one line."""


def state_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--state``, which says whose socket is spoken to."""
    return click.option(
        "--state",
        "state_dir",
        type=click.Path(path_type=Path),
        help="State directory of the daemon.  [default: $NOONWARD_STATE, /var/lib/noonward, ./state]",
    )(command)


@click.command()
@state_option
def status(state_dir: Path | None) -> None:
    """Show what is on, and why."""
    where = place(state_dir)
    site = ask(where, "GET", "site")
    policies = ask(where, "GET", "policies")["policies"]
    click.echo(_headline(site))
    for notice in site["notices"]:
        click.echo(f"{'!' if notice['level'] == 'trouble' else '·'} {notice['text']}")
    for known in (site["learnt"], site["forecast"]):
        if known:
            click.echo(f"· {known['summary']}")
    click.echo()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    rows = [row for one in policies for row in _rows(one, site)]
    for line in _table(rows, width):
        click.echo(line)
    if any(one["mode"] != one["file_mode"] for one in policies):
        click.echo("\n* overridden: the policy's file says otherwise")


@click.command()
@click.argument("name")
@click.argument("position", type=click.Choice(["on", "off"]))
@state_option
def switch(name: str, position: str, state_dir: Path | None) -> None:
    """Set the switch of a policy in mode manual."""
    _show(put(state_dir, "policies", name, "switch", {"on": position == "on"}))


@click.command()
@click.argument("name")
@click.argument("mode", type=click.Choice([*(mode.value for mode in Mode), "clear"]))
@click.option(
    "--until",
    metavar="T",
    help="When it ends: 2026-06-01T18:00 (site time), 2026-06-01T16:00Z, or a duration like “2 h”. "
    "Without it, it lasts until it is cleared.",
)
@click.option("--reason", metavar="TEXT", help="Why; shown wherever the override is.")
@state_option
def override(name: str, mode: str, until: str | None, reason: str | None, state_dir: Path | None) -> None:
    """Replace the mode of a policy's file, or clear that."""
    if mode == "clear":
        if until is not None or reason is not None:
            raise click.UsageError("clear takes neither --until nor --reason")
        _show(ask(place(state_dir), "DELETE", "policies", name, "override"))
        return
    _show(put(state_dir, "policies", name, "override", {"mode": mode, "until": until, "reason": reason}))


@click.command()
@click.argument("name")
@click.option("--for", "duration", metavar="D", required=True, help="How long, like “1 h” or “90 min”; “0 s” ends it.")
@state_option
def boost(name: str, duration: str, state_dir: Path | None) -> None:
    """Switch a policy on for a while, whatever the sun does: hot water now."""
    _show(put(state_dir, "policies", name, "boost", {"for": duration}))


def place(state_dir: Path | None) -> Path:
    """Return the state directory of the daemon."""
    return state_dir or default_state_dir()


def put(state_dir: Path | None, kind: str, name: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
    """Set something, and return what became of it."""
    return ask(place(state_dir), "PUT", kind, name, what, body=body)


def _show(one: Mapping[str, Any]) -> None:
    """Say what the policy does now that the wish is in force."""
    click.echo(f"{one['name']}: {one['sentence']}")
    for reason in one["reasons"][1:]:
        click.echo(f"  {reason['sentence']}")
    for station in one.get("stations", ()):
        click.echo(f"  {station['station']}: {station['summary']}")


def _headline(site: Mapping[str, Any]) -> str:
    figures = [f"{site['name']}, {datetime.fromisoformat(site['now']):%a %H:%M:%S}"]
    for role, name in (("grid", "grid"), ("pv", "solar"), ("battery", "battery")):
        if signal := site[role]:
            power = "unknown" if signal["power_w"] is None else _signed(signal["power_w"], plus=role != "pv")
            age = "" if signal["quality"] == "fresh" else f" ({signal['quality']})"
            figures.append(f"{name} {power}{age}")
    return " · ".join(figures)


def _signed(power_w: float, *, plus: bool) -> str:
    return f"+{wording.power(power_w)}" if plus and power_w > 0 else wording.power(power_w)


def _rows(one: Mapping[str, Any], site: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the lines of a policy: itself, its need and plan, its stations and their plans."""
    yield _row(one, site)
    if one.get("need"):
        yield "  need", "", _stands(one["need"]), one["need"]["summary"], ""
    if one.get("plan"):
        yield "  plan", one["plan"]["pace"], "", one["plan"]["summary"], ""
    for station in one.get("stations", ()):
        yield _station_row(station)
        if station["plan"]:
            yield "    plan", station["plan"]["pace"], "", station["plan"]["summary"], ""


def _stands(need: Mapping[str, Any]) -> str:
    return next((word.replace("_", " ") for word in ("met", "missed", "at_risk") if need[word]), "open")


def _station_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"  {one['station']}",
        "",
        one["state"] or "-",
        " ".join(said(one)),
        ", ".join(one[wish]["summary"] for wish in ("charge_now", "need") if one[wish]),
    )


def said(one: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a station does and why, in sentences; where they say the same, the second stands alone."""
    does, why = one["summary"], one["trouble"] or ("" if one["state"] in {"absent", None} else one["sentence"])
    if not why.lower().startswith(f"{does}:"):
        power = f", {wording.power(one['drawn_w'])}" if one["drawn_w"] and one["online"] else ""
        yield f"{does[:1].upper()}{does[1:]}{power}."
    if why:
        yield why
    if one["session_kwh"]:
        yield f"{wording.energy(one['session_kwh'] * 1000)} so far."


def _row(one: Mapping[str, Any], site: Mapping[str, Any]) -> tuple[str, ...]:
    change = one.get("next_change")
    state = one["state"] or "-"
    power_w = one["draw_w"] if one["kind"] == "ev-zone" else one["power_w"]
    return (
        one["name"],
        one["mode"] + ("*" if one["mode"] != one["file_mode"] else ""),
        f"{state} {wording.power(power_w)}" if one["on"] and power_w else state,
        one["sentence"],
        f"{_moment(change['at'], site)} {change['what']}" if change else "",
    )


def _moment(stamp: str, site: Mapping[str, Any]) -> str:
    at, now = (datetime.fromisoformat(text).timestamp() for text in (stamp, site["now"]))
    return wording.moment(at, now=now, timezone=site["timezone"])


def _table(rows: list[tuple[str, ...]], terminal: int | None) -> Iterator[str]:
    """Yield the rows under their columns' names; on a terminal long cells are folded into its width."""
    everything = [COLUMNS, *rows]
    widths = [max(len(row[k]) for row in everything) for k in range(len(COLUMNS))]
    if terminal is not None:
        room = terminal - sum(width + 2 for name, width in zip(COLUMNS, widths, strict=True) if name not in FOLDED)
        shares = sum(FOLDED.values())
        for k, name in enumerate(COLUMNS):
            if name in FOLDED:
                widths[k] = min(widths[k], max(FOLDED[name], room * FOLDED[name] // shares - 2))
    for row in everything:
        cells = [textwrap.wrap(text, width) or [""] for text, width in zip(row, widths, strict=True)]
        for line in zip_longest(*cells, fillvalue=""):
            yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()

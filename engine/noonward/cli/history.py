"""``noonward history``: what the building recorded of itself, also while the daemon runs."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from noonward.cli.control import place, state_option
from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from noonward.core.model import Instant
    from noonward.history.reading import Past
    from noonward.history.tape import Line

DAY_S = 86_400.0
BACK_DAYS = {"day": 14, "week": 12 * 7, "month": 365, "year": 3650}
"""How far back energy is told where no begin is named."""


@click.group("history")
def command() -> None:
    """Read what the daemon recorded: a tape for the lab, energy by day, week, month or year.

    The file is read as it is, STATE/history.db, whether the daemon runs or not.
    """


@command.command()
@click.option("--from", "begin", metavar="T", help="Begin, ISO 8601; without an offset it is site time.")
@click.option("--to", "end", metavar="T", help="End; a date alone is its midnight.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", required=True, help="The tape: .csv, .csv.gz or .parquet."
)
@click.option(
    "--sessions", "sessions_file", type=click.Path(path_type=Path), metavar="FILE", help="Who charged when, likewise."
)
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A scenario that plays both; each load needs in a day what it took in the mean.",
)
@state_option
def export(
    begin: str | None,
    end: str | None,
    out: Path,
    sessions_file: Path | None,
    scenario_file: Path | None,
    state_dir: Path | None,
) -> None:
    """Write the site's own past as a tape that simulate, compare and diff play.

    A minute of which nothing is known is left out, and what is not known of one is empty.
    """
    from noonward.cli.progress import Bar
    from noonward.history import reading, scene, sessions, tape

    with reading.opened(place(state_dir) / reading.FILE) as past:
        lo, hi = tape.span(past.rows, *_moments(past, begin, end))
        columns = tape.columns(past.rows)
        with Bar("tape", round(hi - lo)) as bar:
            count = _write(out, ("time", *columns), _told(past, columns, lo, hi, bar))
        if not count:
            raise UsageError("nothing is recorded in that span")
        click.echo(f"{out}: {count} minutes, {', '.join(columns)}")
        if sessions_file is not None:
            stays = sessions.newest(past.db, lo=lo, hi=hi)
            count = _write(sessions_file, tape.SESSIONS, tape.session_lines(stays))
            click.echo(f"{sessions_file}: {count} sessions")
        if scenario_file is not None:
            _scenario(
                scenario_file,
                scene.text(
                    _beside(out, scenario_file),
                    None if sessions_file is None else _beside(sessions_file, scenario_file),
                    scene.daily_wh(past, lo, hi),
                ),
            )
            click.echo(f"{scenario_file}: noonward simulate PATH --scenario {scenario_file}")


@command.command()
@click.option("--by", type=click.Choice(list(BACK_DAYS)), default="day", show_default=True, help="Length of a period.")
@click.option("--from", "begin", metavar="T", help="Begin, ISO 8601; without an offset it is site time.")
@click.option("--to", "end", metavar="T", help="End; a date alone is its midnight.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@state_option
def energy(by: str, begin: str | None, end: str | None, state_dir: Path | None, *, as_json: bool) -> None:
    """Print energy, and money where site.yaml gives prices, of the site and of each policy."""
    from noonward.history import reading
    from noonward.history.calendar import DAYS
    from noonward.history.energy import By
    from noonward.views import history as views

    with reading.opened(place(state_dir) / reading.FILE) as past:
        ends = past.rows.written()
        if ends is None:
            raise UsageError("nothing is recorded yet: the first minute is kept when it is over")
        lo, hi = _moments(past, begin, end)
        hi = ends if hi is None else hi
        lo = past.calendar.start(DAYS, past.calendar.number(DAYS, hi) - BACK_DAYS[by]) if lo is None else lo
        told = views.energy(past, By(by), lo, hi, lambda _: True)
        timezone = past.calendar.timezone
    if as_json:
        click.echo(json.dumps(told, indent=1))
        return
    for line in _table(told, timezone):
        click.echo(line)


def _moments(past: Past, begin: str | None, end: str | None) -> tuple[Instant | None, Instant | None]:
    from noonward.policy.moment import instant

    try:
        lo, hi = (None if text is None else instant(text, past.calendar.timezone) for text in (begin, end))
    except ValueError as error:
        raise UsageError(str(error)) from None
    return lo, hi


def _told(past: Past, columns: tuple[str, ...], lo: Instant, hi: Instant, bar: Any) -> Iterator[Line]:
    """Yield the lines of a tape day by day, and say how far it is."""
    from noonward.history import tape

    at = lo
    while at < hi:
        end = min(at + DAY_S, hi)
        yield from tape.lines(past.rows, columns, at, end)
        bar(round(end - lo))
        at = end


def _write(path: Path, header: tuple[str, ...], lines: Iterable[Line]) -> int:
    """Write a file whole or not at all; return its lines.

    Raises:
        UsageError: It cannot be written there.
    """
    from noonward.history import tape

    count = 0

    def counted() -> Iterator[Line]:
        nonlocal count
        for line in lines:
            count += 1
            yield line

    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".parquet":
            from noonward.lab import parquet

            part.write_bytes(parquet.written(header, list(counted())))
        else:
            with part.open("wb") as stream:
                stream.writelines(tape.packed(path.name, header, counted()))
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None
    return count


def _scenario(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from None


def _beside(path: Path, scenario: Path) -> str:
    return Path(os.path.relpath(path, scenario.parent)).as_posix()


def _table(told: dict[str, Any], timezone: str) -> Iterator[str]:
    """Yield the periods of which anything is known as a table: the site, then every policy with its part of sun."""
    periods = [period for period in told["periods"] if period["known_h"]]
    names = sorted({name for period in periods for name in period["policies"]})
    paid = any(period["site"]["cost"] is not None for period in periods)
    heads = [told["by"], "production", "import", "export", *(["cost", "earned"] if paid else []), *names]
    rows = [heads]
    for period in periods:
        site = period["site"]
        row = [period["from"][:10], *(_kwh(site[key]) for key in ("pv_kwh", "import_kwh", "export_kwh"))]
        row += [_money(site[key]) for key in ("cost", "earned")] if paid else []
        rows.append([*row, *(_taken(period["policies"].get(name)) for name in names)])
    widths = [max(len(row[k]) for row in rows) for k in range(len(heads))]
    for row in rows:
        yield "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
    money = f"; money in {told['currency']}" if paid else ""
    yield f"kWh, in brackets the part from the sun{money}; days of {timezone}"


def _kwh(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _money(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _taken(policy: dict[str, float | None] | None) -> str:
    if policy is None or policy["energy_kwh"] is None:
        return "–"
    solar, energy_kwh = policy["solar_kwh"], policy["energy_kwh"]
    part = f" ({solar / energy_kwh:.0%})" if solar is not None and energy_kwh else ""
    return f"{energy_kwh:.1f}{part}"

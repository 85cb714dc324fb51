"""``noonward forecast``: hand the running daemon what somebody else expects of the sun."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from noonward.cli.control import place, state_option
from noonward.cli.socket_client import ask
from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

STDIN = "standard input"


@click.command("forecast")
@click.argument("what", metavar="FILE|-|clear")
@state_option
def command(what: str, state_dir: Path | None) -> None:
    """Put a forecast of the array's production in the place of the site's own, or clear that.

    FILE is CSV with the columns time (start of the interval, ISO 8601 with an offset or Z) and pv_w (its mean power in
    watts), in steps of one length; or JSON {"start": T, "step_s": 900, "pv_w": [...]}, told by its name or its first
    character. "-" reads it from standard input. It is in force until its last interval is over.
    """
    if what == "clear":
        ask(place(state_dir), "DELETE", "forecast")
        click.echo("No forecast from outside is in force: plans go by the site's own days.")
        return
    body = _from_stdin() if what == "-" else _from_file(Path(what))
    _show(ask(place(state_dir), "PUT", "forecast", body=body)["forecast"])


def _show(given: Mapping[str, Any]) -> None:
    energy_kwh = sum(given["pv_w"]) * given["step_s"] / 3.6e6
    click.echo(f"{given['summary']} It expects {energy_kwh:.3g} kWh from {given['start']} on.")


def _from_file(path: Path) -> dict[str, Any]:
    if path.suffix != ".json":
        return _csv(path)
    try:
        return _json(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a text file in UTF-8 ({error.reason})") from None


def _from_stdin() -> dict[str, Any]:
    text = sys.stdin.read()
    if text.lstrip().startswith(("{", "[")):
        return _json(STDIN, text)
    with tempfile.TemporaryDirectory(prefix="noonward-forecast-") as folder:
        path = Path(folder) / "stdin.csv"
        path.write_text(text, encoding="utf-8")
        try:
            return _csv(path)
        except UsageError as error:
            raise UsageError(str(error).replace(str(path), STDIN)) from None


def _json(name: str, text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{name}: not JSON: {error}") from None
    if not isinstance(body, dict):
        raise UsageError(f'{name}: a forecast is {{"start": "2026-06-01T12:00Z", "step_s": 900, "pv_w": [1200, 1350]}}')
    return body


def _csv(path: Path) -> dict[str, Any]:
    from noonward.lab.recording import iso, load  # only who brings a CSV file needs it

    found = load(path, {"pv_w": "the array's mean production in watts"})
    powers = found.series["pv_w"]
    unknown = next((k for k, power_w in enumerate(powers) if power_w is None), None)
    if unknown is not None:
        raise UsageError(
            f"{path}: nothing is said of the interval at {iso(found.start + unknown * found.step_s)}; a forecast has a "
            "value for every interval"
        )
    return {"start": iso(found.start), "step_s": found.step_s, "pv_w": powers}

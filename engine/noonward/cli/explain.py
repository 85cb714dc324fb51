"""``noonward explain``: why a policy would be on or off, from which row of which line, and what would change it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Appliance, Instant, Site
    from noonward.lab.trial import Trial

MODES = ("auto-solar", "auto-timer", "timer", "always-on", "always-off", "manual")
METERS = ("fresh", "held", "silent")
BEFORE_S = 86_400.0
"""The world is as given for this long before the moment that is explained. [s]"""


@click.command("explain")
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("name")
@click.option("--at", "at", metavar="T", help="The moment, ISO 8601, site time without an offset. Default: now.")
@click.option("--surplus", metavar="POWER", default="0 W", show_default=True, help="What it could use, as in a test.")
@click.option(
    "--switch", type=click.Choice(("on", "off")), default="off", show_default=True, help="The portal's switch."
)
@click.option("--mode", type=click.Choice(MODES), help="As if overridden to this mode.")
@click.option("--meter", type=click.Choice(METERS), default="fresh", show_default=True, help="State of the grid meter.")
@click.option("--dim", metavar="POWER", help="As if the grid operator dimmed to this power.")
@click.option("--table", is_flag=True, help="Show the compiled rows of its mode instead.")
@click.option("--graph", type=click.Choice(("mermaid",)), help="Show its states and moves as a diagram instead.")
def command(path: Path, name: str, at: str | None, table: bool, graph: str | None, **given: str | None) -> int:
    """Say why policy NAME of the folder PATH would be on or off at a moment, and what would change that.

    A folder has no live readings: the policy is played through the engine, alone on its site and starting off a day
    before, in a world that you describe with the options. `noonward status` says why a running one is as it is.
    """
    from noonward.cli.lookup import find_policy, moment
    from noonward.core.model import Appliance, Mode
    from noonward.lab.diagram import as_mermaid, as_table

    site, policy = find_policy(path, name)
    if not isinstance(policy, Appliance):
        raise UsageError(f"{name} is an EV zone; this version explains appliances")
    mode = Mode(given["mode"]) if given["mode"] else None
    if graph:
        click.echo(as_mermaid(policy, mode))
    elif table:
        click.echo(as_table(policy, mode))
    else:
        for line in _explained(site, policy, moment(at, site.timezone), _world(given)):
            click.echo(line)
    return 0


def _world(given: dict[str, str | None]) -> dict[str, Any]:
    """Return what the options say, as a test's ``given`` in numbers."""
    world: dict[str, Any] = {"switch": given["switch"] == "on", "meter": given["meter"]}
    for key in ("surplus", "dim"):
        text = given[key]
        if text is not None:
            world[key] = _power(key, text)
    if given["mode"]:
        world["mode"] = given["mode"]
    return world


def _power(option: str, text: str) -> float:
    from noonward.policy import units

    measure = units.parse(text)
    if measure is None or measure.quantity != "power":
        message, hint = units.explain(text, ("power",))
        raise UsageError(f"--{option}: {message}" + (f"; {hint}" if hint else ""))
    return measure.value


def _explained(site: Site, appliance: Appliance, at: Instant, world: dict[str, Any]) -> Iterator[str]:
    from noonward.core.appliance import table_for
    from noonward.lab.diagram import place
    from noonward.lab.trial import Touched, Trial
    from noonward.policy import wording
    from noonward.policy.sentences import sentence

    trial = Trial(appliance, site, at - BEFORE_S, Touched())
    trial.give(world)
    trial.play(at)
    decision, row = trial.decision, table_for(appliance, trial.mode).rows[trial.decision.row]
    when = datetime.fromtimestamp(at, ZoneInfo(site.timezone))
    yield f"{appliance.name} would be {decision.wanted} at {when:%a %Y-%m-%d %H:%M:%S} ({site.timezone})"
    yield f"  given   {_given(world)}, since a day before"
    for reason in decision.because:
        yield f"  {reason.code.value:<20}{sentence(reason, now=at, timezone=site.timezone)}"
        for name, value in reason.facts.items():
            yield f"  {'':<20}{name} = {wording.fact(name, value, now=at, timezone=site.timezone)}"
    move = "stays" if row.source == row.target else f"goes to {row.target}"
    yield f"  row {decision.row:<16}{row.source} {move}: {' and '.join(row.guards) or 'no row above holds'}"
    yield f"  {'':<20}{_timer_place(appliance, at) if row.key == 'timers' else place(appliance, row)}"
    yield from _outlook(trial, appliance, at, site.timezone)


def _timer_place(appliance: Appliance, at: Instant) -> str:
    """Return "file:line" of the timer that is open, of the one that opens next where none is."""
    windows = appliance.windows
    edge = None if windows is None else at if windows.is_open(at) else windows.next_edge(at)
    name = None if windows is None or edge is None else windows.which(edge)
    line = next((timer.line for timer in (windows.timers if windows else ()) if timer.name == name), 0)
    return f"{appliance.file}:{line or appliance.lines.get('timers', 0)}"


def _outlook(trial: Trial, appliance: Appliance, at: Instant, timezone: str) -> Iterator[str]:
    """Yield what time alone will bring, and what besides time would change it."""
    from noonward.policy import outlook, wording

    for change in outlook.changes(appliance, trial.machine, trial.inputs, at):
        yield f"  {wording.moment(change.at, now=at, timezone=timezone):<20}{change.what}"
    condition = outlook.condition(appliance, trial.machine, trial.inputs, at)
    if condition:
        yield f"  {'else':<20}{condition}"


def _given(world: dict[str, Any]) -> str:
    from noonward.policy import wording

    words = {"surplus": "surplus {}", "dim": "dimmed to {}"}
    parts = [form.format(wording.power(world[key])) for key, form in words.items() if key in world]
    parts += ["switch on"] if world["switch"] else []
    parts += [f"meter {world['meter']}"] if world["meter"] != "fresh" else []
    parts += [f"mode {world['mode']}"] if "mode" in world else []
    return ", ".join(parts)

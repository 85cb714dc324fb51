"""``noonward explain``: why a policy would be on or off, from which row of which line, and what would change it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from noonward.core.model import Appliance, Instant, Reason, Site, Zone
    from noonward.lab.trial import Trial
    from noonward.plant.house import Sky

MODES = ("auto-solar", "auto-timer", "timer", "always-on", "always-off", "manual")
METERS = ("fresh", "held", "silent")
SKIES = ("clear", "broken", "overcast")
BEFORE_S = 86_400.0
"""The world is as given to an appliance for this long before the moment that is explained. [s]"""
SHORT_BEFORE_S = 3_600.0
"""To a zone, and where there is a need, which a day would meet: longer than tests of phases, delays and most minimum
on-times take together. [s]"""


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
@click.option(
    "--past",
    type=click.Choice(("clear", "broken", "overcast")),
    help="Sky of five days before, for what a plan expects.",
)
@click.option("--dim", metavar="POWER", help="As if the grid operator dimmed to this power.")
@click.option(
    "--plugged", multiple=True, metavar="STATION", help="Of an EV zone: a vehicle is here. Default: everywhere."
)
@click.option("--phases", type=click.IntRange(1, 3), help="On how many phases the vehicles charge. Default: 3.")
@click.option("--charge-now", "charge_now", metavar="STATION", help="As if charge-now was asked for at a station.")
@click.option("--table", is_flag=True, help="Show the compiled rows of its mode instead.")
@click.option("--graph", type=click.Choice(("mermaid",)), help="Show its states and moves as a diagram instead.")
def command(path: Path, name: str, at: str | None, table: bool, graph: str | None, **given: Any) -> int:
    """Say why policy NAME of the folder PATH would be on or off at a moment, and what would change that.

    A folder has no live readings: the policy is played through the engine, alone on its site and starting off a day
    before (an EV zone and a policy with a need: an hour), in a world that you describe with the options. `noonward
    status` says why a running one is as it is.
    """
    from noonward.cli.lookup import find_policy, moment
    from noonward.core.model import Mode
    from noonward.lab.diagram import as_mermaid, as_table

    site, policy = find_policy(path, name)
    world = _world(given) | _vehicles(policy, given)
    mode = Mode(given["mode"]) if given["mode"] else None
    if graph:
        click.echo(as_mermaid(policy, mode))
    elif table:
        click.echo(as_table(policy, mode))
    else:
        for line in _explained(site, policy, moment(at, site.timezone), world, given["past"]):
            click.echo(line)
    return 0


def _vehicles(policy: Appliance | Zone, given: dict[str, Any]) -> dict[str, Any]:
    """Return what the options say about vehicles, as a test's ``given``; nothing for an appliance.

    Raises:
        UsageError: They do not fit the policy.
    """
    from noonward.core.model import Zone

    asked = {option: given[key] for option, key in _OF_ZONES.items() if given[key]}
    if not isinstance(policy, Zone):
        if asked:
            raise UsageError(f"{policy.name} is an appliance: {' and '.join(asked)} {_are(asked)} for EV zones")
        return {}
    there = given["plugged"] or policy.stations
    for station in {*there, given["charge_now"]} - {None, *policy.stations}:
        raise UsageError(f'{policy.name} has no station "{station}"; it has {", ".join(policy.stations)}')
    phases = given["phases"] or 3
    vehicles = {name: {"plugged": name in there, "phases": phases} for name in policy.stations}
    return {"stations": vehicles} | ({"charge_now": given["charge_now"]} if given["charge_now"] else {})


_OF_ZONES = {"--plugged": "plugged", "--phases": "phases", "--charge-now": "charge_now"}


def _are(options: Collection[str]) -> str:
    return "is" if len(options) == 1 else "are"


def _world(given: dict[str, Any]) -> dict[str, Any]:
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


def _explained(
    site: Site, policy: Appliance | Zone, at: Instant, world: dict[str, Any], past: Sky | None
) -> Iterator[str]:
    from noonward.core.model import Zone
    from noonward.lab.diagram import place, table_of
    from noonward.lab.trial import Touched, Trial
    from noonward.policy import wording

    short = isinstance(policy, Zone) or policy.need is not None
    trial = Trial(policy, site, at - (SHORT_BEFORE_S if short else BEFORE_S), Touched(), past)
    trial.give(world)
    trial.play(at)
    decision, row = trial.decision, table_of(policy, trial.mode).rows[trial.decision.row]
    when = datetime.fromtimestamp(at, ZoneInfo(site.timezone))
    yield f"{policy.name} would be {decision.wanted} at {when:%a %Y-%m-%d %H:%M:%S} ({site.timezone})"
    days = f", after {past} days" if past else ""
    yield f"  given   {_given(world)}, since {'an hour' if short else 'a day'} before{days}"
    for reason in decision.because:
        yield from _reason(reason.code.value, reason, at, site.timezone)
    move = "stays" if row.source == row.target else f"goes to {row.target}"
    yield f"  row {decision.row:<16}{row.source} {move}: {' and '.join(row.guards) or 'no row above holds'}"
    yield f"  {'':<20}{_timer_place(policy, at) if row.key == 'timers' else place(policy, row)}"
    for one in decision.stations:
        phases = "" if one.phases is None else f" on {one.phases} phase{'s' if one.phases > 1 else ''}"
        offered = f"{wording.current(one.limit_a)}{phases}" if one.limit_a else "nothing"
        yield f"  {one.station:<20}{one.state}, offered {offered}"
        yield from _reason("", one.why, at, site.timezone)
    yield from _outlook(trial, policy, at, site.timezone)


def _reason(label: str, reason: Reason, at: Instant, timezone: str) -> Iterator[str]:
    """Yield the sentence of a reason, and the numbers that were compared."""
    from noonward.policy import wording
    from noonward.policy.sentences import sentence

    yield f"  {label:<20}{sentence(reason, now=at, timezone=timezone)}"
    if label:
        for name, value in reason.facts.items():
            yield f"  {'':<20}{name} = {wording.fact(name, value, now=at, timezone=timezone)}"


def _timer_place(policy: Appliance | Zone, at: Instant) -> str:
    """Return "file:line" of the timer that is open, of the one that opens next where none is."""
    windows = policy.windows
    edge = None if windows is None else at if windows.is_open(at) else windows.next_edge(at)
    name = None if windows is None or edge is None else windows.which(edge)
    line = next((timer.line for timer in (windows.timers if windows else ()) if timer.name == name), 0)
    return f"{policy.file}:{line or policy.lines.get('timers', 0)}"


def _outlook(trial: Trial, policy: Appliance | Zone, at: Instant, timezone: str) -> Iterator[str]:
    """Yield what time alone will bring, and what besides time would change it."""
    from noonward.core.model import Appliance
    from noonward.policy import outlook, wording

    facts = trial.decision.because[0].facts
    if isinstance(policy, Appliance):
        changes = outlook.changes(policy, trial.machine, trial.inputs, at, facts=facts)
        condition = outlook.condition(policy, trial.machine, trial.inputs, at, facts)
    else:
        memory = trial.state.zones[policy.name]
        changes = outlook.zone_changes(policy, memory, trial.inputs, at, trial.state.stations)
        apart = "starts_at" not in facts and any("starts_at" in one.why.facts for one in trial.decision.stations)
        # vehicles with thresholds of their own say them themselves
        condition = "" if apart else outlook.zone_condition(policy, trial.inputs, at, memory, facts)
    for change in changes:
        yield f"  {wording.moment(change.at, now=at, timezone=timezone):<20}{change.what}"
    if condition:
        yield f"  {'else':<20}{condition}"


def _given(world: dict[str, Any]) -> str:
    from noonward.policy import wording

    words = {"surplus": "surplus {}", "dim": "dimmed to {}"}
    parts = [form.format(wording.power(world[key])) for key, form in words.items() if key in world]
    vehicles = world.get("stations", {})
    there = [name for name, one in vehicles.items() if one["plugged"]]
    if there:
        phases = vehicles[there[0]]["phases"]
        parts.append(f"vehicles at {', '.join(there)} on {phases} phase{'s' if phases > 1 else ''}")
    parts += [f"charge-now at {world['charge_now']}"] if "charge_now" in world else []
    parts += ["switch on"] if world["switch"] else []
    parts += [f"meter {world['meter']}"] if world["meter"] != "fresh" else []
    parts += [f"mode {world['mode']}"] if "mode" in world else []
    return ", ".join(parts)

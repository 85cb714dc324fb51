"""What would change a policy, and when: the moments that its memory and its timers already fix, and the condition."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.detect import TEST_S
from noonward.core.model import Mode, ReasonCode
from noonward.core.needing import EARLY_S, FORCING
from noonward.core.sgready import state_names
from noonward.policy import wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.core.model import (
        Appliance,
        Facts,
        Inputs,
        Instant,
        MachineState,
        StationId,
        StationState,
        Zone,
        ZoneState,
    )

SOLAR_MODES = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER})
TIMER_MODES = frozenset({Mode.TIMER, Mode.AUTO_TIMER})


NOTHING_KNOWN: Mapping[StationId, StationState] = MappingProxyType({})

NO_FACTS: Facts = MappingProxyType({})


class Change(NamedTuple):
    """Something that time alone brings.

    Attributes:
        at: When.
        what: In words that follow the time: "its window “low tariff” opens".
    """

    at: Instant
    what: str


def mode_in_force(policy: Appliance | Zone, inputs: Inputs, now: Instant) -> Mode:
    """Return the override's mode while there is one, else the file's."""
    return inputs.mode(policy.mode, now)


def changes(
    appliance: Appliance,
    machine: MachineState,
    inputs: Inputs,
    now: Instant,
    code: ReasonCode | None = None,
    facts: Facts = NO_FACTS,
) -> tuple[Change, ...]:
    """Return what time alone will bring, soonest first.

    Args:
        appliance: The policy.
        machine: What is remembered of it.
        inputs: What people set.
        now: Only what comes later is told.
        code: Leading reason of its decision; the end of min-on or min-off changes something only where that is it.
        facts: Of that reason; they say whether a need is open.
    """
    fixed = (
        *_wishes(inputs),
        *_delays(appliance, machine, code),
        *_windows(appliance, inputs, now),
        *_need(appliance, inputs, now, facts),
    )
    return tuple(sorted(change for change in fixed if change.at > now))


def condition(
    appliance: Appliance, machine: MachineState, inputs: Inputs, now: Instant, facts: Facts = NO_FACTS
) -> str:
    """Return what besides time would change it, as a sentence; "" where only time and windows do.

    Args:
        appliance: The policy.
        machine: What is remembered of it.
        inputs: What people set.
        now: The moment.
        facts: Of the leading reason of its decision; they say whether a plan's thresholds are in force.
    """
    mode = mode_in_force(appliance, inputs, now)
    stage = stage_of(appliance, machine)
    if mode in SOLAR_MODES and "starts_at" in facts:
        return _by_plan(facts, appliance.on_delay_s, running=stage > 0)
    if mode in SOLAR_MODES:
        starts = _threshold("Starts" if stage == 0 else "Goes one stage up", appliance, stage)
        stops = (
            f"{'Stops' if stage == 1 else 'Goes one stage down'} once less than "
            f"{wording.power(appliance.off_below_w[stage - 1])} {_left_for(appliance.off_delay_s)}."
            if 0 < stage <= len(appliance.off_below_w) and machine.cause is ReasonCode.SURPLUS
            else ""
        )
        return " ".join(part for part in (stops, starts) if part)
    return _by_hand(appliance.name, mode)


def zone_changes(
    zone: Zone,
    state: ZoneState,
    inputs: Inputs,
    now: Instant,
    stations: Mapping[StationId, StationState] = NOTHING_KNOWN,
) -> tuple[Change, ...]:
    """Return what time alone will bring to a zone, soonest first.

    Args:
        zone: The policy.
        state: What is remembered of it.
        inputs: What people set.
        now: Only what comes later is told.
        stations: What is remembered of its stations.
    """
    fixed = [*_wishes(inputs), *_coverage(zone, state), *_windows(zone, inputs, now)]
    for name in zone.stations:
        if name in stations:
            fixed += _vehicle(zone, name, stations[name], state, inputs)
    return tuple(sorted(change for change in fixed if change.at > now))


def zone_condition(
    zone: Zone, inputs: Inputs, now: Instant, state: ZoneState | None = None, facts: Facts = NO_FACTS
) -> str:
    """Return what besides time would change a zone, as a sentence; "" where only time and windows do.

    Args:
        zone: The policy.
        inputs: What people set.
        now: The moment.
        state: What is remembered of it.
        facts: Of the leading reason of its decision; they say whether a plan's thresholds are in force.
    """
    mode = mode_in_force(zone, inputs, now)
    if mode not in SOLAR_MODES:
        return _by_hand(zone.name, mode)
    if "starts_at" in facts:
        return _by_plan(facts, zone.on_delay_s, running=state is not None and state.coverage.vehicles > 0)
    part = "" if zone.on_above == 1 else f"{wording.share(zone.on_above)} of "
    starts = (
        f"A vehicle starts once {part}its minimum, {wording.current(zone.min_current_a)} on each of its phases, "
        f"{_left_for(zone.on_delay_s)}."
    )
    if state is None or not state.coverage.vehicles:
        return starts
    least = wording.share(zone.off_below)
    return f"One pauses once less than {least} of its minimum {_left_for(zone.off_delay_s)}. {starts}"


def stage_of(appliance: Appliance, machine: MachineState) -> int:
    """Return the stage of a machine's state: 0 is off, and so is a state of another shape."""
    names = state_names(appliance)
    return names.index(machine.state) if machine.state in names else 0


def _by_hand(name: str, mode: Mode) -> str:
    if mode is Mode.MANUAL:
        return f"Follows its switch: “noonward switch {name} on” or “off”."
    return "Changes only with its mode." if mode in {Mode.ALWAYS_ON, Mode.ALWAYS_OFF} else ""


def _threshold(verb: str, appliance: Appliance, stage: int) -> str:
    if stage >= len(appliance.on_above_w):
        return ""
    return f"{verb} once {wording.power(appliance.on_above_w[stage])} {_left_for(appliance.on_delay_s)}."


def _left_for(delay_s: float) -> str:
    return f"has been left for {wording.duration(delay_s)}" if delay_s else "is left"


def _by_plan(facts: Facts, on_delay_s: float, *, running: bool) -> str:
    """Return what a plan waits for; it looks again every quarter of an hour."""
    starts_at, stops_below = facts["starts_at"], facts.get("stops_below")
    if running and isinstance(stops_below, float):
        buys = f"with up to {wording.share(-stops_below)} bought"
        what = f"down to {wording.share(stops_below)} covered" if stops_below >= 0 else buys
        return f"Goes on {what}; its plan is made anew every quarter of an hour."
    share = wording.share(starts_at) if isinstance(starts_at, float) else starts_at
    lasting = f" for {wording.duration(on_delay_s)}" if on_delay_s else ""
    return f"Starts once {share} has been covered{lasting}; its plan is made anew every quarter of an hour."


def _wishes(inputs: Inputs) -> Iterator[Change]:
    if inputs.override and inputs.override.until is not None:
        yield Change(inputs.override.until, "its override ends")
    if inputs.boost_until is not None:
        yield Change(inputs.boost_until, "its boost ends")


def _delays(appliance: Appliance, machine: MachineState, code: ReasonCode | None) -> Iterator[Change]:
    running = stage_of(appliance, machine) > 0
    min_on_until = machine.on_since + appliance.min_on_s if machine.on_since is not None else None
    if code is ReasonCode.MIN_ON and min_on_until is not None:
        yield Change(min_on_until, "its minimum on-time is over")
    if code is ReasonCode.MIN_OFF and machine.off_since is not None:
        yield Change(machine.off_since + appliance.min_off_s, "its minimum off-time is over")
    if machine.enough_since is not None:
        what = "it goes one stage up" if running else "it starts"
        yield Change(machine.enough_since + appliance.on_delay_s, f"{what} if the surplus lasts")
    if running and machine.cause is ReasonCode.SURPLUS and machine.short_since is not None:
        short_until = machine.short_since + appliance.off_delay_s
        yield Change(max(short_until, min_on_until or short_until), "it stops if the surplus stays short")
    if machine.rest_until is not None:
        yield Change(machine.rest_until, "power is offered again")


def _need(appliance: Appliance, inputs: Inputs, now: Instant, facts: Facts) -> Iterator[Change]:
    """Yield when an open need is forced at the latest, and when it is due."""
    by, missing_wh = facts.get("by"), facts.get("missing_wh")
    if mode_in_force(appliance, inputs, now) not in FORCING or isinstance(by, str) or isinstance(missing_wh, str):
        return
    if by is not None and missing_wh is not None:
        latest = by - missing_wh * 3600.0 / appliance.stages[-1].power_w - EARLY_S
        yield Change(latest, "it goes on for its need, if nothing has come of the sun")
        yield Change(by, "its need is due")


def _coverage(zone: Zone, state: ZoneState) -> Iterator[Change]:
    coverage = state.coverage
    if coverage.enough_since is not None:
        what = "one vehicle more starts" if coverage.vehicles else "a vehicle starts"
        yield Change(coverage.enough_since + zone.on_delay_s, f"{what} if the surplus lasts")
    if coverage.vehicles and coverage.short_since is not None:
        yield Change(coverage.short_since + zone.off_delay_s, "a vehicle pauses if the surplus stays short")


def _vehicle(zone: Zone, name: StationId, known: StationState, state: ZoneState, inputs: Inputs) -> Iterator[Change]:
    """Yield what time brings to the vehicle at a station, and ends for it."""
    if known.session.state == "absent":
        return
    if known.test is not None:
        yield Change(known.test.begun_at + TEST_S, f"the test of the phases at {name} is over at the latest")
    if state.state == "minimum" and known.turn_since is not None and known.session.current_since is not None:
        yield Change(known.session.current_since + zone.min_on_s, f"the minimum on-time at {name} is over")
    wish, need = inputs.charge_now.get(name), inputs.needs.get(name)
    if wish is not None and wish.until is not None and wish.at > known.unplugged_at:
        yield Change(wish.until, f"charge-now at {name} ends")
    if need is not None and need.at > known.unplugged_at:
        yield Change(need.departure, f"the driver at {name} leaves")


def _windows(policy: Appliance | Zone, inputs: Inputs, now: Instant) -> Iterator[Change]:
    windows = policy.windows
    if windows is None or mode_in_force(policy, inputs, now) not in TIMER_MODES:
        return
    edge = windows.next_edge(now)
    if edge is None:
        return
    closes = windows.is_open(now)
    name = windows.which(now if closes else edge)
    yield Change(edge, f"its window{f' “{name}”' if name else ''} {'closes' if closes else 'opens'}")

"""What would change a policy, and when: the moments that its memory and its timers already fix, and the condition."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.detect import TEST_S
from noonward.core.model import Mode, ReasonCode
from noonward.core.needing import EARLY_S, FORCING
from noonward.core.sgready import state_names
from noonward.policy import wording
from noonward.policy.words import phrase

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
        up, down = appliance.on_above_w[stage:], appliance.off_below_w[:stage]
        starts = _threshold("starts" if stage == 0 else "stage-up", up[0], appliance.on_delay_s) if up else ""
        stops = (
            _threshold("stops" if stage == 1 else "stage-down", down[-1], appliance.off_delay_s)
            if len(down) == stage > 0 and machine.cause is ReasonCode.SURPLUS
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
    facts_of_start = {"current": wording.current(zone.min_current_a), "left": _left_for(zone.on_delay_s)}
    starts = (
        phrase("condition.vehicle-starts", **facts_of_start)
        if zone.on_above == 1
        else phrase("condition.vehicle-starts-on-part", share=wording.share(zone.on_above), **facts_of_start)
    )
    if state is None or not state.coverage.vehicles:
        return starts
    least, left = wording.share(zone.off_below), _left_for(zone.off_delay_s)
    return f"{phrase('condition.vehicle-pauses', share=least, left=left)} {starts}"


def stage_of(appliance: Appliance, machine: MachineState) -> int:
    """Return the stage of a machine's state: 0 is off, and so is a state of another shape."""
    names = state_names(appliance)
    return names.index(machine.state) if machine.state in names else 0


def _by_hand(name: str, mode: Mode) -> str:
    if mode is Mode.MANUAL:
        return phrase("condition.switch", name=name)
    return phrase("condition.mode") if mode in {Mode.ALWAYS_ON, Mode.ALWAYS_OFF} else ""


def _threshold(what: str, power_w: float, delay_s: float) -> str:
    return phrase(f"condition.{what}", power=wording.power(power_w), left=_left_for(delay_s))


def _left_for(delay_s: float) -> str:
    return phrase("left.for", delay=wording.duration(delay_s)) if delay_s else phrase("left")


def _by_plan(facts: Facts, on_delay_s: float, *, running: bool) -> str:
    """Return what a plan waits for; it looks again every quarter of an hour."""
    starts_at, stops_below = facts["starts_at"], facts.get("stops_below")
    if running and isinstance(stops_below, float):
        goes_on = "condition.plan-goes-on" if stops_below >= 0 else "condition.plan-buys"
        return phrase(goes_on, share=wording.share(abs(stops_below)))
    share = wording.share(starts_at) if isinstance(starts_at, float) else str(starts_at)
    if on_delay_s:
        return phrase("condition.plan-starts-lasting", share=share, delay=wording.duration(on_delay_s))
    return phrase("condition.plan-starts", share=share)


def _wishes(inputs: Inputs) -> Iterator[Change]:
    if inputs.override and inputs.override.until is not None:
        yield Change(inputs.override.until, phrase("next.override-ends"))
    if inputs.boost_until is not None:
        yield Change(inputs.boost_until, phrase("next.boost-ends"))


def _delays(appliance: Appliance, machine: MachineState, code: ReasonCode | None) -> Iterator[Change]:
    running = stage_of(appliance, machine) > 0
    min_on_until = machine.on_since + appliance.min_on_s if machine.on_since is not None else None
    if code is ReasonCode.MIN_ON and min_on_until is not None:
        yield Change(min_on_until, phrase("next.min-on-over"))
    if code is ReasonCode.MIN_OFF and machine.off_since is not None:
        yield Change(machine.off_since + appliance.min_off_s, phrase("next.min-off-over"))
    if machine.enough_since is not None:
        what = phrase("next.stage-up" if running else "next.starts")
        yield Change(machine.enough_since + appliance.on_delay_s, what)
    if running and machine.cause is ReasonCode.SURPLUS and machine.short_since is not None:
        short_until = machine.short_since + appliance.off_delay_s
        yield Change(max(short_until, min_on_until or short_until), phrase("next.stops"))
    if machine.rest_until is not None:
        yield Change(machine.rest_until, phrase("next.offered"))


def _need(appliance: Appliance, inputs: Inputs, now: Instant, facts: Facts) -> Iterator[Change]:
    """Yield when an open need is forced at the latest, and when it is due."""
    by, missing_wh = facts.get("by"), facts.get("missing_wh")
    if mode_in_force(appliance, inputs, now) not in FORCING or isinstance(by, str) or isinstance(missing_wh, str):
        return
    if by is not None and missing_wh is not None:
        latest = by - missing_wh * 3600.0 / appliance.stages[-1].power_w - EARLY_S
        yield Change(latest, phrase("next.forced"))
        yield Change(by, phrase("next.due"))


def _coverage(zone: Zone, state: ZoneState) -> Iterator[Change]:
    coverage = state.coverage
    if coverage.enough_since is not None:
        what = phrase("next.one-more-starts" if coverage.vehicles else "next.vehicle-starts")
        yield Change(coverage.enough_since + zone.on_delay_s, what)
    if coverage.vehicles and coverage.short_since is not None:
        yield Change(coverage.short_since + zone.off_delay_s, phrase("next.vehicle-pauses"))


def _vehicle(zone: Zone, name: StationId, known: StationState, state: ZoneState, inputs: Inputs) -> Iterator[Change]:
    """Yield what time brings to the vehicle at a station, and ends for it."""
    if known.session.state == "absent":
        return
    if known.test is not None:
        yield Change(known.test.begun_at + TEST_S, phrase("next.test-over", station=name))
    if state.state == "minimum" and known.turn_since is not None and known.session.current_since is not None:
        yield Change(known.session.current_since + zone.min_on_s, phrase("next.min-on-over-at", station=name))
    wish, need = inputs.charge_now.get(name), inputs.needs.get(name)
    if wish is not None and wish.until is not None and wish.at > known.unplugged_at:
        yield Change(wish.until, phrase("next.charge-now-ends", station=name))
    if need is not None and need.at > known.unplugged_at:
        yield Change(need.departure, phrase("next.driver-leaves", station=name))


def _windows(policy: Appliance | Zone, inputs: Inputs, now: Instant) -> Iterator[Change]:
    windows = policy.windows
    if windows is None or mode_in_force(policy, inputs, now) not in TIMER_MODES:
        return
    edge = windows.next_edge(now)
    if edge is None:
        return
    closes = windows.is_open(now)
    what, name = "window-closes" if closes else "window-opens", windows.which(now if closes else edge)
    yield Change(edge, phrase(f"next.named-{what}", window=name) if name else phrase(f"next.{what}"))

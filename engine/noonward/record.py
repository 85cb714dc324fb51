"""State, wishes and observations as JSON values: what the store keeps, the journal writes and replay reads.

Defaults are left out and unknown keys are passed over, so that an older or newer engine reads what this one wrote.
An observation becomes a flat mapping, one key a reading ("relays/cellar/relay-1"), because the journal writes only the
keys that changed.
"""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from noonward.core.detect import Found, TestCharge
from noonward.core.model import (
    ChargeNow,
    Forecast,
    Got,
    Inputs,
    Lease,
    LimitSeen,
    MachineState,
    Mode,
    Need,
    Observation,
    Override,
    Past,
    Planned,
    Reading,
    ReasonCode,
    RelayState,
    Sample,
    Session,
    SetLimit,
    State,
    Station,
    StationState,
    Status,
    Stayed,
    ZoneState,
)
from noonward.core.modulate import Coverage, Target
from noonward.core.outstanding import Promise
from noonward.core.past import Running

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from noonward.core.model import Command, StationId

T = TypeVar("T")
Flat = dict[str, Any]

JOURNAL_SUFFIX = ".jsonl.gz"
JOURNAL_FORMAT = 1
"""What the daemon writes and replay reads; raised whenever an older replay could no longer read it."""

_READINGS = ("grid_w", "pv_w", "battery_w", "battery_soc")
_MOMENTS = ("power_back_at", "started_at")
_NOTHING: list[float] = []


@cache
def _defaults(kind: Hashable) -> tuple[tuple[str, Any], ...]:
    found = []
    for f in fields(cast("type[Any]", kind)):
        made = f.default_factory() if f.default_factory is not MISSING else MISSING  # what has no default is written
        found.append((f.name, made if f.default is MISSING else f.default))
    return tuple(found)


def _plain(record: Any) -> dict[str, Any]:
    """Return the fields that are not at their default, records in them likewise."""
    pairs = ((name, getattr(record, name), default) for name, default in _defaults(cast("Hashable", type(record))))
    return {name: _value(value) for name, value, default in pairs if value != default}


def _value(value: Any) -> Any:
    if is_dataclass(value):
        return _plain(value)
    if isinstance(value, dict):
        return {key: _value(one) for key, one in value.items()}
    return value


def _made(kind: type[T], raw: Mapping[str, Any]) -> T:
    """Return a record from what :func:`_plain` wrote."""
    known, casts = {name for name, _ in _defaults(cast("Hashable", kind))}, _CASTS.get(kind, {})
    return kind(**{k: casts[k](v) if k in casts and v is not None else v for k, v in raw.items() if k in known})


def _each(kind: type[Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _made(kind, one) for key, one in raw.items()}


_CASTS: Mapping[type[Any], Mapping[str, Callable[[Any], Any]]] = {
    MachineState: {"cause": ReasonCode, "shed": ReasonCode},
    Override: {"mode": Mode},
    Inputs: {
        "override": partial(_made, Override),
        "charge_now": partial(_each, ChargeNow),
        "needs": partial(_each, Need),
    },
    Station: {"status": Status, "sample": partial(_made, Sample), "accepted": partial(_made, LimitSeen)},
    Session: {"sample": partial(_made, Sample)},
    Found: {"lines": tuple},
    TestCharge: {"lines": tuple, "first": tuple, "energy": tuple, "newest": tuple},
    StationState: {
        "session": partial(_made, Session),
        "promise": partial(_made, Promise),
        "test": partial(_made, TestCharge),
        "found": partial(_made, Found),
    },
    Forecast: {"pv_w": tuple},
    Past: {"pv_w": tuple, "load_w": tuple, "clear_w": tuple, "running": lambda raw: Running(*raw)},
    ZoneState: {
        "cause": ReasonCode,
        "target": partial(_made, Target),
        "coverage": partial(_made, Coverage),
    },
}
"""What JSON does not tell of itself: the type behind a field that is no plain number or text."""


_SINGLE: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_READINGS, lambda reading: [reading.value, reading.at]),
    **dict.fromkeys(_MOMENTS, float),
    "forecast": _plain,
}
"""Fields of an observation that are one key each, and how they are written."""


def encode_memory(memory: MachineState | ZoneState | StationState) -> dict[str, Any]:
    """Return the memory of one policy, zone or charging station, as it stands in :func:`encode_state`."""
    return _plain(memory)


def encode_inputs(inputs: Inputs) -> dict[str, Any]:
    """Return what people set for one policy."""
    return _plain(inputs)


def decode_inputs(raw: Mapping[str, Any]) -> Inputs:
    """Return what people set for one policy; the inverse of :func:`encode_inputs`."""
    return _made(Inputs, raw)


def encode_state(state: State) -> dict[str, Any]:
    """Return everything that the engine remembers."""
    return {
        "version": state.version,
        "machines": {name: encode_memory(machine) for name, machine in state.machines.items()},
        "leases": {relay: [lease.closed, lease.at] for relay, lease in state.leases.items()},
        "zones": {name: encode_memory(zone) for name, zone in state.zones.items()},
        "stations": {station: encode_memory(memory) for station, memory in state.stations.items()},
        **encode_learnt(state),
    }


def encode_learnt(state: State) -> dict[str, Any]:
    """Return what the engine has learnt and may lose the last quarter of an hour of."""
    return {
        "past": _plain(state.past),
        "got": {name: _plain(got) for name, got in state.got.items()},
        "plans": {name: _plain(planned) for name, planned in state.plans.items()},
        "stays": {station: [_plain(stay) for stay in stays] for station, stays in state.stays.items()},
    }


def decode_state(raw: Mapping[str, Any]) -> State:
    """Return everything that the engine remembers; the inverse of :func:`encode_state`."""
    return State(
        version=raw["version"],
        machines=_each(MachineState, raw["machines"]),
        leases={relay: Lease(closed=closed, at=at) for relay, (closed, at) in raw["leases"].items()},
        zones=_each(ZoneState, raw.get("zones", {})),
        stations=_each(StationState, raw.get("stations", {})),
        past=_made(Past, raw.get("past", {})),
        got=_each(Got, raw.get("got", {})),
        plans=_each(Planned, raw.get("plans", {})),
        stays={
            station: tuple(_made(Stayed, stay) for stay in stays) for station, stays in raw.get("stays", {}).items()
        },
    )


def flatten(observation: Observation, known: dict[StationId, tuple[Station, Flat]] | None = None) -> Flat:
    """Return an observation, one key a reading; what is unknown has no key.

    Args:
        observation: What was seen.
        known: Where who calls often keeps what a station was made into: it is made anew only when it is another object.
    """
    flat: Flat = {"dim": observation.dim, "clock_trusted": observation.clock_trusted}
    for name, encode in _SINGLE.items():
        if (value := getattr(observation, name)) is not None:
            flat[name] = encode(value)
    for k, phase in enumerate(observation.grid_a):
        flat[f"grid_a/{k}"] = _NOTHING if phase is None else [phase.value, phase.at]
    for policy, draw in observation.draws_w.items():
        flat[f"draws_w/{policy}"] = [draw.value, draw.at]
    for relay, seen in observation.relays.items():
        flat[f"relays/{relay}"] = [seen.closed, seen.at]
    for station, found in observation.stations.items():
        flat[f"stations/{station}"] = _once(station, found, {} if known is None else known)
    for policy, inputs in observation.inputs.items():
        flat[f"inputs/{policy}"] = encode_inputs(inputs)
    return flat


def _once(station: StationId, found: Station, known: dict[StationId, tuple[Station, Flat]]) -> Flat:
    if station not in known or known[station][0] is not found:
        known[station] = found, _plain(found)
    return known[station][1]


def unflatten(flat: Flat) -> Observation:
    """Return an observation; the inverse of :func:`flatten`."""

    def under(group: str) -> Iterable[tuple[str, Any]]:
        return ((key.removeprefix(group), value) for key, value in flat.items() if key.startswith(group))

    phases = sorted((int(k), Reading(*value) if value else None) for k, value in under("grid_a/"))
    single: dict[str, Any] = {name: Reading(*flat[name]) for name in _READINGS if name in flat}
    return Observation(
        **single,
        **{name: flat[name] for name in _MOMENTS if name in flat},
        grid_a=tuple(phase for _, phase in phases),
        draws_w={policy: Reading(*value) for policy, value in under("draws_w/")},
        relays={relay: RelayState(*value) for relay, value in under("relays/")},
        stations={station: _made(Station, raw) for station, raw in under("stations/")},
        inputs={policy: decode_inputs(raw) for policy, raw in under("inputs/")},
        forecast=_made(Forecast, flat["forecast"]) if "forecast" in flat else None,
        dim=flat["dim"],
        clock_trusted=flat["clock_trusted"],
    )


def encode_command(command: Command) -> list[Any] | dict[str, Any]:
    """Return a command: a relay's as ``[relay, closed, valid_for_s]``, a station's as its fields by name."""
    if isinstance(command, SetLimit):
        return _plain(command)
    return [command.relay, command.closed, command.valid_for_s]


def changes(before: Flat, after: Flat) -> tuple[Flat, list[str]]:
    """Return the keys of ``after`` that are new or different, and those of ``before`` that are gone."""
    changed = {key: value for key, value in after.items() if key not in before or before[key] != value}
    return changed, [key for key in before if key not in after]

"""One charging station of the running engine as JSON, and in a few words for people."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from noonward.core.model import (
    NO_INPUTS,
    ReasonCode,
    Station,
    StationDecision,
    StationInfo,
    StationState,
    Status,
)
from noonward.core.vehicle import drawn_w
from noonward.daemon.needs import Standing
from noonward.daemon.stationwishes import unspent, zone_of
from noonward.policy import wording
from noonward.policy.words import phrase
from noonward.views import needs, parts, settable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import ChargeNow, Inputs, Need, StationId, Zone
    from noonward.daemon.engine import Engine

LINES = ("L1", "L2", "L3", "N")
"""Conductors that are told; whatever else a station names is not known to be one."""
TAG_SHOWN = 4
"""Characters of a badge that are shown: enough to tell one's own, too few to copy it."""

NOTHING_A = 0.5
"""A vehicle whose meter shows less than this is not said to charge at it. [A]"""

SILENT = "not-answering"
"""State of a station that is away, whatever was last known of its vehicle."""

_NEVER_SEEN = Station(online=False)


def stations(engine: Engine) -> list[dict[str, Any]]:
    """Return every station, those of the zone that is served first in front."""
    return [one for zone in engine.loaded.site.zones for one in of_zone(engine, zone)]


def of_zone(engine: Engine, zone: Zone) -> list[dict[str, Any]]:
    """Return the stations of a zone, in the order of its file."""
    decision = parts.decision(engine, zone.name)
    made = {one.station: one for one in decision.stations} if decision else {}
    wishes = _wishes(engine, zone)
    return [_station(engine, zone, name, made.get(name), wishes) for name in zone.stations]


def station(engine: Engine, name: StationId) -> dict[str, Any]:
    """Return one station.

    Raises:
        UnknownStation: No zone has it.
    """
    zone = zone_of(engine.loaded.site, name)
    decision = parts.decision(engine, zone.name)
    made = next((one for one in decision.stations if one.station == name), None) if decision else None
    return _station(engine, zone, name, made, _wishes(engine, zone))


def ever_came(engine: Engine, name: StationId) -> bool:
    """Tell whether a station was ever connected, as far as anything is remembered of it."""
    memory = engine.state.stations.get(name, StationState())
    known = (memory.booted_at, memory.plugged_at, memory.unplugged_at, memory.promise.sent_at)
    return any(known) or engine.observation.stations.get(name, _NEVER_SEEN).sample is not None


def masked(tag: str | None) -> str | None:
    """Return the end of a badge; of a short one less, so that it stays a secret."""
    return None if tag is None else f"…{tag[len(tag) - min(TAG_SHOWN, len(tag) // 2) :]}"


def _wishes(engine: Engine, zone: Zone) -> Inputs:
    """Return what people set for a zone and is not over."""
    return unspent(engine.inputs.get(zone.name, NO_INPUTS), engine.state, engine.clock.now())


def _station(
    engine: Engine, zone: Zone, name: StationId, made: StationDecision | None, wishes: Inputs
) -> dict[str, Any]:
    seen = engine.observation.stations.get(name, _NEVER_SEEN)
    state = engine.state.stations.get(name, StationState())
    info = engine.loaded.site.stations.get(name, StationInfo())
    sample, power_w = _measured(seen, state)
    why = parts.reason(engine, made.why) if made else None
    standing = needs.of_station(engine, zone, name)
    plugged = seen.plugged is not False and state.session.state != "absent"
    one = {
        "station": name,
        "zone": zone.name,
        "state": _shown(made, seen),
        "sentence": why["sentence"] if why else parts.undecided(engine),
        "why": why,
        "plugged": seen.plugged,
        "plugged_at": parts.moment(engine, seen.plugged_at if plugged else None),
        "since": parts.moment(engine, state.session.since or None),
        "online": seen.online,
        "status": seen.status.value if seen.status else None,
        "id_tag": masked(seen.id_tag),
        "limit_a": made.limit_a if made else None,
        "accepted_a": seen.accepted.current_a if seen.accepted else None,
        "max_a": info.max_a,
        "phases": made.phases if made else None,
        "drawn_w": power_w,
        "drawn_a": {line: parts.number(sample[line]) for line in LINES if line in sample},
        "measured_at": parts.moment(engine, seen.sample.at if seen.sample else None),
        "session_kwh": round(state.session.drew_wh / 1000, 3) if plugged else None,
        "charge_now": _charge_now(engine, wishes.charge_now.get(name)),
        "need": _need(engine, wishes.needs.get(name), standing),
        "plan": needs.plan(engine, zone.plan, name, standing, made.why.facts if made else {}),
        "etag": settable.of_station(engine, zone.name, name),
        "trouble": " ".join(_troubles(engine, zone, name, made)) or None,
    }
    return {**one, "summary": summary(one)}


def _shown(made: StationDecision | None, seen: Station) -> str | None:
    if made is None:
        return None
    return SILENT if not seen.online or made.why.code is ReasonCode.NOT_ANSWERING else made.state


def _measured(seen: Station, state: StationState) -> tuple[dict[str, float], float | None]:
    """Return the currents and the power of the newest sample. [A, W]."""
    sample = seen.sample
    if sample is None:
        return {}, None
    known = state.session.sample
    power_w = state.session.drawn_w if known is not None and known.at == sample.at else drawn_w(sample, known)
    return dict(sample.current_a), None if power_w is None else parts.number(power_w)


def _charge_now(engine: Engine, wish: ChargeNow | None) -> dict[str, Any] | None:
    if wish is None:
        return None
    ends = {} if wish.until is None else {"until": parts.clock(engine, wish.until)}
    ends |= {} if wish.energy_wh is None else {"energy": wording.energy(wish.energy_wh)}
    return {
        "at": parts.moment(engine, wish.at),
        "until": parts.moment(engine, wish.until),
        "energy_kwh": None if wish.energy_wh is None else wish.energy_wh / 1000,
        "by": wish.by,
        "summary": phrase(f"charge-now.{'-or-'.join(ends) or 'unplugged'}", **ends) + _by(wish.by),
    }


def _need(engine: Engine, said: Need | None, standing: Standing | None) -> dict[str, Any] | None:
    """Return what is needed of a station: by the vehicle that is there, or else by the next one."""
    if standing is None and said is not None:
        standing = Standing(
            policy="", since=said.at, energy_wh=said.energy_wh, drawn_wh=0.0, by=said.departure, most_w=inf, said=True
        )
    if standing is None or standing.by is None:
        return None
    who = said.by if said is not None and standing.said else ""
    return {
        **needs.amounts(engine, standing),
        "at": parts.moment(engine, standing.since),
        "departure": parts.moment(engine, standing.by),
        "source": "driver" if standing.said else "file",
        "by": who,
        "summary": _of_driver(standing, parts.clock(engine, standing.by)) + _by(who),
    }


def _of_driver(one: Standing, by: str) -> str:
    energy = wording.energy(one.energy_wh)
    if one.full:
        return phrase("driver.full", energy=energy)
    if one.met:
        return phrase("driver.met", energy=energy)
    if one.drawn_wh:
        return phrase("driver.needs-missing", energy=energy, by=by, missing=wording.energy(one.missing_wh))
    return phrase("driver.needs", energy=energy, by=by)


def _by(who: str) -> str:
    return f" ({who})" if who else ""


def _troubles(engine: Engine, zone: Zone, name: StationId, made: StationDecision | None) -> Iterator[str]:
    """Yield what someone should know or do about a station, a sentence each."""
    seen = engine.observation.stations.get(name, _NEVER_SEEN)
    state = engine.state.stations.get(name, StationState())
    info = engine.loaded.site.stations.get(name, StationInfo())
    if engine.outcome is not None and not seen.online:
        if seen.sample is not None:
            yield phrase("trouble.away", heard=parts.clock(engine, seen.sample.at))
        else:
            yield phrase("trouble.gone" if ever_came(engine, name) else "trouble.never")
    if seen.status is Status.FAULTED:
        yield phrase("trouble.faulted")
    if seen.status is Status.UNAVAILABLE:
        yield phrase("trouble.unavailable")
    if made is not None and made.state == "needs-driver":
        yield phrase("trouble.needs-driver")
    if state.promise.disbelieved():
        yield phrase("trouble.disbelieved")
    declared = min(zone.phases, info.phases) if zone.phases else None
    if made is not None and made.phases is not None and declared is not None and made.phases < declared:
        yield phrase("trouble.fewer-phases", phases=_phases(made.phases), declared=str(declared))


STATES = frozenset({
    "unknown",
    SILENT,
    "absent",
    "paused",
    "detecting",
    "offered",
    "charging",
    "satisfied",
    "asleep",
    "waking",
    "needs-driver",
})  # fmt: skip
"""Every state that a station can be in; each has its words (``station.*``)."""


def summary(one: dict[str, Any]) -> str:
    """Return in a few words what a station and its car are doing."""
    state, limit_a = one["state"], one["limit_a"]
    if state is None:
        return phrase("station.undecided")
    if state == "offered":
        return phrase("station.offered", limit=wording.current(limit_a))
    if state != "charging":
        return phrase(f"station.{state}")
    currents = [value for value in one["drawn_a"].values() if value is not None]
    current_a = max(currents) if currents else limit_a
    if current_a < NOTHING_A:
        return phrase("station.charging-nothing")
    current = wording.current(current_a)
    if not one["phases"]:
        return phrase("station.charging", current=current)
    return phrase("station.charging-on", current=current, phases=_phases(one["phases"]))


def _phases(number: int) -> str:
    return phrase("phases.one") if number == 1 else phrase("phases.many", phases=str(number))

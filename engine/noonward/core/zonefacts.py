"""The numbers behind the reasons of a zone and of its stations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.explain import WANTING, Numbers, known, meter_facts, overriding, window_facts
from noonward.core.model import Reason
from noonward.core.model import ReasonCode as R
from noonward.core.planfacts import vehicle_facts
from noonward.core.units import VOLTAGE_V
from noonward.core.vehicle import STARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.berth import Berth
    from noonward.core.model import ZoneState
    from noonward.core.zone import ZoneSituation


def _planned(s: ZoneSituation) -> Numbers:
    """Return the plan of the vehicle that would start next, of those that still need something."""
    waiting = [b for b in s.berths if b.needs is not None and not b.idle()]
    first = min(waiting, key=lambda b: (bool(b.promise.granted_a), b.thresholds.on), default=None)
    return {} if first is None else vehicle_facts(s, first, s.surplus_w, VOLTAGE_V)


def _forced(s: ZoneSituation) -> Numbers:
    """Return what is missing of the need that must be met first."""
    forced = [b.needs.departure for b in s.berths if b.urgent is R.NEED_FORCED and b.needs is not None]
    if not forced:
        return {}
    by = min(forced)
    return {
        "by": by,
        "missing_wh": sum(b.missing_wh for b in s.berths if b.needs is not None and b.needs.departure == by),
    }


def _satisfied(s: ZoneSituation) -> Numbers:
    """Return what its vehicle took, where there is just one."""
    there = [b for b in s.berths if b.plugged()]
    return {"charged_wh": there[0].session.drew_wh} if len(there) == 1 else {}


def _surplus(s: ZoneSituation) -> Numbers:
    coverage = s.coverage
    facts: Numbers = {
        "surplus_w": s.surplus_w,
        "grid_age_s": s.grid_age_s,
        "vehicles": float(s.carried()),
        "on_above": s.zone.on_above,
        "off_below": s.zone.off_below,
    }
    if coverage is not None and coverage.enough_since is not None:
        facts["until"] = coverage.enough_since + s.zone.on_delay_s
    if coverage is not None and coverage.short_since is not None:
        facts["until"] = coverage.short_since + s.zone.off_delay_s
    return facts


def _min_on(s: ZoneSituation) -> Numbers:
    ends = [until for b in s.berths if b.held() and b.urgent is None and (until := b.min_on_until()) is not None]
    return {"until": max(ends, default=None), "min_on_s": s.zone.min_on_s}


def _most(s: ZoneSituation) -> Numbers:
    return {"max_power_w": s.zone.max_power_w, "min_current_a": s.zone.min_current_a}


ZONE: Mapping[R, Callable[[ZoneSituation], Numbers]] = {
    R.SURPLUS: _surplus,
    R.TOO_LITTLE_SURPLUS: _surplus,
    R.PREEMPTED: _surplus,
    R.SETTLING: _surplus,
    R.ON_DELAY: _surplus,
    R.OFF_DELAY: _surplus,
    R.PLAN_WAITS: lambda s: _surplus(s) | _planned(s),
    R.TIMER: window_facts,
    R.OUTSIDE_WINDOW: window_facts,
    R.METER_HELD: meter_facts,
    R.METER_STALE: meter_facts,
    R.MIN_ON: _min_on,
    R.BELOW_MINIMUM: _most,
    R.ZONE_FULL: _most,
    R.NEED_FORCED: _forced,
    R.SATISFIED: _satisfied,
    R.BOOST: lambda s: {"until": s.inputs.boost_until},
    R.DARK_START: lambda s: {"until": s.dark_until},
}
"""Code to what is said beside it for a zone; a missing code needs no numbers."""


def _wish(b: Berth) -> Numbers:
    wish = b.wish
    return {} if wish is None else {"by": wish.by or None, "until": wish.until, "energy_wh": wish.energy_wh}


def _need(b: Berth) -> Numbers:
    need = b.needs
    if need is None:
        return {}
    return {"departure": need.departure, "energy_wh": need.energy_wh, "by": need.departure, "missing_wh": b.missing_wh}


def _asleep(b: Berth) -> Numbers:
    return {"attempts": float(b.session.attempts), "since": b.session.since, "state": b.session.state}


STATION: Mapping[R, Callable[[Berth], Numbers]] = {
    R.CHARGE_NOW: _wish,
    R.NEED_FORCED: _need,
    R.MIN_ON: lambda b: {"until": b.min_on_until(), "min_on_s": b.zone.min_on_s},
    R.ASLEEP: _asleep,
    R.WAKING: _asleep,
    R.SATISFIED: lambda b: {"charged_wh": b.session.drew_wh},
    R.STARTS_EXHAUSTED: lambda b: {"starts": float(b.session.starts), "most": float(STARTS)},
    R.NOT_ANSWERING: lambda b: {
        "online": "yes" if b.seen.online else "no",
        "status": None if b.seen.status is None else b.seen.status.value,
        "limit_a": b.promise.granted_a,
        "drawn_a": b.promise.drawn_a if b.promise.disbelieved() else None,
    },
}
"""Code to what is said beside it for a station."""


def station_reason(s: ZoneSituation, b: Berth, code: R) -> Reason:
    """Return why a station is as it is, with its own numbers, or its zone's where the reason is the zone's."""
    of_station, of_zone = STATION.get(code), ZONE.get(code)
    facts = of_station(b) if of_station is not None else of_zone(s) if of_zone is not None else {}
    if code in {R.PLAN_WAITS, R.SURPLUS}:
        facts = {**facts, **vehicle_facts(s, b, s.surplus_w, VOLTAGE_V)}
    return Reason(code, known(facts))


def because(s: ZoneSituation, code: R, row: R, memory: ZoneState) -> tuple[Reason, ...]:
    """Return the reasons of a zone's decision, leading one first; ``memory`` is that after the step.

    Args:
        s: What was decided on.
        code: The leading reason.
        row: That of the row, where the envelope or a refusal stands above it.
        memory: Of the zone after the step.
    """
    reasons = [_reason(s, code)]
    if row is not code:
        reasons.append(_reason(s, row))
    reasons += overriding(s)
    if code is R.TOO_LITTLE_SURPLUS and s.zone.windows is not None and s.mode is not s.mode.AUTO_SOLAR:
        reasons.append(_reason(s, R.OUTSIDE_WINDOW))
    if code is R.MIN_ON and s.quality is not None:
        reasons.append(_reason(s, WANTING[s.quality]))
    if memory.state != "off" and any(b.urgent is R.CHARGE_NOW for b in s.berths if b.plugged()):
        reasons.append(Reason(R.CHARGE_NOW))
    return tuple(reasons)


def _reason(s: ZoneSituation, code: R) -> Reason:
    maker = ZONE.get(code)
    return Reason(code, known(maker(s)) if maker is not None else {})

"""The numbers of a need and its plan, for the people who ask why a load waits or runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.planner import likely_at

if TYPE_CHECKING:
    from noonward.core.berth import Berth
    from noonward.core.circumstances import Circumstances
    from noonward.core.explain import Numbers
    from noonward.core.situation import Situation


def need_facts(s: Situation) -> Numbers:
    """Return what is missing and by when; nothing where no need is open."""
    return {} if s.need is None else {"by": s.need.by, "missing_wh": s.need.missing_wh}


def plan_facts(s: Situation) -> Numbers:
    """Return those and which shares of its power a plan compares; nothing where no plan is in force.

    Shares are 0…1 of the next stage when it waits and of the present one while it runs; ``likely_at`` only while it
    waits, and only where the site's days tell.
    """
    if s.need is None or s.thresholds is None:
        return {}
    powers = (0.0, *(stage.power_w for stage in s.appliance.stages))
    k = max(s.level, 1)
    facts: Numbers = {
        **need_facts(s),
        "covers": _share(s.judged_w(s.surplus_w) - powers[k - 1], powers[k] - powers[k - 1]),
        "starts_at": s.thresholds.on,
        "stops_below": s.thresholds.off,
    }
    return facts if s.level else {**facts, "likely_at": _likely_at(s, s.appliance.name, s.thresholds.on)}


def met_facts(s: Situation) -> Numbers:
    """Return what was needed and when the next period begins; nothing where the need is not met."""
    need = s.appliance.need
    if not s.met or need is None:
        return {}
    return {"needed_wh": need.energy_wh, "until": need.term(s.now).end}


def vehicle_facts(s: Circumstances, b: Berth, surplus_w: float, voltage_v: float) -> Numbers:
    """Return for a vehicle what :func:`plan_facts` returns for an appliance."""
    if b.needs is None or b.zone.plan is None or b.idle():
        return {}
    facts: Numbers = {
        "by": b.needs.departure,
        "missing_wh": b.missing_wh,
        "covers": _share(s.judged_w(surplus_w), b.minimum_w(voltage_v)),
        "starts_at": b.thresholds.on,
        "stops_below": b.thresholds.off,
    }
    if b.promise.granted_a:
        return facts
    return {**facts, "likely_at": _likely_at(s, b.name, b.thresholds.on)}


def _likely_at(s: Circumstances, name: str, share: float) -> float | None:
    return None if s.outlook is None else likely_at(*s.outlook, name=name, share=share, now=s.now)


def _share(surplus_w: float, power_w: float) -> float:
    return max(0.0, min(1.0, surplus_w / power_w))

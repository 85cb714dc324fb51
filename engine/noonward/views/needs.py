"""What a policy or a vehicle needs and how its plan waits for the sun, as JSON and in a few words."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS
from noonward.core.pace import LEAST, thresholds
from noonward.core.past import DAYS
from noonward.daemon import needs
from noonward.policy import wording
from noonward.policy.outlook import Change
from noonward.policy.words import phrase
from noonward.views import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Appliance, Facts, Instant, Pace, StationId, Zone
    from noonward.daemon.engine import Engine
    from noonward.daemon.needs import Standing


def of_appliance(engine: Engine, one: Appliance) -> Standing | None:
    """Return how the need of an appliance stands; None where it has none."""
    return needs.of_appliance(one, engine.state, engine.clock.now())


def of_station(engine: Engine, zone: Zone, station: StationId) -> Standing | None:
    """Return how the need of the vehicle at a station stands; None where it has none, or nobody knows it."""
    inputs = engine.inputs.get(zone.name, NO_INPUTS)
    return needs.of_station(engine.loaded.site, zone, station, engine.state, inputs, engine.clock.now())


def amounts(engine: Engine, one: Standing) -> dict[str, Any]:
    """Return what a need is made of, and whether it is met."""
    now = engine.clock.now()
    return {
        "energy_kwh": one.energy_wh / 1000,
        "drawn_kwh": round(one.drawn_wh / 1000, 3),
        "missing_kwh": round(one.missing_wh / 1000, 3),
        "met": one.met,
        "missed": one.missed(now),
        "at_risk": one.short_wh(now) > 0.0,
    }


def need(engine: Engine, one: Standing | None) -> dict[str, Any] | None:
    """Return the need of an appliance."""
    if one is None:
        return None
    by = parts.moment(engine, one.by)
    return {
        **amounts(engine, one),
        "since": parts.moment(engine, one.since),
        "by": by,
        "summary": progress(engine, one),
    }


def progress(engine: Engine, one: Standing) -> str:
    """Return in a few words how a need stands."""
    drawn, energy = wording.energy(one.drawn_wh), wording.energy(one.energy_wh)
    missing = wording.energy(one.missing_wh)
    if one.met and one.energy_wh > one.drawn_wh and one.full:
        return phrase("need.full", drawn=drawn, energy=energy)
    if one.met:
        return phrase("need.met", energy=energy)
    if one.by is None:
        return phrase("need.open", drawn=drawn, energy=energy, missing=missing)
    when, by = "over" if one.over(engine.clock.now()) else "by", parts.clock(engine, one.by)
    if not one.drawn_wh:
        return phrase(f"need.all-{when}", drawn=drawn, energy=energy, by=by)
    return phrase(f"need.open-{when}", drawn=drawn, energy=energy, missing=missing, by=by)


def plan(engine: Engine, pace: Pace | None, name: str, one: Standing | None, said: Facts) -> dict[str, Any] | None:
    """Return the plan of a load whose need is open; None: it has none, or needs none now.

    Args:
        engine: The running one.
        pace: Of its plan.
        name: Of the appliance or station.
        one: How its need stands.
        said: The facts of its decision's leading reason.
    """
    if pace is None or one is None or one.met or one.by is None or one.over(engine.clock.now()):
        return None
    planned = engine.state.plans.get(name)
    starts_at, stops_below = thresholds(planned)
    covers = said.get("covers")
    likely = said.get("likely_at")
    likely_at = likely if isinstance(likely, float) else None
    return {
        "pace": pace.value,
        "learnt": planned is not None,
        "made_at": parts.moment(engine, planned.at if planned else None),
        "covers": parts.number(covers) if isinstance(covers, float | int) else None,
        "starts_at": starts_at,
        "stops_below": stops_below,
        "likely_at": parts.moment(engine, likely_at),
        "latest_at": parts.moment(engine, one.latest),
        "summary": _thresholds(engine, starts_at, stops_below, likely_at, learnt=planned is not None),
    }


def told(engine: Engine, pace: Pace | None, name: str, one: Standing | None, said: Facts) -> Facts:
    """Return the facts of a decision's leading reason with what holds while a need is open, whatever the reason."""
    if one is None or one.by is None or one.met or one.over(engine.clock.now()):
        return said
    facts = {**said, "by": one.by, "missing_wh": one.missing_wh}
    if pace is not None:
        facts["starts_at"], facts["stops_below"] = thresholds(engine.state.plans.get(name))
    return facts


def again(one: Appliance, now: Instant) -> Iterator[Change]:
    """Yield when an appliance that has what it needs begins to need it anew."""
    end = inf if one.need is None else one.need.term(now).end
    if end < inf:
        yield Change(end, phrase("next.anew"))


def _thresholds(
    engine: Engine, starts_at: float, stops_below: float, likely_at: Instant | None, *, learnt: bool
) -> str:
    said = [] if learnt else [phrase("plan.unlearnt")]
    said.append(phrase("plan.starts", share=wording.share(starts_at)) if starts_at > LEAST else phrase("plan.any-sun"))
    if likely_at is not None:
        said.append(phrase("plan.likely", at=parts.clock(engine, likely_at)))
    if stops_below > 0.0:
        said.append(phrase("plan.stops", share=wording.share(stops_below)))
    elif stops_below:
        said.append(phrase("plan.stops-buying", share=wording.share(-stops_below)))
    else:
        said.append(phrase("plan.stops-at-none"))
    return "".join(said)


def learnt(engine: Engine) -> dict[str, Any] | None:
    """Return how much of the site's own days is known; None where no policy has a need, and nobody learns."""
    if not engine.loaded.site.learns:
        return None
    days = engine.state.past.days
    if days < 1.0:
        words = phrase("learnt.none")
    elif days < DAYS:
        words = phrase("learnt.some", days=str(int(days)), all=str(DAYS))
    else:
        words = phrase("learnt.all", all=str(DAYS))
    return {"days": round(days, 2), "of": DAYS, "summary": words}


def forecast(engine: Engine) -> dict[str, Any] | None:
    """Return the forecast from outside that is in force; None: the site's own days count alone."""
    given = engine.forecast
    if given is None:
        return None
    age_s = max(engine.clock.now() - given.at, 0.0)
    until = given.start + given.step_s * len(given.pv_w)
    return {
        "at": parts.moment(engine, given.at),
        "age_s": round(age_s, 1),
        "start": parts.moment(engine, given.start),
        "until": parts.moment(engine, until),
        "step_s": given.step_s,
        "summary": phrase("forecast", age=wording.duration(age_s), until=parts.clock(engine, until)),
    }


def whole_forecast(engine: Engine) -> dict[str, Any] | None:
    """Return the forecast from outside with every interval; None where there is none in force."""
    given, told = engine.forecast, forecast(engine)
    return None if given is None or told is None else {**told, "pv_w": list(given.pv_w)}

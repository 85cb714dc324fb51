"""One EV zone of the running engine as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS, ZoneState
from noonward.policy import outlook
from noonward.views import parts, stations

if TYPE_CHECKING:
    from noonward.core.model import Zone
    from noonward.daemon.engine import Engine


def zone(engine: Engine, one: Zone) -> dict[str, Any]:
    """Return one zone: what it does, why, and each of its stations."""
    state = engine.state.zones.get(one.name, ZoneState())
    mine = stations.of_zone(engine, one)
    drawn = [each["drawn_w"] for each in mine if each["plugged"] and each["online"]]
    decision = parts.decision(engine, one.name)
    said = decision.because[0].facts if decision else {}
    plain = "starts_at" in said or not any(each["plan"] for each in mine)  # else vehicles have thresholds of their own
    policy = parts.policy(engine, one)
    now, inputs = engine.clock.now(), engine.inputs.get(one.name, NO_INPUTS)
    return {
        **policy,
        "kind": "ev-zone",
        "on": None if policy["state"] is None else policy["state"] != "off" or any(each["limit_a"] for each in mine),
        "draw_w": None if None in drawn else sum(drawn),
        "max_power_w": one.max_power_w,
        "min_current_a": one.min_current_a,
        "since": parts.moment(engine, state.changed_at or None),
        "next_change": parts.soonest(engine, outlook.zone_changes(one, state, inputs, now, engine.state.stations)),
        "condition": outlook.zone_condition(one, inputs, now, state, said) or None if plain else None,
        "charge_now_allowed": one.charge_now,
        "stations": mine,
        "starts": state.starts,
    }

"""The running engine as JSON: one view for the site, one for each policy; pages and commands show these and no others.

Every sentence here is made from the reasons of the decision that the engine took (``Decision.because``): nothing is
worked out again, so what people read cannot differ from what was decided.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS, MachineState, Reason, ReasonCode, Zone
from noonward.daemon.engine import UnknownPolicy
from noonward.policy import outlook
from noonward.policy.sentences import sentence
from noonward.policy.wording import iso
from noonward.web import needs, parts, zones
from noonward.web.notices import notices
from noonward.web.signals import signal

if TYPE_CHECKING:
    from noonward.core.model import Appliance, PolicyName, RelayId
    from noonward.daemon.engine import DecisionRecord, Engine

_UNSEEN = MachineState()
_CODES = frozenset(code.value for code in ReasonCode)


def site(engine: Engine) -> dict[str, Any]:
    """Return the site: who it is, what it measures, how the engine is doing."""
    plan, seen, now = engine.loaded.site, engine.observation, engine.clock.now()
    return {
        "name": plan.name,
        "timezone": plan.timezone,
        "now": iso(now, plan.timezone),
        "version": version("noonward"),
        "digest": plan.digest,
        "started_at": iso(engine.started_at, plan.timezone),
        "stepped_at": parts.moment(engine, engine.stepped_at),
        "ready": engine.outcome is not None,
        "fault": engine.fault,
        "grid": signal(engine, "grid", seen.grid_w),
        "pv": signal(engine, "pv", seen.pv_w),
        "battery": _battery(engine),
        "dimmed": seen.dim,
        "clock_trusted": seen.clock_trusted,
        "learnt": needs.learnt(engine),
        "forecast": needs.forecast(engine),
        "policies": [one.name for one in plan.policies],
        "devices": [
            {
                "channel": f"{channel.device}/{channel.channel}",
                "kind": channel.kind,
                "ok": channel.ok,
                "last_ok": parts.moment(engine, channel.last_ok),
                "last_error": channel.last_error,
                "last_error_at": parts.moment(engine, channel.last_error_at),
            }
            for channel in engine.devices
        ],
        "notices": [{"level": notice.level, "text": notice.text} for notice in notices(engine)],
    }


def policies(engine: Engine) -> list[dict[str, Any]]:
    """Return every policy, those that are served first in front."""
    return [_view(engine, one) for one in engine.loaded.site.policies]


def policy(engine: Engine, name: PolicyName) -> dict[str, Any]:
    """Return one policy.

    Raises:
        UnknownPolicy: No such policy.
    """
    known = engine.loaded.site.policies
    for one in known:
        if one.name == name:
            return _view(engine, one)
    names = ", ".join(one.name for one in known) or "none at all"
    raise UnknownPolicy(f"There is no policy {name!r} here; there are: {names}.")


def _view(engine: Engine, one: Appliance | Zone) -> dict[str, Any]:
    return zones.zone(engine, one) if isinstance(one, Zone) else _appliance(engine, one)


def decision_record(record: DecisionRecord, timezone: str) -> dict[str, Any]:
    """Return one recorded change of decision; a code that another version wrote has no sentence here."""
    reason = Reason(ReasonCode(record.code), record.facts) if record.code in _CODES else None
    return {
        "at": iso(record.at, timezone),
        "policy": record.policy,
        "station": record.station,
        "from": record.before or None,
        "to": record.after,
        "code": record.code,
        "sentence": sentence(reason, now=record.at, timezone=timezone) if reason else "",
        "facts": parts.facts(record.facts),
        "limited_by": record.limited_by,
        "where": record.where or None,
        "revision": record.revision,
        "engine": record.engine,
    }


def _appliance(engine: Engine, one: Appliance) -> dict[str, Any]:
    now = engine.clock.now()
    inputs = engine.inputs.get(one.name, NO_INPUTS)
    machine = engine.state.machines.get(one.name, _UNSEEN)
    decision = parts.decision(engine, one.name)
    running = outlook.stage_of(one, machine) > 0
    min_on_until = machine.on_since + one.min_on_s if running and machine.on_since is not None else None
    draw = engine.observation.draws_w.get(one.name)
    standing = needs.of_appliance(engine, one)
    said = decision.because[0].facts if decision else {}
    told = needs.told(engine, one.plan, one.name, standing, said)
    rests = one.plan is not None and standing is not None and standing.met
    changes = outlook.changes(one, machine, inputs, now, decision.code if decision else None, told)
    return {
        **parts.policy(engine, one),
        "kind": "appliance",
        "on": running if decision else None,
        "draw_w": draw and parts.number(draw.value),
        "since": parts.moment(engine, machine.changed_at or None),
        "min_on_until": parts.moment(engine, min_on_until if min_on_until and min_on_until > now else None),
        "next_change": parts.soonest(engine, sorted((*changes, *needs.again(one, now))) if rests else changes),
        "condition": None if rests else outlook.condition(one, machine, inputs, now, told) or None,
        "need": needs.need(engine, standing),
        "plan": needs.plan(engine, one.plan, one.name, standing, said),
        "relays": [_relay(engine, relay) for relay in one.relays],
        "starts": machine.starts,
    }


def _battery(engine: Engine) -> dict[str, Any] | None:
    seen = engine.observation
    battery = signal(engine, "battery", seen.battery_w)
    return battery and {**battery, "soc": parts.number(seen.battery_soc.value) if seen.battery_soc else None}


def _relay(engine: Engine, relay: RelayId) -> dict[str, Any]:
    lease, seen = engine.state.leases.get(relay), engine.observation.relays.get(relay)
    return {
        "relay": relay,
        "commanded": lease.closed if lease else None,
        "closed": seen.closed if seen else None,
        "read_at": parts.moment(engine, seen.at if seen else None),
        "confirmed": bool(lease and seen and seen.closed == lease.closed and seen.at >= lease.at),
    }

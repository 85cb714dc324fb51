"""The running engine as JSON: one view for the site, one for each policy; pages and commands show these and no others.

Every sentence here is made from the reasons of the decision that the engine took (``Decision.because``): nothing is
worked out again, so what people read cannot differ from what was decided.
"""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS, MachineState, Mode, Reason, ReasonCode
from noonward.daemon.engine import UnknownPolicy
from noonward.policy import outlook
from noonward.policy.sentences import sentence
from noonward.policy.wording import iso
from noonward.web.notices import notices
from noonward.web.signals import signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Appliance, Decision, Facts, Inputs, Instant, PolicyName, RelayId, Zone
    from noonward.daemon.engine import DecisionRecord, Engine
    from noonward.policy.outlook import Change

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
        "stepped_at": _moment(engine.stepped_at, engine),
        "ready": engine.outcome is not None,
        "fault": engine.fault,
        "grid": signal(engine, "grid", seen.grid_w),
        "pv": signal(engine, "pv", seen.pv_w),
        "battery": _battery(engine),
        "dimmed": seen.dim,
        "clock_trusted": seen.clock_trusted,
        "policies": [appliance.name for appliance in plan.appliances] + [zone.name for zone in plan.zones],
        "devices": [
            {
                "channel": f"{channel.device}/{channel.channel}",
                "kind": channel.kind,
                "ok": channel.ok,
                "last_ok": _moment(channel.last_ok, engine),
                "last_error": channel.last_error,
                "last_error_at": _moment(channel.last_error_at, engine),
            }
            for channel in engine.devices
        ],
        "notices": [{"level": notice.level, "text": notice.text} for notice in notices(engine)],
    }


def policies(engine: Engine) -> list[dict[str, Any]]:
    """Return every policy, those that are served first in front."""
    plan = engine.loaded.site
    return [_appliance(engine, one) for one in plan.appliances] + [_zone(one) for one in plan.zones]


def policy(engine: Engine, name: PolicyName) -> dict[str, Any]:
    """Return one policy.

    Raises:
        UnknownPolicy: No such policy.
    """
    plan = engine.loaded.site
    for appliance in plan.appliances:
        if appliance.name == name:
            return _appliance(engine, appliance)
    for zone in plan.zones:
        if zone.name == name:
            return _zone(zone)
    names = ", ".join([*(one.name for one in plan.appliances), *(one.name for one in plan.zones)]) or "none at all"
    raise UnknownPolicy(f"There is no policy {name!r} here; there are: {names}.")


def decision_record(record: DecisionRecord, timezone: str) -> dict[str, Any]:
    """Return one recorded change of decision; a code that another version wrote has no sentence here."""
    reason = Reason(ReasonCode(record.code), record.facts) if record.code in _CODES else None
    return {
        "at": iso(record.at, timezone),
        "policy": record.policy,
        "from": record.before or None,
        "to": record.after,
        "code": record.code,
        "sentence": sentence(reason, now=record.at, timezone=timezone) if reason else "",
        "facts": _facts(record.facts),
        "limited_by": record.limited_by,
        "where": record.where or None,
        "revision": record.revision,
        "engine": record.engine,
    }


def number(value: float) -> float | None:
    """Return a number that JSON has; what is not finite is unknown."""
    return value if math.isfinite(value) else None


def _appliance(engine: Engine, one: Appliance) -> dict[str, Any]:
    now, zone = engine.clock.now(), engine.loaded.site.timezone
    inputs = engine.inputs.get(one.name, NO_INPUTS)
    machine = engine.state.machines.get(one.name, _UNSEEN)
    decision = _decision(engine, one.name)
    reasons = decision.because if decision else ()
    running = outlook.stage_of(one, machine) > 0
    min_on_until = machine.on_since + one.min_on_s if running and machine.on_since is not None else None
    mode = outlook.mode_in_force(one, inputs, now)
    draw = engine.observation.draws_w.get(one.name)
    return {
        "name": one.name,
        "kind": "appliance",
        "description": one.description,
        "mode": mode.value,
        "file_mode": one.mode.value,
        "priority": one.priority,
        "state": decision.wanted if decision else None,
        "on": running if decision else None,
        "power_w": decision.power_w if decision else None,
        "draw_w": draw and number(draw.value),
        "since": _moment(machine.changed_at or None, engine),
        "sentence": sentence(reasons[0], now=now, timezone=zone)
        if reasons
        else "Not decided yet: the engine is starting.",
        "reasons": [
            {
                "code": reason.code.value,
                "facts": _facts(reason.facts),
                "sentence": sentence(reason, now=now, timezone=zone),
            }
            for reason in reasons
        ],
        "limited_by": decision.limited_by.value if decision and decision.limited_by else None,
        "min_on_until": _moment(min_on_until if min_on_until and min_on_until > now else None, engine),
        "next_change": _soonest(
            engine, outlook.changes(one, machine, inputs, now, decision.code if decision else None)
        ),
        "condition": outlook.condition(one, machine, inputs, now) or None,
        "switch": {"on": inputs.switch_on} if mode is Mode.MANUAL else None,
        "boost": {"until": _moment(inputs.boost_until, engine)} if inputs.boosted(now) else None,
        "override": _override(engine, inputs, now),
        "relays": [_relay(engine, relay) for relay in one.relays],
        "starts": machine.starts,
        "file": one.file or None,
        "line": decision.line or None if decision else None,
    }


def _zone(one: Zone) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": "ev-zone",
        "description": one.description,
        "mode": one.mode.value,
        "file_mode": one.mode.value,
        "priority": one.priority,
        "state": None,
        "on": None,
        "sentence": "Checked but not run: this version does not speak to charging stations yet.",
        "reasons": [],
        "file": one.file or None,
    }


def _battery(engine: Engine) -> dict[str, Any] | None:
    seen = engine.observation
    battery = signal(engine, "battery", seen.battery_w)
    return battery and {**battery, "soc": number(seen.battery_soc.value) if seen.battery_soc else None}


def _decision(engine: Engine, name: PolicyName) -> Decision | None:
    decisions = engine.outcome.decisions if engine.outcome else ()
    return next((decision for decision in decisions if decision.policy == name), None)


def _soonest(engine: Engine, changes: Sequence[Change]) -> dict[str, Any] | None:
    return {"at": _moment(changes[0].at, engine), "what": changes[0].what} if changes else None


def _override(engine: Engine, inputs: Inputs, now: Instant) -> dict[str, Any] | None:
    override = inputs.overriding(now)
    if override is None:
        return None
    return {
        "mode": override.mode.value,
        "until": _moment(override.until, engine),
        "by": override.by,
        "reason": override.reason,
    }


def _relay(engine: Engine, relay: RelayId) -> dict[str, Any]:
    lease, seen = engine.state.leases.get(relay), engine.observation.relays.get(relay)
    return {
        "relay": relay,
        "commanded": lease.closed if lease else None,
        "closed": seen.closed if seen else None,
        "read_at": _moment(seen.at if seen else None, engine),
        "confirmed": bool(lease and seen and seen.closed == lease.closed and seen.at >= lease.at),
    }


def _facts(facts: Facts) -> dict[str, Any]:
    return {name: value if isinstance(value, str) else number(value) for name, value in facts.items()}


def _moment(at: Instant | None, engine: Engine) -> str | None:
    return None if at is None else iso(at, engine.loaded.site.timezone)

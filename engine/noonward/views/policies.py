"""Each policy of the running engine as JSON; pages, commands and other programs are shown this and nothing else.

Every sentence here is made from the reasons of the decision that the engine took (``Decision.because``): nothing is
worked out again, so what people read cannot differ from what was decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS, MachineState, Zone
from noonward.daemon.engine import UnknownPolicy
from noonward.policy import outlook
from noonward.views import needs, parts, zones

if TYPE_CHECKING:
    from noonward.core.model import Appliance, PolicyName, RelayId
    from noonward.daemon.engine import Engine

_UNSEEN = MachineState()


def policies(engine: Engine) -> list[dict[str, Any]]:
    """Return every policy, those that are served first in front."""
    return [_view(engine, one) for one in engine.loaded.site.policies]


def policy(engine: Engine, name: PolicyName) -> dict[str, Any]:
    """Return one policy.

    Raises:
        UnknownPolicy: No such policy.
    """
    return _view(engine, compiled(engine, name))


def compiled(engine: Engine, name: PolicyName) -> Appliance | Zone:
    """Return one policy as it was compiled from its file.

    Raises:
        UnknownPolicy: No such policy.
    """
    known = engine.loaded.site.policies
    for one in known:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in known) or "none at all"
    raise UnknownPolicy(f"There is no policy {name!r} here; there are: {names}.")


def _view(engine: Engine, one: Appliance | Zone) -> dict[str, Any]:
    return zones.zone(engine, one) if isinstance(one, Zone) else _appliance(engine, one)


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


def _relay(engine: Engine, relay: RelayId) -> dict[str, Any]:
    lease, seen = engine.state.leases.get(relay), engine.observation.relays.get(relay)
    return {
        "relay": relay,
        "commanded": lease.closed if lease else None,
        "closed": seen.closed if seen else None,
        "read_at": parts.moment(engine, seen.at if seen else None),
        "confirmed": bool(lease and seen and seen.closed == lease.closed and seen.at >= lease.at),
    }

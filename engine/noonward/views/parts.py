"""What the views of policies, zones and stations are made of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS, Mode
from noonward.policy import wording
from noonward.policy.sentences import sentence
from noonward.policy.wording import iso
from noonward.policy.words import phrase
from noonward.views import settable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Appliance, Decision, Facts, Inputs, Instant, PolicyName, Reason, Zone
    from noonward.daemon.engine import Engine
    from noonward.policy.outlook import Change


def policy(engine: Engine, one: Appliance | Zone) -> dict[str, Any]:
    """Return what every policy has, of whatever kind."""
    now = engine.clock.now()
    inputs = engine.inputs.get(one.name, NO_INPUTS)
    made = decision(engine, one.name)
    reasons = [reason(engine, why) for why in made.because] if made else []
    mode = inputs.mode(one.mode, now)
    return {
        "name": one.name,
        "description": one.description,
        "mode": mode.value,
        "file_mode": one.mode.value,
        "priority": one.priority,
        "state": made.wanted if made else None,
        "power_w": made.power_w if made else None,
        "sentence": reasons[0]["sentence"] if reasons else undecided(engine),
        "reasons": reasons,
        "limited_by": made.limited_by.value if made and made.limited_by else None,
        "switch": {"on": inputs.switch_on} if mode is Mode.MANUAL else None,
        "boost": {"until": moment(engine, inputs.boost_until)} if inputs.boosted(now) else None,
        "override": _override(engine, inputs, now),
        "test": _test(engine, one.name, now),
        "file": one.file or None,
        "line": made.line or None if made else None,
        "etag": settable.of_policy(engine, one.name),
    }


def undecided(engine: Engine) -> str:
    """Return why there is no decision."""
    return phrase("undecided.fault" if engine.fault else "undecided.starting")


def decision(engine: Engine, name: PolicyName) -> Decision | None:
    """Return what the latest step decided for a policy."""
    decisions = engine.outcome.decisions if engine.outcome else ()
    return next((made for made in decisions if made.policy == name), None)


def reason(engine: Engine, why: Reason) -> dict[str, Any]:
    """Return a reason with its sentence."""
    told = sentence(why, now=engine.clock.now(), timezone=engine.loaded.site.timezone)
    return {"code": why.code.value, "facts": facts(why.facts), "sentence": told}


def soonest(engine: Engine, changes: Sequence[Change]) -> dict[str, Any] | None:
    """Return the first of what time will bring, also as a sentence."""
    if not changes:
        return None
    at, what = changes[0]
    return {"at": moment(engine, at), "what": what, "text": phrase("next", at=clock(engine, at), what=what)}


def facts(found: Facts) -> dict[str, Any]:
    """Return facts as JSON has them."""
    return {name: value if isinstance(value, str) else number(value) for name, value in found.items()}


def number(value: float) -> float | None:
    """Return a number that JSON has; what is not finite is unknown."""
    return value if math.isfinite(value) else None


def moment(engine: Engine, at: Instant | None) -> str | None:
    """Return a moment with the site's offset."""
    return None if at is None else iso(at, engine.loaded.site.timezone)


def clock(engine: Engine, at: Instant) -> str:
    """Return a moment as people read it on the wall of the site."""
    return wording.moment(at, now=engine.clock.now(), timezone=engine.loaded.site.timezone)


def age(engine: Engine, at: Instant) -> float:
    """Return how old something is that was measured then. [s]"""
    return round(max(engine.clock.now() - at, 0.0), 1)


def _test(engine: Engine, name: PolicyName, now: Instant) -> dict[str, Any] | None:
    test = engine.tests.get(name)
    if test is None or not test.in_force(now):
        return None
    return {"on": test.mode is Mode.ALWAYS_ON, "until": moment(engine, test.until), "by": test.by}


def _override(engine: Engine, inputs: Inputs, now: Instant) -> dict[str, Any] | None:
    override = inputs.overriding(now)
    if override is None:
        return None
    return {
        "mode": override.mode.value,
        "until": moment(engine, override.until),
        "by": override.by,
        "reason": override.reason,
    }

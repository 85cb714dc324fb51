"""Commands that come by MQTT: read and carried out as those of the HTTP API, and never more than a resident's.

A payload is the API's JSON body, or the few plain words that a switch or a button of a dashboard sends::

    policy/NAME/switch     ON | OFF                        {"on": true}
    policy/NAME/boost      1 h | OFF                       {"for": "1 h"}
    policy/NAME/override   always-off | … | file           {"mode": "always-off", "until": "6 h", "reason": "…"}
    station/ID/charge-now  ON | 2 h | unplugged | OFF      {"until": "10 kWh"}
    station/ID/need        OFF                             {"energy_kwh": 10, "departure": "2026-06-02T07:00"}
    station/ID/wake        ON                              {}

An override by a plain word ends after a day, since a dashboard gives no end.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from noonward.access.model import Action, Grant, How, Principal, Role
from noonward.bridge.picture import FILE, MODES
from noonward.daemon import asked
from noonward.daemon.stationwishes import zone_of
from noonward.errors import UsageError
from noonward.views import policies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from noonward.bridge.topics import Heard
    from noonward.core.model import Instant
    from noonward.daemon.engine import Engine

    Clock = Mapping[str, Any]
    Do = Callable[[Engine, str, str], Awaitable[object]]

BY = "mqtt"
"""Who asked, in the state and in the audit log; a broker does not say which of its users published."""
SOMEBODY = Principal(name=BY, grant=Grant(role=Role.RESIDENT, modes=True), how=How.MQTT)
"""Who can publish at the broker is somebody who lives here, and may set modes."""
PAYLOAD_MAX = 4096
"""Bytes; as many as the HTTP API takes."""
OVERRIDE = "24 h"
"""How long an override lasts that gives no end."""

ON, OFF = ("ON", "PRESS"), "OFF"


async def obey(engine: Engine, heard: Heard, payload: bytes) -> None:
    """Carry a command out.

    Raises:
        UsageError: It is none, or cannot be done: what is wrong, and what to do.
        StateError: It could not be made durable, and is not set.
    """
    do = _meant(engine, heard, payload)
    await do(engine, heard.name, BY)


def _meant(engine: Engine, heard: Heard, payload: bytes) -> Do:
    """Return what a command stands for."""
    known = COMMANDS.get((heard.thing, heard.what))
    if known is None:
        names = ", ".join(what for thing, what in COMMANDS if thing == heard.thing)
        raise UsageError(f"There is no command “{heard.what}” for a {heard.thing}; there are {names}.")
    action, read = known
    if heard.thing == "policy":
        policies.policy(engine, heard.name)
        allowed = SOMEBODY.may(action, heard.name)
    else:
        allowed = SOMEBODY.may(action, zone_of(engine.loaded.site, heard.name).name, heard.name)
    if not allowed:
        raise UsageError(f"Who publishes at the broker may not “{action}” here.")
    return read(_body(payload), engine.clock.now(), engine.loaded.site.timezone)


def _body(payload: bytes) -> Any:
    """Return a payload: an object where it is JSON, else its words."""
    if len(payload) > PAYLOAD_MAX:
        raise UsageError(f"The payload is longer than {PAYLOAD_MAX} bytes.")
    try:
        words = payload.decode().strip()
        return json.loads(words) if words.startswith("{") else words
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The payload is neither JSON nor words: {error}.") from None


def _switch(body: Any, _now: Instant, _timezone: str) -> Do:
    words = {"ON": True, "OFF": False}
    on = asked.switch(asked.only({"on": words.get(body.upper())} if isinstance(body, str) else body, ("on",)))
    return lambda engine, name, by: engine.set_switch(name, on, by)


def _boost(body: Any, _now: Instant, _timezone: str) -> Do:
    given = {"for": "0 s" if body.upper() == OFF else body} if isinstance(body, str) else body
    for_s = asked.boost(asked.only(given, ("for",)))
    return lambda engine, name, by: engine.set_boost(name, for_s, by)


def _override(body: Any, now: Instant, timezone: str) -> Do:
    if body == FILE:
        return lambda engine, name, _by: engine.clear_override(name)
    if isinstance(body, str):
        if body not in MODES:
            raise UsageError(f"{json.dumps(body)} is not a mode: use {', '.join(MODES)}.")
        body = {"mode": body, "until": OVERRIDE}
    wish = asked.override(asked.only(body, ("mode", "until", "reason")), now=now, timezone=timezone, by=BY)
    return lambda engine, name, _by: engine.set_override(name, wish)


def _charge_now(body: Any, now: Instant, timezone: str) -> Do:
    if isinstance(body, str):
        if body.upper() == OFF:
            return lambda engine, name, _by: engine.clear_charge_now(name)
        body = {"until": None if body.upper() in ON else body}
    until, energy_wh = asked.charge_now(asked.only(body, ("until",)), now=now, timezone=timezone)
    return lambda engine, name, by: engine.set_charge_now(name, until=until, energy_wh=energy_wh, by=by)


def _need(body: Any, now: Instant, timezone: str) -> Do:
    if isinstance(body, str) and body.upper() == OFF:
        return lambda engine, name, _by: engine.clear_need(name)
    energy_wh, departure = asked.need(asked.only(body, ("energy_kwh", "departure")), now=now, timezone=timezone)
    return lambda engine, name, by: engine.set_need(name, energy_wh=energy_wh, departure=departure, by=by)


def _wake(body: Any, _now: Instant, _timezone: str) -> Do:
    if not (isinstance(body, str) and body.upper() in ON):
        asked.only(body, ())
    return lambda engine, name, by: engine.set_wake(name, by)


COMMANDS: Mapping[tuple[str, str], tuple[Action, Callable[[Any, Instant, str], Do]]] = {
    ("policy", "switch"): (Action.WISH, _switch),
    ("policy", "boost"): (Action.WISH, _boost),
    ("policy", "override"): (Action.MODE, _override),
    ("station", "charge-now"): (Action.WISH, _charge_now),
    ("station", "need"): (Action.WISH, _need),
    ("station", "wake"): (Action.WISH, _wake),
}
"""What can be asked of what, and which action that is."""

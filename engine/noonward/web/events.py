"""Server-sent events: what changed, to everyone who listens, each at the speed of their own line.

A listener that is slow gets fewer events, never old ones: what waits for it is only *which* policies changed, and it is
told their state of the moment it is told. So no queue can grow, and a client that comes back after an outage needs
nothing but the first event of a stream, which tells everything.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS
from noonward.daemon.engine import UnknownPolicy, UnknownStation
from noonward.views import policies, site, stations
from noonward.web.asking import policies_for, site_for, stations_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from noonward.access.model import Principal
    from noonward.core.model import StationId
    from noonward.daemon.engine import Engine

RETRY_MS = 2000
"""How long a browser waits before it comes back."""
HEARTBEAT_S = 15.0
"""The site is told at least this often: proxies give up a silent line after 30 s, and a page after 40 s. [s]"""

STEP_WITHIN_S = 2.0
"""An answer waits this long for the step that a wish brings about. [s]"""


class Listener:
    """One open stream; a ``Publisher`` for the engine."""

    def __init__(self) -> None:
        self.changed: dict[str, None] = {}
        self.reloaded = False
        self.stopping = False
        self._woken = asyncio.Event()

    def publish(self, event: Mapping[str, Any]) -> None:
        """Note what changed and wake the stream."""
        names = event.get("changed", ()) if event["event"] == "step" else ()
        self.changed.update(dict.fromkeys(names))
        if "policy" in event:
            self.changed[event["policy"]] = None
        self.reloaded |= event["event"] == "reload"
        self.stopping |= event["event"] == "stopping"
        self._woken.set()

    def stop(self) -> None:
        """End the stream."""
        self.stopping = True
        self._woken.set()

    async def heard(self) -> None:
        """Wait for the next event, but no longer than a heartbeat."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), HEARTBEAT_S)
        self._woken.clear()


class Steps:
    """Waits for the step that has seen a wish, so that the answer can say what came of it; a ``Publisher``."""

    def __init__(self) -> None:
        self._taken = asyncio.Event()

    def publish(self, event: Mapping[str, Any]) -> None:
        """Note a step."""
        if event["event"] == "step":
            self._taken.set()

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait for it, but not for long: an engine that is busy or at fault answers without."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STEP_WITHIN_S):
                while not seen():
                    self._taken.clear()
                    await self._taken.wait()


class Streams:
    """Every open stream of an app, so that they can all be ended before its listener closes."""

    def __init__(self) -> None:
        self._open: set[Listener] = set()

    def stop(self) -> None:
        """End every stream; an open one would keep the server from closing."""
        for listener in tuple(self._open):
            listener.stop()

    async def stream(self, engine: Engine, who: Principal) -> AsyncIterator[bytes]:
        """Yield the text of one stream, what ``who`` may see, until the client leaves or the engine stops."""
        listener = Listener()
        leave = engine.subscribe(listener)
        self._open.add(listener)
        try:
            told = _told(engine)
            yield f"retry: {RETRY_MS}\n\n".encode()
            for chunk in _whole(engine, who):
                yield chunk
            while not listener.stopping:
                await listener.heard()
                before, told = told, _told(engine)
                moved = [name for name, seen in told.items() if before.get(name) != seen]
                for chunk in _news(engine, who, listener, moved):
                    yield chunk
            yield message("stopping", {})
        finally:
            self._open.discard(listener)
            leave()


def message(event: str, data: Mapping[str, Any]) -> bytes:
    """Return one event as it goes over the line; JSON has no line breaks, so one ``data`` line holds it."""
    return f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def _told(engine: Engine) -> dict[StationId, tuple[Any, ...]]:
    """Return of each station what a listener is told the change of: its decision and what is seen of it."""
    seen = engine.observation.stations
    made = engine.outcome.decisions if engine.outcome else ()
    told = {one.station: one for decision in made for one in decision.stations}
    return {
        name: (
            told.get(name) and (told[name].state, told[name].limit_a, told[name].phases, told[name].why.code),
            seen.get(name),
            engine.inputs.get(zone.name, NO_INPUTS).charge_now.get(name),
            engine.inputs.get(zone.name, NO_INPUTS).needs.get(name),
        )
        for zone in engine.loaded.site.zones
        for name in zone.stations
    }


def _news(engine: Engine, who: Principal, listener: Listener, moved: Sequence[StationId]) -> list[bytes]:
    changed, listener.changed = tuple(listener.changed), {}
    reloaded, listener.reloaded = listener.reloaded, False
    if listener.stopping:
        return []
    whole = message("site", site_for(who, site.site(engine)))
    try:
        if not reloaded:
            told = policies_for(who, [policies.policy(engine, name) for name in changed])
            stand = stations_for(who, [stations.station(engine, name) for name in moved])
            return [*(message("policy", one) for one in told), *(message("station", one) for one in stand), whole]
    except (UnknownPolicy, UnknownStation):  # a reload took it away in the meantime
        pass
    return _whole(engine, who)


def _whole(engine: Engine, who: Principal) -> list[bytes]:
    """Return everything that somebody may see; of a zone that they do not see, their own stations."""
    told = policies_for(who, policies.policies(engine))
    shown = {one["name"] for one in told}
    own = [one for one in stations_for(who, stations.stations(engine)) if one["zone"] not in shown]
    return [
        message("policies", {"policies": told}),
        *(message("station", one) for one in own),
        message("site", site_for(who, site.site(engine))),
    ]

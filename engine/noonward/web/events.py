"""Server-sent events: what changed, to everyone who listens, each at the speed of their own line.

A listener that is slow gets fewer events, never old ones: what waits for it is only *which* policies changed, and it is
told their state of the moment it is told. So no queue can grow, and a client that comes back after an outage needs
nothing but the beginning of a stream, which tells everything that its asker may see.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse

from noonward.access.model import How
from noonward.core.model import NO_INPUTS
from noonward.daemon.engine import UnknownPolicy, UnknownStation
from noonward.views import policies, stations
from noonward.views.board import Board
from noonward.web.asking import asker
from noonward.web.desk import desk
from noonward.web.shown import notices_for, policies_for, site_for, stations_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence

    from starlette.requests import Request

    from noonward.access.model import Principal
    from noonward.core.model import StationId
    from noonward.daemon.engine import Engine

    Again = Callable[[], Awaitable[Principal]]

MEDIA_TYPE = "text/event-stream"
RETRY_MS = 2000
"""How long a browser waits before it comes back."""
HEARTBEAT_S = 15.0
"""The site is told at least this often: proxies give up a silent line after 30 s, and a page after 40 s. As often the
listener is asked again who they are. [s]"""
APART_S = 0.5
"""So long a stream rests after it has told something: charging stations may have the engine step ten times a second,
and no eye needs that. [s]"""
STREAMS_MAX = 16
"""Open streams of one asker. A further one ends the oldest: most likely it leads to a phone that left the house."""


class Listener:
    """One open stream; a ``Publisher`` for the engine.

    Attributes:
        who: Listens.
        place: Where from, for those who have not said who they are.
    """

    def __init__(self, who: Principal, place: str = "") -> None:
        self.who = who
        self.place = place if who.how is How.VISITOR else ""
        self.changed: dict[str, None] = {}
        self.reloaded = False
        self.stopping = False
        self.over = False
        self._woken = asyncio.Event()
        self._ended = asyncio.Event()

    def publish(self, event: Mapping[str, Any]) -> None:
        """Note what changed and wake the stream."""
        names = event.get("changed", ()) if event["event"] == "step" else ()
        self.changed.update(dict.fromkeys(names))
        if "policy" in event:
            self.changed[event["policy"]] = None
        self.reloaded |= event["event"] == "reload"
        self._woken.set()
        if event["event"] == "stopping":
            self.stop()

    def stop(self) -> None:
        """End the stream: the daemon stops."""
        self.stopping = True
        self._ended.set()
        self._woken.set()

    def end(self) -> None:
        """End the stream: it is not theirs any more. A browser comes back, and is told who it is now."""
        self.over = True
        self._ended.set()
        self._woken.set()

    async def heard(self) -> None:
        """Rest, then wait for the next event, but no longer than a heartbeat; an end is heard at once."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), APART_S)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), HEARTBEAT_S)
        self._woken.clear()

    def same(self, who: Principal) -> bool:
        """Tell whether somebody still is who opened this stream, with what they were granted then."""
        return (who.name, who.how, who.key, who.grant) == (self.who.name, self.who.how, self.who.key, self.who.grant)


class Streams:
    """Every open stream of the daemon, so that they can be ended.

    Attributes:
        board: What was told of what is not as it should be.
    """

    def __init__(self, board: Board | None = None) -> None:
        self.board = board or Board()
        self._open: dict[Listener, None] = {}
        self._numbers = count(1)

    def stop(self) -> None:
        """End every stream; an open one would keep the server from closing."""
        for listener in tuple(self._open):
            listener.stop()

    def end(self, over: Callable[[Principal], bool]) -> None:
        """End the streams of those of whom ``over`` is true: their session was ended, or their grant changed."""
        for listener in tuple(self._open):
            if over(listener.who):
                listener.end()

    async def stream(
        self, engine: Engine, who: Principal, again: Again | None = None, place: str = ""
    ) -> AsyncIterator[bytes]:
        """Yield the text of one stream until the client leaves, is nobody any more, or the engine stops.

        Args:
            engine: The running daemon.
            who: Listens: told is what they may see.
            again: Finds out anew who listens; None: nothing ends what they are.
            place: Address that a visitor comes from.
        """
        listener = Listener(who, place)
        self._make_room(listener)
        self._open[listener] = None
        leave = engine.subscribe(listener)
        checked_s = engine.clock.monotonic()
        try:
            told, warned = _told(engine), notices_for(who, engine, self.board)
            yield f"retry: {RETRY_MS}\n\n".encode()
            for event, data in (*_whole(engine, who), ("notices", {"notices": warned})):
                yield self._message(engine, event, data)
            while not listener.stopping:
                await listener.heard()
                if listener.over or (who.until is not None and engine.clock.now() >= who.until):
                    return
                if again is not None and engine.clock.monotonic() >= checked_s + HEARTBEAT_S:
                    checked_s = engine.clock.monotonic()
                    if not listener.same(await again()):
                        return
                before, told = told, _told(engine)
                moved = [name for name, seen in told.items() if before.get(name) != seen]
                for event, data in _news(engine, who, listener, moved):
                    yield self._message(engine, event, data)
                known, warned = warned, notices_for(who, engine, self.board)
                if warned != known:
                    yield self._message(engine, "notices", {"notices": warned})
            yield self._message(engine, "stopping", {})
        finally:
            self._open.pop(listener, None)
            leave()

    def _make_room(self, new: Listener) -> None:
        """End the oldest streams of somebody who would have too many."""
        theirs = [one for one in self._open if one.same(new.who) and one.place == new.place]
        for oldest in theirs[: max(len(theirs) - STREAMS_MAX + 1, 0)]:
            oldest.end()
            del self._open[oldest]

    def _message(self, engine: Engine, event: str, data: Mapping[str, Any]) -> bytes:
        return message(event, data, f"{int(engine.started_at)}-{next(self._numbers)}")


async def answer(request: Request) -> Response:
    """Answer a stream of what changes."""
    headers = {"x-accel-buffering": "no"}
    if request.method == "HEAD":
        return Response(media_type=MEDIA_TYPE, headers=headers)
    shared, place = desk(request), request.client.host if request.client else ""
    stream = shared.streams.stream(shared.engine, asker(request), lambda: shared.identify(request), place)
    return StreamingResponse(stream, media_type=MEDIA_TYPE, headers=headers)


def message(event: str, data: Mapping[str, Any], number: str) -> bytes:
    """Return one event as it goes over the line; JSON has no line breaks, so one ``data`` line holds it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event}\nid: {number}\ndata: {text}\n\n".encode()


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


def _news(
    engine: Engine, who: Principal, listener: Listener, moved: Sequence[StationId]
) -> Iterable[tuple[str, dict[str, Any]]]:
    changed, listener.changed = tuple(listener.changed), {}
    reloaded, listener.reloaded = listener.reloaded, False
    if listener.stopping:
        return ()
    whole = ("site", site_for(who, engine))
    try:
        if not reloaded:
            told = policies_for(who, [policies.policy(engine, name) for name in changed])
            stand = stations_for(who, [stations.station(engine, name) for name in moved])
            return (*(("policy", one) for one in told), *(("station", one) for one in stand), whole)
    except (UnknownPolicy, UnknownStation):  # a reload took it away in the meantime
        pass
    return _whole(engine, who)


def _whole(engine: Engine, who: Principal) -> Iterable[tuple[str, dict[str, Any]]]:
    """Return everything that somebody may see; of a zone that they do not see, their own stations."""
    told = policies_for(who, policies.policies(engine))
    shown = {one["name"] for one in told}
    own = [one for one in stations_for(who, stations.stations(engine)) if one["zone"] not in shown]
    return (
        ("policies", {"policies": told}),
        *(("station", one) for one in own),
        ("site", site_for(who, engine)),
    )

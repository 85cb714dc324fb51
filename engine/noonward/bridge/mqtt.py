"""The site by MQTT: everything retained as it is now, events as they come, and commands where site.yaml allows them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from noonward.access import audit
from noonward.access.audit import Entry
from noonward.access.limits import Bucket, Rate, Seldom
from noonward.access.model import How
from noonward.bridge import homeassistant, topics
from noonward.bridge.commands import BY, obey
from noonward.bridge.link import Link
from noonward.bridge.names import Names
from noonward.bridge.picture import picture, text
from noonward.daemon import log
from noonward.errors import NoonwardError, StateError
from noonward.policy.language import speaking
from noonward.views.audited import wishes
from noonward.views.board import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aiomqtt import Message

    from noonward.bridge.topics import Heard
    from noonward.daemon.engine import Engine
    from noonward.policy.bridges import Mqtt
    from noonward.ports import Memory
    from noonward.views.board import Board, Told

    Note = Callable[[Entry], None]

EVERY_S = 10.0
"""How often measured values are told that nothing else is told with. [s]"""
APART_S = 0.5
"""The picture is made no more often than that, whatever happens. [s]"""
PACE = Rate(burst=60, each_s=1.0)
"""How many commands may come: a minute's worth at once, then one a second. Each is a write to flash."""
EVENTS_MAX = 50
"""Events that may wait for the next message to go; more have become old."""
MEMORY = "mqtt"


class Bridge:
    """The site at one broker; also a ``Publisher`` for the engine.

    Args:
        engine: The running daemon.
        mqtt: Where to, and how.
        board: What is not as it should be.
        memory: What is known outside, across restarts: names and what the broker was given to keep.
        version: Of Noonward.
        note: Writes the audit log.
    """

    def __init__(self, engine: Engine, mqtt: Mqtt, board: Board, memory: Memory, version: str, note: Note) -> None:
        self._engine = engine
        self._mqtt = mqtt
        self._board = board
        self._memory = memory
        self._version = version
        self._note = note
        self._seldom = Seldom()
        self._bucket = Bucket(PACE)
        self._names = Names({})
        self._known: dict[str, dict[str, str]] = {}
        self._sent: dict[str, str] = {}
        self._events: list[dict[str, Any]] = []
        self._woken = asyncio.Event()
        self._discover = True
        birth = (f"{mqtt.discovery}/{homeassistant.STATUS}",) if mqtt.discovery else ()
        commands = tuple(f"{mqtt.topic}/{topic}" for topic in topics.SET) if mqtt.commands else ()
        self._link = Link(
            mqtt,
            f"noonward-{engine.loaded.site.name}",
            engine.clock,
            tell=self._tell,
            heard=self._heard,
            subscriptions=(*birth, *commands),
        )

    def publish(self, event: Mapping[str, Any]) -> None:
        """Note that something changed; measured values alone can wait."""
        if event["event"] == "reload":
            self._discover = True
        if event["event"] != "step" or event["changed"]:
            self._woken.set()

    def hear(self, told: Told) -> None:
        """Note that a notice began or is over."""
        with speaking(self._mqtt.language):
            self._events.append(shown(told, self._engine.loaded.site.timezone))
        del self._events[:-EVENTS_MAX]
        self._woken.set()

    async def run(self) -> None:
        """Tell until cancelled, and then that the gateway is gone."""
        while self._engine.stepped_at is None:  # nothing is known before
            await self._engine.clock.sleep(APART_S)
        kept = self._memory.load()
        self._names, self._known = Names(kept.get("names") or {}), dict(kept.get("retained") or {})
        leave = self._engine.subscribe(self)
        try:
            with speaking(self._mqtt.language):
                await self._link.run()
        finally:
            leave()

    async def _tell(self) -> None:
        """Tell everything, and then what changes, as long as there is a connection."""
        self._discover = True
        self._events.clear()  # those of a time without a connection are old; what is present is told anyway
        while True:
            if self._discover:
                self._discover = False
                await self._introduce()
            for topic, payload in picture(self._engine, self._board).items():
                await self._retain(topic, payload)
            while self._events:
                await self._link.publish(self._full(topics.EVENT), text(self._events.pop(0)), retain=False)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), EVERY_S)
            self._woken.clear()
            await self._engine.clock.sleep(APART_S)

    async def _retain(self, topic: str, payload: str) -> None:
        if self._sent.get(topic) != payload:
            await self._link.publish(self._full(topic), payload)
            self._sent[topic] = payload

    async def _introduce(self) -> None:
        """Introduce every device to Home Assistant, and take back what the broker keeps of those that are gone."""
        loaded = self._engine.loaded
        self._names.use(loaded.site)
        wanted = homeassistant.devices(loaded, self._mqtt, self._names, self._version) if self._mqtt.discovery else {}
        everything = (topics.AVAILABILITY, *picture(self._engine, self._board))
        states: dict[str, dict[str, str]] = {self._full(topic): {} for topic in everything}
        before = {topic: parts for topic, parts in self._known.items() if parts}
        now = {**homeassistant.told(wanted), **states}
        # what is remembered goes ahead of what is sent: were it the other way round, a power cut between the two could
        # leave a device at the broker that nobody takes away any more
        both = {topic: {**self._known.get(topic, {}), **parts} for topic, parts in now.items()}
        await self._remember({**self._known, **both})
        for topic in self._known.keys() - now.keys() - before.keys():
            await self._link.publish(topic, "")
        for topic, payload in homeassistant.changes(before, wanted):
            await self._link.publish(topic, payload)
        self._sent = {}
        await self._remember(now)

    async def _remember(self, known: dict[str, dict[str, str]]) -> None:
        if known == self._known and self._names.known == self._memory.load().get("names"):
            return
        self._known = known
        try:
            await self._memory.save({"names": self._names.known, "retained": known})
        except StateError as error:
            log.warn("state", f"what Home Assistant knows of is not saved: {error}")

    async def _heard(self, message: Message) -> None:
        """Take a message: Home Assistant's birth, or a command."""
        topic, payload = str(message.topic), message.payload
        if topic == f"{self._mqtt.discovery}/{homeassistant.STATUS}":
            if payload == homeassistant.BIRTH:
                self._discover = True
                self._woken.set()
            return
        heard = topics.heard(topic.removeprefix(f"{self._mqtt.topic}/"))
        if heard is None or not isinstance(payload, bytes):
            return
        refused = await self._obeyed(heard, payload, retained=message.retain)
        answer = {"topic": topic, "ok": refused is None, "detail": refused}
        await self._link.publish(self._full(topics.RESULT), text(answer), retain=False)

    async def _obeyed(self, heard: Heard, payload: bytes, *, retained: bool) -> str | None:
        """Carry a command out; return why not, None where it was."""
        refused, kind = None, "policies" if heard.thing == "policy" else "stations"
        before = wishes(self._engine, kind, heard.name)
        if retained:
            refused = "A command must not be retained: the broker would repeat it at every connection. It is ignored."
        elif self._bucket.take(BY, self._engine.clock.monotonic()):
            refused = "Too many commands: send no more than one a second."
        else:
            try:
                await obey(self._engine, heard, payload)
            except NoonwardError as error:
                refused = str(error)
        times = 1 if refused is None else self._seldom.tell(heard, self._engine.clock.monotonic())
        if times:
            self._note(
                Entry(
                    at=self._engine.clock.now(),
                    who=BY,
                    how=How.MQTT.value,
                    address=self._mqtt.host,
                    what=heard.what,
                    subject=f"{kind}/{heard.name}",
                    before=before if refused is None else None,
                    after=wishes(self._engine, kind, heard.name) if refused is None else None,
                    result=audit.DONE if refused is None else audit.REFUSED,
                    detail=refused or "",
                    times=times,
                )
            )
        return refused

    def _full(self, topic: str) -> str:
        return f"{self._mqtt.topic}/{topic}"

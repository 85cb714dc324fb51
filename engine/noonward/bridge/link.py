"""The connection to the MQTT broker: made, kept, said to be gone, made again.

Nothing waits for a broker that is away: a message that cannot go now is not kept, and what must be known is told anew
with every connection. The client's name is always the same, so a broker that still holds a dead connection of this
gateway ends that one, with its last will, before it takes the new one.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import TYPE_CHECKING, Any

from aiomqtt import Client, Message, MqttError, ProtocolVersion, Will
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from noonward.bridge import topics
from noonward.bridge.backoff import Backoff
from noonward.daemon import log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from noonward.policy.bridges import Mqtt, Tls
    from noonward.ports import Clock

KEEPALIVE_S = 30
ANSWER_S = 5.0
"""So long a broker may take to answer. [s]"""
GOODBYE_S = 0.5
"""So long saying goodbye may take: the daemon ends within a second. [s]"""
HELD_S = 30.0
"""A connection that held for so long was a good one, and the next waits are short again. [s]"""
INCOMING_MAX = 100
"""Messages that may wait to be read; more than that nobody sends by hand."""
PACKET_MAX = 16_384
"""Bytes; the broker is asked to pass nothing longer on, and no command is."""
FAILED = 0x80
"""Reason codes of MQTT 5 from here on say no; 0x87 is "not authorized"."""

_FRESH_ONLY = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
"""Old messages are not sent again, and one that was published to be kept can be told from others."""


class _Client(Client):
    """A client that also hears when a broker takes a message and throws it away."""

    denied: Callable[[str], None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sending: str = ""

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        if getattr(reason_code, "value", 0) >= FAILED:
            self.denied(f"publish at {self.sending}: {reason_code}")
        super()._on_publish(client, userdata, mid, reason_code, properties)


class Link:
    """One broker.

    Args:
        mqtt: Which, and how.
        name: Of the client.
        clock: To wait by.
        tell: Runs beside each connection, and tells what there is to tell with ``publish``.
        heard: Called with every message.
        subscriptions: Topics to hear.
    """

    def __init__(
        self,
        mqtt: Mqtt,
        name: str,
        clock: Clock,
        *,
        tell: Callable[[], Awaitable[None]],
        heard: Callable[[Message], Awaitable[None]],
        subscriptions: Sequence[str],
    ) -> None:
        self._mqtt = mqtt
        self._name = name
        self._clock = clock
        self._tell = tell
        self._heard = heard
        self._subscriptions = subscriptions
        self._client: _Client | None = None
        self._turn = asyncio.Lock()
        self._backoff = Backoff(name)
        self._since_s = inf
        self._why: str | None = None
        self._denied: set[str] = set()

    async def publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        """Send a message and wait until the broker has it; without a connection it is dropped.

        Raises:
            MqttError: The broker does not answer; the connection is given up.
        """
        async with self._turn:
            if self._client is not None:
                self._client.sending = topic
                await self._client.publish(topic, payload.encode(), qos=1, retain=retain)

    async def run(self) -> None:
        """Keep connected until cancelled, then say goodbye."""
        while True:
            self._since_s = inf
            try:
                async with self._connected():
                    await self._serve()
            except (MqttError, OSError, ValueError) as error:
                self._lost(error)
            if self._clock.monotonic() - self._since_s >= HELD_S:
                self._backoff.worked()
            await self._clock.sleep(self._backoff.failed())

    async def _serve(self) -> None:
        await self.publish(self._availability, topics.ONLINE)
        await self._subscribe()
        log.say("mqtt", f"connected to the broker at {self._place}")
        self._since_s = self._clock.monotonic()
        self._why = None
        tasks = [asyncio.ensure_future(self._tell()), asyncio.ensure_future(self._listen())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()

    async def _listen(self) -> None:
        if self._client is not None:
            async for message in self._client.messages:
                await self._heard(message)

    async def _subscribe(self) -> None:
        for topic in self._subscriptions if self._client else ():
            for code in await self._client.subscribe(topic, options=_FRESH_ONLY) if self._client else ():
                if getattr(code, "value", code) >= FAILED:
                    self._deny(f"subscribe to {topic}: {code}")

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[None]:
        client = _Client(
            self._mqtt.host,
            self._mqtt.port,
            username=self._mqtt.user,
            password=self._mqtt.password,
            identifier=self._name,
            protocol=ProtocolVersion.V5,
            will=Will(self._availability, topics.OFFLINE, qos=1, retain=True),
            keepalive=KEEPALIVE_S,
            timeout=ANSWER_S,
            clean_start=True,
            properties=_wishes(),
            max_queued_incoming_messages=INCOMING_MAX,
            tls_context=None if self._mqtt.tls is None else await asyncio.to_thread(trust, self._mqtt.tls),
        )
        client.denied = self._deny
        await _entered(client)
        self._client = client
        asked_to_end = False
        try:
            yield
        except asyncio.CancelledError:
            asked_to_end = True
            raise
        finally:
            with suppress(MqttError, TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    if asked_to_end:
                        await self.publish(self._availability, topics.OFFLINE)
                    self._client = None
                    await client.__aexit__(None, None, None)
            self._client = None

    @property
    def _place(self) -> str:
        return f"{self._mqtt.host}:{self._mqtt.port}"

    @property
    def _availability(self) -> str:
        return f"{self._mqtt.topic}/{topics.AVAILABILITY}"

    def _lost(self, error: Exception) -> None:
        """Say once why there is no connection, and again when it is for another reason."""
        why = f"it says no: {error.rc}" if isinstance(error, MqttConnectError) else str(error) or type(error).__name__
        if why != self._why:
            log.warn("mqtt-lost", f"no connection to the broker at {self._place}: {why}")
        self._why = why

    def _deny(self, what: str) -> None:
        """Say once what the broker does not allow."""
        if what not in self._denied:
            self._denied.add(what)
            log.warn("mqtt-denied", f"the broker at {self._place} does not let us {what}; see its access list")


def _wishes() -> Properties:
    wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho leaves it so
    wishes.MaximumPacketSize = PACKET_MAX
    return wishes


async def _entered(client: _Client) -> None:
    """Connect; a connection that comes after nobody waits for it any more is ended."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        entering.add_done_callback(lambda done: None if done.cancelled() or done.exception() else _end(client))
        raise


def _end(client: _Client) -> None:
    ending = asyncio.ensure_future(client.__aexit__(None, None, None))
    ending.add_done_callback(lambda done: done.cancelled() or done.exception())


def trust(tls: Tls) -> ssl.SSLContext:
    """Return what TLS is made with; read anew for every connection, because certificates are renewed.

    Raises:
        OSError: A file cannot be read, or is none of the kind; the message names it.
    """
    context = ssl.create_default_context()
    if tls.ca is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _loaded(tls.ca, lambda: context.load_verify_locations(tls.ca))
    if tls.cert is not None:
        cert = tls.cert
        _loaded(cert, lambda: context.load_cert_chain(cert, tls.key))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _loaded(path: str, load: Callable[[], None]) -> None:
    try:
        load()
    except OSError as error:  # ssl.SSLError is one
        raise OSError(f"{path} cannot be used: {error.strerror or error}") from None

"""What the engine asks of the world: small Protocols, one capability each, units in the names.

A driver is found through the entry-point group ``noonward.drivers``. Its entry point names an object that satisfies
:class:`Driver`. Loading it must be cheap (no protocol library is imported until :meth:`Driver.open`), because
``noonward check`` loads drivers only to ask what channels a device entry has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.model import Instant, SetLimit, State, Station, StationInfo

ChannelKind = Literal["relay", "meter", "input", "station"]


class Clock(Protocol):
    """Time, as daemon, drivers and web are allowed to see it."""

    def now(self) -> Instant:
        """Return UTC seconds since the epoch; may jump."""

    def monotonic(self) -> float:
        """Return seconds that never jump. [s]"""

    async def sleep(self, seconds: float) -> None:
        """Return after this long. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One thing that a device offers, as far as its configuration alone tells.

    Attributes:
        name: Unique in its device and kind; "relay-1" of device "cellar" is "cellar/relay-1". A station's name is the
            identity that it connects with, unique in the site: zones name it without its device.
        kind: What it is.
        dead_man_s: For relays: the lease that the module enforces by itself, None where it has none. [s]
        station: For stations: what the engine must know of it; None for the others.
        signals: For meters: names of the signals it can report, units in the names ("power_w", "current_l1_a").
    """

    name: str
    kind: ChannelKind
    dead_man_s: float | None = None
    station: StationInfo | None = None
    signals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFault:
    """Something wrong in a device entry of site.yaml.

    Attributes:
        path: Keys from the device entry down, for example ("profile",).
        message: What is wrong.
        hint: What to do, if there is something to say.
    """

    path: tuple[str | int, ...]
    message: str
    hint: str | None = None


@runtime_checkable
class Relay(Protocol):
    """A switched output."""

    async def set(self, closed: bool, *, valid_for_s: float | None) -> None:
        """Set the contact, and arm the module's dead-man where ``valid_for_s`` is given. Idempotent.

        Raises:
            DriverError: The contact may be in either position; read it.
        """

    async def read(self) -> bool | None:
        """Return the contact as the device reports it, True for closed, None where the device cannot say.

        Raises:
            DriverError: No answer.
        """


@runtime_checkable
class Meter(Protocol):
    """Something that measures."""

    async def read(self) -> Mapping[str, float | None]:
        """Return signal name to value; a signal that is not plausible is None. Import and draw are positive.

        Raises:
            DriverError: No answer.
        """


@runtime_checkable
class Input(Protocol):
    """A contact that someone else closes, for example the grid operator's dimming relay."""

    async def read(self) -> bool:
        """Return True while the contact is closed.

        Raises:
            DriverError: No answer; the engine counts that as closed.
        """


@runtime_checkable
class ChargingStation(Protocol):
    """A charging station for electric vehicles. It speaks when it has something to say, and is never polled.

    It may have two attributes more: ``trouble``, what is wrong with how it obeys, or None; ``address``, where it has
    to connect, for who sets it up.
    """

    def seen(self) -> Station:
        """Return what is known of it now, without I/O. What it said last stands while it is away, but ``online``."""

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` whenever :meth:`seen` would answer differently; it neither blocks nor raises."""

    async def limit(self, command: SetLimit) -> None:
        """Take a limit; a newer one replaces one that is not on the wire yet.

        Returns once the station accepted it, and :meth:`seen` then says so; or, while there is no transaction that it
        could apply to, once it is noted for the next one. A limit of at least 6 A on a station that waits to be
        started starts it, where its model needs that.

        Raises:
            DriverError: The station did not take it; nobody knows which limit it holds.
        """


@runtime_checkable
class Diagnosable(Protocol):
    """A device whose stations can send their log somewhere."""

    async def diagnostics(self, station: str, url: str) -> str | None:
        """Have a station send its log to an address; return what it will be called, None where it does not say.

        Args:
            station: What zones call it.
            url: Where to, with user and password where needed; it must not show in any log.

        Raises:
            DriverError: It is not connected, or says no.
        """


@dataclass(slots=True, kw_only=True)
class Device:
    """One opened device entry: its channels, by name.

    ``close`` must let go of every socket and file, never switch anything, and may be called twice.
    """

    relays: Mapping[str, Relay] = field(default_factory=dict)
    meters: Mapping[str, Meter] = field(default_factory=dict)
    inputs: Mapping[str, Input] = field(default_factory=dict)
    stations: Mapping[str, ChargingStation] = field(default_factory=dict)

    async def close(self) -> None:
        """Let go of the device without switching anything."""


class Memory(Protocol):
    """Where a device keeps what must survive a restart: small JSON values by key, apart from every other device's."""

    def load(self) -> Mapping[str, Any]:
        """Return everything that is kept."""

    async def save(self, changed: Mapping[str, Any]) -> None:
        """Keep these values, durably before this returns; None removes a key.

        Raises:
            StateError: It is not durable.
        """


class Driver(Protocol):
    """A family of devices."""

    name: str
    """As written in ``driver:`` of a device entry."""

    summary: str
    """One line for the documentation."""

    schema: Mapping[str, Any]
    """JSON Schema (2020-12, an object) of the entry's keys besides ``driver``. Values keep their written form."""

    def describe(self, config: Mapping[str, Any]) -> tuple[Channel, ...] | ConfigFault:
        """Return the channels of a device entry, or what is wrong with it. No I/O beyond the driver's own data."""

    async def open(self, name: str, config: Mapping[str, Any], clock: Clock, memory: Memory) -> Device:
        """Open one device entry. Must not fail because the device is away: channels raise Unavailable until it is back.

        Args:
            name: Key of the entry.
            config: The entry's other keys, as written.
            clock: The only one that the device may look at.
            memory: What it kept over the last restart, and where it keeps what must survive the next; its own alone.

        Entries that share one bus or host share one owner; the driver object keeps it.
        """


class Store(Protocol):
    """Where state survives. Called from one thread."""

    def load(self) -> State:
        """Return the last saved state, or a fresh one."""

    def save(self, state: State) -> None:
        """Make the state durable before returning.

        Raises:
            StateError: It is not durable.
        """


class Publisher(Protocol):
    """Someone who wants to hear of every step that changed something (portal, MQTT)."""

    def publish(self, event: Mapping[str, Any]) -> None:
        """Take one event; must not block and must not raise."""

"""Shelly Gen2 and later (Plus, Pro, Gen3, Gen4), over their HTTP RPC.

Source: the vendor's public RPC documentation, components Switch, Input, EM, EM1, PM1, "Common Errors" and
"Authentication" (digest with SHA-256, user ``admin``, RFC 7616).

A relay is armed with the device's own timer: ``Switch.Set`` with ``toggle_after``, which every further command starts
anew, so that the relay opens by itself when nobody refreshes it. Power is polled: notifications are thresholded, so
their absence says nothing.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from noonward.errors import AuthFailed, DriverError, Rejected, Unavailable, Unsupported
from noonward.ports import Channel, Clock, ConfigFault, Device, Input, Memory, Meter, Relay
from noonward_drivers.entry import Entry, Faulty, quantity_schema

_TIMEOUT_S: Final = 3.0
"""A device on the same network answers within tens of milliseconds; a request never takes longer than this. [s]"""
_DEAD_MAN_S: Final = 120.0
_USER: Final = "admin"
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")

_ERRORS: Final[Mapping[int, type[DriverError]]] = {
    401: AuthFailed,
    404: Unsupported,  # no handler for this method
    -103: Unsupported,  # invalid argument
    -105: Unsupported,  # no such component
    -104: Unavailable,  # deadline exceeded
    -108: Unavailable,  # out of a resource
    -114: Unavailable,
}
"""RPC error code to what it means to us; any other code is a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way in which a Shelly measures.

    Attributes:
        method: RPC that reports it.
        power: Field with the active power, import +. [W]
        currents: For each phase, the field with its current, which has no sign, and the one with its power. [A] [W]
    """

    method: str
    power: str
    currents: tuple[tuple[str, str], ...]

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of what it reports."""
        return ("power_w", *(f"current_l{phase}_a" for phase in range(1, len(self.currents) + 1)))

    def read(self, status: Mapping[str, Any]) -> dict[str, float | None]:
        """Return signal to value; what is missing or not a number is None."""
        values: dict[str, float | None] = {"power_w": _number(status.get(self.power))}
        for phase, (field, power_field) in enumerate(self.currents, start=1):
            current_a, power_w = _number(status.get(field)), _number(status.get(power_field))
            known = current_a is not None and power_w is not None
            values[f"current_l{phase}_a"] = math.copysign(current_a, power_w) if known else None  # type: ignore[arg-type]  # known
        return values


SWITCH: Final = Kind(method="Switch.GetStatus", power="apower", currents=())
KINDS: Final[Mapping[str, Kind]] = {
    "em": Kind(
        method="EM.GetStatus",
        power="total_act_power",
        currents=tuple((f"{phase}_current", f"{phase}_act_power") for phase in "abc"),
    ),
    "em1": Kind(method="EM1.GetStatus", power="act_power", currents=(("current", "act_power"),)),
    "pm1": Kind(method="PM1.GetStatus", power="apower", currents=(("current", "apower"),)),
}
"""``meter:`` of a device entry: em three phases as one, em1 single clamps, pm1 a single-phase meter in the line."""


def _number(value: object) -> float | None:
    """Return a finite number, None for everything else that JSON can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellyEntry:
    """A ``driver: shelly`` entry, read."""

    host: str
    password: str | None = None
    switches: int = 0
    inputs: int = 0
    meter: str | None = None
    clamps: int = 1
    dead_man_s: float | None = _DEAD_MAN_S

    def meters(self) -> dict[str, tuple[Kind, int]]:
        """Return channel to what it measures and the component's id."""
        powers = {f"power-{k + 1}": (SWITCH, k) for k in range(self.switches)}
        if self.meter is None:
            return powers
        kind = KINDS[self.meter]
        if self.clamps == 1:
            return powers | {"meter": (kind, 0)}
        return powers | {f"meter-{k + 1}": (kind, k) for k in range(self.clamps)}


def read_entry(config: Mapping[str, Any]) -> ShellyEntry:
    """Read an entry.

    Raises:
        Faulty: Something in it cannot be used.
    """
    entry = Entry(config)
    entry.only("host", "password", "switches", "inputs", "meter", "clamps", "dead_man")
    host = entry.text("host")
    if not _HOST.fullmatch(host):
        raise entry.fault("host", f'"{host}" is not a host', "write the name or address alone, without http://")
    meter = entry.choice("meter", tuple(KINDS), None)
    if "clamps" in entry and meter != "em1":
        raise entry.fault("clamps", "only em1 has clamps", "leave it out, or write meter: em1")
    if not any(key in entry for key in ("switches", "inputs", "meter")):
        raise entry.fault(None, "this device has no channel", "say what it has, for example switches: 4 or meter: em")
    return ShellyEntry(
        host=host,
        password=entry.text("password", None),
        switches=entry.integer("switches", 1, 8, 0),
        inputs=entry.integer("inputs", 1, 8, 0),
        meter=meter,
        clamps=entry.integer("clamps", 1, 3, 1),
        dead_man_s=entry.dead_man(_DEAD_MAN_S),
    )


class Host:
    """One device on the network. Requests go out one at a time: it is a small device, and a nonce serves once."""

    def __init__(self, address: str, password: str | None, *, timeout_s: float = _TIMEOUT_S) -> None:
        """Open a session, without a connection yet.

        Args:
            address: Host, with port if it is not 80.
            password: Of the user ``admin``, None where the device is open.
            timeout_s: For a request, waiting for its turn included. [s]
        """
        import aiohttp  # noqa: PLC0415 - 30 ms that only sites with a Shelly pay

        self._lib = aiohttp
        self._address = address
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1),
            middlewares=(aiohttp.DigestAuthMiddleware(_USER, password),) if password else (),
        )

    async def call(self, method: str, **params: Any) -> Mapping[str, Any]:
        """Return the result of an RPC.

        Raises:
            Unavailable: No answer, or none that can be understood.
            AuthFailed: The password is missing or wrong.
            Unsupported: The device has no such component.
            Rejected: It said no.
        """
        frame = {"id": 1, "src": "noonward", "method": method, "params": params}
        try:
            async with asyncio.timeout(self._timeout_s), self._turn:
                answer = await self._post(frame)
        except TimeoutError as error:
            raise Unavailable(f"{self._address} did not answer {method} within {self._timeout_s:g} s") from error
        except (self._lib.ClientError, OSError) as error:
            raise Unavailable(f"{self._address} did not answer {method}: {error}") from error
        except ValueError as error:  # not JSON, or not text at all
            raise Unavailable(f"{self._address} answered {method} with something that is not JSON") from error
        return self._result(method, answer)

    async def close(self) -> None:
        """Let go of the connection; may be called twice."""
        await self._session.close()

    async def _post(self, frame: Mapping[str, Any]) -> Any:
        """Send a frame; once more where a kept connection turns out to be gone, since every frame may be repeated."""
        try:
            return await self._post_once(frame)
        except (self._lib.ServerDisconnectedError, ConnectionResetError):
            return await self._post_once(frame)

    async def _post_once(self, frame: Mapping[str, Any]) -> Any:
        async with self._session.post(f"http://{self._address}/rpc", json=frame, allow_redirects=False) as response:
            if response.status == 401:  # noqa: PLR2004 - HTTP's number, in the table of errors too
                return {"error": {"code": 401, "message": "wrong or missing password"}}
            if response.status >= 500:  # noqa: PLR2004 - HTTP
                raise Unavailable(f"{self._address} is in trouble: HTTP {response.status}")
            return await response.json(content_type=None)

    def _result(self, method: str, answer: Any) -> Mapping[str, Any]:
        error = answer.get("error") if isinstance(answer, Mapping) else None
        if isinstance(error, Mapping):
            trouble = _ERRORS.get(error.get("code", 0), Rejected)
            raise trouble(f"{self._address} answered {method} with {error.get('message')!r} ({error.get('code')})")
        result = answer.get("result") if isinstance(answer, Mapping) else None
        if not isinstance(result, Mapping):
            raise Unavailable(f"{self._address} answered {method} without a result")
        return result


@dataclass(frozen=True, slots=True)
class ShellyRelay:
    """A switch component."""

    host: Host
    id: int

    async def set(self, closed: bool, *, valid_for_s: float | None) -> None:
        """Switch; closed with ``valid_for_s`` arms the device's timer, every command replaces an older one."""
        lease = {"toggle_after": valid_for_s} if closed and valid_for_s is not None else {}
        await self.host.call("Switch.Set", id=self.id, on=closed, **lease)

    async def read(self) -> bool | None:
        """Return the output as the device reports it."""
        output = (await self.host.call("Switch.GetStatus", id=self.id)).get("output")
        return output if isinstance(output, bool) else None


@dataclass(frozen=True, slots=True)
class ShellyMeter:
    """A component that measures."""

    host: Host
    kind: Kind
    id: int

    async def read(self) -> Mapping[str, float | None]:
        """Return its power and currents; a device without a meter on this channel reports None."""
        return self.kind.read(await self.host.call(self.kind.method, id=self.id))


@dataclass(frozen=True, slots=True)
class ShellyInput:
    """An input component of type switch."""

    host: Host
    id: int

    async def read(self) -> bool:
        """Return its state; one that the device does not know counts as no answer."""
        state = (await self.host.call("Input.GetStatus", id=self.id)).get("state")
        if not isinstance(state, bool):
            raise Unavailable(f"input {self.id} has no state: is it set to the type switch?")
        return state


@dataclass(slots=True, kw_only=True)
class _ShellyDevice(Device):
    host: Host

    async def close(self) -> None:
        await self.host.close()


class ShellyDriver:
    """Relays, inputs and meters of Shelly Gen2 and later."""

    name = "shelly"
    summary = "Shelly Gen2 and later: relays with their own dead-man timer, meters, inputs"
    schema: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["host"],
        "properties": {
            "host": {"type": "string", "description": "Name or address, with a port if it is not 80.", "minLength": 1},
            "password": {
                "type": "string",
                "minLength": 1,
                "description": "Of the user admin; write ${env:NAME}, never the password itself.",
                "examples": ["${env:SHELLY_PASSWORD}"],
            },
            "switches": {
                "type": "integer",
                "minimum": 1,
                "maximum": 8,
                "description": "How many relays it has: relay-1 … with power-1 … where it measures.",
            },
            "inputs": {"type": "integer", "minimum": 1, "maximum": 8, "description": "How many inputs: input-1 …"},
            "meter": {
                "enum": list(KINDS),
                "description": "em: three phases as one (Pro 3EM); em1: single clamps (EM Gen3, Pro EM-50); "
                "pm1: one phase in the line (PM Mini).",
            },
            "clamps": {
                "type": "integer",
                "minimum": 1,
                "maximum": 3,
                "description": "How many clamps of an em1: meter-1 … from two on.",
            },
            "dead_man": quantity_schema(
                "duration", "A relay opens this long after its last command; 0 s: never.", default="2 min"
            ),
        },
    }

    def describe(self, config: Mapping[str, Any]) -> tuple[Channel, ...] | ConfigFault:
        """Return the channels that the entry says the device has; it is not asked."""
        try:
            entry = read_entry(config)
        except Faulty as error:
            return error.fault
        return (
            *(Channel(name=f"relay-{k + 1}", kind="relay", dead_man_s=entry.dead_man_s) for k in range(entry.switches)),
            *(Channel(name=name, kind="meter", signals=kind.signals) for name, (kind, _) in entry.meters().items()),
            *(Channel(name=f"input-{k + 1}", kind="input") for k in range(entry.inputs)),
        )

    async def open(
        self,
        name: str,  # noqa: ARG002 - Driver
        config: Mapping[str, Any],
        clock: Clock,  # noqa: ARG002 - Driver
        memory: Memory,  # noqa: ARG002 - Driver
    ) -> Device:
        """Open the device; nothing is sent before a channel is used."""
        entry = read_entry(config)
        host = Host(entry.host, entry.password)
        relays: dict[str, Relay] = {f"relay-{k + 1}": ShellyRelay(host, k) for k in range(entry.switches)}
        meters: dict[str, Meter] = {name: ShellyMeter(host, *what) for name, what in entry.meters().items()}
        inputs: dict[str, Input] = {f"input-{k + 1}": ShellyInput(host, k) for k in range(entry.inputs)}
        return _ShellyDevice(relays=relays, meters=meters, inputs=inputs, host=host)


DRIVER: Final = ShellyDriver()

"""A driver to copy: a relay box that speaks lines of text over TCP.

Copy this file, rename the classes, change what is marked with "yours". It is complete: it passes the contract test
suite as it stands. docs/how-to/add-a-device.md walks through it.

The box speaks one line a request and one line an answer::

    relay 1 on 120      ->  ok            close, and open by yourself after 120 s (the dead-man)
    relay 1 off         ->  ok
    relay 1?            ->  on | off
    power 1?            ->  1998.5        what hangs on relay 1 draws [W]
    input 1?            ->  on | off
    anything else       ->  error TEXT

Four rules that every driver keeps, and where this one does:

1. A command says how it should be, never "toggle", so it may be sent twice: ``BlueprintRelay.set``.
2. A late answer must never be taken for the answer to the next question: ``_Box.ask`` drops the connection whenever an
   exchange did not end cleanly, which is also what a cancelled caller leaves behind.
3. No answer is ``Unavailable`` and comes soon; the next call tries again by itself: ``_Box.ask``.
4. Nothing is imported, opened or asked before it is needed: ``describe`` works from the entry alone.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from noonward.errors import Rejected, Unavailable
from noonward.ports import Channel, Clock, ConfigFault, Device, Memory
from noonward_drivers.entry import Entry, Faulty, quantity_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S: Final = 1.0
"""For one exchange, connecting and waiting for a turn included. Yours: what the vendor states, a few times over. [s]"""
_DEAD_MAN_S: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BlueprintEntry:
    """A device entry of site.yaml, read: plain values, every default filled in."""

    host: str
    port: int
    relays: int
    inputs: int
    dead_man_s: float | None


def read_entry(config: Mapping[str, Any]) -> BlueprintEntry:
    """Read an entry; yours: your keys.

    Raises:
        Faulty: Something in it cannot be used. Say what, and what to do instead.
    """
    entry = Entry(config)
    entry.only("host", "port", "relays", "inputs", "dead_man")
    return BlueprintEntry(
        host=entry.text("host"),
        port=entry.integer("port", 1, 65535, 4001),
        relays=entry.integer("relays", 1, 16),
        inputs=entry.integer("inputs", 0, 16, 0),
        dead_man_s=entry.dead_man(_DEAD_MAN_S),
    )


class _Box:
    """The one owner of the connection; every channel goes through it, one exchange at a time."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._turn = asyncio.Lock()
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None

    async def ask(self, line: str) -> str:
        """Return the answer to a line.

        Raises:
            Unavailable: No answer in time, or not connected.
            Rejected: The box said "error".
        """
        try:
            async with asyncio.timeout(_TIMEOUT_S), self._turn:
                answer = await self._exchange(line)
        except TimeoutError as error:
            raise Unavailable(f"{self._host}:{self._port} did not answer within {_TIMEOUT_S:g} s") from error
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise Unavailable(f"{self._host}:{self._port} does not answer: {error}") from error
        if answer.startswith("error"):
            raise Rejected(f'{self._host}:{self._port} answered "{line}" with: {answer}')
        return answer

    async def close(self) -> None:
        """Let go of the connection; may be called twice."""
        self._drop()

    async def _exchange(self, line: str) -> str:
        clean = False
        try:
            if self._writer is None or self._reader is None:
                self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
            self._writer.write(f"{line}\n".encode())
            answer = (await self._reader.readuntil(b"\n")).decode().strip()
            clean = True
        finally:
            if not clean:  # an answer may still be on its way: it must die with its connection
                self._drop()
        return answer

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@dataclass(frozen=True, slots=True)
class BlueprintRelay:
    """One relay of the box."""

    box: _Box
    number: int

    async def set(self, closed: bool, *, valid_for_s: float | None) -> None:
        """Set it; closed with ``valid_for_s`` arms the box's own timer, every command replaces an older one."""
        lease = f" {valid_for_s:g}" if closed and valid_for_s is not None else ""
        await self.box.ask(f"relay {self.number} {'on' if closed else 'off'}{lease}")

    async def read(self) -> bool | None:
        """Return the contact; None where the answer makes no sense."""
        return _CONTACT.get(await self.box.ask(f"relay {self.number}?"))


@dataclass(frozen=True, slots=True)
class BlueprintMeter:
    """Measures what hangs on one relay."""

    box: _Box
    number: int

    async def read(self) -> Mapping[str, float | None]:
        """Return its power; yours: draw and import positive, None for what is not plausible, never 0 for unknown."""
        answer = await self.box.ask(f"power {self.number}?")
        try:
            power_w = float(answer)
        except ValueError:
            return {"power_w": None}
        return {"power_w": power_w if math.isfinite(power_w) else None}


@dataclass(frozen=True, slots=True)
class BlueprintInput:
    """One input of the box."""

    box: _Box
    number: int

    async def read(self) -> bool:
        """Return True while the contact is closed; an answer that makes no sense is no answer."""
        closed = _CONTACT.get(await self.box.ask(f"input {self.number}?"))
        if closed is None:
            raise Unavailable(f"input {self.number} has no state")
        return closed


_CONTACT: Final = {"on": True, "off": False}


@dataclass(slots=True, kw_only=True)
class _BlueprintDevice(Device):
    box: _Box

    async def close(self) -> None:
        await self.box.close()


class BlueprintDriver:
    """A relay box that speaks lines of text over TCP."""

    name = "blueprint"
    summary = "A relay box to copy from"
    schema: Mapping[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["host", "relays"],
        "properties": {
            "host": {"type": "string", "minLength": 1, "description": "Name or address."},
            "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 4001, "description": "TCP port."},
            "relays": {"type": "integer", "minimum": 1, "maximum": 16, "description": "How many relays it has."},
            "inputs": {"type": "integer", "minimum": 0, "maximum": 16, "default": 0, "description": "And inputs."},
            "dead_man": quantity_schema(
                "duration", "A relay opens this long after its last command; 0 s: never.", default="2 min"
            ),
        },
    }

    def describe(self, config: Mapping[str, Any]) -> tuple[Channel, ...] | ConfigFault:
        """Return the channels that the entry names; the box is not asked."""
        try:
            entry = read_entry(config)
        except Faulty as error:
            return error.fault
        relays = range(1, entry.relays + 1)
        return (
            *(Channel(name=f"relay-{k}", kind="relay", dead_man_s=entry.dead_man_s) for k in relays),
            *(Channel(name=f"power-{k}", kind="meter", signals=("power_w",)) for k in relays),
            *(Channel(name=f"input-{k}", kind="input") for k in range(1, entry.inputs + 1)),
        )

    async def open(
        self,
        name: str,  # noqa: ARG002 - Driver
        config: Mapping[str, Any],
        clock: Clock,  # noqa: ARG002 - Driver
        memory: Memory,  # noqa: ARG002 - Driver
    ) -> Device:
        """Open the box; it may be away, nothing is sent before a channel is used."""
        entry = read_entry(config)
        box = _Box(entry.host, entry.port)
        relays = range(1, entry.relays + 1)
        return _BlueprintDevice(
            relays={f"relay-{k}": BlueprintRelay(box, k) for k in relays},
            meters={f"power-{k}": BlueprintMeter(box, k) for k in relays},
            inputs={f"input-{k}": BlueprintInput(box, k) for k in range(1, entry.inputs + 1)},
            box=box,
        )


DRIVER: Final = BlueprintDriver()
"""Yours: name it in pyproject.toml, group ``noonward.drivers``."""

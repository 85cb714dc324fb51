"""A device entry of site.yaml: which profile, on which link, and what differs from factory settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from noonward.ports import Channel
from noonward_drivers.entry import Entry, Faulty, quantity_schema
from noonward_drivers.modbus import parse
from noonward_drivers.modbus.registers import mirrored
from noonward_drivers.modbus.wire import Link, LinkKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.modbus.profile import Profile

LINKS: Final[tuple[LinkKind, ...]] = ("tcp", "rtu_over_tcp", "serial")
TIMEOUT_S: Final = {"tcp": 1.0, "rtu_over_tcp": 0.5, "serial": 0.3}
"""How long an answer may take where neither the entry nor the profile says. [s]"""

TIMEOUT_RANGE_S: Final = (0.02, 10.0)
DEAD_MAN_MIN_S: Final = 10.0
"""Shorter, and a restart of the daemon would click relays. [s]"""

_ENDPOINT: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):([0-9]{1,5})")
_PORT_MAX: Final = 65535
_ENDPOINT_SCHEMA: Final = {
    "type": "string",
    "pattern": r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):[0-9]{1,5}$",
    "x-error": 'write host and port, for example "192.168.1.20:502"',
}

SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["profile"],
    "properties": {
        "profile": {
            "type": "string",
            "minLength": 1,
            "description": "What the device is: a shipped profile, or a path to your own from the folder of site.yaml.",
            "examples": ["eastron-sdm630", "./my-meter.yaml"],
            "x-path": True,
        },
        "tcp": {
            **_ENDPOINT_SCHEMA,
            "description": "Host and port of a Modbus TCP device or gateway.",
            "examples": ["192.168.1.20:502"],
        },
        "rtu_over_tcp": {
            **_ENDPOINT_SCHEMA,
            "description": "Host and port of a converter that passes RTU frames through.",
            "examples": ["192.168.1.21:4196"],
        },
        "serial": {
            "type": "string",
            "minLength": 1,
            "description": "Serial device of an RS485 line.",
            "examples": ["/dev/ttyUSB0"],
        },
        "baud": {
            "type": "integer",
            "minimum": 300,
            "maximum": 1000000,
            "description": "Serial speed, where it is not the profile's. [bit/s]",
        },
        "parity": {"enum": ["N", "E", "O"], "description": "N none, E even, O odd; where it is not the profile's."},
        "stop_bits": {"enum": [1, 2], "description": "Stop bits, where they are not the profile's."},
        "unit": {
            "type": "integer",
            "minimum": 0,
            "maximum": 255,
            "description": "Unit (slave) id, where it is not the profile's.",
        },
        "timeout": quantity_schema(
            "duration",
            "How long an answer may take. Default: the profile's; else 300 ms serial, 500 ms converter, 1 s TCP.",
            examples=["300 ms"],
        ),
        "invert": {
            "type": "boolean",
            "default": False,
            "description": "The meter is mounted the other way round: its import is our export.",
        },
        "dead_man": quantity_schema(
            "duration",
            "A relay opens this long after its last command; 0 s: never. Default: the profile's, as a rule 2 min.",
        ),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry:
    """A device entry, understood.

    Attributes:
        timeout_s: How long an answer may take. [s]
        dead_man_s: What the board's dead-man is armed with; None: it has none. [s]
    """

    profile: Profile
    link: Link
    unit: int
    timeout_s: float
    invert: bool
    dead_man_s: float | None

    def channels(self) -> tuple[Channel, ...]:
        """Return what the device offers."""
        profile, found = self.profile, list[Channel]()
        if profile.outputs is not None:
            names = (f"relay-{n + 1}" for n in range(profile.outputs.count))
            found += [Channel(name=name, kind="relay", dead_man_s=self.dead_man_s) for name in names]
        if profile.signals:
            signals = mirrored(dict.fromkeys(profile.signals)) if self.invert else profile.signals
            found.append(Channel(name="meter", kind="meter", signals=tuple(signals)))
        if profile.inputs is not None:
            found += [Channel(name=f"input-{n + 1}", kind="input") for n in range(profile.inputs.count)]
        return tuple(found)


def understand(config: Mapping[str, Any]) -> DeviceEntry:
    """Return what a device entry says.

    Raises:
        Faulty: It cannot be meant so.
    """
    entry = Entry(config)
    entry.only(*SCHEMA["properties"])
    profile = _profile(entry)
    link = _link(entry, profile)
    low_s, high_s = TIMEOUT_RANGE_S
    timeout_s = entry.quantity("timeout", "duration", profile.line.timeout_s or TIMEOUT_S[link.kind])
    if not low_s <= timeout_s <= high_s:
        raise entry.fault("timeout", f"{timeout_s:g} s is not between 20 ms and 10 s")
    invert = config.get("invert", False)
    if not isinstance(invert, bool):
        raise entry.fault("invert", f'"{invert}" is neither true nor false')
    return DeviceEntry(
        profile=profile,
        link=link,
        unit=entry.integer("unit", 0, 255, profile.line.unit),
        timeout_s=timeout_s,
        invert=invert,
        dead_man_s=_dead_man_s(entry, profile),
    )


def _profile(entry: Entry) -> Profile:
    name = entry.text("profile")
    try:
        if "/" in name or name.endswith((".yaml", ".yml")):
            return parse.load_file(Path(name))
        if name in parse.shipped():
            return parse.load_shipped(name)
    except Faulty as broken:
        fault = broken.fault
        where = ".".join(map(str, fault.path))
        raise entry.fault(
            "profile", f"{name}: {where}: {fault.message}" if where else f"{name}: {fault.message}", fault.hint
        ) from None
    entry.choice("profile", parse.shipped())
    raise AssertionError(name)  # choice() has refused it


def _link(entry: Entry, profile: Profile) -> Link:
    kinds = [kind for kind in LINKS if kind in entry]
    if len(kinds) != 1:
        wrong = "no link" if not kinds else f"{len(kinds)} links ({', '.join(kinds)})"
        hint = 'write one of tcp: "HOST:PORT", rtu_over_tcp: "HOST:PORT", serial: /dev/...'
        raise entry.fault(None, f"the device has {wrong}, it needs one", hint)
    kind = kinds[0]
    if kind == "tcp":
        for key in ("baud", "parity", "stop_bits"):
            if key in entry:
                raise entry.fault(key, f'"{key}" belongs to a serial line, this is Modbus TCP', "leave it out")
    address = entry.text(kind)
    match = _ENDPOINT.fullmatch(address)
    if kind != "serial" and (match is None or not 0 < int(match[2]) <= _PORT_MAX):
        raise entry.fault(kind, f'"{address}" is not a host and a port', 'for example "192.168.1.20:502"')
    return Link(
        kind=kind,
        address=address,
        baud=entry.integer("baud", 300, 1_000_000, profile.line.baud),
        parity=entry.choice("parity", ("N", "E", "O"), profile.line.parity),
        stop_bits=entry.integer("stop_bits", 1, 2, profile.line.stop_bits),
    )


def _dead_man_s(entry: Entry, profile: Profile) -> float | None:
    dead_man = profile.outputs.dead_man if profile.outputs is not None else None
    if dead_man is None:
        if "dead_man" in entry:
            raise entry.fault("dead_man", f"this device has no dead-man: {profile.title}", "leave it out")
        return None
    seconds: float = entry.quantity("dead_man", "duration", dead_man.default_s)
    if seconds == 0:
        return None
    if "dead_man" in entry and not DEAD_MAN_MIN_S <= seconds <= dead_man.max_s:
        raise entry.fault(
            "dead_man",
            f"{seconds:g} s is not between {DEAD_MAN_MIN_S:g} s and the {dead_man.max_s:g} s that it can count",
        )
    return seconds

"""What loading a folder yields: the pure ``Site`` for the core, and what the shell needs to wire it to devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from noonward.policy.bridges import Bridges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import PolicyName, Site
    from noonward.policy.problems import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEntry:
    """One entry of ``devices:`` in site.yaml, secrets resolved.

    Attributes:
        name: Key of the entry; "cellar" of "cellar/relay-1".
        driver: Entry-point name in the group ``noonward.drivers``.
        config: The entry's other keys, as written. Not shown in ``repr``: it may hold secrets.
    """

    name: str
    driver: str
    config: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Where one site signal is measured.

    Attributes:
        channel: "device/channel" of a meter or an input.
        every_s: How often it is read. [s]
        frozen_after_s: Repeating one value to the digit for longer is suspect; None: not watched. [s]
    """

    channel: str
    every_s: float = 5.0
    frozen_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A folder that loaded whole.

    Attributes:
        site: Everything the core needs.
        devices: Every device entry.
        signals: Role ("grid", "pv", "battery", "dim") to where it is measured.
        load_meters: Policy to where its own draw is measured.
        http: Host and port of the status page and API.
        bridges: Everything around that the site speaks to.
        files: Path of every file read, relative to the folder, to its text.
        warnings: Problems that do not keep it from running: warnings and infos.
    """

    site: Site
    devices: tuple[DeviceEntry, ...] = ()
    signals: Mapping[str, Signal] = field(default_factory=dict)
    load_meters: Mapping[PolicyName, Signal] = field(default_factory=dict)
    http: tuple[str, int] = ("127.0.0.1", 8077)
    bridges: Bridges = field(default_factory=Bridges)
    files: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

"""What loading a folder yields: the pure ``Site`` for the core, and what the shell needs to wire it to devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from noonward.policy.admission import Admission
from noonward.policy.bridges import Bridges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import PolicyName, Site
    from noonward.policy.prices import Prices
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


DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long the past is kept; daily totals are never deleted.

    Attributes:
        minutes_s: Minutes, from which tapes are made. [s]
        quarters_s: Quarters of an hour. [s]
        hours_s: Hours. [s]
        sessions_s: Charging sessions. [s]
    """

    minutes_s: float = 400 * DAY_S
    quarters_s: float = 1100 * DAY_S
    hours_s: float = 3660 * DAY_S
    sessions_s: float = 1100 * DAY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A folder that loaded whole.

    Attributes:
        site: Everything the core needs.
        devices: Every device entry.
        signals: Role ("grid", "pv", "battery", "dim") to where it is measured.
        load_meters: Policy to where its own draw is measured.
        http: Host and port of the status page and API.
        admission: Who may come in there.
        bridges: Everything around that the site speaks to.
        prices: What a kWh costs and earns; None: not given.
        keep: How long the past is kept.
        badges: Badge in upper case to the name of its user.
        files: Path of every file read, relative to the folder, to its text.
        warnings: Problems that do not keep it from running: warnings and infos.
    """

    site: Site
    devices: tuple[DeviceEntry, ...] = ()
    signals: Mapping[str, Signal] = field(default_factory=dict)
    load_meters: Mapping[PolicyName, Signal] = field(default_factory=dict)
    http: tuple[str, int] = ("127.0.0.1", 8077)
    admission: Admission = field(default_factory=Admission)
    bridges: Bridges = field(default_factory=Bridges)
    prices: Prices | None = None
    keep: Keep = field(default_factory=Keep)
    badges: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

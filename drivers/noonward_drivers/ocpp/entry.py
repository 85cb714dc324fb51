"""A station as the site has declared it: how it may connect, and how it is spoken to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from noonward_drivers.ocpp.facade import Version
    from noonward_drivers.ocpp.schedule import Meaning

SecurityProfile: TypeAlias = Literal[0, 1, 2, 3]


ASIDE_S: Final = 8.0
"""One call is under way at a time, so one that is never answered must not hold up a limit for long. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationEntry:
    """What is known of a station before it connects.

    Attributes:
        id: As the last part of the address that it connects to.
        security: Security profile (OCPP 1.6 security whitepaper, 2.2): 0 none, 1 a key, 2 a key over TLS, 3 a
            certificate of its own over TLS. A station may do better than its entry asks, never worse.
        key: For profiles 1 and 2, as text or as the hexadecimal digits of it.
        meaning: How limits are written for it.
        versions: What it may speak, best first; 1.6 alone unless 2.0.1 has been tried on it.
        bare: A station that offers no subprotocol is taken for 1.6.
        skip_validation: Its payloads miss the schemas and are read as they are.
        timeout_s: How long it may take to answer. [s]
        connectors: How many it has, counted from 1.
        max_a: Most that station, fuse and cable allow on each phase. [A]
        step_a: What its limit is a multiple of. [A]
        safe_a: What it falls back to by itself when nobody renews its limit; 0 pauses. [A]
        window_s: How long after the last limit it does. [s]
        phases: How many it is wired to.
        lines: Grid phase (1…3) behind its L1, L2, L3; empty where nobody declared it.
        remote_start: The gateway begins its transactions; else the station does, by a badge or by itself.
    """

    id: str
    security: SecurityProfile
    meaning: Meaning
    key: str | None = field(default=None, repr=False)
    versions: tuple[Version, ...] = ("1.6",)
    bare: bool = True
    skip_validation: bool = False
    timeout_s: float = 30.0
    connectors: int = 1
    max_a: float = 32.0
    step_a: float = 1.0
    safe_a: float = 6.0
    window_s: float = 600.0
    phases: int = 3
    lines: tuple[int, ...] = ()
    remote_start: bool = False

    @property
    def aside_s(self) -> float:
        """How long it may take to answer what can be done without: limits wait meanwhile. [s]."""
        return min(self.timeout_s, ASIDE_S)

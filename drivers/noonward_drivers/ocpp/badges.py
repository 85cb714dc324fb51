"""Who may charge: the verdict on a badge, and the rules that stations follow while the gateway is away."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from noonward_drivers.ocpp.facade import WriteSetting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward_drivers.ocpp.declared import Offline
    from noonward_drivers.ocpp.facade import Token, Verdict, Version

GATEWAY: Final = "NOONWARD"
"""Token of transactions that the gateway begins; 8 characters, since some stations overrun a buffer of 20."""

NAMES: Final[Mapping[Version, Mapping[str, str]]] = MappingProxyType(
    {
        "1.6": MappingProxyType(
            {
                "offline": "LocalAuthorizeOffline",
                "offline-unknown": "AllowOfflineTxForUnknownId",
                "list": "LocalAuthListEnabled",
                "ahead": "LocalPreAuthorize",
                "stop-invalid": "StopTransactionOnInvalidId",
            }
        ),
        "2.0.1": MappingProxyType(
            {
                "offline": "AuthCtrlr.LocalAuthorizeOffline",
                "offline-unknown": "AuthCtrlr.OfflineTxForUnknownIdEnabled",
                "list": "LocalAuthListCtrlr.Enabled",
                "ahead": "AuthCtrlr.LocalPreAuthorize",
                "stop-invalid": "TxCtrlr.StopTxOnInvalidId",
            }
        ),
    }
)
"""How each version calls the settings (OCPP 1.6, 9.1 and 9.2; OCPP 2.0.1 part 2, referenced components)."""

HIGHEST: Final = 2**31 - 1
ROOM: Final = 1001
"""More parts than a list has badges."""

OFFLINE: Final[Mapping[Offline, tuple[bool, bool]]] = MappingProxyType(
    {"accept": (True, True), "known": (True, False), "refuse": (False, False)}
)
"""Whether a station accepts badges that it knows, and those that it does not, while the gateway is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badges:
    """The site's rules.

    Attributes:
        accept: Badges that may charge, in capital letters; None: any.
        local_list: The stations get ``accept``.
        offline: What they do while the gateway is away.
    """

    accept: frozenset[str] | None = None
    local_list: bool = False
    offline: Offline = "accept"

    def verdict(self, token: Token | None, *, remote_start: bool = False) -> Verdict:
        """Return whether a token may charge; case means nothing (CiString20Type, and 2.0.1's identifierString).

        Args:
            token: None where a transaction has none: nobody was asked, nobody is refused.
            remote_start: The station's transactions are begun by the gateway, whose own token is then good.
        """
        if self.accept is None or token is None or name(token) in self.accept:
            return "Accepted"
        return "Accepted" if remote_start and name(token) == GATEWAY else "Invalid"

    def settings(self, version: Version) -> tuple[WriteSetting, ...]:
        """Return what a station is to be set to, in the order of what matters most.

        A station that starts by its own list before it has asked would let in whom the gateway no longer accepts.
        """
        known, unknown = OFFLINE[self.offline]
        values = {
            "offline": known,
            "offline-unknown": unknown,
            "ahead": False,
            **({} if self.accept is None else {"list": self.local_list, "stop-invalid": True}),
        }
        return tuple(WriteSetting(key=NAMES[version][rule], value=str(value).lower()) for rule, value in values.items())

    def listed(self) -> tuple[str, ...]:
        """Return the badges for the stations' own list, sorted."""
        return tuple(sorted(self.accept or ())) if self.local_list else ()


def name(token: Token) -> str:
    """Return a token's id as it is compared."""
    return token.id.strip().upper()


def list_version(badges: Sequence[str]) -> int:
    """Return a version of a list that only depends on what is in it.

    It fits in 31 bits (OCPP 1.6, 7.22), and leaves room below it: a list in parts counts up to it, since a part must
    have a higher version than the one before.
    """
    return zlib.crc32("\n".join(badges).encode()) % (HIGHEST - ROOM) + ROOM

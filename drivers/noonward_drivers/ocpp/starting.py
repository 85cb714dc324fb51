"""When the gateway begins a transaction itself: once a plug-in, and never again blindly.

A remote start can wedge a station, so that neither app nor badge starts it any more. So one that led to nothing is not
repeated: a person unplugs, and that is another plug-in. Most stations need none; the profile or the site says which do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward_drivers.ocpp.badges import GATEWAY
from noonward_drivers.ocpp.facade import Token

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.quirks import StationProfile

TOKEN: Final = Token(id=GATEWAY, kind="Central")
"""Who starts."""

BEGINS_S: Final = 120.0
"""A start that was accepted and led to no transaction by then has failed. [s]"""

LEAST_A: Final = 6.0
"""Below this no vehicle charges (IEC 61851-1, annex A). [A]"""


class Starter:
    """Decides about remote starts of one connector.

    Attributes:
        trouble: What people have to know; None while nothing is wrong.
    """

    def __init__(self, entry: StationEntry, profile: StationProfile) -> None:
        self.trouble: str | None = None
        self.remote = entry.remote_start
        self._profile = profile
        self._tried_at: Instant | None = None
        self._ran = False

    def plugged_in(self) -> None:
        """Note another plug-in."""
        self.trouble, self._tried_at, self._ran = None, None, False

    def began(self) -> None:
        """Note that a transaction runs."""
        self.trouble, self._ran = None, True

    def may_restart(self) -> bool:
        """Tell whether a transaction that is ended from here can be begun from here again."""
        return self.remote and not self._profile.replug_after_stop

    def stopped(self) -> None:
        """Note that the transaction was ended from here, to pause: the next start is no blind one."""
        self._tried_at, self._ran = None, False

    def due(self, limit_a: float, now: Instant, *, plugged: bool) -> bool:
        """Tell whether to start now, at this limit."""
        if not (self.remote and plugged) or limit_a < max(LEAST_A, self._profile.min_current_a):
            return False
        if self._tried_at is None and not self._ran:
            return True
        if self._ran:
            if self._profile.replug_after_stop:
                self.trouble = "has ended its session and begins another only once the plug was pulled"
        elif self._tried_at is not None and now - self._tried_at >= BEGINS_S and self.trouble is None:
            self.trouble = (
                f"accepted a start and began nothing within {BEGINS_S / 60:.0f} min; it is not asked "
                f"again before the vehicle was unplugged and plugged in"
            )
        return False

    def tried(self, now: Instant) -> None:
        """Note that a start goes out."""
        self._tried_at = now

    def refused(self, why: object) -> None:
        """Note that the station refused it, or did not answer."""
        self.trouble = f"did not take the start of a session ({why}); unplug the vehicle, plug it in again"

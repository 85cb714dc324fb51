"""What the side that hears a station (``charger``) asks of the side that limits it, and hands to it.

``charger`` owns one :class:`Limiter` a connector and one :class:`Preparer` a station, across reconnects. They are
called from one task at a time and never block; what has to be said to the station is said by tasks of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import LimitSeen, Sample, SetLimit
    from noonward_drivers.ocpp.link import Link


class Limiter(Protocol):
    """Limits one connector. ``Controller(connector, entry, profile, clock, kept, changed)``.

    ``kept`` is of this connector alone; ``changed`` is to be called whenever ``accepted`` or ``trouble`` changed.
    """

    @property
    def accepted(self) -> LimitSeen | None:
        """The newest limit that the station took."""

    @property
    def trouble(self) -> str | None:
        """What is wrong with how it obeys, in a sentence; None while nothing is."""

    def connected(self, link: Link) -> None:
        """Take a link that can be spoken over: the station was prepared (``Preparer.run``) or needs no more."""

    def disconnected(self) -> None:
        """The link is gone; limits that were on their way fail by themselves."""

    def booted(self) -> None:
        """The station started anew and may have forgotten every limit; do nothing until ``connected`` comes again."""

    def transaction(self, transaction: str | None) -> None:
        """A transaction began, or was found running; None: it ended."""

    def plugged(self, plugged: bool | None) -> None:
        """A vehicle came or went; None while nobody knows."""

    def sampled(self, sample: Sample) -> None:
        """Something newer was measured; never a backlog."""

    def clock_error(self, error_s: float) -> None:
        """The station's clock is so far ahead of ours: what it is told to do when, it must be told in its time. [s]"""

    async def limit(self, command: SetLimit) -> None:
        """As ``ports.ChargingStation.limit``."""

    async def close(self) -> None:
        """End every task of its own; nothing is switched."""


class Preparer(Protocol):
    """Prepares a station after it connected or booted.

    ``Commissioner(entry, profile, clock, kept, limiters, settings)``: ``kept`` is of the whole station, ``limiters`` by
    connector, ``settings(version)`` the :class:`facade.WriteSetting` that ``charger`` wants written (rules for badges).
    """

    async def run(self, link: Link, guarded: Callable[[], None]) -> None:
        """Prepare the station; cancelled when the link is replaced or the station boots again.

        ``guarded`` is called, first of all, as soon as the safe default limit stands on every connector, or it is known
        that this station takes none: nothing may begin to charge before (no profile at all is full power).
        The limiters then get the link (``connected``), before the rest of the work, or at the end of this where it was
        never called: a limit must not wait for settings. Ends quietly when the link is gone.
        """

"""What a station was seen to do when the gateway was away, as it is kept."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward_drivers.ocpp.kept import Kept

KEY: Final = "rehearsal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a station did; None: it could not be seen.

    Attributes:
        at: When it was tried.
        firmware: Which it had.
        default_held: It heeds the default limit of its connector.
        window_held: It falls to the second period of a limit that nobody renews.
        offline_held: It does so without a link.
        session_survived: The transaction went on when the link was back.
        why: What could not be seen, and why; empty where everything was.
    """

    at: Instant
    firmware: str | None
    default_held: bool | None = None
    window_held: bool | None = None
    offline_held: bool | None = None
    session_survived: bool | None = None
    why: str = ""

    @property
    def safe(self) -> bool:
        """Whether all of it was seen, and was as it should be."""
        return all((self.default_held, self.window_held, self.offline_held, self.session_survived))


def kept(memory: Kept, firmware: str | None) -> Outcome | None:
    """Return the outcome that was kept for this firmware; None where it was not tried with it."""
    row = memory.get(KEY)
    if not isinstance(row, dict) or set(row) != {one.name for one in fields(Outcome)} or row["firmware"] != firmware:
        return None
    return Outcome(**row)


def seen_to_heed(memory: Kept) -> bool:
    """Tell whether the station was last seen to heed its default limit, whatever its firmware was."""
    row = memory.get(KEY)
    return isinstance(row, dict) and row.get("default_held") is True

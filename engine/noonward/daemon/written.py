"""Moments, durations and energies as people write them in a request."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from noonward.errors import UsageError
from noonward.policy import units

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.policy.units import Quantity

FAR_S = 10 * 366 * 86_400.0
"""What is meant for ever says so in another way. [s]"""

_EXAMPLES = {"duration": "a duration like 2 h", "energy": "an energy like 10 kWh"}


def measure(written: Any, quantity: Quantity) -> float | None:
    """Return a text like "2 h" in base units; None where it is not this quantity."""
    found = units.parse(written.strip()) if isinstance(written, str) else None
    return found.value if found and found.quantity == quantity else None


def moment(
    written: Any, *, now: Instant, timezone: str, what: str, endless: str, also: tuple[Quantity, ...] = ()
) -> Instant:
    """Return the moment that is meant: ISO 8601, site time where it has no offset, or a duration from now.

    Args:
        written: As it was sent.
        now: It must lie after this.
        timezone: Of the site.
        what: Of what it is the end, for the refusal: "an override".
        endless: What to do instead of naming a moment in the far future.
        also: Quantities that would have been taken as well, for the refusal.

    Raises:
        UsageError: It is no moment, or not one in the time to come.
    """
    seconds = measure(written, "duration")
    at = now + seconds if seconds is not None else stamp(written, timezone, ("duration", *also))
    if at <= now:
        raise UsageError(f"{written} is over already; {what} must end in the future.")
    if at > now + FAR_S:
        raise UsageError(f"{written} is more than ten years away; {endless}")
    return at


def stamp(written: Any, timezone: str, also: tuple[Quantity, ...] = ()) -> Instant:
    """Return the moment of an ISO 8601 text, site time where it has no offset.

    Args:
        written: As it was sent.
        timezone: Of the site.
        also: Quantities that would have been taken as well, for the refusal.

    Raises:
        UsageError: It is none.
    """
    try:
        found = datetime.fromisoformat(written)
        return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(timezone))).timestamp()
    except (TypeError, ValueError, OverflowError):
        raise UsageError(_no_moment(written, timezone, also)) from None


def _no_moment(written: Any, timezone: str, quantities: tuple[Quantity, ...]) -> str:
    shown = json.dumps(written)
    hint = units.explain(written, quantities)[1] if isinstance(written, str) else None
    if hint and hint.startswith("did you mean"):
        return f"{shown} is not a time as it is written here; {hint}"
    site_time = f"2026-06-01T18:00 (site time, {timezone})"
    *most, last = [site_time, "2026-06-01T16:00Z", *(_EXAMPLES[quantity] for quantity in quantities)]
    return f"{shown} is not a time: say {', '.join(most)}{',' if len(most) > 1 else ''} or {last}."

"""A written moment, "2026-06-01 11:00", into an instant. Without an offset it is site time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from noonward.core.model import Instant


def instant(text: str, timezone: str) -> Instant:
    """Return the instant that ISO 8601 text means.

    A time that the clock shows twice is its first occurrence; one that it never shows is taken with the offset before
    the change, as the wall clock would have gone on.

    Args:
        text: Date, or date and time, with or without an offset.
        timezone: IANA name of the site's time zone.

    Raises:
        ValueError: The text is not ISO 8601, or no such date exists.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError(f'"{text}" is not a date and time such as 2026-06-01 11:00 ({error})') from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).timestamp()

"""Instants as OCPP writes them (RFC 3339), and as stations do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from noonward.core.model import Instant

_FRACTION: Final = re.compile(r"\.(\d{6})\d+")


def written(at: Instant) -> str:
    """Return an instant with milliseconds and Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: Any) -> Instant | None:
    """Return an instant, None where the text is none; without an offset it is UTC."""
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(_FRACTION.sub(r".\1", text.strip()))
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
